//! Files and URLs that mean harm, and what is left of them.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use crate::support::{Folder, IMAGES, Server};

const CONFIG: &str = r#"
environment = "development"

[transform]
auto_format = ["webp"]

[origin]
files = "images"
"#;

fn sample(name: &str) -> Vec<u8> {
    fs::read(Path::new(IMAGES).join(name)).unwrap()
}

fn crc(bytes: &[u8]) -> u32 {
    let step = |crc: u32, byte: &u8| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            crc >> 1 ^ (0xedb8_8320 & 0_u32.wrapping_sub(crc & 1))
        })
    };
    !bytes.iter().fold(!0, step)
}

/// A chunk of a PNG.
pub(crate) fn chunk(name: [u8; 4], data: &[u8]) -> Vec<u8> {
    let named = [&name[..], data].concat();
    let length = u32::try_from(data.len()).unwrap();
    [
        &length.to_be_bytes(),
        &named[..],
        &crc(&named).to_be_bytes(),
    ]
    .concat()
}

/// The shield with chunks right after its header.
fn shield_with(chunks: &[u8]) -> Vec<u8> {
    let mut png = sample("shield.png");
    // The signature, and the chunk `IHDR`.
    png.splice(33..33, chunks.iter().copied());
    png
}

/// `258 * matches + 1` zeros in the format of zlib, in 13 bits for each 258 (RFC 1951, section 3.2.6).
fn zeros(matches: u32) -> Vec<u8> {
    let mut bytes = vec![0x78, 0x01];
    let (mut bits, mut count) = (0_u32, 0);
    let mut push = |value: u32, length: u32| {
        bits |= value << count;
        count += length;
        while count >= 8 {
            bytes.push(u8::try_from(bits & 0xff).unwrap());
            bits >>= 8;
            count -= 8;
        }
    };
    // The last block, of fixed codes, and a literal of zero.
    push(0b011, 3);
    push(0b0000_1100, 8);
    for _ in 0..matches {
        // The code of length 258, from its first bit, and that of distance 1.
        push(0b1010_0011, 8);
        push(0, 5);
    }
    push(0, 7);
    push(0, 7);
    let length = (258 * u64::from(matches) + 1) % 65_521;
    bytes.extend((u32::try_from(length).unwrap() << 16 | 1).to_be_bytes());
    bytes
}

/// A GIF of so many frames of one pixel on a canvas.
fn gif(width: u16, height: u16, frames: usize) -> Vec<u8> {
    let mut gif = b"GIF89a".to_vec();
    gif.extend([width.to_le_bytes(), height.to_le_bytes()].concat());
    gif.extend([0x80, 0, 0, 0, 0, 0, 255, 255, 255]);
    let frame = [
        0x21, 0xf9, 4, 0, 1, 0, 0, 0, 0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0,
    ];
    gif.extend(frame.repeat(frames));
    gif.push(0x3b);
    gif
}

fn riff(name: [u8; 4], data: &[u8]) -> Vec<u8> {
    let chunk = [
        &name[..],
        &u32::try_from(data.len()).unwrap().to_le_bytes()[..],
        data,
    ]
    .concat();
    let length = u32::try_from(chunk.len() + 4).unwrap().to_le_bytes();
    [b"RIFF", &length[..], b"WEBP", &chunk].concat()
}

/// The cat, which says that it is much larger.
fn enormous_cat() -> Vec<u8> {
    let mut jpeg = sample("cat.jpg");
    let frame = jpeg
        .windows(2)
        .position(|two| matches!(two, [0xff, 0xc0 | 0xc2]));
    let size = frame.unwrap() + 5;
    jpeg[size..size + 4].copy_from_slice(&[0xff, 0xdc, 0xff, 0xdc]);
    jpeg
}

fn bombs() -> Vec<(&'static str, Vec<u8>, &'static [&'static str])> {
    const TOO_LARGE: &[&str] = &["image_too_large"];
    const SHOWN: &[&str] = &["ok"];
    const SHOWN_OR_CORRUPT: &[&str] = &["ok", "image_corrupt"];
    const CORRUPT: &[&str] = &["image_corrupt"];
    const REFUSED: &[&str] = &["image_corrupt", "image_too_large", "unsupported_format"];

    let size = |width: u32, height: u32| {
        let mut header = [width.to_be_bytes(), height.to_be_bytes()].concat();
        header.extend([1, 0, 0, 0, 0]);
        let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
        png.extend(chunk(*b"IHDR", &header));
        png.extend(chunk(*b"IDAT", &zeros(1_000)));
        png.extend(chunk(*b"IEND", &[]));
        png
    };
    let text = |matches| chunk(*b"zTXt", &[b"a\0\0", &zeros(matches)[..]].concat());
    let profile = |matches| chunk(*b"iCCP", &[b"a\0\0", &zeros(matches)[..]].concat());
    let frames = [100_000_u32.to_be_bytes(), [0; 4]].concat();
    let many_segments = {
        let mut jpeg = sample("cat.jpg");
        jpeg.splice(2..2, [0xff, 0xee, 0, 2].repeat(50_000));
        jpeg
    };
    let laughs = {
        let mut entities = String::from("<!ENTITY a0 'ha'>");
        for n in 1..30 {
            let more = format!("&a{};", n - 1).repeat(10);
            let _ = write!(entities, "<!ENTITY a{n} '{more}'>");
        }
        format!(
            "<!DOCTYPE svg [{entities}]><svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'><text>&a29;</text></svg>"
        )
    };
    let uses = {
        let mut groups = String::from("<g id='g0'><rect width='1' height='1'/></g>");
        for n in 1..40 {
            let uses = format!("<use href='#g{}'/>", n - 1).repeat(10);
            let _ = write!(groups, "<g id='g{n}'>{uses}</g>");
        }
        format!("<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'>{groups}</svg>")
    };
    vec![
        ("70-a.png", size(50_000, 50_000), TOO_LARGE),
        ("70-b.png", size(1, 2_000_000_000), TOO_LARGE),
        ("70.gif", gif(65_535, 65_535, 1), TOO_LARGE),
        ("70.jpg", enormous_cat(), TOO_LARGE),
        (
            "70.webp",
            riff(*b"VP8L", &[0x2f, 0xfe, 0xbf, 0xff, 0x0f, 0, 0, 0, 0, 0]),
            TOO_LARGE,
        ),
        (
            "70-b.webp",
            riff(*b"VP8X", &[2, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, 0]),
            REFUSED,
        ),
        ("71-text.png", shield_with(&text(600).repeat(2_000)), SHOWN),
        (
            "71-long.png",
            shield_with(&text(4_000_000)),
            SHOWN_OR_CORRUPT,
        ),
        (
            "71-profile.png",
            shield_with(&profile(4_000_000)),
            SHOWN_OR_CORRUPT,
        ),
        (
            "71.tiff",
            b"II*\0\x08\0\0\0\0\0\x08\0\0\0".to_vec(),
            REFUSED,
        ),
        ("72.png", shield_with(&chunk(*b"acTL", &frames)), TOO_LARGE),
        ("72-many.gif", gif(1, 1, 100_000), TOO_LARGE),
        ("72-huge.gif", gif(4_000, 4_000, 9), TOO_LARGE),
        ("73.jpg", many_segments, SHOWN_OR_CORRUPT),
        ("74-laughs.svg", laughs.into(), REFUSED),
        (
            "74-uses.svg",
            uses.into(),
            &["ok", "image_corrupt", "image_too_large"],
        ),
        (
            "74-size.svg",
            b"<svg xmlns='http://www.w3.org/2000/svg' width='1000000000' height='1000000000'/>"
                .to_vec(),
            TOO_LARGE,
        ),
        (
            "77.gif",
            b"GIF89a=alert(document.domain)//".to_vec(),
            CORRUPT,
        ),
    ]
}

#[test]
fn rows_70_to_74_bombs_do_not_go_off() {
    let folder = Folder::new("bombs");
    let images = folder.path().join("images");
    fs::create_dir_all(&images).unwrap();
    let bombs = bombs();
    for (name, bytes, _) in &bombs {
        fs::write(images.join(name), bytes).unwrap();
    }
    fs::write(images.join("cat.jpg"), sample("cat.jpg")).unwrap();
    let server = Server::start(&folder.config(CONFIG));
    for (name, bytes, codes) in bombs {
        for target in [
            format!("/unsafe/30x20/{name}"),
            format!("/unsafe/30x20/filters:watermark({name})/cat.jpg"),
        ] {
            let code = server.get(&target, &[]).code();
            let length = bytes.len();
            assert!(codes.contains(&&*code), "{target}: {code} ({length} bytes)");
        }
    }
    assert_eq!(server.get("/unsafe/30x20/cat.jpg", &[]).status, 200);
    #[cfg(target_os = "linux")]
    {
        // In MiB. Bytes of sources and pixels are counted; the rest is the process itself.
        let most = server.peak_memory() >> 20;
        assert!(most < 400, "{most}");
    }
}

#[test]
fn rows_77_to_80_what_comes_out_is_an_image_and_nothing_else() {
    let folder = Folder::new("polyglots");
    let images = folder.path().join("images");
    fs::create_dir_all(&images).unwrap();
    let script = b"<script>alert(1)</script>PK\x03\x04";
    let drawing = "<svg xmlns='http://www.w3.org/2000/svg' width='30' height='20' onload='alert(1)'>\
        <script>alert(1)</script><a href='javascript:alert(1)'><rect width='9' height='9'/></a>\
        <image href='http://169.254.169.254/'/><image href='file:///etc/passwd'/>\
        <foreignObject><form/></foreignObject></svg>";
    let files: [(&str, Vec<u8>, &str); 14] = [
        ("a.jpg", [&sample("cat.jpg")[..], script].concat(), "ok"),
        ("a.png", [&sample("shield.png")[..], script].concat(), "ok"),
        (
            "text.png",
            shield_with(&chunk(*b"tEXt", &[b"a\0", &script[..]].concat())),
            "ok",
        ),
        ("svg.jpg", drawing.into(), "ok"),
        (
            "html.jpg",
            b"<!doctype html><script>".to_vec(),
            "unsupported_format",
        ),
        ("js.png", b"alert(1)".to_vec(), "unsupported_format"),
        ("pdf.jpg", b"%PDF-1.7\n".to_vec(), "unsupported_format"),
        (
            "psd.jpg",
            b"8BPS\0\x01\0\0\0\0\0\0".to_vec(),
            "unsupported_format",
        ),
        (
            "eps.jpg",
            b"%!PS-Adobe-3.0 EPSF-3.0\n".to_vec(),
            "unsupported_format",
        ),
        (
            "mvg.jpg",
            b"push graphic-context\nfill 'url(http://127.0.0.1/)'".to_vec(),
            "unsupported_format",
        ),
        (
            "mp4.jpg",
            b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom".to_vec(),
            "unsupported_format",
        ),
        (
            "zip.png",
            b"PK\x03\x04\x14\0\0\0".to_vec(),
            "unsupported_format",
        ),
        (
            "elf.gif",
            b"\x7fELF\x02\x01\x01\0".to_vec(),
            "unsupported_format",
        ),
        ("empty.jpg", Vec::new(), "unsupported_format"),
    ];
    for (name, bytes, _) in &files {
        fs::write(images.join(name), bytes).unwrap();
    }
    let server = Server::start(&folder.config(CONFIG));
    for (name, _, code) in files {
        for format in ["", "filters:format(png)/", "filters:format(gif)/"] {
            let answer = server.get(&format!("/unsafe/30x20/{format}{name}"), &[]);
            assert_eq!(answer.code(), code, "{format}{name}");
            let contains = |text: &[u8]| answer.body.windows(text.len()).any(|part| part == text);
            if code != "ok" {
                assert!(!contains(name.as_bytes()) && !contains(b"images"), "{name}");
                continue;
            }
            for text in [&b"script"[..], b"alert", b"PK\x03\x04", b"onload", b"root:"] {
                assert!(!contains(text), "{format}{name}: {}", text.escape_ascii());
            }
            let media_type = answer.header("content-type");
            assert!(
                ["image/jpeg", "image/png", "image/gif"].contains(&&*media_type),
                "{name}: {media_type}"
            );
            assert_eq!(answer.header("x-content-type-options"), "nosniff");
            let policy = answer.header("content-security-policy");
            assert!(policy.contains("default-src 'none'") && policy.contains("sandbox"));
        }
    }
}

#[test]
fn rows_75_and_76_absurd_wishes_are_refused_before_there_is_work() {
    let server = Server::with(&["serve", "--listen", "127.0.0.1:0"]);
    for (target, status) in [
        ("999999999x8/cat.jpg", 400),
        ("65536x8/cat.jpg", 400),
        ("99999999999999999999x8/cat.jpg", 400),
        ("65535x65535/cat.jpg", 422),
        ("5000x5000/cat.jpg", 422),
        ("0x0:9000x9000/8x8/cat.jpg", 0),
        ("filters:fill(red):padding(red,2147483647)/cat.jpg", 0),
        ("8x8/filters:blur(1e308)/cat.jpg", 0),
        ("8x8/filters:blur(NaN):quality(-1):rotate(inf)/cat.jpg", 0),
        ("8x8/filters:proportion(1e9)/cat.jpg", 0),
        ("8x8/filters:max_bytes(-5):max_frames(0)/cat.jpg", 0),
    ] {
        let answer = server.get(&format!("/unsafe/{target}"), &[]);
        let among = [200, 400, 422].contains(&answer.status);
        let as_expected = answer.status == status || status == 0 && among;
        assert!(as_expected, "{target}: {}", answer.status);
    }
    assert_eq!(server.get("/unsafe/8x8/cat.jpg", &[]).status, 200);
}
