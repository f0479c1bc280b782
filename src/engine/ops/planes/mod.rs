//! Between pixels sample by sample and planes of luma and chroma, and between the resolutions of chroma.

mod chroma;
mod convert;
mod packed;

pub(in crate::engine) use self::chroma::{chroma_ratios, fit_chroma};
pub(in crate::engine) use self::convert::{to_packed, to_planar};
pub(in crate::engine) use self::packed::{as_packed, packed};

#[cfg(test)]
mod tests;
