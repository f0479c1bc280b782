use super::{blur, sample, within};
use crate::engine::Picture;
use crate::recipe::UnsharpMask;

/// Adds the difference to a blurred copy, where it is large enough. Alpha stays.
pub(super) fn unsharp_mask(mut picture: Picture, mask: UnsharpMask) -> Picture {
    let amount = within(mask.amount, -100.0, 100.0, 0.0);
    let threshold = within(mask.threshold, 0.0, 1.0, 0.0) * 255.0;
    let sigma = windowed(within(mask.sigma, 0.0, 10_000.0, 0.0), mask.radius);
    if amount == 0.0 || sigma <= 0.0 {
        return picture;
    }
    // What a difference adds, from -255 to 255.
    let added: Vec<i16> = (-255_i16..=255)
        .map(|difference| {
            let difference = f64::from(difference);
            if difference.abs() < threshold {
                return 0;
            }
            let magnitude = (difference * amount).abs();
            let magnitude = i16::from(sample(magnitude));
            if difference * amount < 0.0 {
                -magnitude
            } else {
                magnitude
            }
        })
        .collect();
    let blurred = blur(picture.clone(), sigma);
    let layout = picture.layout();
    let colors = layout.samples() - usize::from(layout.has_alpha());
    let pixels = picture.data_mut().chunks_exact_mut(layout.samples());
    for (pixel, blurred) in pixels.zip(blurred.data().chunks_exact(layout.samples())) {
        for (value, &blurred) in pixel.iter_mut().zip(blurred).take(colors) {
            let place = usize::from(*value) + 255 - usize::from(blurred);
            let added = added.get(place).copied().unwrap_or(0);
            let sum = i16::from(*value) + added;
            *value = u8::try_from(sum.clamp(0, 255)).unwrap_or(u8::MAX);
        }
    }
    picture
}

/// The standard deviation that is left of a Gaussian in a window of so many pixels to each side. 0: of any size.
fn windowed(sigma: f64, radius: f64) -> f64 {
    let radius = within(radius, 0.0, 10_000.0, 0.0);
    if radius == 0.0 || radius >= 3.0 * sigma || sigma == 0.0 {
        return sigma;
    }
    let (mut sum, mut squares) = (0.5, 0.0);
    let mut at = 1.0;
    while at <= radius.max(1.0).round() {
        let weight = (-at * at / (2.0 * sigma * sigma)).exp();
        sum += weight;
        squares += weight * at * at;
        at += 1.0;
    }
    f64::sqrt(squares / sum)
}
