//! An ImageKit URL, from the path and the query to the image request.

#![no_main]

mod reprint;

use std::sync::{Arc, LazyLock};

use http::{Request, Uri};
use imgward::dialect::Dialect;
use imgward::guard::{Guard, RejectionKind};
use imgward::recipe::ImageRequest;
use imgward::signature::{Scheme, Verifier};
use libfuzzer_sys::fuzz_target;

static DIALECTS: LazyLock<[Dialect; 2]> = LazyLock::new(|| {
    let dialect = Dialect::imagekit()
        .preset("a", "w-iw_div_2,q-50:l-image,i-b.png,lx-bw_sub_cw,l-end")
        .expect("a preset");
    let open = dialect.clone().allow_original(true).client_hints(true);
    [open, dialect.only_presets(true)]
});

fuzz_target!(|text: &str| {
    let Ok(uri) = Uri::try_from(format!("/{text}")) else {
        return;
    };
    let request = Request::get(uri).header("sec-ch-width", "212").header("dpr", "2");
    let Ok(request) = request.body(()) else {
        return;
    };
    let (mut head, ()) = request.into_parts();
    let verifier = Verifier::unsigned(Scheme::imagekit());
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
                assert!(request.sources.len() <= 9 && request.recipe.steps.len() <= 64);
                for name in request.sources.iter().chain(&request.fallback) {
                    assert!(!name.is_empty() && !name.chars().any(char::is_control));
                    assert!(!name.split(['/', '\\']).any(|segment| segment == ".."));
                }
            }
            Err(why) => assert_eq!(why.kind(), RejectionKind::BadRequest, "{why}"),
        }
    }
});
