//! Files that reach for others, or try what breaks a decoder: nothing is read but themselves, and nobody else notices.

use std::fs;
use std::net::TcpListener;
use std::path::Path;

use crate::support::{Folder, IMAGES, Server};

const CONFIG: &str = r#"
environment = "development"

[transform]
auto_format = ["webp"]

[origin]
files = "images"
"#;

#[test]
fn row_81_a_drawing_reads_nothing() {
    let folder = Folder::new("references");
    let images = folder.path().join("images");
    fs::create_dir_all(&images).unwrap();
    let photo = fs::read(Path::new(IMAGES).join("cat.jpg")).unwrap();
    // Within reach, if anything were: beside the drawing, and by its whole name.
    fs::write(images.join("cat.jpg"), &photo).unwrap();
    let secret = folder.path().join("secret.jpg");
    fs::write(&secret, &photo).unwrap();
    let secret = format!("file://{}", secret.display());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let url = format!("http://{}/cat.jpg", listener.local_addr().unwrap());

    let drawing = |prolog: &str, content: &str| {
        format!(
            "{prolog}<svg xmlns='http://www.w3.org/2000/svg' xmlns:xlink='http://www.w3.org/1999/xlink' \
             width='60' height='40'><rect width='60' height='40' fill='#2468ac'/>{content}</svg>"
        )
    };
    let mut files = vec![drawing("", "")];
    let image = |href: &str| format!("<image width='60' height='40' href='{href}'/>");
    let path = secret.trim_start_matches("file://");
    for href in [
        &*url,
        &secret,
        path,
        "cat.jpg",
        "./cat.jpg",
        "../secret.jpg",
        "/etc/passwd",
    ] {
        files.push(drawing("", &image(href)));
        files.push(drawing("", &image(href).replace("href", "xlink:href")));
        let inner = drawing("", &image(href))
            .replace('<', "%3C")
            .replace('#', "%23");
        let nested = format!("data:image/svg+xml,{}", inner.replace('\'', "%27"));
        files.push(drawing("", &image(&nested)));
        files.push(drawing("", &format!("<use href='{href}#a'/>")));
        files.push(drawing(
            "",
            &format!(
                "<filter id='f' x='0' y='0' width='1' height='1'><feImage href='{href}'/></filter>"
            ),
        ));
        files.push(drawing(
            "",
            &format!(
                "<style>@import url({href}); @font-face {{ font-family: x; src: url({href}) }}</style>"
            ),
        ));
        files.push(drawing(&format!("<?xml-stylesheet href='{href}'?>"), ""));
        files.push(drawing(&format!("<!DOCTYPE svg SYSTEM '{href}'>"), ""));
        files.push(drawing(
            &format!("<!DOCTYPE svg [<!ENTITY e SYSTEM '{href}'>]>"),
            "<text y='30' font-size='30'>&e;</text>",
        ));
        files.push(drawing(
            &format!("<!DOCTYPE svg [<!ENTITY % e SYSTEM '{href}'> %e;]>"),
            "",
        ));
        files.push(drawing(
            "",
            &format!("<xi:include xmlns:xi='http://www.w3.org/2001/XInclude' href='{href}' parse='text'/>"),
        ));
    }
    for (index, text) in files.iter().enumerate() {
        fs::write(images.join(format!("{index}.svg")), text).unwrap();
    }
    let server = Server::start(&folder.config(CONFIG));
    let get = |index: usize| {
        server.get(
            &format!("/unsafe/60x40/filters:format(png)/{index}.svg"),
            &[],
        )
    };
    let plain = get(0);
    assert_eq!(plain.image(), ("png", 60, 40));
    for (index, text) in files.iter().enumerate() {
        let answer = get(index);
        match &*answer.code() {
            "ok" => assert!(answer.body == plain.body, "it shows more: {text}"),
            code => assert!(
                ["image_corrupt", "image_too_large", "unsupported_format"].contains(&code),
                "{code}: {text}"
            ),
        }
    }
    let heard = listener.accept();
    assert!(heard.is_err(), "something was connected to: {heard:?}");
}

/// Files that are meant to break what reads them, in whatever way.
fn hostile() -> Vec<(String, Vec<u8>)> {
    const DEPTH: usize = 200_000;
    let mut files: Vec<(String, Vec<u8>)> = Vec::new();
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/hostile");
    for entry in fs::read_dir(kept).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        files.push((name, fs::read(path).unwrap()));
    }
    let svg = |content: &str| {
        format!("<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'>{content}</svg>")
            .into_bytes()
    };
    let nested = |tag: &str, inner: &str| {
        let open = format!("<{tag}>").repeat(DEPTH);
        let close = format!("</{tag}>").repeat(DEPTH);
        svg(&format!("{open}{inner}{close}"))
    };
    files.push(("deep-groups.svg".into(), nested("g", "<path d='M0 0h9'/>")));
    files.push(("deep-texts.svg".into(), nested("tspan", "a")));
    files.push(("deep-links.svg".into(), nested("a", "")));
    files.push(("deep-unclosed.svg".into(), svg(&"<g>".repeat(DEPTH))));
    let circle = "<pattern id='a' width='1' height='1'><rect width='1' height='1' fill='url(#a)'/></pattern>\
        <rect width='9' height='9' fill='url(#a)'/>";
    files.push(("circle.svg".into(), svg(circle)));
    let circle = "<g id='a'><use href='#b'/></g><g id='b'><use href='#a'/></g>";
    files.push(("circle-of-uses.svg".into(), svg(circle)));
    let circle = "<mask id='a' mask='url(#b)'/><mask id='b' mask='url(#a)'/><rect mask='url(#a)' width='9' height='9'/>";
    files.push(("circle-of-masks.svg".into(), svg(circle)));
    // Boxes within boxes, each of eight bytes, the innermost first.
    let mut boxes = Vec::new();
    for left in (1..2_000_u32).rev() {
        boxes.splice(
            0..0,
            [(2_000 - left) * 8]
                .iter()
                .flat_map(|size| size.to_be_bytes())
                .chain(*b"meta"),
        );
    }
    let head = b"\0\0\0\x14ftypavif\0\0\0\0avif".to_vec();
    files.push(("deep.avif".into(), [head, boxes].concat()));
    // A directory that is its own next, and its own child.
    let mut tiff = b"II*\0\x08\0\0\0\x01\0\x4a\x01\x04\0\x01\0\0\0\x08\0\0\0".to_vec();
    tiff.extend(8_u32.to_le_bytes());
    files.push(("circle.tiff".into(), tiff));
    // Every sample, cut at many places, and with a byte changed at many.
    for name in ["cat.jpg", "shield.png"] {
        let whole = fs::read(Path::new(IMAGES).join(name)).unwrap();
        for part in 0..24 {
            let at = whole.len() * part / 24;
            files.push((format!("cut-{part}-{name}"), whole[..at].to_vec()));
            let mut changed = whole.clone();
            changed[at] ^= 0xff;
            files.push((format!("changed-{part}-{name}"), changed));
        }
    }
    files
}

#[test]
fn row_95_a_file_that_breaks_a_decoder_costs_its_own_request() {
    let folder = Folder::new("isolation");
    let images = folder.path().join("images");
    fs::create_dir_all(&images).unwrap();
    let files = hostile();
    for (name, bytes) in &files {
        fs::write(images.join(name), bytes).unwrap();
    }
    fs::copy(Path::new(IMAGES).join("cat.jpg"), images.join("fine.jpg")).unwrap();
    let server = Server::start(&folder.config(CONFIG));
    let fine = server.get("/unsafe/30x20/fine.jpg", &[]);
    assert_eq!(fine.image(), ("jpeg", 30, 20));
    for (name, _) in &files {
        for target in [
            format!("/unsafe/{name}"),
            format!("/unsafe/30x20/smart/filters:format(png)/{name}"),
            format!("/unsafe/30x20/filters:watermark({name})/fine.jpg"),
            format!("/unsafe/meta/{name}"),
        ] {
            let code = server.get(&target, &[]).code();
            // Never `internal`, which is a bug of ours.
            let is_one = [
                "ok",
                "image_corrupt",
                "image_too_large",
                "unsupported_format",
            ]
            .contains(&&*code);
            assert!(is_one, "{target}: {code}");
        }
    }
    // The process that began is the one that goes on, and all its threads do.
    for width in 30..40 {
        let answer = server.get(&format!("/unsafe/{width}x20/fine.jpg"), &[]);
        assert_eq!(answer.image(), ("jpeg", width, 20));
    }
    assert!(server.get("/unsafe/30x20/fine.jpg", &[]).body == fine.body);
}
