//! `info`, and what is answered with beside images.

use super::*;
use crate::recipe::{Answer, Checksum, Description, Digest, Fact, Format, Words};

fn info(path: &str) -> Result<ImageRequest, Rejection> {
    let path: &'static str = path.to_owned().leak();
    let target = VerifiedTarget::params_for_test(path, true);
    parse(&target, &Imgproxy::new(), Site::default())
}

fn facts(options: &str) -> Vec<Fact> {
    let path = format!("{options}plain/a.jpg");
    match info(&path).map(|request| request.recipe.output.answer) {
        Ok(Answer::Description(Description {
            words: Words::Imgproxy,
            facts,
        })) => facts,
        other => panic!("{path}: {other:?}"),
    }
}

#[test]
fn info_tells_what_its_options_name() {
    let usual = [Fact::Bytes, Fact::Format, Fact::Dimensions, Fact::Exif];
    let with = |more: &[Fact]| [&usual, more].concat();
    for (options, expected) in [
        ("", with(&[])),
        ("size:0/f:f/d:false/exif:0/b:1/", vec![Fact::Samples]),
        (
            "pn:1/cs:1/bands:1/sample_format:1/alpha:1/average:1:0/",
            with(&[
                Fact::Frames,
                Fact::ColorSpace,
                Fact::Samples,
                Fact::SampleFormat,
                Fact::Alpha,
                Fact::Average,
            ]),
        ),
        (
            "palette:8/bh:4:3/",
            with(&[Fact::Palette(8), Fact::BlurHash(4, 3)]),
        ),
        ("p:8/p:0/blurhash:4:3/bh:0:0/", with(&[])),
        ("thumb_hash:1/", with(&[Fact::ThumbHash])),
        (
            "chs:sha256:sha1:sha256/",
            with(&[Fact::Digest(Digest::Sha256), Fact::Digest(Digest::Sha1)]),
        ),
        (
            "iptc:0/xmp:0/dc:f/phash:0/detect_objects:false/cb:x/exp:0/",
            with(&[]),
        ),
    ] {
        assert_eq!(facts(options), expected, "{options}");
    }
    let request =
        info("pg:2/hs:sha1:0000000000000000000000000000000000000000/Y29mZmVlLmpwZw").unwrap();
    assert_eq!(*request.sources, ["coffee.jpg".into()]);
    assert_eq!(request.recipe.input.page, Some(2));
    assert!(request.recipe.input.checksum.is_some());
    assert_eq!(request.recipe.steps, []);
}

#[test]
fn info_refuses_by_name() {
    for (path, detail) in [
        ("w:30/plain/a.jpg", "\"w\" is not an option of info"),
        (
            "xmp:1/plain/a.jpg",
            "the option xmp of info is not supported by this version",
        ),
        (
            "dc:1/plain/a.jpg",
            "the option dc of info is not supported by this version",
        ),
        (
            "classify:3/plain/a.jpg",
            "the option classify of info is not supported by this version",
        ),
        (
            "size:x/plain/a.jpg",
            "the option size cannot have the arguments \"x\"",
        ),
        (
            "size:1:0/plain/a.jpg",
            "the option size cannot have the arguments \"1:0\"",
        ),
        (
            "alpha:1:1/plain/a.jpg",
            "the second argument of alpha is not supported by this version",
        ),
        (
            "p:1/plain/a.jpg",
            "the option p cannot have the arguments \"1\"",
        ),
        (
            "p:64/plain/a.jpg",
            "a palette of more than 16 colours is not supported by this version",
        ),
        (
            "bh:4/plain/a.jpg",
            "the option bh cannot have the arguments \"4\"",
        ),
        (
            "bh:4:10/plain/a.jpg",
            "the option bh cannot have the arguments \"4:10\"",
        ),
        (
            "chs:md5/plain/a.jpg",
            "the hashsum md5 is not supported by this version",
        ),
        (
            "chs:crc/plain/a.jpg",
            "the option chs cannot have the arguments \"crc\"",
        ),
        (
            "msr:5/plain/a.jpg",
            "\"msr\" is a limit of the server, and none that a URL sets",
        ),
        ("s:1/-/s:1/plain/a.jpg", "info has no pipelines"),
        ("s:1/plain/a.jpg@png", "info has no format"),
        (
            "s:1/plain/..%2Fa.jpg",
            "the name of the image has a dot segment",
        ),
    ] {
        match info(path) {
            Ok(request) => panic!("{path}: {request:?}"),
            Err(why) => assert_eq!(why.detail(), detail, "{path}"),
        }
    }
    let presets = Imgproxy::new().only_presets(true);
    let target = VerifiedTarget::params_for_test("s:1/plain/a.jpg", true);
    let why = parse(&target, &presets, Site::default()).unwrap_err();
    assert_eq!(why.detail(), "only presets may be asked for");
}

#[test]
fn originals_are_for_those_who_allow_them() {
    for (option, name) in [("raw:1", "raw"), ("skp:jpg", "skip_processing")] {
        assert_eq!(
            refusal(&format!("{option}/plain/a.jpg")).detail(),
            format!("the option {name} is not allowed here: see allow_original")
        );
    }
    let site = Site {
        originals: true,
        ..Site::default()
    };
    let allowed = |path| {
        let target = VerifiedTarget::for_test(path, true);
        parse(&target, &Imgproxy::new(), site).unwrap()
    };
    let request = allowed("w:30/raw:1/att:1/fn:b/plain/a.jpg@webp");
    assert_eq!(request.recipe.output.answer, Answer::Original);
    assert_eq!(
        (request.recipe.steps.len(), request.recipe.output.format),
        (0, None)
    );
    assert_eq!(request.attachment.as_deref(), Some("b"));
    let request = allowed("w:30/skp:jpg:webp:heic:jpeg/plain/a.jpg");
    let formats = vec![Format::Jpeg, Format::WebP];
    assert_eq!(request.recipe.output.answer, Answer::OriginalOf(formats));
    assert_eq!(request.recipe.steps.len(), 1);
    // A later one counts, and may take it back.
    let path = "skp:jpg/skp:/raw:1/raw:0/plain/a.jpg";
    assert_eq!(allowed(path).recipe.output.answer, Answer::Image);
}

#[test]
fn a_checksum_and_a_fallback_are_the_sources() {
    let hex = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    let request = parsed(&format!("hs:sha256:{hex}/fiu:Y29mZmVlLmpwZw/plain/a.jpg"));
    let Checksum { digest, value } = request.recipe.input.checksum.unwrap();
    assert_eq!((digest, value.len(), value[0]), (Digest::Sha256, 32, 0xE3));
    assert_eq!(request.fallback.as_deref(), Some("coffee.jpg"));
    assert_eq!(parsed("fiu:Y29mZmVlLmpwZw/fiu:/plain/a.jpg").fallback, None);
    // `../a.jpg`.
    let why = refusal("fiu:Li4vYS5qcGc/plain/a.jpg");
    assert_eq!(why.detail(), "the name of the image has a dot segment");
}
