use std::fmt::Write as _;

use proptest::prelude::*;

use super::*;

/// What a path is read as, in the words of imagor's own parameters.
fn describe(path: &str) -> String {
    let prefix = prefix(path);
    let segments = lex(prefix.rest);
    let mut text = String::new();
    let mut word = |word: String| {
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(&word);
    };
    if prefix.params {
        word("params".into());
    }
    match prefix.access {
        Access::None => {}
        Access::Unsafe => word("u".into()),
        Access::Hash(hash) => word(format!("hash={hash}")),
    }
    if segments.meta {
        word("meta".into());
    }
    if let Some(trim) = segments.trim {
        let corner = if trim.bottom_right {
            "bottom-right"
        } else {
            "top-left"
        };
        word(format!("trim={corner}:{}", trim.tolerance));
    }
    if let Some([left, top, right, bottom]) = segments.crop {
        word(format!("crop={left},{top},{right},{bottom}"));
    }
    if let Some(fit) = segments.fit {
        let adaptive = if fit.adaptive { "adaptive+" } else { "" };
        let full = if fit.full { "full+" } else { "" };
        word(format!("{adaptive}{full}fit"));
    }
    if segments.stretch {
        word("stretch".into());
    }
    if let Some(size) = segments.size {
        let flip = |flip| if flip { "-" } else { "" };
        word(format!(
            "{}{}x{}{}",
            flip(size.flip_horizontal),
            size.width,
            flip(size.flip_vertical),
            size.height
        ));
    }
    if let Some([left, top, right, bottom]) = segments.padding {
        word(format!("padding={left},{top},{right},{bottom}"));
    }
    if let Some(horizontal) = segments.horizontal {
        word(format!("{horizontal:?}"));
    }
    if let Some(vertical) = segments.vertical {
        word(format!("{vertical:?}"));
    }
    if segments.smart {
        word("smart".into());
    }
    let mut filters = String::new();
    for filter in segments.filters() {
        write!(filters, "[{} {}]", filter.name, filter.args).unwrap();
    }
    if !filters.is_empty() {
        word(filters);
    }
    if !segments.image.is_empty() {
        word(format!("image={}", decode_image(segments.image).unwrap()));
    }
    text
}

/// Each row was run through imagor 1.9.5.
#[expect(clippy::too_many_lines, reason = "a table")]
#[test]
fn paths_are_read_as_imagor_reads_them() {
    let rows = [
        ("unsafe/img.jpg", "u image=img.jpg"),
        ("///unsafe/img.jpg", "u image=img.jpg"),
        ("/unsafe//img.jpg", "u image=img.jpg"),
        ("unsafe/unsafe/img.jpg", "u image=unsafe/img.jpg"),
        (
            "/params/unsafe/300x200/img.jpg",
            "params u 300x200 image=img.jpg",
        ),
        ("/300x200/img.jpg", "300x200 image=img.jpg"),
        ("/unsafe/300x/img.jpg", "u 300x0 image=img.jpg"),
        ("/unsafe/x200/img.jpg", "u 0x200 image=img.jpg"),
        ("/unsafe/x/img.jpg", "u 0x0 image=img.jpg"),
        ("/unsafe/-x-/img.jpg", "u -0x-0 image=img.jpg"),
        ("/unsafe/-0x0/img.jpg", "u -0x0 image=img.jpg"),
        ("-1920x-1080/img.jpg", "-1920x-1080 image=img.jpg"),
        ("/unsafe/300x200", "u image=300x200"),
        ("/unsafe/300x200/", "u 300x200"),
        ("/unsafe/origx200/img.jpg", "u image=origx200/img.jpg"),
        (
            "/unsafe/100x100/10x5/img.jpg",
            "u 100x100 padding=10,5,10,5 image=img.jpg",
        ),
        (
            "/unsafe/100x100/10x5:7x8/img.jpg",
            "u 100x100 padding=10,5,7,8 image=img.jpg",
        ),
        ("/unsafe/10x5:7x8/img.jpg", "u crop=10,5,7,8 image=img.jpg"),
        (
            "/unsafe/5x6:7x8/9x10:11x12/img.jpg",
            "u crop=5,6,7,8 padding=9,10,11,12 image=img.jpg",
        ),
        (
            "/unsafe/5x6/7x8/9x10/img.jpg",
            "u 5x6 padding=7,8,7,8 image=9x10/img.jpg",
        ),
        (
            "unsafe/fit-in/0x0/5x6:7x8/https://foobar/x.png",
            "u fit 0x0 padding=5,6,7,8 image=https://foobar/x.png",
        ),
        (
            "/unsafe/0.1x0.2:0.9x0.8/img.jpg",
            "u crop=0.1,0.2,0.9,0.8 image=img.jpg",
        ),
        (
            "/unsafe/.1x.2:.9x.8/img.jpg",
            "u crop=0.1,0.2,0.9,0.8 image=img.jpg",
        ),
        (
            "/unsafe/0.1x0.2:1.0x1.0/img.jpg",
            "u crop=0.1,0.2,1,1 image=img.jpg",
        ),
        ("/unsafe/1.5x0.2:1x1/img.jpg", "u image=1.5x0.2:1x1/img.jpg"),
        (
            "/unsafe/10.5x20:30x40/img.jpg",
            "u image=10.5x20:30x40/img.jpg",
        ),
        (
            "/unsafe/-10x-20:30x40/img.jpg",
            "u image=-10x-20:30x40/img.jpg",
        ),
        ("/unsafe/trim/img.jpg", "u trim=top-left:0 image=img.jpg"),
        (
            "/unsafe/trim:50/img.jpg",
            "u trim=top-left:50 image=img.jpg",
        ),
        (
            "/unsafe/trim:top-left:50/img.jpg",
            "u trim=top-left:50 image=img.jpg",
        ),
        (
            "/unsafe/trim:bottom-right/img.jpg",
            "u trim=bottom-right:0 image=img.jpg",
        ),
        (
            "/unsafe/trim:50:top-left/img.jpg",
            "u image=trim:50:top-left/img.jpg",
        ),
        (
            "/unsafe/fit-in/trim/300x200/img.jpg",
            "u fit image=trim/300x200/img.jpg",
        ),
        (
            "/unsafe/fit-in/stretch/300x200/img.jpg",
            "u fit stretch 300x200 image=img.jpg",
        ),
        (
            "/unsafe/stretch/fit-in/300x200/img.jpg",
            "u stretch image=fit-in/300x200/img.jpg",
        ),
        (
            "/adaptive-full-fit-in/300x200/img.jpg",
            "adaptive+full+fit 300x200 image=img.jpg",
        ),
        (
            "/unsafe/full-adaptive-fit-in/300x200/img.jpg",
            "u image=full-adaptive-fit-in/300x200/img.jpg",
        ),
        (
            "/unsafe/300x200/top/left/img.jpg",
            "u 300x200 Top image=left/img.jpg",
        ),
        (
            "/unsafe/300x200/left/top/smart/img.jpg",
            "u 300x200 Left Top smart image=img.jpg",
        ),
        (
            "/unsafe/300x200/smart/left/img.jpg",
            "u 300x200 smart image=left/img.jpg",
        ),
        (
            "/unsafe/300x200/meta/img.jpg",
            "u 300x200 image=meta/img.jpg",
        ),
        (
            "meta/trim:bottom-right:100/10x11:12x13/fit-in/-300x-200/left/top/smart/filters:some_filter()/img",
            "meta trim=bottom-right:100 crop=10,11,12,13 fit -300x-200 Left Top smart [some_filter ] image=img",
        ),
        (
            "/unsafe/filters:quality(80):/img.jpg",
            "u [quality 80] image=img.jpg",
        ),
        ("/unsafe/filters:/img.jpg", "u image=img.jpg"),
        ("/unsafe/filters:quality/img.jpg", "u image=img.jpg"),
        ("/unsafe/filters:quality(80/img.jpg", "u [quality ]"),
        (
            "/unsafe/filters:a()b():c()/img.jpg",
            "u [b ][c ] image=img.jpg",
        ),
        (
            "/unsafe/filters:format(webp)/filters:quality(1)/img.jpg",
            "u [format webp] image=filters:quality(1)/img.jpg",
        ),
        (
            "filters:watermark(s.x/filters:label(abc):watermark(a.com/fit-in/filters:aaa(bbb))/aaa.jpg,0,0,0):brightness(-50):grayscale()/img",
            "[watermark s.x/filters:label(abc):watermark(a.com/fit-in/filters:aaa(bbb))/aaa.jpg,0,0,0][brightness -50][grayscale ] image=img",
        ),
        (
            "/unsafe/filters:text(a%2Cb,0,0)/img.jpg",
            "u [text a%2Cb,0,0] image=img.jpg",
        ),
        (
            "/unsafe/300x200/https%3A%2F%2Fexample.com%2Fa.jpg%3Fx%3D1%26y%3D2",
            "u 300x200 image=https://example.com/a.jpg?x=1&y=2",
        ),
        (
            "/unsafe/300x200/https%253A%252F%252Fexample.com%252Fa.jpg",
            "u 300x200 image=https%3A%2F%2Fexample.com%2Fa.jpg",
        ),
        ("/unsafe/a+b.jpg", "u image=a b.jpg"),
        ("/unsafe/a%20b.jpg", "u image=a b.jpg"),
        ("/unsafe/a%2Bb.jpg", "u image=a+b.jpg"),
        ("/unsafe/100%.jpg", "u image=100%.jpg"),
        (
            "/unsafe/b64:aHR0cHM6Ly9leGFtcGxlLmNvbS9pbWFnZS5qcGc_c2l6ZT1sYXJnZSZkb3dubG9hZD0x",
            "u image=https://example.com/image.jpg?size=large&download=1",
        ),
        (
            "/unsafe/b64:aHR0cHM6Ly9leGFtcGxlLmNvbS9pbWFnZS5qcGc_c2l6ZT1sYXJnZSZkb3dubG9hZD0x/",
            "u image=b64:aHR0cHM6Ly9leGFtcGxlLmNvbS9pbWFnZS5qcGc_c2l6ZT1sYXJnZSZkb3dubG9hZD0x/",
        ),
        (
            "/unsafe/b64:aHR0cHM6Ly9leGFtcGxlLmNvbS9pbWFnZS5qcGc=",
            "u image=b64:aHR0cHM6Ly9leGFtcGxlLmNvbS9pbWFnZS5qcGc=",
        ),
        (
            "/unsafe/b64:MTAweDEwMC9pbWcuanBn",
            "u image=100x100/img.jpg",
        ),
        ("/unsafe/b64:some-file.jpg", "u image=b64:some-file.jpg"),
        (
            "some-long-directory-name/img.jpg",
            "hash=some-long-directory-name image=img.jpg",
        ),
        (
            "/12345678901234567/img.jpg",
            "hash=12345678901234567 image=img.jpg",
        ),
        (
            "/1234567890123456/img.jpg",
            "image=1234567890123456/img.jpg",
        ),
        (
            "/0000000000x00000001/img.jpg",
            "hash=0000000000x00000001 image=img.jpg",
        ),
        (
            "/unsafe/99999999999999999999x1/img.jpg",
            "u 18446744073709551615x1 image=img.jpg",
        ),
        (
            "/unsafe/debug/300x200/img.jpg",
            "u image=debug/300x200/img.jpg",
        ),
        (
            "/unsafe/FIT-IN/300x200/img.jpg",
            "u image=FIT-IN/300x200/img.jpg",
        ),
        ("/unsafe/300X200/img.jpg", "u image=300X200/img.jpg"),
        ("/unsafe/", "u"),
        ("/unsafe", "image=unsafe"),
        ("/", ""),
        (
            "unsafe/filters:blur(5)/photo%281%29.jpg",
            "u [blur 5] image=photo(1).jpg",
        ),
        ("unsafe/photo%2Cversion2.jpg", "u image=photo,version2.jpg"),
    ];
    assert_eq!(rows.len(), 74);
    for (path, read) in rows {
        assert_eq!(describe(path), read, "{path}");
    }
}

#[test]
fn a_doubled_slash_is_signed_and_then_dropped() {
    assert_eq!(prefix("/unsafe//img.jpg").rest, "/img.jpg");
    assert_eq!(lex("/img.jpg").image, "img.jpg");
}

#[test]
fn the_earliest_expiry_counts() {
    let rows = [
        ("a.jpg", Ok(None)),
        (
            "filters:expire(1700000000000)/a.jpg",
            Ok(Some(1_700_000_000_000)),
        ),
        (
            "filters:expire(9):blur(1):expire(7):expire(8)/a.jpg",
            Ok(Some(7)),
        ),
        ("filters:expire(0)/a.jpg", Ok(Some(0))),
        ("filters:expire()/a.jpg", Err(InvalidExpiry)),
        ("filters:expire(+1)/a.jpg", Err(InvalidExpiry)),
        ("filters:expire(-1)/a.jpg", Err(InvalidExpiry)),
        ("filters:expire( 1)/a.jpg", Err(InvalidExpiry)),
        ("filters:expire(1e9)/a.jpg", Err(InvalidExpiry)),
        (
            "filters:expire(99999999999999999999)/a.jpg",
            Err(InvalidExpiry),
        ),
        ("filters:expire(1):expire(x)/a.jpg", Err(InvalidExpiry)),
        ("filters:Expire(1)/a.jpg", Ok(None)),
        ("filters:image(filters:expire(1)/b.jpg)/a.jpg", Ok(None)),
    ];
    for (signed, expiry) in rows {
        assert_eq!(lex(signed).expiry_ms(), expiry, "{signed}");
    }
}

#[test]
fn a_name_that_is_no_utf_8_is_none() {
    for image in ["%FF.jpg", "b64:_w"] {
        assert_eq!(decode_image(image), None, "{image}");
    }
}

proptest! {
    #[test]
    fn nothing_is_lost_or_made_up(path in "[a-z0-9/:x().,%+=-]{0,60}") {
        let prefix = prefix(&path);
        prop_assert!(path.ends_with(prefix.rest));
        let segments = lex(prefix.rest);
        prop_assert!(prefix.rest.ends_with(segments.image));
        for filter in segments.filters() {
            prop_assert!(path.contains(filter.name));
            prop_assert!(path.contains(filter.args));
        }
    }

    #[test]
    fn any_text_is_read(path in any::<String>()) {
        let segments = lex(prefix(&path).rest);
        let _ = segments.filters().count();
        let _ = segments.expiry_ms();
        let _ = decode_image(segments.image);
    }
}
