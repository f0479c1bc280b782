//! What the methods write, in each dialect that has words for it.

use super::*;
use crate::recipe::{Blend, Color, Format, Gravity, Position, Text};
use crate::signature::Keyring;

type Build = fn(ImageUrl) -> ImageUrl;

fn new() -> [ImageUrl; 5] {
    [
        ImageUrl::imagor("a/b.jpg"),
        ImageUrl::imagekit("a/b.jpg"),
        ImageUrl::imgproxy("a/b.jpg"),
        ImageUrl::ipx("a/b.jpg"),
        ImageUrl::optstuff("a/b.jpg"),
    ]
}

/// What a method writes, for each dialect: what stands before the image, or the field that there are no words for.
fn check(build: Build, expected: [&str; 5]) {
    for (url, expected) in new().into_iter().zip(expected) {
        let dialect = url.name();
        match (build(url).unsigned(), expected.strip_prefix("no ")) {
            (Ok(written), None) => {
                let frame = match dialect {
                    "imagor" => format!("/unsafe/{expected}a/b.jpg"),
                    "imgproxy" => format!("/insecure/{expected}plain/a/b.jpg"),
                    "imagekit" if expected.is_empty() => "/a/b.jpg".to_owned(),
                    "imagekit" => format!("/tr:{expected}/a/b.jpg"),
                    _ => format!("/{expected}/a/b.jpg"),
                };
                assert_eq!(written, frame, "{dialect}");
            }
            (Err(why), Some(field)) => assert_eq!(why.field(), Some(field), "{dialect}: {why}"),
            (written, _) => panic!("{dialect}: {written:?} for {expected}"),
        }
    }
}

#[test]
fn sizes() {
    check(|url| url, ["", "", "", "_", "_"]);
    check(
        |url| url.fit_in(300, 200),
        [
            "fit-in/300x200/",
            "w-300,h-200,c-at_max",
            "rs:fit:300:200/",
            "s_300x200,fit_inside",
            "no Resize.mode",
        ],
    );
    check(
        |url| {
            url.fill(300, 200).gravity(Gravity::anchor(
                crate::recipe::Align::End,
                crate::recipe::Align::Start,
            ))
        },
        [
            "300x200/right/top/",
            "w-300,h-200,fo-top_right",
            "rs:fill:300:200:1/g:noea/",
            "s_300x200,fit_cover,enlarge,pos_northeast",
            "no Resize.gravity",
        ],
    );
    check(
        |url| url.fill(300, 200),
        [
            "300x200/",
            "w-300,h-200",
            "rs:fill:300:200:1/",
            "s_300x200,fit_cover,enlarge",
            "s_300x200,fit_cover",
        ],
    );
    check(
        |url| url.stretch(30, 20),
        [
            "stretch/30x20/",
            "w-30,h-20,c-force",
            "rs:force:30:20:1/",
            "s_30x20,fit_fill,enlarge",
            "s_30x20,fit_fill",
        ],
    );
    check(
        |url| url.cover(30, 20),
        [
            "full-fit-in/30x20/",
            "w-30,h-20,c-at_least",
            "no ResizeMode::Cover",
            "s_30x20,fit_outside,enlarge",
            "no Resize.mode",
        ],
    );
    check(
        |url| url.pad(30, 20, Color::WHITE),
        [
            "fit-in/30x20/filters:fill(ffffff)/",
            "w-30,h-20,cm-pad_resize_no_enlarge,bg-ffffff",
            "rs:fit:30:20/ex:1:ce/bg:ffffff/",
            "s_30x20,fit_contain,b_ffffff",
            "no Extend.backdrop",
        ],
    );
    check(
        |url| url.fill(30, 20).focal_point(0.25, 0.5),
        [
            "30x20/filters:focal(0.25x0.5)/",
            "no Gravity::Point",
            "rs:fill:30:20:1/g:fp:0.25:0.5/",
            "no Resize.gravity",
            "no Resize.gravity",
        ],
    );
    check(
        |url| url.fill(30, 20).smart(),
        [
            "30x20/smart/",
            "w-30,h-20,fo-auto",
            "rs:fill:30:20:1/g:sm/",
            "s_30x20,fit_cover,enlarge,pos_attention",
            "no Resize.gravity",
        ],
    );
    check(ImageUrl::smart, ["no Resize.gravity"; 5]);
}

#[test]
fn cuts_and_turns() {
    check(
        |url| url.crop(10, 20, 300, 200).trim(9),
        [
            "10x20:310x220/filters:trim(9)/",
            "w-300,h-200,cm-extract,x-10,y-20:t-9",
            "c:300:200:nowe:10:20/-/t:9::0:0/",
            "no Step::Extract",
            "no Step::Extract",
        ],
    );
    check(
        |url| url.flip(true, false).rotate(90.0),
        [
            "-0x0/filters:rotate(270)/",
            "fl-h:rt-90",
            "fl:1:0/-/rot:90/",
            "flop,rotate_90",
            "no Step::Flip",
        ],
    );
}

#[test]
fn filters() {
    check(
        |url| url.blur(2.5).sharpen(1.0),
        [
            "filters:blur(5):sharpen(0)/",
            "bl-5:e-sharpen",
            "bl:2.5/sh:1/",
            "blur_2.5,sharpen_1_1_2",
            "no Step::Blur",
        ],
    );
    check(
        |url| url.brightness(10.0).contrast(-20.0).saturation(1.25),
        [
            "filters:brightness(10):contrast(-20):saturation(25)/",
            "no Step::Rgb",
            "br:25.5/co:0.6683870967741935/sa:1.25/",
            "no Step::Rgb",
            "no Step::Rgb",
        ],
    );
    check(
        |url| url.grayscale().negate(),
        [
            "filters:grayscale():invert()/",
            "no Step::Negate",
            "no Step::Grayscale",
            "grayscale,negate",
            "no Step::Grayscale",
        ],
    );
    check(
        |url| url.background(Color::opaque(1, 2, 3)).round_corners(9),
        [
            "filters:background_color(010203):round_corner(9,9)/",
            "bg-010203:r-9",
            "no Step::RoundCorners",
            "no Step::RoundCorners",
            "no Step::RoundCorners",
        ],
    );
}

#[test]
fn overlays() {
    check(
        |url| {
            url.overlay("c d.png", |overlay| {
                overlay.x = Position::End(10.into());
                overlay.y = Position::Start(20.into());
                overlay.opacity = 0.25;
            })
        },
        [
            "filters:watermark(c%20d.png,-10,20,75)/",
            "l-image,ie-YyBkLnBuZw%3D%3D,t-false,lx-N10,ly-20:o-25,l-end",
            "wmu:YyBkLnBuZw/wm:0.25:noea:10:20:0/",
            "no Step::Overlay",
            "no Step::Overlay",
        ],
    );
    check(
        |url| {
            url.text(Text::new("a, b"), |overlay| {
                overlay.blend = Blend::Multiply;
            })
        },
        [
            "filters:text(a%2C%20b,center,center,-20,000000,0,multiply,,low,false,word,0)/",
            "l-text,ie-YSwgYg%3D%3D,fs-20,co-000000,ia-left,lm-multiply,l-end",
            "no Content::Text",
            "no Step::Overlay",
            "no Step::Overlay",
        ],
    );
}

#[test]
fn files() {
    check(
        |url| url.format(Format::WebP).quality(70),
        [
            "filters:format(webp):quality(70)/",
            "f-webp,q-70",
            "f:webp/q:70/",
            "f_webp,q_70",
            "f_webp,q_70",
        ],
    );
    check(
        |url| url.max_bytes(5000).page(2).lossless(),
        [
            "filters:page(3):max_bytes(5000):lossless()/",
            "no Output.max_bytes",
            "pg:2/mb:5000/webpo:lossless/",
            "no Input.page",
            "no Input.page",
        ],
    );
    check(
        |url| url.metadata(Metadata::Keep).max_age(60),
        [
            "filters:keep_metadata():max_age(60)/",
            "no ImageRequest.max_age",
            "no ImageRequest.max_age",
            "no Metadata::Keep",
            "no Metadata::Keep",
        ],
    );
    let saved = |url: ImageUrl| url.attachment("a b.png").unsigned();
    assert_eq!(
        saved(ImageUrl::imagor("a.jpg")).unwrap(),
        "/unsafe/filters:attachment(a%20b.png)/a.jpg"
    );
    assert_eq!(
        saved(ImageUrl::imagekit("a.jpg")).unwrap(),
        "/a.jpg?ik-attachment=true&ik-attachment-filename=a%20b.png"
    );
    assert_eq!(
        saved(ImageUrl::imgproxy("a.jpg")).unwrap(),
        "/insecure/att:1/fn:a%20b.png/plain/a.jpg"
    );
    let why = saved(ImageUrl::ipx("a.jpg")).unwrap_err();
    assert_eq!(why.field(), Some("ImageRequest.attachment"));
}

#[test]
fn names_in_base64() {
    let written = |url: ImageUrl| url.base64_names().fit_in(9, 0).unsigned().unwrap();
    assert_eq!(
        written(ImageUrl::imagor("http://a/b.jpg")),
        "/unsafe/fit-in/9x0/b64:aHR0cDovL2EvYi5qcGc"
    );
    assert_eq!(
        written(ImageUrl::imgproxy("http://a/b.jpg")),
        "/insecure/rs:fit:9:0/aHR0cDovL2EvYi5qcGc"
    );
}

#[test]
fn only_signed_urls_expire() {
    let keys = Keyring::of_secrets(["mysecret"]);
    let signer = Signer::new(Scheme::imagor(), keys).unwrap();
    let url = ImageUrl::imagor("a.jpg").expires(1_700_000_000);
    assert!(url.unsigned().is_err());
    let url = url.sign(&signer).unwrap();
    assert!(
        url.ends_with("/filters:expire(1700000000000)/a.jpg"),
        "{url}"
    );
}

/// What a URL asks for whose target this is.
fn asked(dialect: &Dialect, target: &str, params: bool, signed: bool) -> ImageRequest {
    let target = VerifiedTarget::of_text(target, params, signed);
    dialect.parse(&target, &HeaderMap::new()).unwrap()
}

#[test]
fn descriptions_stand_before_the_signature() {
    let (imagor, imgproxy) = (Dialect::imagor(), Dialect::imgproxy());
    let keys = || Keyring::of_secrets(["mysecret"]);
    let signer = Signer::new(Scheme::imagor(), keys()).unwrap();

    let meta = "meta/fit-in/30x20/filters:blurhash(4,3)/a.jpg";
    let url = ImageUrl::of(&imagor, asked(&imagor, meta, false, false));
    assert_eq!(url.unsigned().unwrap(), format!("/unsafe/{meta}"));

    let described = asked(&imagor, "30x20/a.jpg", true, false);
    let url = ImageUrl::of(&imagor, described);
    assert_eq!(url.unsigned().unwrap(), "/params/unsafe/30x20/a.jpg");
    // It says that the URL is not signed.
    assert_eq!(
        url.sign(&signer).unwrap_err().field(),
        Some("Answer::Document(text)")
    );

    let described = asked(&imagor, "30x20/a.jpg", true, true);
    let url = ImageUrl::of(&imagor, described);
    let written = url.sign(&signer).unwrap();
    assert!(
        written.starts_with("/params/") && written.ends_with("=/30x20/a.jpg"),
        "{written}"
    );
    let expiring = url.expires(1_700_000_000).sign(&signer).unwrap_err();
    assert_eq!(expiring.field(), Some("Answer::Document"));

    let told = asked(&imgproxy, "exif:0/avg:1/plain/a.jpg", true, false);
    let url = ImageUrl::of(&imgproxy, told);
    assert_eq!(
        url.unsigned().unwrap(),
        "/info/insecure/exif:0/avg:1/plain/a.jpg"
    );
    let query = Signer::new(Scheme::query(), keys()).unwrap();
    assert_eq!(
        url.sign(&query).unwrap_err().field(),
        Some("Answer::Description")
    );
}

#[test]
fn originals_are_written_where_they_may_be_asked_for() {
    let mut request = ImageUrl::plain("a.jpg");
    request.recipe.output.answer = Answer::Original;
    for (dialect, expected) in [
        (Dialect::imagor(), "/unsafe/filters:raw()/a.jpg"),
        (Dialect::imagekit(), "/tr:orig-true/a.jpg"),
        (Dialect::imgproxy(), "/insecure/raw:1/plain/a.jpg"),
    ] {
        let written = ImageUrl::of(&dialect, request.clone()).unsigned();
        assert!(
            matches!(written, Err(ImageUrlError::Refused { .. })),
            "{written:?}"
        );
        let dialect = dialect.allow_original(true);
        let written = ImageUrl::of(&dialect, request.clone()).unsigned();
        assert_eq!(written.unwrap(), expected);
    }
}

#[test]
fn what_a_site_keeps_of_metadata_need_not_be_said() {
    let kept = |dialect: Dialect, metadata| {
        let dialect = dialect.metadata(Metadata::Keep);
        let mut request = ImageUrl::plain("a.jpg");
        request.recipe.output.metadata = metadata;
        ImageUrl::of(&dialect, request).unsigned().unwrap()
    };
    for (metadata, imagor, imagekit, imgproxy) in [
        (
            Metadata::Keep,
            "/unsafe/a.jpg",
            "/a.jpg",
            "/insecure/plain/a.jpg",
        ),
        (
            Metadata::Strip,
            "/unsafe/filters:strip_metadata()/a.jpg",
            "/tr:md-false/a.jpg",
            "/insecure/sm:1/kcr:0/plain/a.jpg",
        ),
    ] {
        assert_eq!(kept(Dialect::imagor(), metadata), imagor);
        assert_eq!(kept(Dialect::imagekit(), metadata), imagekit);
        assert_eq!(kept(Dialect::imgproxy(), metadata), imgproxy);
    }
}

#[test]
fn thumbors_meaning_is_read_back() {
    let dialect = Dialect::imagor().thumbor(true);
    let url = ImageUrl::of(&dialect, ImageUrl::plain("a+b.jpg"));
    let url = url.crop(1, 2, 30, 20).fill(30, 20).format(Format::WebP);
    assert_eq!(
        url.unsigned().unwrap(),
        "/unsafe/1x2:31x22/30x20/filters:format(webp)/a%2Bb.jpg"
    );
    let request = asked(&dialect, "origx20/a.jpg", false, false);
    let url = ImageUrl::of(&dialect, request);
    assert_eq!(url.unsigned().unwrap(), "/unsafe/origx20/a.jpg");
    // There a blur has a radius that is its standard deviation.
    let url = ImageUrl::of(&dialect, ImageUrl::plain("a.jpg")).blur(2.0);
    assert_eq!(
        url.unsigned().unwrap_err().field(),
        Some("Step::Blur.sigma")
    );
}
