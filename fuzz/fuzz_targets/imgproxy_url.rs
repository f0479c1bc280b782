//! An imgproxy URL, from the path to the image request and back.

#![no_main]

mod reprint;

use std::sync::{Arc, LazyLock};

use http::{Request, Uri};
use imgward::dialect::{Dialect, Imgproxy};
use imgward::guard::{Guard, RejectionKind};
use imgward::recipe::ImageRequest;
use imgward::signature::{Scheme, Verifier};
use libfuzzer_sys::fuzz_target;

static DIALECTS: LazyLock<[Dialect; 2]> = LazyLock::new(|| {
    let settings = Imgproxy::new()
        .presets([("thumb", "rs:fill:100:100/pr:soft"), ("soft", "bl:2")])
        .expect("presets")
        .watermark("logo.png")
        .expect("a name");
    let presets = Dialect::from(settings.clone().only_presets(true));
    [presets, Dialect::from(settings).allow_original(true)]
});

fuzz_target!(|text: &str| {
    for prefix in ["_", "info/_"] {
        check(&format!("/{prefix}/{text}"));
    }
});

fn check(path: &str) {
    let Ok(uri) = Uri::try_from(path) else {
        return;
    };
    let (mut head, ()) = Request::get(uri).body(()).expect("a request").into_parts();
    let verifier = Verifier::unsigned(Scheme::imgproxy());
    let Ok(mut verified) = verifier.check(&head) else {
        return;
    };
    verifier.apply(&mut head, &mut verified);
    for dialect in &*DIALECTS {
        match dialect.check(&head) {
            Ok(mut request) => {
                dialect.apply(&mut head, &mut request);
                let request = head.extensions.get::<Arc<ImageRequest>>().expect("inserted");
                reprint::check(dialect, request);
                assert!(request.recipe.steps.len() <= 64 && request.sources.len() <= 9);
                for name in request.sources.iter().chain(&request.fallback) {
                    assert!(!name.is_empty() && !name.chars().any(char::is_control));
                    assert!(!name.split(['/', '\\']).any(|segment| segment == ".."));
                }
            }
            Err(why) => assert!(
                matches!(why.kind(), RejectionKind::BadRequest | RejectionKind::UnsupportedFormat),
                "{why}"
            ),
        }
    }
}
