//! From URLs in IPX's grammar to sizes.

use std::collections::BTreeSet;
use std::sync::Arc;

use http::Request;

use super::*;
use crate::dialect::Dialect;
use crate::guard::Guard as _;
use crate::signature::VerifiedTarget;

/// Sizes of the real one: the source's, the operations, and what came out.
const MEASURED: &str = include_str!("ipx/sizes.tsv");

fn steps_of(operations: &str) -> Vec<Step> {
    let target = VerifiedTarget::for_test(format!("{operations}/a.jpg").leak(), true);
    let request = Request::builder().extension(target).body(()).unwrap();
    let (head, ()) = request.into_parts();
    let request: Arc<_> = match Dialect::ipx().check(&head) {
        Ok(request) => request.unwrap(),
        Err(why) => panic!("{operations}: {why}"),
    };
    request.recipe.steps.clone()
}

fn size_of(source: Size, operations: &str) -> Size {
    let limits = Limits {
        max_output_pixels: u64::MAX,
        ..Limits::default()
    };
    plan(source, &steps_of(operations), &limits).unwrap().size
}

fn side(text: &str) -> u32 {
    text.parse().unwrap()
}

#[test]
fn sizes_are_those_that_ipx_makes() {
    let rows = MEASURED.lines().filter(|line| !line.starts_with('#'));
    let mut wrong = Vec::new();
    let mut count = 0;
    let mut names = BTreeSet::new();
    for row in rows {
        let [source, operations, width, height] =
            row.split('\t').collect::<Vec<_>>().try_into().unwrap();
        let (across, down) = source.split_once('x').unwrap();
        let made = size_of(size(side(across), side(down)), operations);
        if made != size(side(width), side(height)) {
            wrong.push(format!("{row}: {made:?}"));
        }
        names.extend(operations.split([',', '&']).filter_map(|operation| {
            let name = operation.split(['_', ':', '=']).next();
            name.filter(|name| !name.is_empty())
        }));
        count += 1;
    }
    assert_eq!(wrong, [""; 0], "{}", wrong.join("\n"));
    assert_eq!(count, ROWS);
    for name in [
        "crop", "enlarge", "extend", "extract", "fit", "h", "height", "pos", "resize", "rotate",
        "s", "w", "width",
    ] {
        assert!(names.contains(name), "{name}");
    }
}

/// Every row of the measurements, so that none is lost.
const ROWS: usize = 466;

#[test]
fn sizes_are_what_is_expected_where_ipx_is_wrong() {
    let photo = size(1000, 800);
    let rows = [
        // The height counts where there is a width.
        (photo, "w_400,h_400", (400, 400)),
        (photo, "w_400,h_100", (400, 100)),
        (photo, "width_400,height_100", (400, 100)),
        (photo, "h_100,w_400,fit_inside", (125, 100)),
        (photo, "w_400,h_100,fit_outside", (400, 320)),
        (photo, "w_2000,h_1000", (1000, 500)),
        (photo, "w_2000,h_1000,enlarge", (2000, 1000)),
        (photo, "h_100,s_30x20,w_400", (400, 100)),
        (photo, "h_100,s_30x20", (30, 20)),
        // Leading zeros.
        (photo, "w_08", (8, 6)),
        (photo, "h_08,q_080", (10, 8)),
        (photo, "s_0200x0100", (200, 100)),
        // No side is shorter than a pixel.
        (size(1001, 667), "s_8192x1", (1001, 1)),
        (photo, "s_1x65535", (1, 800)),
        // A turn is done before the image is scaled.
        (photo, "rotate_90,h_100", (80, 100)),
        (photo, "resize_200x100,rotate_90", (200, 100)),
        // `embed` is `fit_contain`.
        (photo, "s_400x200,embed", (400, 200)),
        (photo, "embed,s_400x200,fit_inside", (250, 200)),
        (photo, "embed", (1000, 800)),
        // An exact half goes up: sharp's floating point makes 277 of it.
        (photo, "s_333x222,fit_inside", (278, 222)),
        // What lies outside the source is left out.
        (photo, "crop_900_700_300_300", (100, 100)),
        (photo, "crop_10_20_3000_200", (990, 200)),
    ];
    for (source, operations, (width, height)) in rows {
        assert_eq!(
            size_of(source, operations),
            size(width, height),
            "{operations}"
        );
    }
}

#[test]
fn an_odd_pixel_is_cut_off_where_sharp_cuts_it_off() {
    // 600 x 400 covers 100 x 150 as 225 x 150.
    let rows = [
        ("s_100x150", 63, 0),
        ("s_100x150,pos_top", 63, 0),
        ("s_100x150,pos_left", 0, 0),
        ("s_100x150,pos_southeast", 125, 0),
        ("s_200x33", 0, 50),
        ("s_200x33,pos_left", 0, 50),
        ("s_200x33,pos_bottom", 0, 100),
    ];
    for (operations, left, top) in rows {
        let steps = steps_of(operations);
        let plan = plan(size(600, 400), &steps, &Limits::default()).unwrap();
        let cut = only_pass(size(600, 400), &plan).cut;
        assert_eq!((cut.left, cut.top), (left, top), "{operations}");
    }
}
