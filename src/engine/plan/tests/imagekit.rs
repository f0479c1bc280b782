//! From ImageKit URLs to sizes: those that its documents give, and those that follow from its rules.

use http::Request;

use super::*;
use crate::dialect::Dialect;
use crate::engine::RenderErrorKind;
use crate::guard::Guard;
use crate::recipe::ImageRequest;
use crate::signature::{Scheme, Verifier};

/// The image of the documents' examples.
const WOMAN: Size = Size {
    width: 640,
    height: 865,
};

fn recipe(chain: &str) -> ImageRequest {
    let (mut head, ()) = Request::get(format!("/tr:{chain}/a.jpg"))
        .body(())
        .unwrap()
        .into_parts();
    let verifier = Verifier::unsigned(Scheme::imagekit());
    let mut pass = verifier.check(&head).unwrap();
    verifier.apply(&mut head, &mut pass);
    match Dialect::imagekit().check(&head) {
        Ok(request) => (*request.unwrap()).clone(),
        Err(why) => panic!("{chain}: {why}"),
    }
}

fn planned(source: Size, chain: &str) -> Result<(u32, u32), RenderError> {
    let limits = Limits {
        max_output_pixels: u64::MAX,
        ..Limits::default()
    };
    let request = recipe(chain);
    let plan = plan(source, &request.recipe.steps, &limits)?;
    Ok((plan.size.width, plan.size.height))
}

fn check(source: Size, rows: &[(&str, (u32, u32))]) {
    for &(chain, size) in rows {
        assert_eq!(planned(source, chain).unwrap(), size, "{chain}");
    }
}

#[test]
fn the_documented_sizes() {
    let rows = [
        ("w-300,h-200", (300, 200)),
        ("w-300,h-200,cm-pad_resize,bg-F3F3F3", (300, 200)),
        ("w-300,h-200,c-force", (300, 200)),
        ("w-300,h-200,c-at_max", (148, 200)),
        ("w-850,h-1000,c-at_max_enlarge", (740, 1000)),
        ("w-850,h-1000,c-at_max", (640, 865)),
        ("w-300,h-200,c-at_least", (300, 405)),
        ("w-200,h-200,cm-extract", (200, 200)),
        ("w-300,h-300,cm-extract,x-100,y-300", (300, 300)),
        ("w-300,h-300,cm-extract,xc-300,yc-500", (300, 300)),
    ];
    assert_eq!(rows.len(), 10);
    check(WOMAN, &rows);
    check(
        size(600, 600),
        &[("w-700,h-700,cm-pad_extract", (700, 700))],
    );
    check(size(158, 33), &[("f-png", (158, 33))]);
}

#[test]
fn what_is_cut_out_is_not_scaled() {
    let limits = Limits::default();
    for (chain, expected) in [
        ("w-200,h-200,cm-extract", area(220, 332, 200, 200)),
        (
            "w-300,h-300,cm-extract,x-100,y-300",
            area(100, 300, 300, 300),
        ),
        (
            "w-300,h-300,cm-extract,xc-300,yc-500",
            area(150, 350, 300, 300),
        ),
        ("w-200,h-100,cm-extract,fo-top_left", area(0, 0, 200, 100)),
        (
            "w-200,h-100,cm-extract,fo-bottom_right",
            area(440, 765, 200, 100),
        ),
        ("w-200,h-100,cm-extract,x-600,y-0", area(600, 0, 40, 100)),
        (
            "w-iw_div_2,h-100,cm-extract,x-iw_div_4,y-ch_sub_100",
            area(160, 765, 320, 100),
        ),
    ] {
        let request = recipe(chain);
        let plan = plan(WOMAN, &request.recipe.steps, &limits).unwrap();
        assert_eq!(only_pass(WOMAN, &plan).crop, expected, "{chain}");
    }
}

#[test]
fn one_length_and_ratios() {
    check(
        WOMAN,
        &[
            ("w-400", (400, 541)),
            ("h-400", (296, 400)),
            ("w-0.5", (320, 433)),
            ("h-0.1", (64, 87)),
            ("w-1280", (1280, 1730)),
            ("w-400,ar-4-3", (400, 300)),
            ("w-400,ar-4_3", (400, 300)),
            ("h-300,ar-4-3", (400, 300)),
            ("w-400,ar-1.5", (400, 267)),
            ("w-400,ar-iar", (400, 541)),
            ("w-400,ar-car_mul_2", (400, 270)),
            ("w-400,h-500,ar-4-3", (400, 500)),
            ("w-400,ar-2-1,cm-pad_resize", (400, 200)),
            ("w-auto", (640, 865)),
            ("w-auto,h-200", (148, 200)),
            ("w-1000,h-1000,c-maintain_ratio_no_enlarge", (640, 640)),
            ("w-300,h-200,c-maintain_ratio_no_enlarge", (300, 200)),
            ("w-1000,h-2000,cm-pad_resize_no_enlarge", (1000, 2000)),
            ("w-300,h-200,cm-pad_extract", (300, 200)),
            ("w-300,h-1000,cm-pad_extract_no_shrink", (640, 1000)),
            ("w-300,h-200,cm-pad_extract_no_shrink", (640, 865)),
            ("w-1000,cm-pad_extract", (1000, 865)),
        ],
    );
}

#[test]
fn chains_go_on_where_the_step_before_ended() {
    check(
        WOMAN,
        &[
            ("w-400:rt-90", (541, 400)),
            ("w-400,rt-90", (541, 400)),
            ("w-400:w-cw_div_2", (200, 271)),
            ("w-400:w-iw_div_2", (320, 433)),
            ("w-400:w-0.5", (200, 271)),
            ("w-400,h-400:ar-iar,h-100", (74, 100)),
            ("w-300,h-200:b-10_red", (320, 220)),
            ("w-300,h-200,b-ih_div_100_red", (318, 218)),
            ("w-300,h-200:b-ch_div_20_FFF000", (320, 220)),
            ("w-200,h-200,rt-45", (283, 283)),
        ],
    );
}

#[test]
fn expressions_have_the_documented_precedence() {
    check(
        WOMAN,
        &[
            ("w-iw_div_2,h-ih_div_2", (320, 433)),
            ("w-iw_add_2_mul_5,h-10", (650, 10)),
            ("w-iw_sub_300_sub_40,h-10", (300, 10)),
            // The sum comes before the remainder: 640 % (7 + 2).
            ("w-iw_mod_7_add_2,h-10", (1, 10)),
            // And the remainder before the power: (12 % 10) to the power of 3.
            ("w-12_mod_10_pow_3,h-10", (8, 10)),
            // From left to right: (2 to the power of 3) to the power of 2.
            ("w-2_pow_3_pow_2,h-10", (64, 10)),
            ("w-100_div_10_mul_3,h-10", (30, 10)),
            ("w-100,h-ch_mul_0.1", (100, 87)),
            // bw is the image's own, outside of layers.
            ("w-bw_div_2,h-10", (320, 10)),
            // What comes out below a pixel is one.
            ("w-iw_div_10000,h-10", (1, 10)),
        ],
    );
}

#[test]
fn what_comes_out_as_no_size_is_an_error() {
    for chain in [
        "w-iw_sub_640",
        "w-iw_sub_1000,h-10",
        "w-iw_div_0",
        "w-iw_mod_0",
        "w-iw_pow_1000",
        "w-400,ar-iar_sub_1",
        "w-iw_sub_640,cm-extract",
        "w-iw_sub_640,cm-pad_resize",
        "cm-extract,x-iw_div_0,y-0",
    ] {
        let error = planned(WOMAN, chain).unwrap_err();
        assert_eq!(error.kind(), RenderErrorKind::ImpossibleSize, "{chain}");
    }
    let error = planned(WOMAN, "w-iw_mul_1000").unwrap_err();
    assert_eq!(error.kind(), RenderErrorKind::ImageTooLarge);
}

#[test]
fn dpr_multiplies_lengths_unless_they_become_too_long() {
    check(
        WOMAN,
        &[
            ("w-100,dpr-2", (200, 270)),
            ("w-100,h-50,dpr-2", (200, 100)),
            ("w-100,h-50,dpr-0.5", (50, 25)),
            ("w-100,dpr-auto", (100, 135)),
            ("w-33,h-33,dpr-1.5", (50, 50)),
            // Nothing to multiply.
            ("dpr-2", (640, 865)),
            // 5000 is the most, and 1 the least.
            ("w-2500,h-1000,dpr-2", (5000, 2000)),
            ("w-2501,h-1000,dpr-2", (2501, 1000)),
            ("w-1000,h-2501,dpr-2", (1000, 2501)),
            ("w-4,h-100,dpr-0.2", (4, 100)),
            ("w-5,h-100,dpr-0.2", (1, 20)),
            // The side that follows counts too: 1850 * 2 * 865 / 640 is just above.
            ("w-1849,dpr-2", (3698, 4998)),
            ("w-1850,dpr-2", (1850, 2500)),
            ("w-iw,h-ih,dpr-2", (1280, 1730)),
            ("w-iw,h-ih,dpr-5", (3200, 4325)),
            ("w-iw_mul_2,h-ih,dpr-4", (1280, 865)),
            ("w-100,h-100,dpr-iw_div_320", (200, 200)),
            ("w-100,ar-2-1,dpr-2", (200, 100)),
            ("w-100,h-100,cm-pad_resize,dpr-2", (200, 200)),
            ("w-100,h-100,cm-extract,dpr-2", (200, 200)),
            ("w-100,h-50,dpr-2,b-10_red", (220, 120)),
        ],
    );
}

#[test]
fn conditions_choose() {
    let landscape = size(1000, 500);
    for (chain, portrait, wide) in [
        (
            "if-ar_gt_1,w-200,if-else,w-300,if-end",
            (300, 405),
            (200, 100),
        ),
        ("if-ar_gt_1,w-200,if-end", (640, 865), (200, 100)),
        ("if-ar_lt_4-3,w-200,if-end", (200, 270), (1000, 500)),
        ("if-ar_eq_2-1,w-200,if-end", (640, 865), (200, 100)),
        ("if-w_eq_640,w-200,if-end", (200, 270), (1000, 500)),
        ("if-w_ne_640,w-200,if-end", (640, 865), (200, 100)),
        ("if-h_gte_865,w-200,if-end", (200, 270), (1000, 500)),
        ("if-h_lte_500,w-200,if-end", (640, 865), (200, 100)),
        (
            "if-w_gt_600_and_h_gt_600,w-200,if-end",
            (200, 270),
            (1000, 500),
        ),
        // `and` binds tighter than `or`.
        (
            "if-w_gt_900_or_h_gt_600_and_w_lt_10,w-200,if-end",
            (640, 865),
            (200, 100),
        ),
        ("if-w_gt_ih,w-200,if-end", (640, 865), (200, 100)),
        // Current and original sizes.
        ("w-100:if-w_eq_100,h-50,w-50,if-end", (50, 50), (50, 50)),
        ("w-100:if-iw_eq_640,h-50,w-50,if-end", (50, 50), (100, 50)),
        // Chains and conditions within.
        ("if-w_gt_1,w-200:rt-90,if-end:w-100", (100, 74), (100, 200)),
        (
            "if-w_gt_1,if-ar_lt_1,w-10,if-else,w-20,if-end,if-else,w-30,if-end",
            (10, 14),
            (20, 10),
        ),
        ("if-w_gt_1,w-iw_div_2,if-end", (320, 433), (500, 250)),
    ] {
        assert_eq!(planned(WOMAN, chain).unwrap(), portrait, "{chain}");
        assert_eq!(planned(landscape, chain).unwrap(), wide, "{chain}");
    }
}

#[test]
fn what_an_image_is_padded_with_lies_where_the_focus_is_not() {
    let limits = Limits::default();
    for (focus, left) in [("left", 0), ("center", 76), ("right", 152)] {
        let request = recipe(&format!("w-300,h-200,cm-pad_resize,fo-{focus}"));
        let plan = plan(WOMAN, &request.recipe.steps, &limits).unwrap();
        let canvas = plan.stages.iter().find_map(|stage| match stage {
            Stage::Extend(canvas, _) => Some(*canvas),
            _ => None,
        });
        let canvas = canvas.unwrap();
        assert_eq!(
            (canvas.size, canvas.left, canvas.top),
            (size(300, 200), left, 0)
        );
    }
}
