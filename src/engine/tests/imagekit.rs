//! ImageKit's layers, expressions and conditions, as far as only pixels show them.

use http::Request;
use image::{Rgba, RgbaImage};

use super::*;
use crate::dialect::Dialect;
use crate::guard::Guard;
use crate::signature::{Scheme, Verifier};

const BLUE: Rgba<u8> = Rgba([0, 0, 255, 255]);
const RED: Rgba<u8> = Rgba([255, 0, 0, 255]);

fn made_by(sources: &[&RgbaImage], chain: &str) -> RgbaImage {
    let request = Request::get(format!("/tr:f-png:{chain}/a.png")).body(());
    let (mut head, ()) = request.unwrap().into_parts();
    let verifier = Verifier::unsigned(Scheme::imagekit());
    let mut pass = verifier.check(&head).unwrap();
    verifier.apply(&mut head, &mut pass);
    let request = match Dialect::imagekit().check(&head) {
        Ok(request) => request.unwrap(),
        Err(why) => panic!("{chain}: {why}"),
    };
    let files: Vec<Vec<u8>> = sources.iter().map(|source| png(source)).collect();
    let files: Vec<&[u8]> = files.iter().map(Vec::as_slice).collect();
    let rendered = Engine::default().render(&files, &request.recipe);
    decoded(
        &rendered
            .unwrap_or_else(|why| panic!("{chain}: {why}"))
            .bytes,
    )
}

/// Left, top, width and height of what has a colour.
fn found(image: &RgbaImage, color: Rgba<u8>) -> (u32, u32, u32, u32) {
    let of_color = image
        .enumerate_pixels()
        .filter(|(.., pixel)| **pixel == color);
    let (xs, ys): (Vec<u32>, Vec<u32>) = of_color.map(|(x, y, _)| (x, y)).unzip();
    let span = |at: &[u32]| {
        let first = *at.iter().min().unwrap();
        (first, at.iter().max().unwrap() - first + 1)
    };
    let ((left, width), (top, height)) = (span(&xs), span(&ys));
    assert_eq!(xs.len(), (width * height) as usize);
    (left, top, width, height)
}

#[test]
fn layers_lie_where_they_are_told_to() {
    let base = RgbaImage::from_pixel(60, 40, BLUE);
    let block = |place: &str| {
        let place = if place.is_empty() {
            String::new()
        } else {
            format!(",{place}")
        };
        let chain = format!("l-image,i-ik_canvas,bg-FF0000,w-10,h-8{place},l-end");
        found(&made_by(&[&base], &chain), RED)
    };
    for (place, left, top) in [
        ("", 25, 16),
        ("lfo-center", 25, 16),
        ("lfo-top_left", 0, 0),
        ("lfo-bottom_right", 50, 32),
        ("lfo-right", 50, 16),
        ("lx-5,ly-3", 5, 3),
        ("lx-5", 5, 0),
        // `lfo` does not count beside them.
        ("lx-5,ly-3,lfo-right", 5, 3),
        // From the other end.
        ("lx-N5,ly-N3", 45, 29),
        ("lxc-20,lyc-20", 15, 16),
        // Expressions of the image and of the layer itself.
        ("lx-bw_sub_cw,ly-bh_div_2", 50, 20),
        ("lx-bw_mul_0.5_sub_cw,ly-ch", 20, 8),
        ("lxc-bw_div_4,lyc-bh_div_4", 10, 6),
        // From another point.
        ("lap-center,lx-0,ly-0", 30, 20),
        ("lap-center,lx-N10,ly-5", 20, 25),
        ("lap-center,lxc-0,lyc-0", 25, 16),
        ("lap-bottom_right,lx-N15,ly-N10", 45, 30),
        // What would leave the image is moved back.
        ("lx-55,ly-1000", 50, 32),
        ("lx-N1000,ly-bh_mul_2", 0, 32),
        ("lap-bottom_right,lx-0,ly-0", 50, 32),
    ] {
        assert_eq!(block(place), (left, top, 10, 8), "{place}");
    }
}

#[test]
fn layers_have_sizes_of_the_image_they_are_drawn_over() {
    let base = RgbaImage::from_pixel(60, 40, BLUE);
    for (layer, expected) in [
        ("i-ik_canvas,bg-FF0000", (0, 0, 60, 40)),
        (
            "i-ik_canvas,bg-FF0000,w-bw_div_2,h-bh_div_4",
            (15, 15, 30, 10),
        ),
        ("i-ik_canvas,bg-FF0000,w-0.5,h-10", (15, 15, 30, 10)),
    ] {
        let image = made_by(&[&base], &format!("l-image,{layer},l-end"));
        assert_eq!(found(&image, RED), expected, "{layer}");
    }
    let over = RgbaImage::from_pixel(20, 20, RED);
    for (layer, expected) in [
        ("t-false", (20, 10, 20, 20)),
        ("t-false,w-bw_div_2,h-bh_div_2,c-force", (15, 10, 30, 20)),
        ("t-false,w-iw_div_2", (25, 15, 10, 10)),
        (
            "t-false:w-cw_div_2:if-bw_eq_60,h-4,w-6,if-end",
            (27, 18, 6, 4),
        ),
        ("t-false:if-bw_eq_61,h-4,w-6,if-end", (20, 10, 20, 20)),
    ] {
        let image = made_by(&[&base, &over], &format!("l-image,i-b.png,{layer},l-end"));
        assert_eq!(found(&image, RED), expected, "{layer}");
    }
}

#[test]
fn layers_are_trimmed_unless_they_say_otherwise() {
    let base = RgbaImage::from_pixel(60, 40, BLUE);
    let clear = Rgba([0, 0, 0, 0]);
    let over = RgbaImage::from_fn(20, 20, |x, y| {
        if (2..8).contains(&x) && (4..8).contains(&y) {
            RED
        } else {
            clear
        }
    });
    for (layer, expected) in [
        ("lx-0,ly-0", (0, 0, 6, 4)),
        ("lx-0,ly-0,t-true", (0, 0, 6, 4)),
        ("lx-0,ly-0,t-false", (2, 4, 6, 4)),
        // The place is computed with what the trim has left.
        ("lx-bw_sub_cw,ly-0", (54, 0, 6, 4)),
    ] {
        let image = made_by(&[&base, &over], &format!("l-image,i-b.png,{layer},l-end"));
        assert_eq!(found(&image, RED), expected, "{layer}");
    }
}

#[test]
fn what_comes_after_a_trim_knows_what_it_left() {
    let source = RgbaImage::from_fn(40, 40, |x, y| {
        if (5..35).contains(&x) && (10..30).contains(&y) {
            RED
        } else {
            BLUE
        }
    });
    for (chain, size) in [
        ("t-true", (30, 20)),
        ("t-true:w-cw_div_2", (15, 10)),
        ("t-true:w-iw_div_2", (20, 13)),
        ("t-true:if-ar_gt_1,w-6,if-else,w-8,if-end", (6, 4)),
        ("if-ar_gt_1,w-6,if-else,t-true:w-12,if-end", (12, 8)),
        (
            "if-ar_eq_1,t-true:w-cw_div_2,if-end:w-cw_mul_2,h-cw",
            (30, 15),
        ),
    ] {
        let image = made_by(&[&source], chain);
        assert_eq!(image.dimensions(), size, "{chain}");
    }
}
