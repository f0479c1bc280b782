//! Pixels of one layout in another, and colours in it.

use crate::engine::picture::byte_len;
use crate::engine::{Layout, Picture, RenderError};
use crate::recipe::Color;

/// The layout with or without colour and alpha.
pub(super) fn layout(colored: bool, alpha: bool) -> Layout {
    match (colored, alpha) {
        (false, false) => Layout::Gray,
        (false, true) => Layout::GrayAlpha,
        (true, false) => Layout::Rgb,
        (true, true) => Layout::Rgba,
    }
}

pub(super) fn colored(layout: Layout) -> bool {
    matches!(layout, Layout::Rgb | Layout::Rgba)
}

/// The narrowest layout that holds the pixels of two others.
pub(super) fn joined(a: Layout, b: Layout) -> Layout {
    layout(colored(a) || colored(b), a.has_alpha() || b.has_alpha())
}

/// The narrowest layout that holds a colour.
pub(super) fn of_color(color: Color) -> Layout {
    let gray = color.red == color.green && color.green == color.blue;
    layout(!gray && color.alpha > 0, color.alpha < u8::MAX)
}

/// Red, green, blue and alpha of a pixel of `N` samples.
#[inline]
pub(super) fn get<const N: usize>(pixel: [u8; N]) -> [u8; 4] {
    match *pixel.as_slice() {
        [gray] => [gray, gray, gray, u8::MAX],
        [gray, alpha] => [gray, gray, gray, alpha],
        [red, green, blue] => [red, green, blue, u8::MAX],
        [red, green, blue, alpha] => [red, green, blue, alpha],
        _ => [0; 4],
    }
}

/// A pixel of `N` samples. A grey is the red of what is grey.
#[inline]
pub(super) fn put<const N: usize>([red, green, blue, alpha]: [u8; 4]) -> [u8; N] {
    let samples = match N {
        1 | 2 => [red, alpha, 0, 0],
        _ => [red, green, blue, alpha],
    };
    *samples.first_chunk().unwrap_or(&[0; N])
}

pub(super) fn rgba(color: Color) -> [u8; 4] {
    [color.red, color.green, color.blue, color.alpha]
}

/// `count` pixels of one colour.
pub(super) fn filled(color: Color, layout: Layout, count: usize) -> Vec<u8> {
    let color = rgba(color);
    match layout {
        Layout::Gray => put::<1>(color).repeat(count),
        Layout::GrayAlpha => put::<2>(color).repeat(count),
        Layout::Rgb => put::<3>(color).repeat(count),
        Layout::Rgba => put::<4>(color).repeat(count),
    }
}

/// The picture in another layout. Alpha that it has no room for is dropped; colours have to be grey to become so.
pub(super) fn converted(picture: Picture, to: Layout) -> Result<Picture, RenderError> {
    if picture.layout() == to {
        return Ok(picture);
    }
    mapped(&picture, to, |pixel| pixel)
}

/// Each pixel, made another by `change`, as red, green, blue and alpha.
pub(super) fn mapped(
    picture: &Picture,
    to: Layout,
    change: impl Fn([u8; 4]) -> [u8; 4],
) -> Result<Picture, RenderError> {
    let data = match picture.layout() {
        Layout::Gray => read::<1>(picture, to, change),
        Layout::GrayAlpha => read::<2>(picture, to, change),
        Layout::Rgb => read::<3>(picture, to, change),
        Layout::Rgba => read::<4>(picture, to, change),
    }?;
    Picture::new(picture.width(), picture.height(), to, data)
}

fn read<const N: usize>(
    picture: &Picture,
    to: Layout,
    change: impl Fn([u8; 4]) -> [u8; 4],
) -> Result<Vec<u8>, RenderError> {
    let mut data = vec![0; byte_len(picture.width(), picture.height(), to)?];
    let (pixels, _) = picture.data().as_chunks::<N>();
    match to {
        Layout::Gray => write::<N, 1>(pixels, &mut data, change),
        Layout::GrayAlpha => write::<N, 2>(pixels, &mut data, change),
        Layout::Rgb => write::<N, 3>(pixels, &mut data, change),
        Layout::Rgba => write::<N, 4>(pixels, &mut data, change),
    }
    Ok(data)
}

fn write<const N: usize, const M: usize>(
    from: &[[u8; N]],
    to: &mut [u8],
    change: impl Fn([u8; 4]) -> [u8; 4],
) {
    let (to, _) = to.as_chunks_mut::<M>();
    for (to, from) in to.iter_mut().zip(from) {
        *to = put(change(get(*from)));
    }
}
