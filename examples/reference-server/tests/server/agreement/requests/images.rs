//! What is asked for.

use super::{Header, Request};
use crate::agreement::chance::Chance;
use crate::agreement::world::{OPEN, SOURCES, World};

pub(super) fn mounts(_: &World, chance: &mut Chance) -> Request {
    let near = [
        "/open-ipx",
        "/open-ip",
        "/open-ipxx",
        "/Open-ipx",
        "//open-ipx",
        "/open-ipx.",
        "/open-ipx%2f",
        "/%6fpen-ipx",
        "/open-ipx/",
        "/open-ipx;a",
        "/open-ipx%00",
        "/open",
        "/open-ipx%20",
        "/-open-ipx",
        "/open%2dipx",
        "",
    ];
    if chance.once_in(2) {
        return Request::new(format!("{}/w_8,h_8/cat.jpg", chance.one_of(&near)), true);
    }
    let word = |chance: &mut Chance| format!("{:x}", chance.number() >> 100);
    let mut target = String::new();
    for _ in 0..=chance.below(3) {
        target += "/";
        target += &word(chance);
    }
    Request::new(target, false)
}

/// A URL that is not signed.
fn open(mount: usize, options: &str, name: &str) -> String {
    let (path, prefix) = OPEN[mount];
    let options = if options.is_empty() {
        String::new()
    } else {
        format!("{options}/")
    };
    let name = if mount == 1 {
        format!("plain/{name}")
    } else {
        name.into()
    };
    // IPX has modifiers in every URL.
    let options = if mount == 3 && options.is_empty() {
        "_/".into()
    } else {
        options
    };
    format!("{path}/{prefix}{options}{name}")
}

pub(super) fn arguments(_: &World, chance: &mut Chance) -> Request {
    let numbers = [
        "0",
        "1",
        "8",
        "99",
        "100",
        "101",
        "65535",
        "65536",
        "-1",
        "1.5",
        "1e3",
        "8px",
        "",
        "+8",
        "008",
        "99999999999999999999",
    ];
    let number = chance.one_of(&numbers);
    let options: [&[&str]; 4] = [
        &[
            "8x#",
            "#x8",
            "8x8/filters:blur(#)",
            "8x8/filters:quality(#)",
            "8x8/filters:rotate(#)",
            "8x8/filters:nothing(#)",
            "8x8/filters:round_corner(#)",
            "8x8/filters:fill(#)",
            "8x8/filters:proportion(#)",
            "#x8:9x9/8x8",
            "fit-in/8x8/filters:sharpen(#)",
            "8x8/filters:brightness(#)",
            "8x8/filters:page(#)",
            "8x8/filters:blur(#",
            "8x8/filtres:blur(#)",
        ],
        &[
            "rs:fill:8:#",
            "w:#/h:8",
            "s:8:8/q:#",
            "s:8:8/bl:#",
            "s:8:8/rot:#",
            "s:8:8/zz:#",
            "s:8:8/dpr:#",
            "s:8:8/bg:#",
            "s:8:8/g:ce:#",
            "s:8:8/pr:#",
            "s:8:8/c:#",
        ],
        &[
            "tr:w-8,h-#",
            "tr:w-#,h-8",
            "tr:w-8,q-#",
            "tr:w-8,bl-#",
            "tr:w-8,rt-#",
            "tr:w-8,zz-#",
            "tr:w-8,dpr-#",
            "tr:w-8,bg-#",
            "tr:w-8,ar-#",
            "tr:w-8,r-#",
        ],
        &[
            "w_8,h_#",
            "w_#,h_8",
            "w_8,q_#",
            "w_8,blur_#",
            "w_8,rotate_#",
            "w_8,zz_#",
            "w_8,b_#",
            "s_#x8",
            "w_8,fit_#",
            "w_8,crop_#",
        ],
    ];
    let mount = chance.below(4);
    let options = chance.one_of(options[mount]).replace('#', number);
    let is_near = !matches!(number, "8" | "99" | "-1" | "99999999999999999999");
    Request::new(open(mount, &options, "cat.jpg"), is_near)
}

pub(super) fn formats(_: &World, chance: &mut Chance) -> Request {
    // Of each that is written, those that it could be mistaken for.
    let near = [
        "jp2", "jxl", "jpe", "jpg", "JPEG", "tif", "gif", "tiff", "heif", "heic", "avif", "webm",
        "web", "pdf",
    ];
    let far = [
        "jpeg", "png", "webp", "svg", "bmp", "ico", "magick", "raw", "mp4", "auto", "orig", "tiff",
        "heic", "",
    ];
    let is_near = chance.once_in(2);
    let format = match chance.below(4) {
        0 if is_near => {
            let format = chance.one_of(&near);
            chance.altered(format)
        }
        _ => chance.one_of(if is_near { &near } else { &far }).into(),
    };
    let mount = chance.below(4);
    let name = "cat.jpg";
    let target = match (mount, chance.below(2)) {
        (0, _) => open(0, &format!("8x8/filters:format({format})"), name),
        (1, 0) => open(1, &format!("s:8:8/f:{format}"), name),
        (1, _) => open(1, "s:8:8", &format!("{name}@{format}")),
        (2, _) => open(2, &format!("tr:w-8,h-8,f-{format}"), name),
        _ => open(3, &format!("w_8,h_8,f_{format}"), name),
    };
    Request::new(target, is_near).with(
        "Accept",
        chance.one_of(&["*/*", "image/webp", "image/avif,image/webp"]),
    )
}

pub(super) fn names(_: &World, chance: &mut Chance) -> Request {
    let near = [
        "./cat.jpg",
        "../cat.jpg",
        "x/../cat.jpg",
        "%2e/cat.jpg",
        "%2e%2E/cat.jpg",
        ".%2e/cat.jpg",
        "..%2fcat.jpg",
        "..%5ccat.jpg",
        "x%2f..%2fcat.jpg",
        "%252e%252e/cat.jpg",
        "cat.jpg/.",
        "cat.jpg/..",
        "cat%00.jpg",
        "cat%0a.jpg",
        "",
        "/",
        "%2e",
        "%",
        "%zz",
        "..%3f",
        "b64:Li4vY2F0LmpwZw",
        "cat.jpg",
        "c%61t.jpg",
        "//cat.jpg",
    ];
    let mount = chance.below(4);
    let options = ["8x8", "s:8:8", "tr:w-8,h-8", "w_8,h_8"];
    let is_near = chance.once_in(2);
    let name = if is_near {
        chance.one_of(&near).into()
    } else {
        chance.altered("shield.png")
    };
    Request::new(
        open(mount, chance.one_of(&[options[mount], ""]), &name),
        is_near,
    )
}

pub(super) fn source(world: &World, chance: &mut Chance) -> Header {
    let host = chance.one_of(&SOURCES);
    let is_near = chance.once_in(2);
    let host = if is_near {
        match chance.below(14) {
            0 => format!("a.{host}"),
            1 => format!("x{host}"),
            2 => format!("{host}.invalid"),
            3 => host.split_once('.').unwrap().1.into(),
            4 => format!("{host}."),
            5 => host.to_uppercase(),
            6 => format!("user@{host}"),
            7 => format!("{host}@evil.invalid"),
            8 => format!("127.0.0.{}", chance.below(6)),
            9 => chance
                .one_of(&[
                    "2130706433",
                    "0x7f.1",
                    "[::1]",
                    "[::ffff:127.0.0.1]",
                    "127.1",
                    "017700000001",
                    "10.0.0.1",
                    "169.254.169.254",
                ])
                .into(),
            10 => host.replace('-', "-a.b-"),
            _ => chance.altered(host).replace(' ', ""),
        }
    } else if chance.once_in(2) {
        host.into()
    } else {
        format!("site{}.invalid", chance.below(100))
    };
    let scheme = chance.one_of(&[
        "https://", "https://", "http://", "http://", "HTTP://", "ftp://", "",
    ]);
    let port = format!(":{}", world.port);
    let is_here = host.starts_with("127.") && !chance.once_in(4);
    let port = if is_here {
        &*port
    } else {
        chance.one_of(&["", "", ":443", ":80", ":8080"])
    };
    let path = chance.one_of(&[
        "/shop/a.png",
        "/shop",
        "/shopping/a.png",
        "/sho",
        "/shop/../a.png",
        "/shop%2fa.png",
        "/SHOP/a.png",
        "/a.png",
        "",
    ]);
    (format!("{scheme}{host}{port}{path}"), is_near)
}

pub(super) fn sources(world: &World, chance: &mut Chance) -> Request {
    let encoded = |name: &str| {
        name.replace('%', "%25")
            .replace('/', "%2F")
            .replace(':', "%3A")
            .replace('?', "%3F")
    };
    let (name, is_near) = source(world, chance);
    let below = [
        "a.png",
        "shop/a.png",
        "..%2Fa.png",
        "%2Fa.png",
        "%5Ca.png",
        "https%3A%2F%2Fa.img.invalid%2Fa.png",
        "a.png%3Fb",
        "a.png%23b",
        "%2F%2Fevil.invalid/a.png",
    ];
    let target = match chance.below(8) {
        0 => format!("/http/unsafe/8x8/{name}"),
        1 => format!("/below/unsafe/8x8/{}", chance.one_of(&below)),
        2 => {
            let (port, name) = (world.port, encoded(&name));
            format!(
                "/http/unsafe/8x8/filters:watermark({name},0,0,0)/http%3A%2F%2F127.0.0.1%3A{port}%2Fa.png"
            )
        }
        _ => format!("/http/unsafe/8x8/{}", encoded(&name)),
    };
    Request::new(target, is_near)
}
