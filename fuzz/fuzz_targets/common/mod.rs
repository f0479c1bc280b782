//! What the targets of images share: an engine with small limits, and recipes that are drawn from the input.

use std::sync::LazyLock;

use imgward::engine::{
    Avif, Bmp, Codec, Codecs, Engine, Ico, Jxl, Limits, LossyWebP, RenderErrorKind, Svg, Tiff,
};
use imgward::recipe::{
    Align, Backdrop, Blend, Border, Color, Content, Crop, Distortion, Extend, Extract, Format,
    Gradient, Gravity, Kernel, Length, Metadata, Modulation, Orient, Overlay, Position, Recipe,
    ReplaceColor, Resize, ResizeMode, Rotate, RoundCorners, Shadow, Sharpen, Step, Text, Trim,
    TrimColor, Unit, UnsharpMask,
};
use libfuzzer_sys::Corpus;
use libfuzzer_sys::arbitrary::{Result, Unstructured};

const MOST_OUTPUT: u64 = 1 << 13;

static ENGINE: LazyLock<Engine> = LazyLock::new(|| {
    let mut limits = Limits::default();
    limits.max_source_pixels = 1 << 16;
    limits.max_output_pixels = MOST_OUTPUT;
    let codecs = Codecs::new()
        .with(LossyWebP)
        .with(Avif)
        .with(Bmp)
        .with(Ico)
        .with(Jxl)
        .with(Svg)
        .with(Tiff);
    Engine::new(codecs).limits(limits)
});

/// The first byte says how many of those after it choose the recipe; all others are the image. What `codec`, if there is
/// one, does not take for its own is passed over.
pub fn render(data: &[u8], codec: Option<&dyn Codec>) -> Corpus {
    let Some((&length, rest)) = data.split_first() else {
        return Corpus::Reject;
    };
    let (choices, image) = rest.split_at(rest.len().min(usize::from(length)));
    if codec.is_some_and(|codec| !codec.recognizes(image)) {
        return Corpus::Reject;
    }
    let recipe = recipe(&mut Unstructured::new(choices)).unwrap_or_default();
    match ENGINE.render(&[image, image], &recipe) {
        Ok(rendered) => {
            let pixels = u64::from(rendered.width) * u64::from(rendered.height);
            assert!(pixels * u64::from(rendered.frames) <= MOST_OUTPUT);
            let again = ENGINE.probe(&rendered.bytes).expect("what is written can be read");
            assert_eq!(again.format, rendered.format);
            assert_eq!((again.width, again.height), (rendered.width, rendered.height));
        }
        Err(why) => assert_ne!(why.kind(), RenderErrorKind::Internal, "{why}"),
    }
    Corpus::Keep
}

fn recipe(from: &mut Unstructured<'_>) -> Result<Recipe> {
    let mut recipe = Recipe::default();
    let input = &mut recipe.input;
    input.orient = *from.choose(&[Orient::Exif, Orient::Exif, Orient::Stored, Orient::Turns(3)])?;
    let output = &mut recipe.output;
    output.format = *from.choose(&[
        None,
        Some(Format::Jpeg),
        Some(Format::Png),
        Some(Format::WebP),
        Some(Format::Gif),
        Some(Format::Avif),
    ])?;
    output.metadata = *from.choose(&[Metadata::Strip, Metadata::Copyright, Metadata::Keep])?;
    for _ in 0..from.int_in_range(0..=3)? {
        recipe.steps.push(step(from, 0)?);
    }
    let output = &mut recipe.output;
    output.keep_profile = from.arbitrary()?;
    output.lossless = from.arbitrary()?;
    output.quality = from.arbitrary()?;
    output.progressive = from.arbitrary()?;
    output.colors = from.arbitrary()?;
    output.max_bytes = from.arbitrary::<Option<u16>>()?.map(u64::from);
    output.effort = from.arbitrary()?;
    if output.format == Some(Format::Avif) {
        output.effort = Some(0);
    }
    recipe.input.page = from.arbitrary()?;
    recipe.input.max_frames = from.arbitrary::<Option<u8>>()?.map(u32::from);
    recipe.input.density = from.arbitrary()?;
    Ok(recipe)
}

/// Mostly sizes that lead somewhere, and now and then any number there is.
fn number(from: &mut Unstructured<'_>) -> Result<f64> {
    Ok(match from.arbitrary::<u8>()? {
        0 => from.arbitrary()?,
        1 => f64::from(from.arbitrary::<i32>()?),
        2 => -f64::from(from.arbitrary::<u8>()?),
        3..=90 => f64::from(from.arbitrary::<u8>()?) / 255.0,
        _ => f64::from(from.arbitrary::<u8>()?),
    })
}

fn numbers<const N: usize>(from: &mut Unstructured<'_>) -> Result<[f64; N]> {
    let mut numbers = [0.0; N];
    for place in &mut numbers {
        *place = number(from)?;
    }
    Ok(numbers)
}

fn length(from: &mut Unstructured<'_>) -> Result<Length> {
    let number = number(from)?;
    Ok(if from.arbitrary()? { Length::Pixels(number) } else { Length::Fraction(number) })
}

fn side(from: &mut Unstructured<'_>) -> Result<Option<Length>> {
    Ok(if from.arbitrary()? { Some(length(from)?) } else { None })
}

fn color(from: &mut Unstructured<'_>) -> Result<Color> {
    let [red, green, blue, alpha] = from.arbitrary()?;
    Ok(Color { red, green, blue, alpha })
}

fn gravity(from: &mut Unstructured<'_>) -> Result<Gravity> {
    const ALIGN: [Align; 3] = [Align::Start, Align::Center, Align::End];
    Ok(match from.int_in_range(0..=3)? {
        0 => Gravity::Smart,
        1 => Gravity::Point { x: length(from)?, y: length(from)? },
        _ => Gravity::Anchor {
            horizontal: *from.choose(&ALIGN)?,
            vertical: *from.choose(&ALIGN)?,
            x: length(from)?,
            y: length(from)?,
        },
    })
}

fn backdrop(from: &mut Unstructured<'_>) -> Result<Backdrop> {
    Ok(match from.int_in_range(0..=4)? {
        0 => Backdrop::Average,
        1 => Backdrop::Dominant,
        2 => Backdrop::Blurred { sigma: number(from)?, brightness: from.arbitrary()? },
        3 => Backdrop::DominantGradient { colors: from.arbitrary()? },
        _ => Backdrop::Color(color(from)?),
    })
}

fn crop(from: &mut Unstructured<'_>) -> Result<Crop> {
    let [left, top, right, bottom] = numbers(from)?;
    Ok(Crop {
        left,
        top,
        right,
        bottom,
        unit: *from.choose(&[Unit::Pixels, Unit::Fraction])?,
        one_short: from.arbitrary()?,
    })
}

fn resize(from: &mut Unstructured<'_>) -> Result<Resize> {
    let mode = *from.choose(&[
        ResizeMode::Fill,
        ResizeMode::Fit,
        ResizeMode::Cover,
        ResizeMode::Force,
        ResizeMode::Auto,
    ])?;
    let mut resize = Resize::to(from.int_in_range(0..=120)?, from.int_in_range(0..=120)?, mode);
    resize.enlarge = from.arbitrary()?;
    resize.gravity = gravity(from)?;
    resize.kernel = *from.choose(&[
        Kernel::Lanczos3,
        Kernel::Nearest,
        Kernel::Box,
        Kernel::Linear,
        Kernel::Cubic,
        Kernel::Mitchell,
        Kernel::Lanczos2,
    ])?;
    resize.adaptive = from.arbitrary()?;
    resize.shrink_box = from.arbitrary()?;
    resize.linear = from.arbitrary()?;
    resize.truncate = from.arbitrary()?;
    if from.arbitrary()? {
        resize.width = side(from)?;
        resize.height = side(from)?;
        resize.zoom = numbers(from)?;
        resize.min_width = from.arbitrary()?;
        resize.min_height = from.arbitrary()?;
    }
    Ok(resize)
}

fn extend(from: &mut Unstructured<'_>) -> Result<Extend> {
    Ok(Extend {
        width: side(from)?,
        height: side(from)?,
        within_source: from.arbitrary()?,
        inside: from.arbitrary()?,
        at_pixel_ratio: from.arbitrary()?,
        ratio: if from.arbitrary()? { Some(numbers::<2>(from)?.into()) } else { None },
        gravity: gravity(from)?,
        left: length(from)?,
        top: length(from)?,
        right: length(from)?,
        bottom: length(from)?,
        backdrop: backdrop(from)?,
        flatten: from.arbitrary()?,
    })
}

fn position(from: &mut Unstructured<'_>) -> Result<Position> {
    let length = length(from)?;
    Ok(match from.int_in_range(0..=3)? {
        0 => Position::Start(length),
        1 => Position::Center(length),
        2 => Position::End(length),
        _ => Position::Repeat(length),
    })
}

fn overlay(from: &mut Unstructured<'_>, depth: u32) -> Result<Overlay> {
    let mut overlay = Overlay::new(match from.int_in_range(0..=2)? {
        0 => Content::Source(1),
        1 => {
            let mut text = Text::new(&*String::from_utf8_lossy(from.arbitrary::<&[u8]>()?));
            text.size = number(from)?;
            text.color = color(from)?;
            text.background = color(from)?;
            text.width = side(from)?;
            text.line_height = number(from)?;
            text.radius = from.arbitrary()?;
            text.padding = from.arbitrary::<[u8; 4]>()?.map(u32::from);
            Content::Text(text)
        }
        _ => Content::Canvas { width: length(from)?, height: length(from)?, color: color(from)? },
    });
    overlay.x = position(from)?;
    overlay.y = position(from)?;
    overlay.opacity = number(from)?;
    overlay.blend = *from.choose(&[
        Blend::Normal,
        Blend::Multiply,
        Blend::Screen,
        Blend::Overlay,
        Blend::Darken,
        Blend::Lighten,
        Blend::ColorDodge,
        Blend::ColorBurn,
        Blend::HardLight,
        Blend::SoftLight,
        Blend::Difference,
        Blend::Exclusion,
        Blend::Add,
        Blend::Mask,
        Blend::MaskOut,
    ])?;
    if from.arbitrary()? {
        overlay.fit = Some(numbers::<2>(from)?.into());
    }
    if depth < 4 && from.arbitrary()? {
        overlay.steps.push(step(from, depth + 1)?);
    }
    Ok(overlay)
}

fn step(from: &mut Unstructured<'_>, depth: u32) -> Result<Step> {
    Ok(match from.int_in_range(0..=28)? {
        0 => Step::Trim(Trim {
            tolerance: number(from)?,
            color: match from.int_in_range(0..=2)? {
                0 => TrimColor::TopLeft,
                1 => TrimColor::BottomRight,
                _ => TrimColor::Color(color(from)?),
            },
            crop: if from.arbitrary()? { Some(crop(from)?) } else { None },
            equal_horizontal: from.arbitrary()?,
            equal_vertical: from.arbitrary()?,
        }),
        1 => Step::Crop(crop(from)?),
        2 => Step::Extract(Extract {
            width: side(from)?,
            height: side(from)?,
            gravity: gravity(from)?,
            inside: from.arbitrary()?,
        }),
        3 => Step::Extend(extend(from)?),
        4 => Step::Flip { horizontal: from.arbitrary()?, vertical: from.arbitrary()? },
        5 => Step::Rotate(Rotate { degrees: number(from)?, background: color(from)? }),
        6 => Step::Flatten(backdrop(from)?),
        7 => Step::Blur { sigma: number(from)? },
        8 => {
            let [sigma, flat, jagged, threshold, max_brighten, max_darken] = numbers(from)?;
            Step::Sharpen(Sharpen { sigma, flat, jagged, threshold, max_brighten, max_darken })
        }
        9 => {
            let [radius, sigma, amount, threshold] = numbers(from)?;
            Step::UnsharpMask(UnsharpMask { radius, sigma, amount, threshold })
        }
        10 => Step::Median { size: from.arbitrary::<u8>()?.into() },
        11 => Step::Pixelate { size: from.arbitrary()?, whole: from.arbitrary()? },
        12 => {
            let [red, green, blue] = numbers(from)?;
            Step::Rgb { red, green, blue }
        }
        13 => Step::Contrast(number(from)?),
        14 => {
            let [lightness, saturation, hue] = numbers(from)?;
            Step::Modulate(Modulation { lightness, saturation, hue })
        }
        15 => from.choose(&[Step::Grayscale, Step::Negate, Step::Normalize])?.clone(),
        16 => Step::Tint(color(from)?),
        17 => Step::Colorize { color: color(from)?, amount: number(from)? },
        18 => Step::Gamma(number(from)?),
        19 => Step::Threshold(from.arbitrary()?),
        20 => Step::Opacity(number(from)?),
        21 => Step::ReplaceColor(ReplaceColor {
            to: color(from)?,
            tolerance: number(from)?,
            from: if from.arbitrary()? { Some(color(from)?) } else { None },
        }),
        22 => Step::RoundCorners(RoundCorners {
            radii: [(length(from)?, length(from)?); 4],
            background: if from.arbitrary()? { Some(color(from)?) } else { None },
        }),
        23 => Step::Border(Border { width: length(from)?, color: color(from)? }),
        24 => {
            let [sigma, opacity, x, y] = numbers(from)?;
            Step::Shadow(Shadow { sigma, opacity, x, y })
        }
        25 => Step::Gradient(Gradient {
            degrees: number(from)?,
            from: color(from)?,
            to: color(from)?,
            stop: length(from)?,
        }),
        26 if from.arbitrary()? => Step::Distort(Distortion::Arc(number(from)?)),
        26 => {
            let [a, b, c, d] = [(); 4].map(|()| numbers::<2>(from));
            Step::Distort(Distortion::Perspective([a?.into(), b?.into(), c?.into(), d?.into()]))
        }
        27 => Step::Overlay(Box::new(overlay(from, depth)?)),
        _ => Step::Resize(resize(from)?),
    })
}
