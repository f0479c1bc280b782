//! imgproxy's sizes, from the URL on.

use std::sync::Arc;

use http::Request;

use super::*;
use crate::dialect::Dialect;
use crate::guard::Guard;
use crate::recipe::ImageRequest;
use crate::signature::VerifiedTarget;

/// Of an image of 200 x 100, the sizes that imgproxy's own tests expect.
const GOLDEN: [(&str, u32, u32); 143] = [
    ("rs:fit:50:50", 50, 25),
    ("rs:fit:50:20", 40, 20),
    ("rs:fit:20:50", 20, 10),
    ("rs:fit:300:300", 200, 100),
    ("rs:fit:300:50", 100, 50),
    ("rs:fit:100:300", 100, 50),
    ("rs:fit:0:50", 100, 50),
    ("rs:fit:50:0", 50, 25),
    ("rs:fit:0:200", 200, 100),
    ("rs:fit:300:0", 200, 100),
    ("rs:fit:50:50:1", 50, 25),
    ("rs:fit:50:20:1", 40, 20),
    ("rs:fit:20:50:1", 20, 10),
    ("rs:fit:300:300:1", 300, 150),
    ("rs:fit:300:125:1", 250, 125),
    ("rs:fit:250:300:1", 250, 125),
    ("rs:fit:0:50:1", 100, 50),
    ("rs:fit:50:0:1", 50, 25),
    ("rs:fit:0:200:1", 400, 200),
    ("rs:fit:300:0:1", 300, 150),
    ("rs:fit:50:50:0:1", 50, 50),
    ("rs:fit:50:20:0:1", 50, 20),
    ("rs:fit:20:50:0:1", 20, 50),
    ("rs:fit:300:300:0:1", 300, 300),
    ("rs:fit:300:125:0:1", 300, 125),
    ("rs:fit:250:300:0:1", 250, 300),
    ("rs:fit:0:50:0:1", 100, 50),
    ("rs:fit:50:0:0:1", 50, 25),
    ("rs:fit:0:200:0:1", 200, 200),
    ("rs:fit:300:0:0:1", 300, 100),
    ("rs:fit:50:50/exar:1", 50, 50),
    ("rs:fit:50:20/exar:1", 50, 20),
    ("rs:fit:20:50/exar:1", 20, 50),
    ("rs:fit:300:300/exar:1", 200, 200),
    ("rs:fit:300:125/exar:1", 240, 100),
    ("rs:fit:250:500/exar:1", 200, 400),
    ("rs:fit:0:50/exar:1", 100, 50),
    ("rs:fit:50:0/exar:1", 50, 25),
    ("rs:fit:0:200/exar:1", 200, 100),
    ("rs:fit:300:0/exar:1", 200, 100),
    ("rs:fill:50:50", 50, 50),
    ("rs:fill:50:20", 50, 20),
    ("rs:fill:20:50", 20, 50),
    ("rs:fill:300:300", 200, 100),
    ("rs:fill:300:50", 200, 50),
    ("rs:fill:100:300", 100, 100),
    ("rs:fill:0:50", 100, 50),
    ("rs:fill:50:0", 50, 25),
    ("rs:fill:0:200", 200, 100),
    ("rs:fill:300:0", 200, 100),
    ("rs:fill:50:50:1", 50, 50),
    ("rs:fill:50:20:1", 50, 20),
    ("rs:fill:20:50:1", 20, 50),
    ("rs:fill:300:300:1", 300, 300),
    ("rs:fill:300:125:1", 300, 125),
    ("rs:fill:250:300:1", 250, 300),
    ("rs:fill:0:50:1", 100, 50),
    ("rs:fill:50:0:1", 50, 25),
    ("rs:fill:0:200:1", 400, 200),
    ("rs:fill:300:0:1", 300, 150),
    ("rs:fill:50:50:0:1", 50, 50),
    ("rs:fill:50:20:0:1", 50, 20),
    ("rs:fill:20:50:0:1", 20, 50),
    ("rs:fill:300:300:0:1", 300, 300),
    ("rs:fill:300:125:0:1", 300, 125),
    ("rs:fill:250:300:0:1", 250, 300),
    ("rs:fill:300:50:0:1", 300, 50),
    ("rs:fill:100:300:0:1", 100, 300),
    ("rs:fill:0:50:0:1", 100, 50),
    ("rs:fill:50:0:0:1", 50, 25),
    ("rs:fill:0:200:0:1", 200, 200),
    ("rs:fill:300:0:0:1", 300, 100),
    ("rs:fill:50:50/exar:1", 50, 50),
    ("rs:fill:50:20/exar:1", 50, 20),
    ("rs:fill:20:50/exar:1", 20, 50),
    ("rs:fill:300:300/exar:1", 200, 200),
    ("rs:fill:300:125/exar:1", 240, 100),
    ("rs:fill:250:500/exar:1", 200, 400),
    ("rs:fill:300:50/exar:1", 300, 50),
    ("rs:fill:100:300/exar:1", 100, 300),
    ("rs:fill:0:50/exar:1", 100, 50),
    ("rs:fill:50:0/exar:1", 50, 25),
    ("rs:fill:0:200/exar:1", 200, 100),
    ("rs:fill:300:0/exar:1", 200, 100),
    ("rs:fill-down:50:50", 50, 50),
    ("rs:fill-down:50:20", 50, 20),
    ("rs:fill-down:20:50", 20, 50),
    ("rs:fill-down:300:300", 100, 100),
    ("rs:fill-down:300:125", 200, 83),
    ("rs:fill-down:250:300", 83, 100),
    ("rs:fill-down:0:50", 100, 50),
    ("rs:fill-down:50:0", 50, 25),
    ("rs:fill-down:0:200", 200, 100),
    ("rs:fill-down:300:0", 200, 100),
    ("rs:fill-down:50:50:1", 50, 50),
    ("rs:fill-down:50:20:1", 50, 20),
    ("rs:fill-down:20:50:1", 20, 50),
    ("rs:fill-down:300:300:1", 300, 300),
    ("rs:fill-down:300:125:1", 300, 125),
    ("rs:fill-down:250:300:1", 250, 300),
    ("rs:fill-down:0:50:1", 100, 50),
    ("rs:fill-down:50:0:1", 50, 25),
    ("rs:fill-down:0:200:1", 400, 200),
    ("rs:fill-down:300:0:1", 300, 150),
    ("rs:fill-down:50:50:0:1", 50, 50),
    ("rs:fill-down:50:20:0:1", 50, 20),
    ("rs:fill-down:20:50:0:1", 20, 50),
    ("rs:fill-down:300:300:0:1", 300, 300),
    ("rs:fill-down:300:125:0:1", 300, 125),
    ("rs:fill-down:250:300:0:1", 250, 300),
    ("rs:fill-down:300:50:0:1", 300, 50),
    ("rs:fill-down:100:300:0:1", 100, 300),
    ("rs:fill-down:0:50:0:1", 100, 50),
    ("rs:fill-down:50:0:0:1", 50, 25),
    ("rs:fill-down:0:200:0:1", 200, 200),
    ("rs:fill-down:300:0:0:1", 300, 100),
    ("rs:fill-down:50:50/exar:1", 50, 50),
    ("rs:fill-down:50:20/exar:1", 50, 20),
    ("rs:fill-down:20:50/exar:1", 20, 50),
    ("rs:fill-down:300:300/exar:1", 100, 100),
    ("rs:fill-down:300:125/exar:1", 200, 83),
    ("rs:fill-down:250:300/exar:1", 83, 100),
    ("rs:fill-down:0:50/exar:1", 100, 50),
    ("rs:fill-down:50:0/exar:1", 50, 25),
    ("rs:fill-down:0:200/exar:1", 200, 100),
    ("rs:fill-down:300:0/exar:1", 200, 100),
    ("rs:fill:100:26/g:no:0:5/dpr:0.5", 50, 13),
    ("rs:fill:100:26/dpr:2", 200, 52),
    ("rs:fill:26:100/dpr:0.5", 13, 50),
    ("rs:fill:26:100/dpr:2", 26, 100),
    ("rs:fill:100:26/g:no:0:0.1/dpr:2", 200, 52),
    ("c:50:50", 50, 50),
    ("c:50:50:ce:10:10/dpr:0.5", 25, 25),
    ("c:50:50:noea", 50, 50),
    ("s:500:500:0:1", 500, 500),
    ("s:500:500:0:1:no:0:5/dpr:0.5", 250, 250),
    ("s:500:500:0:1:no:0:5/dpr:2", 500, 500),
    ("s:300:600/exar:1", 200, 400),
    ("s:300:600/exar:1:ea:5/dpr:0.5", 150, 300),
    ("s:300:600/exar:1:ea:5/dpr:2", 200, 400),
    ("pd:20:30:40:10/el:1/dpr:0.5", 120, 80),
    ("pd:20:30:40:10/el:1", 240, 160),
    ("pd:20:30:40:10/el:1/dpr:2", 480, 320),
];

/// The size of the image, the options, and the size of the result. The first are imgproxy's arithmetic, done another way.
const ROWS: [(u32, u32, &str, u32, u32); 56] = [
    (1000, 500, "rs:force:300:300", 300, 300),
    (1000, 500, "rs:force:2000:250", 1000, 125),
    (1000, 500, "rs:force:300", 300, 500),
    (1000, 500, "rs:force::100", 1000, 100),
    (1000, 500, "rs:force:2000:250:1", 2000, 250),
    (1000, 500, "rs:auto:300:200", 300, 200),
    (1000, 500, "rs:auto:200:300", 200, 100),
    (500, 500, "rs:auto:300:200", 300, 200),
    (500, 500, "rs:auto:200:300", 200, 200),
    (500, 1000, "rs:auto:200:200", 100, 200),
    (1000, 500, "rs:fill:600:600/dpr:2", 600, 500),
    (1000, 500, "rs:fill:300:300/dpr:3", 500, 500),
    (1000, 500, "w:300/dpr:1.5", 450, 225),
    (1000, 500, "w:300/dpr:4", 1000, 500),
    (1000, 500, "w:300/el:1/dpr:4", 1200, 600),
    (1000, 500, "dpr:2", 1000, 500),
    (1000, 500, "dpr:0.3", 300, 150),
    (1000, 500, "z:0.5", 500, 250),
    (1000, 500, "z:2", 1000, 500),
    (1000, 500, "z:2/el:1", 2000, 1000),
    (1000, 500, "rs:fit:100:100/z:2", 200, 100),
    (1000, 500, "rs:force:100:100/z:2:0.5", 200, 50),
    (1000, 500, "rs:fill:33:33/z:1.5", 50, 49),
    (1001, 667, "w:333", 333, 222),
    (1001, 667, "h:333", 500, 333),
    (1001, 667, "rs:fit:33:33/z:1.5", 50, 33),
    (1001, 667, "rs:fit:33:33/z:1.5/dpr:1.5", 74, 49),
    (10000, 2, "rs:fit:10:10", 10, 1),
    (2, 10000, "rs:fit:10:10", 1, 10),
    (1000, 500, "mw:1500", 1500, 750),
    (1000, 500, "mh:1000", 2000, 1000),
    (1000, 500, "w:200/mh:150", 200, 150),
    (1000, 500, "h:100/mw:300", 300, 100),
    (1000, 500, "h:100/mw:300/dpr:2", 600, 200),
    (100, 50, "rs:fit::50/mw:400/mh:100", 400, 50),
    (100, 100, "rs:fit:300:300:0:1/dpr:2", 300, 300),
    (1000, 1000, "rs:fit:300:200:0:1/dpr:2", 600, 400),
    (1000, 1000, "rs:fit:300:200:0:1/dpr:2/pd:10", 640, 440),
    (100, 100, "rs:fit:300:300/dpr:2/pd:10:20", 140, 120),
    (150, 150, "rs:fit:100:100/dpr:2/pd:10:20", 210, 180),
    (1000, 500, "rs:fill-down:2000:1000", 1000, 500),
    (1000, 500, "rs:fill-down:600:600", 500, 500),
    (1000, 500, "rs:fill-down:600:600/dpr:2", 500, 500),
    (333, 777, "rs:fill-down:1000:500", 333, 167),
    // The size before the options is that of the image as it is turned.
    (200, 100, "rot:90/w:50", 50, 100),
    (200, 100, "rot:-90/rs:fit:50:50", 25, 50),
    (200, 100, "rot:180/w:50", 50, 25),
    (200, 100, "rot:90/c:50:80", 50, 80),
    // crops, before the resize
    (200, 100, "c:0.5:0", 100, 100),
    (200, 100, "c:0.5:0.333/w:50", 50, 17),
    (200, 100, "c:300:50", 200, 50),
    (200, 100, "c:50.9:50.9", 50, 50),
    (200, 100, "c:50:50:sm/rs:fill:20:10", 20, 10),
    // chained pipelines
    (200, 100, "c:100:100/-/w:50/-/pd:5", 60, 60),
    (200, 100, "dpr:0.5/-/pd:10", 120, 70),
    // what keeps the size
    (200, 100, "bl:2/sh:1/pix:7/bg:fff/fl:1:1", 200, 100),
];

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
fn sizes_are_imgproxys() {
    let golden = GOLDEN.map(|(options, width, height)| (200, 100, options, width, height));
    for (width, height, options, to_width, to_height) in golden.into_iter().chain(ROWS) {
        let request = request(options);
        let plan = plan(
            size(width, height),
            &request.recipe.steps,
            &Limits::default(),
        )
        .unwrap();
        assert_eq!(
            plan.size,
            size(to_width, to_height),
            "{width}x{height} {options}"
        );
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
