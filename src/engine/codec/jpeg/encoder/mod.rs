//! Writing JPEG (ITU-T T.81), from planes, so that what was read from a JPEG and scaled never becomes RGB.
//!
//! The Huffman tables are always the file's own, the best there are; a baseline file has one scan all the same.

mod bits;
mod component;
mod dct;
mod huffman;
mod markers;
mod progressive;
mod quantization;
mod steps;
mod tokens;

use std::borrow::Cow;

use self::component::Component;
use self::markers::{END_OF_IMAGE, Markers, START_OF_IMAGE};
use self::progressive::Scan;
use self::quantization::Quantizer;
use self::tokens::Tokens;
use crate::engine::{Planar, RenderError, ops};

/// How to write a JPEG.
#[derive(Clone, Copy, Debug)]
pub(in crate::engine) struct JpegOptions<'a> {
    /// From 1 to 100.
    pub(in crate::engine) quality: u8,
    /// Whether the image is refined scan by scan. It is smaller then, and takes longer.
    pub(in crate::engine) progressive: bool,
    /// How many pixels there are to a sample of chroma, 1 or 2 each way. `None`: 2 below quality 90, as libvips does, and from
    /// there as many as the picture has.
    pub(in crate::engine) chroma: Option<(u32, u32)>,
    /// An ICC profile.
    pub(in crate::engine) icc: Option<&'a [u8]>,
    /// EXIF, from its byte order on.
    pub(in crate::engine) exif: Option<&'a [u8]>,
    /// XMP.
    pub(in crate::engine) xmp: Option<&'a [u8]>,
}

impl JpegOptions<'_> {
    /// A baseline file without metadata.
    pub(in crate::engine) fn new(quality: u8) -> Self {
        Self {
            quality,
            progressive: false,
            chroma: None,
            icc: None,
            exif: None,
            xmp: None,
        }
    }
}

/// Writes a JPEG.
pub(in crate::engine) fn encode(
    picture: &Planar,
    options: &JpegOptions<'_>,
) -> Result<Vec<u8>, RenderError> {
    let (Ok(width), Ok(height)) = (picture.width().try_into(), picture.height().try_into()) else {
        return Err(RenderError::too_large(
            "a JPEG has at most 65535 rows and columns",
        ));
    };
    let components = components(picture, options)?;
    // One component has the finer steps of the subsampled: all its bits are luma's.
    let subsampled = components.len() == 1 || components[0].factors != (1, 1);
    let tables = steps::tables(options.quality, subsampled);
    let used = if components.len() == 1 { 1 } else { 2 };
    let quantizers: Vec<_> = tables.iter().take(used).map(Quantizer::new).collect();

    let mut file = Markers(Vec::new());
    file.bare(START_OF_IMAGE);
    file.application(options)?;
    file.quantization(&quantizers)?;
    file.frame((width, height), &components, options.progressive)?;
    if options.progressive {
        progressive_scans(&mut file, &components, &quantizers)?;
    } else {
        baseline_scan(&mut file, &components, &quantizers)?;
    }
    file.bare(END_OF_IMAGE);
    Ok(file.0)
}

fn components<'a>(
    picture: &'a Planar,
    options: &JpegOptions<'_>,
) -> Result<Vec<Component<'a>>, RenderError> {
    let luma = picture.luma();
    let units = |(across, down): (u32, u32)| {
        (
            luma.width().div_ceil(8 * across) as usize,
            luma.height().div_ceil(8 * down) as usize,
        )
    };
    let Some(chroma) = picture.chroma() else {
        let luma = Component::new(Cow::Borrowed(luma), (1, 1), 0, units((1, 1)));
        return Ok(vec![luma]);
    };
    let ratios = match options.chroma {
        Some(ratios) => ratios,
        None if options.quality < 90 => (2, 2),
        None => ops::chroma_ratios(picture),
    };
    let factors = (ratios.0 as usize, ratios.1 as usize);
    let units = units(ratios);
    let mut components = vec![Component::new(Cow::Borrowed(luma), factors, 0, units)];
    for plane in chroma {
        let plane = ops::fit_chroma(plane, (luma.width(), luma.height()), ratios)?;
        components.push(Component::new(plane, (1, 1), 1, units));
    }
    Ok(components)
}

fn baseline_scan(
    file: &mut Markers,
    components: &[Component<'_>],
    quantizers: &[Quantizer],
) -> Result<(), RenderError> {
    let mut tokens = Tokens::new();
    let mut blocks = vec![Vec::new(); components.len()];
    let mut last_dc = vec![0; components.len()];
    let rows = components.first().map_or(0, |component| component.units.1);
    for row in 0..rows {
        for (component, blocks) in components.iter().zip(&mut blocks) {
            blocks.clear();
            component.quantize(row..row + 1, component.of(quantizers), blocks);
        }
        component::for_each_in_units(components, 1, |number, at| {
            let tables = components[number].tables;
            tokens.block(&blocks[number][at], tables, &mut last_dc[number]);
        });
    }
    let numbers: Vec<usize> = (0..components.len()).collect();
    write_scan(file, &tokens, |file| {
        file.scan(components, &numbers, (0, 63), 0)
    })
}

fn progressive_scans(
    file: &mut Markers,
    components: &[Component<'_>],
    quantizers: &[Quantizer],
) -> Result<(), RenderError> {
    let blocks: Vec<_> = components
        .iter()
        .map(|component| {
            let mut blocks = Vec::new();
            component.quantize(0..component.units.1, component.of(quantizers), &mut blocks);
            blocks
        })
        .collect();
    let scans = if components.len() == 1 {
        progressive::GRAY
    } else {
        progressive::COLOR
    };
    for scan in scans {
        let &Scan {
            components: numbers,
            band,
            high,
            low,
        } = scan;
        let tokens = scan.tokens(components, &blocks);
        write_scan(file, &tokens, |file| {
            file.scan(components, numbers, band, high << 4 | low)
        })?;
    }
    Ok(())
}

fn write_scan(
    file: &mut Markers,
    tokens: &Tokens,
    header: impl FnOnce(&mut Markers) -> Result<(), RenderError>,
) -> Result<(), RenderError> {
    let codes = tokens.codes();
    file.codes(&codes)?;
    header(file)?;
    tokens.write(&codes, &mut file.0);
    Ok(())
}

#[cfg(test)]
mod tests;
