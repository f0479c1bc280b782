//! How alike two images are.

use crate::reference::Reference;

/// The least structural similarity.
const SSIM: f64 = 0.95;

/// The mean error of a sample that is allowed where a row states none: an image that is moved by a pixel is beyond it.
pub(crate) const ERROR: f64 = 2.0;

/// Passes an image that is like the reference: of its size, with an SSIM of 0.95 in each channel that is not plain, and a
/// mean error of the samples within `error`.
pub(crate) fn alike(image: &Reference, reference: &Reference, error: f64) -> Result<(), String> {
    let size = |image: &Reference| (image.width, image.height);
    if size(image) != size(reference) {
        return Err(format!("{:?}, not {:?}", size(image), size(reference)));
    }
    for channel in 0..4 {
        let off = mean_error(image, reference, channel);
        if off > error {
            return Err(format!("channel {channel} is off by {off:.2}"));
        }
        // Where the row allows for a larger error, that is the measure.
        let ssim = ssim(image, reference, channel);
        if ssim < SSIM && error <= ERROR {
            return Err(format!("channel {channel} has an SSIM of {ssim:.4}"));
        }
    }
    Ok(())
}

fn mean_error(image: &Reference, reference: &Reference, channel: usize) -> f64 {
    let off = (0..image.height).flat_map(|y| {
        (0..image.width).map(move |x| (image.at(x, y)[channel] - reference.at(x, y)[channel]).abs())
    });
    off.sum::<f64>() / (image.width * image.height) as f64
}

/// The mean structural similarity of windows of 8 by 8 pixels, 4 apart (Wang and others, 2004).
fn ssim(image: &Reference, reference: &Reference, channel: usize) -> f64 {
    const C1: f64 = (0.01 * 255.0) * (0.01 * 255.0);
    const C2: f64 = (0.03 * 255.0) * (0.03 * 255.0);

    let (across, down) = (image.width.min(8), image.height.min(8));
    let pixels = (across * down) as f64;
    let (mut total, mut windows) = (0.0, 0.0);
    for top in (0..=image.height - down).step_by(4) {
        for left in (0..=image.width - across).step_by(4) {
            let [mut a, mut b, mut aa, mut bb, mut ab] = [0.0; 5];
            for y in top..top + down {
                for x in left..left + across {
                    let (p, q) = (image.at(x, y)[channel], reference.at(x, y)[channel]);
                    a += p;
                    b += q;
                    aa += p * p;
                    bb += q * q;
                    ab += p * q;
                }
            }
            let (a, b) = (a / pixels, b / pixels);
            let (variance_a, variance_b) = (aa / pixels - a * a, bb / pixels - b * b);
            let covariance = ab / pixels - a * b;
            total += (2.0 * a * b + C1) * (2.0 * covariance + C2)
                / ((a * a + b * b + C1) * (variance_a + variance_b + C2));
            windows += 1.0;
        }
    }
    total / windows
}
