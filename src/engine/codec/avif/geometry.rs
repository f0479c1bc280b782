use super::container::{CleanAperture, Transform};
use crate::engine::plan::{Area, Size};
use crate::engine::{Orientation, RenderError};

/// Which part of the stored pixels is shown, and how it is turned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Geometry {
    pub(super) shown: Area,
    pub(super) orientation: Orientation,
}

impl Geometry {
    /// What transforms, each applied to what the one before it made, come to.
    pub(super) fn new(stored: Size, transforms: &[Transform]) -> Result<Self, RenderError> {
        let mut geometry = Self {
            shown: Area::whole(stored),
            orientation: Orientation::default(),
        };
        for &transform in transforms {
            match transform {
                Transform::Crop(aperture) => geometry.crop(&aperture)?,
                Transform::Rotate(quarters) => {
                    for _ in 0..quarters {
                        geometry.turn_left();
                    }
                }
                Transform::MirrorHorizontally => {
                    geometry.orientation = geometry.orientation.then_flip(true, false);
                }
                Transform::MirrorVertically => {
                    geometry.orientation = geometry.orientation.then_flip(false, true);
                }
            }
        }
        Ok(geometry)
    }

    /// By 90 degrees: rows become columns, and then top and bottom are swapped.
    fn turn_left(&mut self) {
        let before = self.orientation;
        self.orientation = Orientation {
            transpose: !before.transpose,
            flip_horizontal: before.flip_vertical,
            flip_vertical: !before.flip_horizontal,
        };
    }

    fn crop(&mut self, aperture: &CleanAperture) -> Result<(), RenderError> {
        let upright = self.orientation.turn_size(self.shown.size());
        let axes = stretch(upright.width, aperture.width, aperture.right).zip(stretch(
            upright.height,
            aperture.height,
            aperture.down,
        ));
        let ((left, width), (top, height)) =
            axes.ok_or_else(|| RenderError::corrupt("the AVIF shows a part that it has not"))?;
        let area = Area {
            left,
            top,
            width,
            height,
        };
        let inner = self.orientation.to_stored(area, upright);
        self.shown = Area {
            left: self.shown.left + inner.left,
            top: self.shown.top + inner.top,
            ..inner
        };
        Ok(())
    }
}

/// Where on an axis of so many pixels a stretch begins, and how long it is: its middle is off the axis' by `offset`. None if
/// it is empty or leaves the axis.
fn stretch(whole: u32, length: (u32, u32), offset: (i32, u32)) -> Option<(u32, u32)> {
    let length = length
        .0
        .checked_div(length.1)
        .filter(|&length| length > 0)?;
    let spare = i128::from(whole.checked_sub(length)?);
    let (numerator, denominator) = (i128::from(offset.0), i128::from(offset.1));
    let twice = 2 * numerator + spare * denominator;
    let start = twice.checked_div_euclid(2 * denominator)?;
    let start = (0..=spare).contains(&start).then_some(start)?;
    Some((u32::try_from(start).ok()?, length))
}

#[cfg(test)]
mod tests;
