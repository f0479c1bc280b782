use quantizr::{Image, Options, QuantizeResult};

use crate::engine::{Layout, Picture, RenderError};

/// The colours of a picture, as red, green, blue and alpha, and which of them each pixel has.
#[derive(Debug)]
pub(super) struct Palette {
    pub(super) colors: Vec<[u8; 4]>,
    pub(super) indices: Vec<u8>,
}

/// The slots of the table in which colours are looked up: a power of two, well above the 256 that there can be.
const SLOTS: usize = 1024;

/// The colours of a picture as they are, if they are not more than `most`, at most 256. The least opaque come first.
pub(super) fn exact(picture: &Picture, most: usize) -> Option<Palette> {
    let mut table = Table {
        slots: [None; SLOTS],
        colors: Vec::new(),
        most: most.min(256),
    };
    let mut indices = Vec::with_capacity(picture.width() as usize * picture.height() as usize);
    let mut last = None;
    for color in colors(picture) {
        let index = match last {
            Some((same, index)) if same == color => index,
            _ => table.index(color)?,
        };
        last = Some((color, index));
        indices.push(index);
    }
    let mut order: Vec<_> = (0..).zip(table.colors).collect();
    order.sort_by_key(|&(_, color): &(usize, [u8; 4])| color[3]);
    let mut moved = [0; 256];
    for (to, &(from, _)) in (0..=u8::MAX).zip(&order) {
        if let Some(slot) = moved.get_mut(from) {
            *slot = to;
        }
    }
    for index in &mut indices {
        *index = moved[usize::from(*index)];
    }
    Some(Palette {
        colors: order.into_iter().map(|(_, color)| color).collect(),
        indices,
    })
}

struct Table {
    slots: [Option<([u8; 4], u8)>; SLOTS],
    colors: Vec<[u8; 4]>,
    most: usize,
}

impl Table {
    fn index(&mut self, color: [u8; 4]) -> Option<u8> {
        let hash = u32::from_le_bytes(color).wrapping_mul(0x9E37_79B1) >> 22;
        let start = hash as usize % SLOTS;
        for at in (start..SLOTS).chain(0..start) {
            match self.slots.get_mut(at)? {
                Some((same, index)) if *same == color => return Some(*index),
                Some(_) => {}
                slot => {
                    if self.colors.len() == self.most {
                        return None;
                    }
                    let index = u8::try_from(self.colors.len()).ok()?;
                    *slot = Some((color, index));
                    self.colors.push(color);
                    return Some(index);
                }
            }
        }
        None
    }
}

/// At most `most` colours, from 2 to 256, that a picture is nearly made of; what is between them is dithered.
pub(super) fn quantized(picture: &Picture, most: u16) -> Result<Palette, RenderError> {
    let failed = |error| RenderError::internal(format!("reducing colours: {error:?}"));
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let pixels: Vec<u8> = colors(picture).flatten().collect();
    let image = Image::new(&pixels, width, height).map_err(failed)?;
    let mut options = Options::default();
    options
        .set_max_colors(most.clamp(2, 256).into())
        .map_err(failed)?;
    let mut result = QuantizeResult::quantize(&image, &options);
    result.set_dithering_level(0.8).map_err(failed)?;
    let mut indices = vec![0; width * height];
    result.remap_image(&image, &mut indices).map_err(failed)?;
    let palette = result.get_palette();
    let count = usize::try_from(palette.count).unwrap_or(0);
    Ok(Palette {
        colors: palette
            .entries
            .iter()
            .take(count)
            .map(|color| [color.r, color.g, color.b, color.a])
            .collect(),
        indices,
    })
}

/// The pixels as red, green, blue and alpha. What is not seen at all has one colour.
pub(super) fn colors(picture: &Picture) -> impl Iterator<Item = [u8; 4]> {
    let layout = picture.layout();
    let pixels = picture.data().chunks_exact(layout.samples());
    pixels.map(move |pixel| match (layout, pixel) {
        (_, [.., 0]) if layout.has_alpha() => [0; 4],
        (Layout::Gray, &[gray]) => [gray, gray, gray, u8::MAX],
        (Layout::GrayAlpha, &[gray, alpha]) => [gray, gray, gray, alpha],
        (Layout::Rgb, &[red, green, blue]) => [red, green, blue, u8::MAX],
        (Layout::Rgba, &[red, green, blue, alpha]) => [red, green, blue, alpha],
        _ => [0; 4],
    })
}
