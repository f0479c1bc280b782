//! What the targets of URLs share: what was read is printed, and read again.

use std::mem::discriminant;
use std::sync::Arc;

use http::Request;
use imgward::dialect::{Dialect, ImageUrl};
use imgward::guard::Guard;
use imgward::recipe::ImageRequest;
use imgward::signature::Verifier;

/// Asserts that a request that can be printed is what the printed URL is read as. Numbers may be off by a billionth, so that
/// steps are compared by what they are.
pub fn check(dialect: &Dialect, request: &ImageRequest) {
    let Ok(url) = ImageUrl::of(dialect, request.clone()).unsigned() else {
        return;
    };
    let head = Request::get(&url).body(()).expect("it is a URL");
    let (mut head, ()) = head.into_parts();
    let verifier = Verifier::unsigned(dialect.scheme());
    let mut verified = verifier
        .check(&head)
        .expect("it is not signed, and does not expire");
    verifier.apply(&mut head, &mut verified);
    let read = dialect.check(&head).expect("it was read before");
    let read: Arc<ImageRequest> = read.expect("the mount is the root");
    if *read == *request {
        return;
    }
    assert_eq!(read.sources, request.sources, "{url}");
    assert_eq!(
        (&read.attachment, read.max_age, &read.fallback),
        (&request.attachment, request.max_age, &request.fallback),
        "{url}"
    );
    assert_eq!(read.recipe.input, request.recipe.input, "{url}");
    assert_eq!(
        read.recipe.output.format, request.recipe.output.format,
        "{url}"
    );
    assert_eq!(
        read.recipe.output.answer, request.recipe.output.answer,
        "{url}"
    );
    let kinds = |request: &ImageRequest| -> Vec<_> {
        request.recipe.steps.iter().map(discriminant).collect()
    };
    assert_eq!(kinds(&read), kinds(request), "{url}");
}
