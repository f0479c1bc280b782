//! What the options of how to read and write, and what to answer, come to.

use super::*;
use crate::recipe::{Format, Metadata};

#[test]
fn reading_and_writing() {
    let output = |options: &str| parsed(&format!("{options}/plain/a.jpg")).recipe.output;
    let none = output("cb:1");
    assert_eq!(
        none,
        Output {
            metadata: Metadata::Copyright,
            otherwise: Some(Format::Jpeg),
            ..Output::default()
        }
    );
    let with = |change: fn(&mut Output)| {
        let mut output = none.clone();
        change(&mut output);
        output
    };
    for (options, expected) in [
        ("q:70", with(|to| to.quality = Some(70))),
        ("quality:70/q:0", with(|_| ())),
        (
            "fq:jpg:70:webp:60/format_quality:jpeg:50",
            with(|to| to.format_quality = vec![(Format::WebP, 60), (Format::Jpeg, 50)]),
        ),
        ("fq:jpg:70:heic:50/fq:jpg:0", with(|_| ())),
        ("mb:5000", with(|to| to.max_bytes = Some(5000))),
        ("max_bytes:0", with(|_| ())),
        ("aq:size:5000", with(|to| to.max_bytes = Some(5000))),
        ("aq:dssim", with(|to| to.likeness = Some(75.0))),
        (
            "autoquality:dssim:0.02/q:9",
            with(|to| (to.likeness, to.quality) = (Some(75.0), Some(9))),
        ),
        ("aq:dssim:0.01:70:90/aq:none", with(|_| ())),
        (
            "aq:dssim:0.02:70:90:0.001",
            with(|to| (to.likeness, to.quality_range) = (Some(75.0), Some((70, 90)))),
        ),
        (
            "aq:size:5000:40",
            with(|to| (to.max_bytes, to.quality_range) = (Some(5000), Some((40, 100)))),
        ),
        (
            "aq:size:5000::60",
            with(|to| (to.max_bytes, to.quality_range) = (Some(5000), Some((1, 60)))),
        ),
        ("f:webp", with(|to| to.format = Some(Format::WebP))),
        ("ext:avif", with(|to| to.format = Some(Format::Avif))),
        ("format:jxl", with(|to| to.format = Some(Format::Jxl))),
        ("sm:0", with(|to| to.metadata = Metadata::Keep)),
        ("kcr:0", with(|to| to.metadata = Metadata::Strip)),
        ("strip_metadata:1/keep_copyright:1", with(|_| ())),
        ("scp:0", with(|to| to.keep_profile = true)),
        ("strip_color_profile:1", with(|_| ())),
        ("jpgo:1", with(|to| to.progressive = Some(true))),
        ("jpeg_options::0:1:1:1:3", with(|_| ())),
        (
            "pngo:1:1:64",
            with(|to| (to.progressive, to.colors) = (Some(true), Some(64))),
        ),
        ("png_options::1", with(|to| to.colors = Some(256))),
        ("pngo:0:0:64", with(|_| ())),
        ("webpo:lossless", with(|to| to.lossless = true)),
        ("webp_options:lossy", with(|_| ())),
        ("raw:0/eth:1/ph:0/hs:none/skp:/pgs:1", with(|_| ())),
        ("bc:0/ct:a:b/bypass_cache:0/cache_tags:", with(|_| ())),
        ("expires:1/exp:0", with(|_| ())),
    ] {
        assert_eq!(output(options), expected, "{options}");
    }

    let input = |options: &str| parsed(&format!("{options}/plain/a.jpg")).recipe.input;
    assert_eq!(input("cb:"), Input::default());
    assert_eq!(input("ar:0").orient, Orient::Stored);
    assert_eq!(input("auto_rotate:1").orient, Orient::Exif);
    assert_eq!(input("pg:3").page, Some(3));
    assert_eq!(input("page:3/da:1").page, Some(3));
    assert_eq!(input("disable_animation:1").page, Some(0));

    let attachment = |options: &str| parsed(&format!("{options}/plain/a.jpg")).attachment;
    assert_eq!(attachment("fn:b.png"), None);
    assert_eq!(attachment("att:1").as_deref(), Some(""));
    assert_eq!(
        attachment("fn:b%20c.png/return_attachment:1").as_deref(),
        Some("b c.png")
    );
    assert_eq!(
        attachment("filename:Yi5wbmc:1/att:t").as_deref(),
        Some("b.png")
    );
}
