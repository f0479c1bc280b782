use super::chroma;
use crate::engine::picture::byte_len;
use crate::engine::{Layout, Picture, Planar, Plane, RenderError};

/// The planes of an opaque picture: with all of its chroma, or the mean of each two by two pixels. A picture with alpha has
/// none: an [`Internal`](crate::engine::RenderErrorKind::Internal) error.
pub(in crate::engine) fn to_planar(
    picture: &Picture,
    halves_chroma: bool,
) -> Result<Planar, RenderError> {
    let (width, height) = (picture.width(), picture.height());
    let planar = match picture.layout() {
        Layout::Gray => Planar::gray(Plane::new(width, height, picture.data().to_vec())?),
        Layout::Rgb => {
            let (pixels, _) = picture.data().as_chunks::<3>();
            let luma = pixels.iter().map(|&pixel| luma(pixel)).collect();
            let ((cb, cr), ratio) = if halves_chroma {
                (chroma_of::<2, 2>(pixels, width), 2)
            } else {
                (chroma_of::<1, 1>(pixels, width), 1)
            };
            let (columns, rows) = (width.div_ceil(ratio), height.div_ceil(ratio));
            Planar::new(
                Plane::new(width, height, luma)?,
                Plane::new(columns, rows, cb)?,
                Plane::new(columns, rows, cr)?,
            )?
        }
        Layout::GrayAlpha | Layout::Rgba => {
            return Err(RenderError::internal("a picture with alpha has no planes"));
        }
    };
    Ok(planar.with_profile(picture.profile().map(<[u8]>::to_vec)))
}

/// The picture of some planes. Chroma that was subsampled is interpolated.
pub(in crate::engine) fn to_packed(planar: &Planar) -> Result<Picture, RenderError> {
    let (width, height) = (planar.width(), planar.height());
    let luma = planar.luma();
    let picture = if let Some([cb, cr]) = planar.chroma() {
        let cb = chroma::fit_chroma(cb, (width, height), (1, 1))?;
        let cr = chroma::fit_chroma(cr, (width, height), (1, 1))?;
        let mut data = Vec::with_capacity(byte_len(width, height, Layout::Rgb)?);
        let samples = luma.data().iter().zip(cb.data()).zip(cr.data());
        for ((&y, &cb), &cr) in samples {
            data.extend_from_slice(&rgb(y, cb, cr));
        }
        Picture::new(width, height, Layout::Rgb, data)?
    } else {
        Picture::new(width, height, Layout::Gray, luma.data().to_vec())?
    };
    Ok(picture.with_profile(planar.profile().map(<[u8]>::to_vec)))
}

// The weights are those of JFIF (ITU-R BT.601), in parts of 2^16; those of chroma add up to zero.

fn luma([red, green, blue]: [u8; 3]) -> u8 {
    let [red, green, blue] = [red, green, blue].map(u32::from);
    byte((19_595 * red + 38_470 * green + 7_471 * blue + 32_768) >> 16)
}

/// Cb and Cr of each block of so many pixels, from the sum of their colours. Blocks are cut off at the edges.
fn chroma_of<const ACROSS: usize, const DOWN: usize>(
    pixels: &[[u8; 3]],
    width: u32,
) -> (Vec<u8>, Vec<u8>) {
    let width = width as usize;
    let blocks = width.div_ceil(ACROSS) * (pixels.len() / width).div_ceil(DOWN);
    let mut cb = Vec::with_capacity(blocks);
    let mut cr = Vec::with_capacity(blocks);
    for rows in pixels.chunks(DOWN * width) {
        let upper = &rows[..width];
        // A last row alone, and a last column, count twice.
        let lower = &rows[rows.len() - width..];
        let lower = if DOWN == 1 { [].as_slice() } else { lower };
        let column = |start: usize, row: &[[u8; 3]]| {
            let mut sum = [0i32; 3];
            for at in start..start + ACROSS {
                let pixel = row.get(at).or(row.get(start)).copied().unwrap_or_default();
                for (sum, sample) in sum.iter_mut().zip(pixel) {
                    *sum += i32::from(sample);
                }
            }
            sum
        };
        for start in (0..width).step_by(ACROSS) {
            let [mut red, mut green, mut blue] = column(start, upper);
            if !lower.is_empty() {
                let [r, g, b] = column(start, lower);
                (red, green, blue) = (red + r, green + g, blue + b);
            }
            let shift = 16 + (ACROSS * DOWN).ilog2();
            let round = (128 << shift) + (1 << (shift - 1)) - 1;
            cb.push(byte_of(
                (32_768 * blue - 11_059 * red - 21_709 * green + round) >> shift,
            ));
            cr.push(byte_of(
                (32_768 * red - 27_439 * green - 5_329 * blue + round) >> shift,
            ));
        }
    }
    (cb, cr)
}

fn rgb(y: u8, cb: u8, cr: u8) -> [u8; 3] {
    let y = (i32::from(y) << 16) + 32_768;
    let (cb, cr) = (i32::from(cb) - 128, i32::from(cr) - 128);
    [
        (y + 91_881 * cr) >> 16,
        (y - 22_554 * cb - 46_802 * cr) >> 16,
        (y + 116_130 * cb) >> 16,
    ]
    .map(byte_of)
}

fn byte(value: u32) -> u8 {
    u8::try_from(value).unwrap_or(u8::MAX)
}

/// The nearest that a byte holds.
#[expect(clippy::cast_sign_loss, reason = "it was clamped")]
fn byte_of(value: i32) -> u8 {
    value.clamp(0, 255) as u8
}
