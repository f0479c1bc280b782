//! What clients are answered.

use super::{UNSAFE, code, start, start_open};
use crate::support::{Folder, Server};

#[test]
fn formats_are_negotiated_where_that_is_on() {
    let target = "/unsafe/30x20/shield.png";
    let accept = ["Accept: image/avif,image/webp,*/*"];
    for (variables, content_type, vary) in [
        (&[][..], "image/png", ""),
        (&[("IMAGOR_AUTO_WEBP", "1")], "image/webp", "accept"),
        (&[("IMAGOR_AUTO_AVIF", "1")], "image/avif", "accept"),
        (
            &[("IMAGOR_AUTO_AVIF", "1"), ("IMAGOR_AUTO_WEBP", "1")],
            "image/avif",
            "accept",
        ),
    ] {
        let answer = start_open(variables).get(target, &accept);
        let found = (answer.header("content-type"), answer.header("vary"));
        assert_eq!(found, (content_type.into(), vary.into()), "{variables:?}");
    }
}

#[test]
fn browsers_keep_images_as_long_as_is_said() {
    let target = "/unsafe/30x20/shield.png";
    for (variables, cache_control) in [
        (&[][..], "public, max-age=604800"),
        (&[("IMAGOR_CACHE_HEADER_TTL", "1h")], "public, max-age=3600"),
        (&[("IMAGOR_CACHE_HEADER_NO_CACHE", "1")], "no-store"),
    ] {
        let answer = start_open(variables).get(target, &[]);
        assert_eq!(
            answer.header("cache-control"),
            cache_control,
            "{variables:?}"
        );
    }
}

#[test]
fn pages_that_are_no_images() {
    let server = start_open(&[]);
    for page in ["/healthcheck", "/favicon.ico"] {
        let answer = server.get(page, &[]);
        assert_eq!((answer.status, &*answer.body), (200, &b""[..]), "{page}");
        assert_eq!(server.send("HEAD", page, &[]).status, 200, "{page}");
    }
    let front = server.get("/", &[]);
    let body = String::from_utf8_lossy(&front.body).into_owned();
    assert!(front.status == 200 && body.contains("imgward"), "{front:?}");
    assert!(front.header("content-type").starts_with("text/html"));
    assert_eq!(
        code(&server, "/unsafe/healthcheck"),
        (404, "not_found".into())
    );

    let elsewhere = "https://www.example.com/start";
    let server = start_open(&[("IMAGOR_BASE_PATH_REDIRECT", elsewhere)]);
    let answer = server.get("/", &[]);
    assert_eq!(
        (answer.status, answer.header("location")),
        (307, elsewhere.into())
    );
}

#[test]
fn errors_may_have_no_body() {
    let server = start_open(&[("IMAGOR_DISABLE_ERROR_BODY", "1")]);
    let answer = server.get("/unsafe/30x20/none.jpg", &[]);
    assert_eq!((answer.status, &*answer.body), (404, &b""[..]));
    assert_eq!(answer.header("content-type"), "");
    assert_eq!(answer.header("cache-control"), "no-store");
    let image = server.get("/unsafe/30x20/shield.png", &[]);
    assert_eq!(image.image(), ("png", 30, 20));
}

#[test]
fn statuses_and_messages_are_imagors_where_they_differ() {
    let folder = Folder::new("imagor-statuses");
    std::fs::write(folder.path().join("text.jpg"), "no image at all").unwrap();
    let files = ("FILE_LOADER_BASE_DIR", folder.path().to_str().unwrap());
    let server = start(&[UNSAFE, files]);
    for (target, status, code, message) in [
        (
            "/unsafe/text.jpg",
            406,
            "unsupported_format",
            "unsupported format",
        ),
        ("/unsafe/none.jpg", 404, "not_found", "not found"),
        (
            "/unsafe/filters:expire(1)/text.jpg",
            410,
            "url_expired",
            "expired",
        ),
    ] {
        let answer = server.get(target, &[]);
        assert_eq!((answer.status, &*answer.code()), (status, code), "{target}");
        let body = String::from_utf8(answer.body).unwrap();
        let says = |text: String| assert!(body.contains(&text), "{text} in {body}");
        says(format!(r#""message":"{message}""#));
        says(format!(r#""status":{status}"#));
    }
    let answer = server.send("POST", "/unsafe/text.jpg", &[]);
    assert_eq!(
        (answer.status, answer.header("allow")),
        (405, "GET, HEAD".into())
    );
}

#[test]
fn paths_may_have_a_prefix() {
    let server = start_open(&[("SERVER_PATH_PREFIX", "img/")]);
    let image = server.get("/img/unsafe/30x20/shield.png", &[]);
    assert_eq!(image.image(), ("png", 30, 20));
    for page in ["/img/healthcheck", "/img/", "/img"] {
        assert_eq!(server.get(page, &[]).status, 200, "{page}");
    }
    for elsewhere in ["/unsafe/30x20/shield.png", "/healthcheck", "/imgs/"] {
        let refused = code(&server, elsewhere);
        assert_eq!(refused, (404, "not_found".into()), "{elsewhere}");
    }
}

#[test]
fn pages_of_every_origin_may_read_the_answers_where_they_are_to() {
    let of = |server: Server| {
        let answer = server.get("/unsafe/30x20/shield.png", &["Origin: https://a.example"]);
        answer.header("access-control-allow-origin")
    };
    assert_eq!(of(start_open(&[])), "");
    assert_eq!(of(start_open(&[("SERVER_CORS", "1")])), "*");
}

#[test]
fn metadata_is_kept_where_it_is_to_be() {
    let has_exif = |server: Server| {
        let answer = server.get("/unsafe/30x20/astronaut.jpg", &[]);
        assert_eq!(answer.status, 200);
        answer.body.windows(4).any(|bytes| bytes == b"Exif")
    };
    assert!(!has_exif(start_open(&[])));
    assert!(!has_exif(start_open(&[("VIPS_STRIP_METADATA", "1")])));
    assert!(has_exif(start_open(&[("VIPS_STRIP_METADATA", "0")])));
}
