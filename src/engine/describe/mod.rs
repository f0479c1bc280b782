//! What an image is, and what can be told of it in few bytes.
//!
//! ```
//! use imgward::engine::{Layout, Picture, describe};
//!
//! # fn main() -> Result<(), imgward::engine::RenderError> {
//! let picture = Picture::new(2, 1, Layout::Rgb, vec![255, 0, 0, 0, 0, 255])?;
//! assert_eq!(describe::average(&picture), imgward::recipe::Color::opaque(128, 0, 128));
//! assert_eq!(describe::blurhash(&picture, 4, 3)?.len(), 28);
//! # Ok(())
//! # }
//! ```

mod blurhash;
mod description;
mod document;
mod small;
mod thumbhash;

pub use self::blurhash::blurhash;
pub use self::description::Description;
pub(super) use self::document::check;
pub use self::thumbhash::thumbhash;
use super::{Picture, ops};
use crate::recipe::Color;

/// The mean colour of a picture in sRGB, on white where it is not opaque.
pub fn average(picture: &Picture) -> Color {
    ops::average(picture)
}

/// The colour that most of a picture in sRGB has. Transparent pixels do not count.
pub fn dominant(picture: &Picture) -> Color {
    ops::dominant(picture)
}

/// Up to so many colours, at most 16, that a picture in sRGB has most of, the first most. They differ by 32 of 255 or so in
/// some channel; there are fewer where the picture has not so many, and none where all of it is transparent.
pub fn palette(picture: &Picture, colors: usize) -> Vec<Color> {
    ops::palette(picture, colors.min(16))
}
