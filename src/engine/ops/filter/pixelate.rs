use crate::engine::picture::byte_len;
use crate::engine::plan::Size;
use crate::engine::{Picture, RenderError};

/// Makes squares of one colour: the mean of what they cover, transparent pixels counting for less.
pub(in crate::engine) fn pixelate(
    picture: Picture,
    size: u32,
    to: Size,
) -> Result<Picture, RenderError> {
    if size <= 1 {
        return Ok(picture);
    }
    let samples = picture.layout().samples();
    let columns = edges(picture.width(), size, to.width);
    let rows = edges(picture.height(), size, to.height);
    let stride = picture.width() as usize * samples;
    let square = size as usize;
    let target_stride = to.width as usize * samples;
    let mut data = Vec::with_capacity(byte_len(to.width, to.height, picture.layout())?);
    let mut left = to.height as usize;
    for row in rows.windows(2) {
        let &[top, bottom] = row else { continue };
        let band = picture.data().get(top * stride..bottom * stride);
        let band = band.unwrap_or_default();
        let mut line = Vec::with_capacity(target_stride);
        for column in columns.windows(2) {
            let &[start, end] = column else { continue };
            let pixels = band
                .chunks_exact(stride)
                .filter_map(|row| row.get(start * samples..end * samples));
            let mean = mean(pixels, samples, picture.layout().has_alpha());
            let mean = mean.get(..samples).unwrap_or_default();
            // A square may be far larger than the picture.
            for _ in 0..square.min(to.width as usize - line.len() / samples) {
                line.extend_from_slice(mean);
            }
        }
        for _ in 0..square.min(left) {
            data.extend_from_slice(&line);
        }
        left = left.saturating_sub(square);
    }
    picture.remade(to.width, to.height, data)
}

/// Where the squares along an axis begin, and the last one ends, in the source.
fn edges(length: u32, size: u32, to: u32) -> Vec<usize> {
    let count = to.div_ceil(size);
    (0..=u64::from(count))
        .map(|edge| {
            let at = if to == length {
                (edge * u64::from(size)).min(length.into())
            } else {
                edge * u64::from(length) / u64::from(count.max(1))
            };
            usize::try_from(at).unwrap_or(usize::MAX)
        })
        .collect()
}

fn mean<'a>(rows: impl Iterator<Item = &'a [u8]>, samples: usize, alpha: bool) -> [u8; 4] {
    let mut sums = [0_u64; 4];
    let mut pixels = 0;
    for row in rows {
        for pixel in row.chunks_exact(samples) {
            let weight = match pixel.last() {
                Some(&last) if alpha => u64::from(last),
                _ => 1,
            };
            for (sum, &value) in sums.iter_mut().zip(pixel) {
                *sum += weight * u64::from(value);
            }
            if let (true, Some(sum)) = (alpha, sums.get_mut(samples - 1)) {
                // Alpha itself is not weighted.
                *sum = *sum - weight * weight + weight;
            }
            pixels += 1;
        }
    }
    let total = match sums.get(samples - 1) {
        Some(&sum) if alpha => sum,
        _ => pixels,
    };
    let mut result = [0; 4];
    for (place, (result, sum)) in result.iter_mut().zip(sums).enumerate() {
        let over = if alpha && place + 1 == samples {
            pixels
        } else {
            total
        };
        let rounded = (sum + over / 2).checked_div(over).unwrap_or(0);
        *result = u8::try_from(rounded).unwrap_or(u8::MAX);
    }
    result
}
