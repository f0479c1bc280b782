//! How a URL names its image and the format.

use super::*;
use crate::recipe::Format;

#[test]
fn names() {
    // The spec's example, and the same in other spellings.
    let curiosity = "http://example.com/images/curiosity.jpg";
    for (path, name, format) in [
        (
            "plain/http://example.com/images/curiosity.jpg",
            curiosity,
            None,
        ),
        (
            "plain/http%3A%2F%2Fexample.com%2Fimages%2Fcuriosity.jpg",
            curiosity,
            None,
        ),
        (
            "plain/http://example.com/images/curiosity.jpg@png",
            curiosity,
            Some(Format::Png),
        ),
        (
            "plain/http://example.com/images/curiosity.jpg@",
            curiosity,
            None,
        ),
        (
            "rs:fill:300:400:0/g:sm/aHR0cDovL2V4YW1w/bGUuY29tL2ltYWdl/cy9jdXJpb3NpdHku/anBn.png",
            curiosity,
            Some(Format::Png),
        ),
        (
            "aHR0cDovL2V4YW1wbGUuY29tL2ltYWdlcy9jdXJpb3NpdHkuanBn",
            curiosity,
            None,
        ),
        ("plain/a.jpg", "a.jpg", None),
        ("plain/a/b.jpg@webp", "a/b.jpg", Some(Format::WebP)),
        ("plain/a%40b.jpg@webp", "a@b.jpg", Some(Format::WebP)),
        ("plain/a%3Fb%25c.jpg", "a?b%c.jpg", None),
        ("plain/a+b.jpg", "a+b.jpg", None),
        ("plain/local:///a/b.jpg", "a/b.jpg", None),
        ("plain/local%3A%2F%2F%2Fa.jpg", "a.jpg", None),
        ("w:1/plain/exp:1/a.jpg", "exp:1/a.jpg", None),
        // local:///a.jpg, with padding and without
        ("bG9jYWw6Ly8vYS5qcGc", "a.jpg", None),
        ("YS5qcGc=", "a.jpg", None),
        ("YS5qcGc=.avif", "a.jpg", Some(Format::Avif)),
        ("Y/S/5/q/c/G/c.gif", "a.jpg", Some(Format::Gif)),
        ("f:webp/plain/a.jpg", "a.jpg", Some(Format::WebP)),
        // What stands behind the name counts.
        ("ext:webp/plain/a.jpg@png", "a.jpg", Some(Format::Png)),
        ("f:heic/plain/a.jpg@jpg", "a.jpg", Some(Format::Jpeg)),
    ] {
        let request = parsed(path);
        assert_eq!(&*request.sources[0], name, "{path}");
        assert_eq!(request.recipe.output.format, format, "{path}");
    }
}

#[test]
fn names_that_are_refused() {
    for (path, detail) in [
        ("", "the URL names no image"),
        ("plain/", "the URL names no image"),
        ("plain/@png", "the URL names no image"),
        ("w:1", "the URL names no image"),
        (".png", "the URL names no image"),
        (
            "plain/..%2Fa.jpg",
            "the name of the image has a dot segment",
        ),
        (
            "plain/a/%2e%2E/b.jpg",
            "the name of the image has a dot segment",
        ),
        (
            "plain/local:///../a.jpg",
            "the name of the image has a dot segment",
        ),
        // ../a.jpg
        ("Li4vYS5qcGc", "the name of the image has a dot segment"),
        (
            "plain/a%00.jpg",
            "the name of the image has a control character",
        ),
        ("plain/a%ff.jpg", "the name of the source is not UTF-8"),
        (
            "plain/a@b@png",
            "the source has more than one @, which must be escaped",
        ),
        ("YS5qcGc.a.b", "the source names more than one format"),
        ("YS5qcGc.p/ng", "the format of the source has a slash"),
        ("plain/a.jpg@docx", "\"docx\" is not a format"),
        (
            "plain/a.jpg@best",
            "the format best is not supported by this version",
        ),
        (
            "YS5qcGc$",
            "the source is neither plain/ nor base64url, or an option has no colon",
        ),
        (
            "fill/300/200/no/0/plain/a.jpg",
            "the source is neither plain/ nor base64url, or an option has no colon",
        ),
        (
            "enc/YS5qcGc",
            "an encrypted source (enc/) is not supported by this version",
        ),
    ] {
        let why = refusal(path);
        assert_eq!(why.kind(), RejectionKind::BadRequest, "{path}");
        assert_eq!(why.detail(), detail, "{path}");
    }
    for path in [
        "plain/a.jpg@heic",
        "f:mp4/plain/a.jpg",
        "fq:jpg:70/f:pdf/plain/a.jpg",
    ] {
        assert_eq!(
            refusal(path).kind(),
            RejectionKind::UnsupportedFormat,
            "{path}"
        );
    }
}
