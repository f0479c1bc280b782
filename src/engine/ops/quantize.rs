use quantizr::{Image, Options, QuantizeResult};

use super::colored;
use crate::engine::{Layout, Picture, RenderError};

/// A picture of few colours.
#[cfg_attr(not(test), expect(dead_code, reason = "for the PNG and GIF codecs"))]
#[derive(Clone, Debug)]
pub(in crate::engine) struct Quantized {
    /// The colours: red, green, blue, alpha.
    pub(in crate::engine) palette: Vec<[u8; 4]>,
    /// The place in the palette of each pixel, row by row.
    pub(in crate::engine) indices: Vec<u8>,
}

/// Reduces a picture to so many colours, 2 to 256 (what is outside that counts as the nearest), and dithers it where they
/// are not enough.
#[cfg_attr(not(test), expect(dead_code, reason = "for the PNG and GIF codecs"))]
pub(in crate::engine) fn quantize(
    picture: &Picture,
    colors: u16,
) -> Result<Quantized, RenderError> {
    let failed = |error| RenderError::internal(format!("reducing colours: {error:?}"));
    let colored = colored(picture)?;
    let rgba;
    let data = match colored.layout() {
        Layout::Rgb => {
            let pixels = colored.data().as_chunks::<3>().0.iter();
            rgba = pixels
                .flat_map(|&[r, g, b]| [r, g, b, u8::MAX])
                .collect::<Vec<u8>>();
            &rgba
        }
        _ => colored.data(),
    };
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let image = Image::new(data, width, height).map_err(failed)?;
    let mut options = Options::default();
    options
        .set_max_colors(colors.clamp(2, 256).into())
        .map_err(failed)?;
    let mut result = QuantizeResult::quantize(&image, &options);
    // Where there are no more colours than places, dithering has nothing to spread.
    result.set_dithering_level(1.0).map_err(failed)?;
    let mut indices = vec![0; width * height];
    result.remap_image(&image, &mut indices).map_err(failed)?;
    let palette = result.get_palette();
    let count = usize::try_from(palette.count).unwrap_or(0);
    let entries = palette.entries.iter().take(count);
    Ok(Quantized {
        palette: entries
            .map(|color| [color.r, color.g, color.b, color.a])
            .collect(),
        indices,
    })
}
