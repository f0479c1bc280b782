//! An imagor URL, from the path to the image request and back.

#![no_main]

mod reprint;

use std::sync::Arc;

use http::{Request, Uri};
use imgward::dialect::Dialect;
use imgward::guard::{Guard, RejectionKind};
use imgward::recipe::{Answer, ImageRequest};
use imgward::signature::{Scheme, Verifier};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    for prefix in ["unsafe", "params/unsafe"] {
        check(&format!("/{prefix}/{text}"));
    }
});

fn check(path: &str) {
    let Ok(uri) = Uri::try_from(path) else {
        return;
    };
    let (mut head, ()) = Request::get(uri).body(()).expect("a request").into_parts();
    let verifier = Verifier::unsigned(Scheme::imagor());
    let Ok(mut verified) = verifier.check(&head) else {
        return;
    };
    verifier.apply(&mut head, &mut verified);
    for (strict, thumbor, originals) in [(false, false, false), (true, false, true), (false, true, true)] {
        let dialect = Dialect::imagor().strict(strict).thumbor(thumbor).allow_original(originals);
        match dialect.check(&head) {
            Ok(mut request) => {
                dialect.apply(&mut head, &mut request);
                let request = head.extensions.get::<Arc<ImageRequest>>().expect("inserted");
                reprint::check(&dialect, request);
                let blank = request.recipe.input.blank.is_some();
                let document = matches!(request.recipe.output.answer, Answer::Document(_));
                assert!(blank || document || !request.sources.is_empty());
                assert!(request.recipe.steps.len() <= 64 && request.sources.len() <= 9);
                for name in &request.sources {
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
