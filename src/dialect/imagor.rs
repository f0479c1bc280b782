//! imagor's grammar: from its parts to a recipe.

use super::{MAX_LENGTH, check_name, not_supported};
use crate::guard::{Rejection, RejectionKind};
use crate::recipe::{
    Align, Crop, Format, Gravity, ImageRequest, Recipe, Resize, ResizeMode, Step, Unit,
};
use crate::signature::VerifiedTarget;
use crate::url_lex::imagor::{Filter, Horizontal, Segments, Vertical, decode_image, lex};

/// Filters that change nothing here: there is no metadata, no second page, no store and no description to change.
const WITHOUT_EFFECT: [&str; 13] = [
    "avgcolor",
    "blurhash",
    "compression",
    "dpi",
    "expire",
    "fallback_format",
    "max_frames",
    "page",
    "preview",
    "strip_exif",
    "strip_icc",
    "strip_metadata",
    "thumbhash",
];

/// imagor's filters without which the answer would be another.
const NOT_BUILT: [&str; 36] = [
    "attachment",
    "background_color",
    "bitdepth",
    "blur",
    "brightness",
    "contrast",
    "crop",
    "draw_detections",
    "fill",
    "focal",
    "grayscale",
    "hue",
    "image",
    "invert",
    "label",
    "lossless",
    "max_age",
    "max_bytes",
    "modulate",
    "orient",
    "padding",
    "palette",
    "pixelate",
    "proportion",
    "raw",
    "redact",
    "redact_oval",
    "rgb",
    "rotate",
    "round_corner",
    "saturation",
    "sharpen",
    "text",
    "to_colorspace",
    "trim",
    "watermark",
];

pub(super) fn parse(target: &VerifiedTarget, strict: bool) -> Result<ImageRequest, Rejection> {
    let text = str::from_utf8(target.bytes())
        .map_err(|_| Rejection::bad_request("the URL is not UTF-8"))?;
    let segments = lex(text);
    for (asked, segment) in [
        (target.params(), "params"),
        (segments.meta, "meta"),
        (segments.trim.is_some(), "trim"),
    ] {
        if asked {
            return Err(not_supported(segment));
        }
    }
    let filters = Filters::read(&segments, strict)?;
    let size = segments.size;
    let mut recipe = Recipe::default();
    if let Some(crop) = segments.crop.map_or(Ok(None), crop)? {
        recipe.steps.push(Step::Crop(crop));
    }
    if let Some(resize) = resize(&segments, &filters)? {
        recipe.steps.push(Step::Resize(resize));
    }
    if let Some(size) = size
        && (size.flip_horizontal || size.flip_vertical)
    {
        recipe.steps.push(Step::Flip {
            horizontal: size.flip_horizontal,
            vertical: size.flip_vertical,
        });
    }
    recipe.output.format = filters.format;
    recipe.output.quality = filters.quality;
    Ok(ImageRequest::new(name(segments.image)?, recipe))
}

/// The name of the image.
fn name(image: &str) -> Result<Box<str>, Rejection> {
    let name = decode_image(image)
        .ok_or_else(|| Rejection::bad_request("the name of the image is not UTF-8"))?;
    check_name(&name)?;
    let scheme = name.split_once(':').map(|(scheme, _)| scheme);
    if scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case("color")) {
        return Err(not_supported("a color: image"));
    }
    Ok(name.into())
}

/// All zeros are no crop. Edges are fractions where every one of them can be.
fn crop(edges: [f64; 4]) -> Result<Option<Crop>, Rejection> {
    let [left, top, right, bottom] = edges;
    if edges.iter().any(|&edge| edge > f64::from(MAX_LENGTH)) {
        return Err(too_long("the crop"));
    }
    if edges.iter().all(|&edge| edge <= 0.0) {
        return Ok(None);
    }
    let fractions = left < 1.0 && top < 1.0 && right <= 1.0 && bottom <= 1.0;
    Ok(Some(Crop {
        left,
        top,
        right,
        bottom,
        unit: if fractions {
            Unit::Fraction
        } else {
            Unit::Pixels
        },
        one_short: true,
    }))
}

fn resize(segments: &Segments<'_>, filters: &Filters) -> Result<Option<Resize>, Rejection> {
    let Some(size) = segments.size else {
        return Ok(None);
    };
    let [width, height] = [size.width, size.height].map(|length| {
        u32::try_from(length)
            .ok()
            .filter(|&length| length <= MAX_LENGTH)
            .ok_or_else(|| too_long("the size"))
    });
    let (width, height) = (width?, height?);
    if (width, height) == (0, 0) {
        return Ok(None);
    }
    let (mode, enlarges) = match segments.fit {
        Some(fit) if fit.full => (ResizeMode::Cover, true),
        Some(_) => (ResizeMode::Fit, false),
        None if segments.stretch || filters.stretch => (ResizeMode::Force, true),
        None => (ResizeMode::Fill, true),
    };
    let gravity = Gravity::anchor(
        match segments.horizontal {
            Some(Horizontal::Left) => Align::Start,
            Some(Horizontal::Center) | None => Align::Center,
            Some(Horizontal::Right) => Align::End,
        },
        match segments.vertical {
            Some(Vertical::Top) => Align::Start,
            Some(Vertical::Middle) | None => Align::Center,
            Some(Vertical::Bottom) => Align::End,
        },
    );
    Ok(Some(Resize {
        enlarge: filters.enlarge.unwrap_or(enlarges),
        adaptive: segments.fit.is_some_and(|fit| fit.adaptive),
        gravity,
        ..Resize::to(width, height, mode)
    }))
}

/// What the filters say, the last of each kind.
#[derive(Default)]
struct Filters {
    stretch: bool,
    enlarge: Option<bool>,
    format: Option<Format>,
    quality: Option<u8>,
}

impl Filters {
    fn read(segments: &Segments<'_>, strict: bool) -> Result<Self, Rejection> {
        let mut filters = Self::default();
        let mut unwritable = None;
        for filter in segments.filters() {
            let known = match filter.name {
                "stretch" => {
                    filters.stretch = true;
                    true
                }
                "upscale" | "no_upscale" => {
                    filters.enlarge = Some(filter.name == "upscale");
                    true
                }
                "quality" => {
                    filters.quality = quality(filter.args);
                    filters.quality.is_some()
                }
                "autojpg" => {
                    (filters.format, unwritable) = (Some(Format::Jpeg), None);
                    true
                }
                "format" => match format(filter.args) {
                    Some(FormatArg::Format(format)) => {
                        (filters.format, unwritable) = (Some(format), None);
                        true
                    }
                    Some(FormatArg::Unwritable(name)) => {
                        unwritable = Some(name);
                        true
                    }
                    None => false,
                },
                name if NOT_BUILT.contains(&name) => {
                    return Err(not_supported(&format!("the filter {name}")));
                }
                name => WITHOUT_EFFECT.contains(&name),
            };
            if strict && !known {
                return Err(ignored(filter));
            }
        }
        match unwritable {
            Some(name) => Err(Rejection::new(
                RejectionKind::UnsupportedFormat,
                format!("{name} is not a format that is written"),
            )),
            None => Ok(filters),
        }
    }
}

/// A `quality` that says anything. imagor hands numbers above 100 on; the encoders stop there.
fn quality(args: &str) -> Option<u8> {
    let quality: u64 = args.parse().ok()?;
    u8::try_from(quality.min(100))
        .ok()
        .filter(|&quality| quality > 0)
}

/// What a `format` filter asks for.
enum FormatArg {
    Format(Format),
    /// One that imagor writes, and no build of this crate does.
    Unwritable(&'static str),
}

/// imagor's formats, by its names. Those that it reads and cannot write become JPEG.
fn format(args: &str) -> Option<FormatArg> {
    Some(match args {
        "jpeg" | "jpg" | "pdf" | "svg" | "bmp" => FormatArg::Format(Format::Jpeg),
        "png" => FormatArg::Format(Format::Png),
        "webp" => FormatArg::Format(Format::WebP),
        "avif" => FormatArg::Format(Format::Avif),
        "gif" => FormatArg::Format(Format::Gif),
        "heif" => FormatArg::Unwritable("heif"),
        "tiff" => FormatArg::Unwritable("tiff"),
        "jp2" => FormatArg::Unwritable("jp2"),
        "jxl" => FormatArg::Unwritable("jxl"),
        _ => return None,
    })
}

/// A filter that imagor would ignore. The text is the client's, so only its beginning is repeated, escaped.
fn ignored(filter: Filter<'_>) -> Rejection {
    let beginning: String = filter.name.chars().take(32).collect();
    Rejection::bad_request(format!(
        "the filter {beginning:?} is unknown, or its arguments are"
    ))
}

fn too_long(what: &str) -> Rejection {
    Rejection::bad_request(format!("{what} is beyond {MAX_LENGTH} pixels"))
}
