//! What an image may cost.

use super::origins::origin;
use super::{UNSAFE, Variables, code, start, start_http, start_open};
use crate::fixtures::animation;
use crate::support::{Answer, Folder, ask};

#[test]
fn time_limits_hold_and_are_answered_as_imagor_does() {
    let port = origin();
    let slow = format!("/unsafe/30x20/http://127.0.0.1:{port}/slow.png");
    for name in ["IMAGOR_LOAD_TIMEOUT", "IMAGOR_REQUEST_TIMEOUT"] {
        let answer = start_http(&[(name, "300ms")]).get(&slow, &[]);
        assert_eq!((answer.status, &*answer.code()), (408, "timeout"), "{name}");
        let body = String::from_utf8(answer.body).unwrap();
        assert!(
            body.contains(r#""status":408"#) && body.contains(r#""message":"timeout""#),
            "{body}"
        );
    }
    let hard = "/unsafe/1200x900/filters:upscale():format(avif)/galaxies.jpg";
    let server = start_open(&[("IMAGOR_PROCESS_TIMEOUT", "1ms")]);
    assert_eq!(code(&server, hard), (408, "timeout".into()));
}

#[test]
fn jobs_wait_as_their_variables_say() {
    let answers = |variables: Variables<'_>| {
        let server = start_open(variables);
        let mut streams: Vec<_> = (0..6).map(|_| server.connect()).collect();
        for (number, stream) in streams.iter_mut().enumerate() {
            let size = 100 + number;
            let target = format!("/unsafe/{size}x80/filters:format(avif)/galaxies.jpg");
            ask(stream, "GET", &target, &[]);
        }
        let codes = streams.iter_mut().map(|stream| Answer::read(stream).code());
        codes.filter(|code| code == "overloaded").count()
    };
    let one = ("IMAGOR_PROCESS_CONCURRENCY", "1");
    assert_eq!(answers(&[one]), 0);
    assert!(answers(&[one, ("IMAGOR_PROCESS_QUEUE_SIZE", "0")]) > 0);
    let six = ("IMAGOR_PROCESS_CONCURRENCY", "6");
    assert_eq!(answers(&[six, ("IMAGOR_PROCESS_QUEUE_SIZE", "0")]), 0);
}

#[test]
fn limits_on_images_hold() {
    let large = "/unsafe/30x20/coffee.jpg";
    let refused = (422, String::from("image_too_large"));
    for name in ["VIPS_MAX_RESOLUTION", "VIPS_MAX_WIDTH", "VIPS_MAX_HEIGHT"] {
        assert_eq!(
            code(&start_open(&[(name, "100")]), large),
            refused,
            "{name}"
        );
        assert_eq!(
            code(&start_open(&[(name, "99999999")]), large).1,
            "ok",
            "{name}"
        );
    }
    let server = start_open(&[("HTTP_LOADER_MAX_ALLOWED_SIZE", "1000")]);
    assert_eq!(code(&server, large), (400, "source_too_large".into()));

    let folder = Folder::new("imagor-frames");
    std::fs::write(folder.path().join("a.gif"), animation()).unwrap();
    let files = ("FILE_LOADER_BASE_DIR", folder.path().to_str().unwrap());
    let frames = |variables: Variables<'_>| {
        let server = start(&[&[UNSAFE, files], variables].concat());
        let answer = server.get("/unsafe/a.gif", &[]);
        assert_eq!(answer.status, 200, "{answer:?}");
        let is_control = |bytes: &&[u8]| bytes.starts_with(b"\x21\xf9\x04");
        answer.body.windows(3).filter(is_control).count()
    };
    assert_eq!(frames(&[]), 2);
    assert!(frames(&[("VIPS_MAX_ANIMATION_FRAMES", "1")]) < 2);
}
