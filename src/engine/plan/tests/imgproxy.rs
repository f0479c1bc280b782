//! imgproxy's places, from the URL on.

use std::sync::Arc;

use http::Request;

use super::*;
use crate::dialect::Dialect;
use crate::guard::Guard;
use crate::recipe::ImageRequest;
use crate::signature::VerifiedTarget;

fn request(options: &str) -> ImageRequest {
    let path: &'static str = format!("{options}/plain/a.jpg").leak();
    let request = Request::builder().extension(VerifiedTarget::for_test(path, true));
    let (head, ()) = request.body(()).unwrap().into_parts();
    match Dialect::imgproxy().check(&head) {
        Ok(request) => Arc::unwrap_or_clone(request.unwrap()),
        Err(why) => panic!("{options}: {why}"),
    }
}

#[test]
fn places_are_imgproxys() {
    // 200 x 100 covers 50 x 50 as 100 x 50.
    for (options, left, top) in [
        ("rs:fill:50:50", 25, 0),
        ("rs:fill:50:50/g:we", 0, 0),
        ("rs:fill:50:50/g:ea", 50, 0),
        ("rs:fill:50:50/g:we:10", 10, 0),
        ("rs:fill:50:50/g:ea:10", 40, 0),
        ("rs:fill:50:50/g:ea:0.1", 40, 0),
        ("rs:fill:50:50/g:ce:-5", 20, 0),
        ("rs:fill:50:50/g:we:90", 50, 0),
        ("rs:fill:50:50/g:fp:0.6:0.5", 35, 0),
        ("rs:fill:50:50/g:fp:1:1", 50, 0),
        // Distances in pixels are multiplied by the pixel ratio, as far as it goes.
        ("rs:fill:25:25/g:we:5/dpr:2", 10, 0),
        ("rs:fill:50:50/g:we:5/dpr:2", 10, 0),
        ("rs:fill:50:50/g:we:5/dpr:4", 10, 0),
        ("rs:fill:50:50/g:we:0.1/dpr:2", 20, 0),
    ] {
        let request = request(options);
        let source = size(200, 100);
        let plan = plan(source, &request.recipe.steps, &Limits::default()).unwrap();
        let cut = only_pass(source, &plan).cut;
        assert_eq!((cut.left, cut.top), (left, top), "{options}");
    }
}

#[test]
fn an_extended_image_stays_on_its_canvas() {
    for (options, left, top) in [
        ("rs:fit:100:100:0:1", 0, 25),
        ("rs:fit:100:100:0:1:no", 0, 0),
        ("rs:fit:100:100:0:1:so:0:10", 0, 40),
        ("rs:fit:100:100:0:1:so:0:90", 0, 0),
        ("rs:fit:100:100:0:1:no:0:-10", 0, 0),
        ("rs:fit:50:50:0:1:no:0:10/dpr:2", 0, 20),
    ] {
        let request = request(options);
        let plan = plan(size(200, 100), &request.recipe.steps, &Limits::default()).unwrap();
        let Some(Stage::Extend(canvas, _)) = plan.stages.last() else {
            panic!("{options}: {:?}", plan.stages);
        };
        assert_eq!((canvas.left, canvas.top), (left, top), "{options}");
        assert_eq!(canvas.size, size(100, 100), "{options}");
    }
}

#[test]
fn a_smart_cut_of_too_large_an_image_is_refused() {
    let recipe = request("mw:65535/w:1/g:sm").recipe;
    assert!(plan(size(200, 100), &recipe.steps, &Limits::default()).is_err());
    // Nothing has to be looked at: only the cut is made.
    let recipe = request("mw:65535/w:1/h:1").recipe;
    let plan = plan(size(200, 100), &recipe.steps, &Limits::default()).unwrap();
    assert_eq!(plan.size, size(1, 1));
}
