use std::borrow::Cow;

use rav1e::config::SpeedSettings;
use rav1e::prelude::{
    ChromaSampling, ColorDescription, ColorPrimaries, Config, Context, EncoderConfig,
    EncoderStatus, MatrixCoefficients, PixelRange, SceneDetectionSpeed, TransferCharacteristics,
    Tune,
};

use super::container::{self, Color, Nclx, Payload, WrittenCoded};
use super::stream;
use crate::engine::{Layout, Picture, Planar, RenderError, ops};

/// How to write an AVIF.
#[derive(Clone, Copy, Debug)]
pub(in crate::engine) struct AvifOptions<'a> {
    /// From 1 to 100. It gives about the bytes that libvips makes at the same number.
    pub(in crate::engine) quality: u8,
    /// How much time is taken to make the file smaller, from 0 to 9.
    pub(in crate::engine) effort: u8,
    /// The ICC profile that the samples are meant in. None is sRGB.
    pub(in crate::engine) icc: Option<&'a [u8]>,
    /// EXIF data: a TIFF structure. Its orientation is not looked at by who reads an AVIF.
    pub(in crate::engine) exif: Option<&'a [u8]>,
}

impl Default for AvifOptions<'_> {
    fn default() -> Self {
        Self {
            quality: 50,
            effort: 2,
            icc: None,
            exif: None,
        }
    }
}

/// Writes planes as they are, but for chroma that is at neither the full nor half the resolution in both directions.
pub(in crate::engine) fn encode_planar(
    planar: &Planar,
    options: &AvifOptions<'_>,
) -> Result<Vec<u8>, RenderError> {
    let color = encode_color(planar, options)?;
    file(planar.width(), planar.height(), &color, None, options)
}

/// Encodes luma and chroma.
fn encode_color(planar: &Planar, options: &AvifOptions<'_>) -> Result<Vec<u8>, RenderError> {
    let luma = planar.luma();
    let size @ (width, height) = (luma.width(), luma.height());
    let Some([cb, cr]) = planar.chroma() else {
        return encode(
            &[luma.data()],
            width,
            height,
            ChromaSampling::Cs400,
            options,
        );
    };
    // Halves of one pixel are one pixel: then either name is right, and half it is.
    let half = (width.div_ceil(2), height.div_ceil(2));
    let (ratios, sampling) = if (cb.width(), cb.height()) == size && size != half {
        ((1, 1), ChromaSampling::Cs444)
    } else {
        ((2, 2), ChromaSampling::Cs420)
    };
    let cb = ops::fit_chroma(cb, size, ratios)?;
    let cr = ops::fit_chroma(cr, size, ratios)?;
    let planes = [luma.data(), cb.data(), cr.data()];
    encode(&planes, width, height, sampling, options)
}

/// Writes a picture.
pub(in crate::engine) fn encode_picture(
    picture: &Picture,
    options: &AvifOptions<'_>,
) -> Result<Vec<u8>, RenderError> {
    let (width, height) = (picture.width(), picture.height());
    let pixel = picture.layout().samples();
    let pixels = || picture.data().chunks_exact(pixel);
    let opaque = match picture.layout() {
        Layout::Gray | Layout::Rgb => Cow::Borrowed(picture),
        layout => {
            let colors = pixels().filter_map(|pixel| pixel.split_last());
            let data = colors.flat_map(|(_, colors)| colors).copied().collect();
            let layout = match layout {
                Layout::GrayAlpha => Layout::Gray,
                _ => Layout::Rgb,
            };
            Cow::Owned(Picture::new(width, height, layout, data)?)
        }
    };
    let color = encode_color(&ops::to_planar(&opaque, options.quality < 90)?, options)?;
    let alpha = picture.layout().has_alpha().then(|| {
        let alpha: Vec<u8> = pixels().filter_map(|pixel| pixel.last().copied()).collect();
        encode(&[&alpha], width, height, ChromaSampling::Cs400, options)
    });
    file(
        width,
        height,
        &color,
        alpha.transpose()?.as_deref(),
        options,
    )
}

fn file(
    width: u32,
    height: u32,
    color: &[u8],
    alpha: Option<&[u8]>,
    options: &AvifOptions<'_>,
) -> Result<Vec<u8>, RenderError> {
    let coded = |stream| {
        let sequence = stream::header(stream)?;
        Ok::<_, RenderError>(WrittenCoded {
            stream,
            configuration: sequence.configuration,
            monochrome: sequence.sampling == stream::Sampling::Monochrome,
        })
    };
    container::write(&Payload {
        width,
        height,
        color: coded(color)?,
        alpha: alpha.map(coded).transpose()?,
        meaning: Color {
            nclx: Nclx {
                primaries: 1,
                transfer: 13,
                matrix: 6,
                full_range: true,
            },
            icc: options.icc,
        },
        exif: options.exif,
    })
}

/// Encodes planes as an AV1 stream of one frame.
fn encode(
    planes: &[&[u8]],
    width: u32,
    height: u32,
    sampling: ChromaSampling,
    options: &AvifOptions<'_>,
) -> Result<Vec<u8>, RenderError> {
    /// The most that an AV1 frame can have.
    const MAX_SIDE: u32 = 65_535;

    let failed =
        |error: &dyn std::error::Error| RenderError::internal(format!("writing an AVIF: {error}"));
    if width > MAX_SIDE || height > MAX_SIDE {
        return Err(RenderError::too_large(
            "an AVIF has at most 65535 pixels a side",
        ));
    }
    let mut config = EncoderConfig::with_speed_preset(10);
    config.width = width as usize;
    config.height = height as usize;
    config.chroma_sampling = sampling;
    config.pixel_range = PixelRange::Full;
    config.color_description = Some(ColorDescription {
        color_primaries: ColorPrimaries::BT709,
        transfer_characteristics: TransferCharacteristics::SRGB,
        matrix_coefficients: MatrixCoefficients::BT601,
    });
    config.still_picture = true;
    config.low_latency = true;
    config.quantizer = quantizer(options.quality);
    (config.speed_settings, config.tune) = speed(options.effort);

    let mut context: Context<u8> = Config::new()
        .with_encoder_config(config)
        .with_threads(1)
        .new_context()
        .map_err(|error| failed(&error))?;
    let mut frame = context.new_frame();
    for (number, (plane, data)) in frame.planes.iter_mut().zip(planes).enumerate() {
        let halved = number > 0 && sampling == ChromaSampling::Cs420;
        let stride = if halved { width.div_ceil(2) } else { width };
        plane.copy_from_raw_u8(data, stride as usize, 1);
    }
    context.send_frame(frame).map_err(|error| failed(&error))?;
    context.flush();
    loop {
        match context.receive_packet() {
            Ok(packet) => return Ok(packet.data),
            Err(EncoderStatus::Encoded) => {}
            Err(error) => return Err(failed(&error)),
        }
    }
}

/// The base quantiser, from 0 to 255, of a quality.
fn quantizer(quality: u8) -> usize {
    /// Measured on photographs, at the default effort: with these the files are as long as those of libvips.
    const MEASURED: [(usize, usize); 6] =
        [(1, 248), (20, 213), (50, 158), (80, 78), (95, 23), (100, 6)];

    let quality = usize::from(quality.clamp(1, 100));
    let between = MEASURED.windows(2).find_map(|pair| match *pair {
        [(low, coarse), (high, fine)] if quality <= high => {
            let steps = high - low;
            Some((coarse * (high - quality) + fine * (quality - low) + steps / 2) / steps)
        }
        _ => None,
    });
    between.unwrap_or_default()
}

/// What is tried of what AV1 can do. A still needs nothing of what is for motion.
fn speed(effort: u8) -> (SpeedSettings, Tune) {
    let (preset, tune) = match effort {
        0 => (10, Tune::Psnr),
        1..=3 => (9, Tune::Psnr),
        4 | 5 => (9, Tune::Psychovisual),
        6 => (8, Tune::Psychovisual),
        7 | 8 => (6, Tune::Psychovisual),
        _ => (4, Tune::Psychovisual),
    };
    let mut speed = SpeedSettings::from_preset(preset);
    speed.scene_detection_mode = SceneDetectionSpeed::None;
    speed.rdo_lookahead_frames = 1;
    speed.multiref = false;
    speed.prediction.fine_directional_intra = effort > 3;
    // The filter against ringing takes a quarter of the time.
    speed.cdef = effort > 2;
    (speed, tune)
}
