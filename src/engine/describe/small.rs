use std::borrow::Cow;

use crate::engine::plan::{Area, Scale, Size};
use crate::engine::{Layout, Picture, Pixels, RenderError, ops};

/// A copy with at most so many pixels a side, in red, green, blue and alpha.
pub(super) fn small(picture: &Picture, longest: u32) -> Result<Vec<[u8; 4]>, RenderError> {
    let size = small_size(picture, longest);
    let picture = if size == picture.size() {
        Cow::Borrowed(picture)
    } else {
        let pixels = Pixels::from(picture.clone());
        let whole = Area::whole(picture.size());
        let scale = Scale {
            scaled: size,
            cut: Area::whole(size),
            ..Scale::crop(whole)
        };
        let scaled = ops::scale(Cow::Owned(pixels), picture.size(), &scale, false, (1, 1))?;
        Cow::Owned(ops::packed(scaled)?)
    };
    let data = picture.data();
    Ok(match picture.layout() {
        Layout::Gray => data.iter().map(|&gray| [gray, gray, gray, 255]).collect(),
        Layout::GrayAlpha => {
            let pixels = data.as_chunks::<2>().0.iter();
            pixels.map(|&[gray, a]| [gray, gray, gray, a]).collect()
        }
        Layout::Rgb => {
            let pixels = data.as_chunks::<3>().0.iter();
            pixels.map(|&[r, g, b]| [r, g, b, 255]).collect()
        }
        Layout::Rgba => data.as_chunks::<4>().0.to_vec(),
    })
}

/// The size of that copy.
pub(super) fn small_size(picture: &Picture, longest: u32) -> Size {
    let size = picture.size();
    let longer = size.width.max(size.height);
    if longer <= longest {
        return size;
    }
    let scaled = |length: u32| {
        let rounded =
            (u64::from(length) * u64::from(longest) + u64::from(longer) / 2) / u64::from(longer);
        u32::try_from(rounded).unwrap_or(longest).max(1)
    };
    Size::new(scaled(size.width), scaled(size.height))
}
