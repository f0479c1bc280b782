use std::fmt::Write as _;

use proptest::prelude::*;

use super::filters::InvalidExpiry;
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

#[test]
fn paths_are_read_as_imagor_reads_them() {
    let table = include_str!("../../../tests/vectors/imagor/urls.tsv");
    let rows = table.lines().filter(|line| !line.starts_with('#'));
    let mut count = 0;
    for row in rows {
        let columns: Vec<_> = row.split('\t').collect();
        let [section, _, path, read] = columns.try_into().unwrap();
        assert_eq!(describe(path), read, "{section}: {path}");
        count += 1;
    }
    assert_eq!(count, 88);
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
