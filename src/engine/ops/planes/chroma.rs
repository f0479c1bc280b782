use std::borrow::Cow;

use crate::engine::{Planar, Plane, RenderError};

/// How many samples of luma there are to one of chroma, each way: one or two, where it is four as well.
pub(in crate::engine) fn chroma_ratios(picture: &Planar) -> (u32, u32) {
    let Some([chroma, _]) = picture.chroma() else {
        return (1, 1);
    };
    let ratio = |luma: u32, chroma: u32| if chroma < luma { 2 } else { 1 };
    (
        ratio(picture.width(), chroma.width()),
        ratio(picture.height(), chroma.height()),
    )
}

/// A plane of chroma of a picture of this width and height, made to have a sample for so many pixels each way: means where
/// it has more, and interpolated where it has less.
pub(in crate::engine) fn fit_chroma(
    chroma: &Plane,
    (width, height): (u32, u32),
    ratios: (u32, u32),
) -> Result<Cow<'_, Plane>, RenderError> {
    let width = width.div_ceil(ratios.0);
    let height = height.div_ceil(ratios.1);
    let mut plane = Cow::Borrowed(chroma);
    // At most two steps: from full to quarter, or back.
    for _ in 0..2 {
        if plane.width() > width {
            plane = Cow::Owned(halved_across(&plane)?);
        } else if plane.width() < width {
            plane = Cow::Owned(doubled_across(&plane, width.min(2 * plane.width()))?);
        }
        if plane.height() > height {
            plane = Cow::Owned(halved_down(&plane)?);
        } else if plane.height() < height {
            plane = Cow::Owned(doubled_down(&plane, height.min(2 * plane.height()))?);
        }
    }
    Ok(plane)
}

/// The mean of each two columns; the last one alone counts twice.
fn halved_across(plane: &Plane) -> Result<Plane, RenderError> {
    let width = plane.width().div_ceil(2);
    let mut data = Vec::with_capacity(width as usize * plane.height() as usize);
    for row in plane.data().chunks_exact(plane.width() as usize) {
        let (pairs, last) = row.as_chunks::<2>();
        // Halves are rounded up and down by turns, so that a plane does not become brighter.
        let alternately = pairs.iter().zip([0, 1].into_iter().cycle());
        data.extend(alternately.map(|(&[a, b], bias)| mean(a, b, bias)));
        data.extend_from_slice(last);
    }
    Plane::new(width, plane.height(), data)
}

/// The mean of each two rows; the last one alone counts twice.
fn halved_down(plane: &Plane) -> Result<Plane, RenderError> {
    let width = plane.width() as usize;
    let height = plane.height().div_ceil(2);
    let mut data = Vec::with_capacity(width * height as usize);
    for rows in plane.data().chunks(2 * width) {
        let (upper, lower) = rows.split_at(width);
        if lower.is_empty() {
            data.extend_from_slice(upper);
        } else {
            let alternately = upper.iter().zip(lower).zip([0, 1].into_iter().cycle());
            data.extend(alternately.map(|((&a, &b), bias)| mean(a, b, bias)));
        }
    }
    Plane::new(plane.width(), height, data)
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a mean is no greater than both"
)]
fn mean(a: u8, b: u8, bias: u16) -> u8 {
    ((u16::from(a) + u16::from(b) + bias) / 2) as u8
}

/// Twice the columns, or one less: between two samples, each new one is three quarters of the nearer.
fn doubled_across(plane: &Plane, width: u32) -> Result<Plane, RenderError> {
    let mut data = Vec::with_capacity(width as usize * plane.height() as usize);
    for row in plane.data().chunks_exact(plane.width() as usize) {
        let end = data.len() + width as usize;
        let mut before = row.first().copied().unwrap_or_default();
        for (at, &sample) in row.iter().enumerate() {
            let after = row.get(at + 1).copied().unwrap_or(sample);
            data.extend([nearer(sample, before, 1), nearer(sample, after, 2)]);
            before = sample;
        }
        data.truncate(end);
    }
    Plane::new(width, plane.height(), data)
}

/// Twice the rows, or one less, as [`doubled_across`].
fn doubled_down(plane: &Plane, height: u32) -> Result<Plane, RenderError> {
    let width = plane.width() as usize;
    let rows = plane.data().chunks_exact(width);
    let length = width * height as usize;
    let mut data = Vec::with_capacity(length + width);
    let mut before = &plane.data()[..width];
    for (row, after) in rows.clone().zip(rows.skip(1).chain([&[] as &[u8]])) {
        let after = if after.is_empty() { row } else { after };
        for (other, bias) in [(before, 1), (after, 2)] {
            data.extend(row.iter().zip(other).map(|(&a, &b)| nearer(a, b, bias)));
        }
        before = row;
    }
    data.truncate(length);
    Plane::new(plane.width(), height, data)
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a mean is no greater than both"
)]
fn nearer(near: u8, far: u8, bias: u16) -> u8 {
    ((3 * u16::from(near) + u16::from(far) + bias) / 4) as u8
}
