//! An imagor URL, from the path to the image request and back.

#![no_main]

mod reprint;

use std::sync::Arc;

use http::{Request, Uri};
use imgward::dialect::Dialect;
use imgward::guard::{Guard, RejectionKind};
use imgward::recipe::ImageRequest;
use imgward::signature::{Scheme, Verifier};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Ok(uri) = Uri::try_from(format!("/unsafe/{text}")) else {
        return;
    };
    let (mut head, ()) = Request::get(uri).body(()).expect("a request").into_parts();
    let verifier = Verifier::unsigned(Scheme::imagor());
    let Ok(mut verified) = verifier.check(&head) else {
        return;
    };
    verifier.apply(&mut head, &mut verified);
    for strict in [false, true] {
        let dialect = Dialect::imagor().strict(strict);
        match dialect.check(&head) {
            Ok(mut request) => {
                dialect.apply(&mut head, &mut request);
                let request = head.extensions.get::<Arc<ImageRequest>>().expect("inserted");
                reprint::check(&dialect, request);
                let name = &request.sources[0];
                assert!(!name.is_empty() && !name.chars().any(char::is_control));
                assert!(!name.split(['/', '\\']).any(|segment| segment == ".."));
            }
            Err(why) => assert!(
                matches!(why.kind(), RejectionKind::BadRequest | RejectionKind::UnsupportedFormat),
                "{why}"
            ),
        }
    }
});
