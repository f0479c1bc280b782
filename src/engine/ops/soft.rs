//! Gaussians for what lies behind a picture: made small, blurred there, and enlarged, so that a wide one costs no more
//! than a narrow one.

use std::borrow::Cow;

use super::{filter, resize};
use crate::engine::picture::byte_len;
use crate::engine::plan::{Area, Scale, Size, whole};
use crate::engine::{Picture, Pixels, RenderError};
use crate::recipe::Kernel;

/// The standard deviation that a wider blur is brought down to, by making the picture smaller.
const NARROW: f64 = 3.0;

/// What lies beside the picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Beside {
    /// The pixels at its edge.
    Edge,
    /// Nothing.
    Nothing,
}

/// The picture, stretched to a size, and then blurred.
pub(super) fn blurred(
    picture: Picture,
    to: Size,
    sigma: f64,
    beside: Beside,
) -> Result<Picture, RenderError> {
    let sigma = if sigma > 0.0 { sigma } else { 0.0 };
    let factor = if sigma > 1.5 * NARROW {
        NARROW / sigma
    } else {
        1.0
    };
    let length = |length: u32| whole((f64::from(length) * factor).ceil()).max(1);
    let small = Size::new(length(to.width), length(to.height));
    // Rounding up matters to the shorter side, which is flat by then.
    let along = |small: u32, whole: u32| f64::from(small) / f64::from(whole);
    let rounded = along(small.width, to.width).min(along(small.height, to.height));
    let picture = stretched(picture, small)?;
    let sigma = (sigma * rounded).min(2.0 * NARROW);
    let picture = match beside {
        Beside::Edge => filter::blur(picture, sigma),
        Beside::Nothing => {
            let border = whole((3.0 * sigma).ceil());
            let inside = Area {
                left: border,
                top: border,
                ..Area::whole(small)
            };
            resize::crop(filter::blur(bordered(&picture, border)?, sigma), inside)?
        }
    };
    stretched(picture, to)
}

/// The picture with so many pixels of nothing around it.
fn bordered(picture: &Picture, border: u32) -> Result<Picture, RenderError> {
    let (width, height) = (picture.width() + 2 * border, picture.height() + 2 * border);
    let layout = picture.layout();
    let mut data = vec![0; byte_len(width, height, layout)?];
    let rows = data.chunks_exact_mut(width as usize * layout.samples());
    let rows = rows.skip(border as usize);
    let row = picture.width() as usize * layout.samples();
    for (to, from) in rows.zip(picture.data().chunks_exact(row)) {
        let to = to.get_mut(border as usize * layout.samples()..);
        if let Some(to) = to.and_then(|to| to.get_mut(..row)) {
            to.copy_from_slice(from);
        }
    }
    Picture::new(width, height, layout, data)
}

pub(super) fn stretched(picture: Picture, to: Size) -> Result<Picture, RenderError> {
    let size = picture.size();
    let scale = Scale {
        scaled: to,
        cut: Area::whole(to),
        kernel: Kernel::Cubic,
        linear: Some(false),
        ..Scale::crop(Area::whole(size))
    };
    let pixels = Cow::Owned(Pixels::from(picture));
    super::packed(resize::scale(pixels, size, &scale, false, (1, 1))?)
}
