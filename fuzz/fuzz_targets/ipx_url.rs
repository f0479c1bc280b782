//! An IPX URL, from the path to the image request and back: as sent and as OptStuff's scheme decodes it, with its gate and without.

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
    let Ok(uri) = Uri::try_from(format!("/{text}")) else {
        return;
    };
    for scheme in [Scheme::optstuff(), Scheme::query()] {
        let (mut head, ()) = Request::get(uri.clone()).body(()).expect("a request").into_parts();
        let verifier = Verifier::unsigned(scheme);
        let Ok(mut verified) = verifier.check(&head) else {
            continue;
        };
        verifier.apply(&mut head, &mut verified);
        for optstuff in [false, true] {
            let dialect = Dialect::ipx().optstuff(optstuff);
            match dialect.check(&head) {
                Ok(mut request) => {
                    dialect.apply(&mut head, &mut request);
                    let request = head.extensions.get::<Arc<ImageRequest>>().expect("inserted");
                    reprint::check(&dialect, request);
                    assert!(request.recipe.steps.len() <= 64);
                    let name = &request.sources[0];
                    assert!(!name.is_empty() && !name.chars().any(char::is_control));
                    assert!(!name.split(['/', '\\', '?', '#']).any(|segment| segment == ".."));
                }
                Err(why) => assert!(
                    matches!(why.kind(), RejectionKind::BadRequest | RejectionKind::UnsupportedFormat),
                    "{why}"
                ),
            }
        }
    }
});
