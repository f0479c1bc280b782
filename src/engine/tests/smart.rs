//! Windows that follow what is to be seen.

use image::{Rgba, RgbaImage};
use proptest::prelude::*;

use super::*;

/// Grey of one tone, with something on it.
fn ground(width: u32, height: u32, thing: impl Fn(u32, u32) -> Option<Rgba<u8>>) -> RgbaImage {
    RgbaImage::from_fn(width, height, |x, y| {
        thing(x, y).unwrap_or(Rgba([110, 115, 112, 255]))
    })
}

/// A disc with a middle.
fn disc(x: u32, y: u32, at: (u32, u32), radius: u32) -> bool {
    x.abs_diff(at.0).pow(2) + y.abs_diff(at.1).pow(2) <= radius.pow(2)
}

fn smart(source: &RgbaImage, width: u32, height: u32) -> RgbaImage {
    let resize = Resize {
        gravity: Gravity::Smart,
        ..Resize::to(width, height, ResizeMode::Fill)
    };
    made(source, [Step::Resize(resize)])
}

/// How much of an image has a colour.
fn count(image: &RgbaImage, has: impl Fn(&Rgba<u8>) -> bool) -> usize {
    image.pixels().filter(|pixel| has(pixel)).count()
}

#[test]
fn the_window_follows_what_is_to_be_seen() {
    let textured = |x: u32, y: u32| {
        let dark = (x / 3 + y / 3).is_multiple_of(2);
        Rgba(if dark {
            [200, 20, 20, 255]
        } else {
            [250, 220, 30, 255]
        })
    };
    let skin = Rgba([214, 162, 128, 255]);
    for at in [(40, 50), (160, 50), (355, 60)] {
        for kind in 0..2 {
            let source = ground(400, 100, |x, y| {
                let inside = disc(x, y, at, 30);
                inside.then(|| if kind == 0 { textured(x, y) } else { skin })
            });
            let all = count(&source, |pixel| pixel[0] > 180);
            let found = smart(&source, 100, 100);
            let kept = count(&found, |pixel| pixel[0] > 180);
            assert!(kept * 100 >= all * 97, "{kept} of {all} at {at:?} {kind}");
            // And upright.
            let turned = image::imageops::rotate90(&source);
            let found = smart(&turned, 100, 100);
            let kept = count(&found, |pixel| pixel[0] > 180);
            assert!(kept * 100 >= all * 97, "{kept} of {all} at {at:?} {kind}");
        }
    }
}

#[test]
fn a_face_is_more_than_a_wall() {
    // A dull, large, bright wall on the one side, a face on the other.
    let source = ground(400, 100, |x, y| {
        if disc(x, y, (330, 45), 28) {
            let eyes = disc(x, y, (320, 40), 4) || disc(x, y, (340, 40), 4);
            Some(Rgba(if eyes {
                [40, 25, 20, 255]
            } else {
                [206, 150, 120, 255]
            }))
        } else if x < 180 {
            Some(Rgba([170, 172, 171, 255]))
        } else {
            None
        }
    });
    let found = smart(&source, 100, 100);
    assert!(count(&found, |pixel| pixel[0] > 200 && pixel[2] < 125) > 2000);
}

#[test]
fn where_nothing_is_to_be_seen_the_middle_is_kept() {
    for (width, height, to_width, to_height) in
        [(400, 100, 100, 100), (101, 400, 50, 60), (7, 5, 2, 5)]
    {
        let source = ground(width, height, |_, _| None);
        let steps = |gravity| {
            let resize = Resize {
                gravity,
                ..Resize::to(to_width, to_height, ResizeMode::Fill)
            };
            made(&source, [Step::Resize(resize)])
        };
        assert_eq!(steps(Gravity::Smart), steps(Gravity::default()));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_window_lies_inside(
        (width, height) in (1..400_u32, 1..400_u32),
        (across, down) in (0.0..1.0_f64, 0.0..1.0_f64),
        seed: u8,
    ) {
        let window = |length: u32, fraction: f64| {
            u32::from(sample(f64::from(length) * fraction / 2.0)).clamp(1, length)
        };
        let window = plan::Size::new(window(width, across), window(height, down));
        let image = noise(width, height);
        let mut data = image.into_raw();
        data.iter_mut().step_by(3).for_each(|sample| *sample = sample.wrapping_mul(seed));
        let picture = Picture::new(width, height, Layout::Rgba, data).unwrap();
        let area = ops::attention(&picture, window);
        prop_assert_eq!(area.size(), window);
        prop_assert!(area.left + area.width <= width && area.top + area.height <= height);
    }
}
