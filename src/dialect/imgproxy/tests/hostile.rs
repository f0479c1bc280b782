//! What nobody means well with.

use proptest::prelude::*;

use super::*;
use crate::dialect::{MAX_LENGTH, check_name};

#[test]
fn there_is_a_most_of_everything() {
    let many = |option: &str, times: usize| format!("{}plain/a.jpg", option.repeat(times));
    assert_eq!(
        refusal(&many("w:1/", 257)).detail(),
        "there are more than 256 options"
    );
    assert_eq!(
        refusal(&many("w:1/-/", 8)).detail(),
        "there are more than 8 pipelines"
    );
    assert!(parsed_by(&Imgproxy::new(), &many("w:1/-/", 7)).is_ok());
    let all = "t:1/rot:90/fl:1/c:1/w:1/bl:1/sh:1/pix:2/br:1/co:2/sa:2/-/";
    assert_eq!(
        refusal(&many(all, 6)).detail(),
        "there are more than 64 steps"
    );
    let marks: Vec<String> = (b'0'..=b'8')
        .map(|at| data_encoding::BASE64URL_NOPAD.encode(&[b'a', at]))
        .collect();
    let marks = format!("wmu:{}/", marks.join("/wmu:"));
    assert_eq!(
        refusal(&format!("{marks}plain/a.jpg")).detail(),
        "there are more than 8 watermarks"
    );
    let colons = format!("wm:{}/plain/a.jpg", ":".repeat(5000));
    assert!(
        refusal(&colons)
            .detail()
            .starts_with("the option wm cannot have")
    );
    assert!(refusal(&colons).detail().len() < 200);
}

#[test]
fn what_is_repeated_is_escaped_and_short() {
    let long = format!("{}:1/plain/a.jpg", "x".repeat(5000));
    assert_eq!(
        refusal(&long).detail(),
        format!("\"{}\" is not an option", "x".repeat(32))
    );
    assert_eq!(
        refusal("<b>\u{1b}\":1/plain/a.jpg").detail(),
        "\"<b>\\u{1b}\\\"\" is not an option"
    );
}

fn lengths(steps: &[Step]) -> impl Iterator<Item = Length> {
    steps
        .iter()
        .flat_map(|step| match step {
            Step::Resize(resize) => vec![resize.width, resize.height],
            Step::Extract(extract) => vec![extract.width, extract.height],
            Step::Extend(extend) => [extend.left, extend.top, extend.right, extend.bottom]
                .map(Some)
                .to_vec(),
            _ => Vec::new(),
        })
        .flatten()
}

fn judge(settings: &Imgproxy, path: &str) {
    let Ok(request) = parsed_by(settings, path) else {
        return;
    };
    assert!(request.recipe.steps.len() <= MAX_STEPS);
    assert!(request.sources.len() <= MAX_SOURCES);
    for name in &request.sources {
        assert!(check_name(name).is_ok(), "{path}");
    }
    for length in lengths(&request.recipe.steps) {
        let (Length::Pixels(length) | Length::Fraction(length)) = length else {
            panic!("{path}: {length:?}");
        };
        assert!((0.0..=f64::from(MAX_LENGTH)).contains(&length), "{path}");
    }
    let quality = request.recipe.output.quality;
    assert!(quality.is_none_or(|quality| (1..=100).contains(&quality)));
}

proptest! {
    #[test]
    fn any_text_is_judged(path in any::<String>()) {
        judge(&Imgproxy::new(), &path);
        judge(&Imgproxy::new().only_presets(true), &path);
    }

    #[test]
    fn pieces_of_the_grammar_are_judged(
        options in prop::collection::vec(
            (
                prop::sample::select(vec![
                    "rs", "s", "rt", "w", "h", "mw", "mh", "z", "dpr", "el", "ex", "exar", "g", "c", "t", "pd", "ar", "rot",
                    "fl", "bg", "bl", "sh", "pix", "wm", "sm", "kcr", "scp", "q", "fq", "mb", "f", "skp", "raw", "cb", "exp",
                    "fn", "att", "pr", "msr", "ra", "bga", "a", "br", "co", "sa", "ush", "col", "gr", "aq", "jpgo", "pngo",
                    "webpo", "pg", "da", "hs", "wmu", "eth", "ph",
                ]),
                prop::collection::vec(
                    prop::sample::select(vec![
                        "", "0", "1", "-1", "90", "0.5", "1.5", "300", "65535", "65536", "1e300", "nan", "inf", "true", "f",
                        "fit", "fill", "fill-down", "force", "auto", "ce", "nowe", "sm", "fp", "re", "obj", "ff00ff", "fff",
                        "jpg", "webp", "heic", "best", "default", "thumb", "YS5wbmc", "down", "lossless", "dssim", "size",
                        "none", "always", "%2e%2e", "\u{e4}",
                    ]),
                    0..6,
                ),
            ),
            0..5,
        ),
        source in prop::sample::select(vec!["plain/a.jpg", "plain/a.jpg@png", "YS5qcGc.webp", "-/plain/a", "..", "plain/../a"]),
    ) {
        let settings = Imgproxy::new()
            .presets([("thumb", "rs:fill:100:100/pr:soft"), ("soft", "bl:2")])
            .unwrap()
            .watermark("logo.png")
            .unwrap();
        let mut path = String::new();
        for (name, args) in options {
            path.push_str(name);
            for arg in args {
                path.push(':');
                path.push_str(arg);
            }
            path.push('/');
        }
        path.push_str(source);
        judge(&settings, &path);
    }
}
