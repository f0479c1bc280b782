//! imagor's filters, in the order of the URL.

use super::args::{Args, number};
use super::thumbor::Read;
use super::{Request, fraction, not_supported, overlay, pixels, too_long, trim_by, unit};
use crate::dialect::MAX_LENGTH;
use crate::guard::{Rejection, RejectionKind};
use crate::recipe::{
    Align, Backdrop, Color, Extend, Extract, Focus, Format, Gravity, Length, Metadata, Modulation,
    Orient, Resize, ResizeMode, Rotate, RoundCorners, Sharpen, Step,
};
use crate::url_lex::imagor::{Filter, Segments};

/// Filters that change nothing here: they are the signature layer's, or say what always holds, or how hard to try.
const WITHOUT_EFFECT: [&str; 4] = ["compression", "expire", "fallback_format", "strip_icc"];

/// Those that do nothing without a detector, which there is none of.
const WITHOUT_DETECTOR: [&str; 3] = ["draw_detections", "redact", "redact_oval"];

/// What filters say of the resize that comes before them: the last counts.
#[derive(Clone, Copy, Default)]
pub(super) struct Modes {
    pub(super) stretch: bool,
    pub(super) enlarge: Option<bool>,
}

impl Modes {
    pub(super) fn of(parts: &Segments<'_>) -> Self {
        let mut modes = Self::default();
        for filter in parts.filters() {
            match filter.name {
                "stretch" => modes.stretch = true,
                "upscale" => modes.enlarge = Some(true),
                "no_upscale" => modes.enlarge = Some(false),
                _ => {}
            }
        }
        modes
    }
}

/// The areas of `focal(AxB:CxD)` and the points of `focal(X,Y)`, in the upright source.
pub(super) fn focal_areas(parts: &Segments<'_>) -> impl Iterator<Item = Focus> {
    parts
        .filters()
        .filter(|filter| filter.name == "focal")
        .filter_map(|filter| {
            let numbers: Option<Vec<f64>> = filter
                .args
                .split(['x', ',', ':'])
                .take(5)
                .map(|text| number(text.trim()))
                .collect();
            let edges = match *numbers?.as_slice() {
                [left, top, right, bottom] => [left, top, right, bottom],
                [x, y] => [x, y, x, y],
                _ => return None,
            };
            let [left, top, right, bottom] = edges;
            let point = left.to_bits() == right.to_bits() && top.to_bits() == bottom.to_bits();
            (point || left < right && top < bottom).then(|| Focus {
                left,
                top,
                right,
                bottom,
                unit: unit(edges),
            })
        })
}

/// Whether a `focal` filter counts.
fn is_focal(args: &str) -> bool {
    let numbers = args.split(['x', ',', ':']).take(5);
    let numbers: Option<Vec<f64>> = numbers.map(|text| number(text.trim())).collect();
    numbers.is_some_and(|numbers| matches!(numbers.len(), 2 | 4))
}

/// Reads all filters. Steps are added to `steps`, the rest goes into the request.
pub(super) fn read(
    request: &mut Request,
    parts: &Segments<'_>,
    steps: &mut Vec<Step>,
) -> Result<(), Rejection> {
    if request.options.site.strict
        && let Some(name) = parts.strays().next()
    {
        return Err(ignored(Filter { name, args: "" }));
    }
    let mut unwritable = None;
    for filter in parts.filters() {
        let args = Args::of(filter.args);
        if request.options.thumbor {
            let known = match request.thumbor(filter, &args, parts)? {
                Read::Shared => None,
                Read::Step(step) => {
                    request.count_step()?;
                    steps.push(step);
                    Some(true)
                }
                Read::Nothing(known) => Some(known),
            };
            if request.options.site.strict
                && (known == Some(false) || known.is_some() && args.unread())
            {
                return Err(ignored(filter));
            }
            if known.is_some() {
                continue;
            }
        }
        let lower = filter.args.to_ascii_lowercase();
        let name = if request.options.thumbor {
            &*lower
        } else {
            filter.args
        };
        let known = match filter.name {
            "format" => match format(name) {
                Some(FormatArg::Format(format)) => {
                    (request.image.recipe.output.format, unwritable) = (Some(format), None);
                    true
                }
                Some(FormatArg::Unwritable(name)) => {
                    unwritable = Some(name);
                    true
                }
                None => false,
            },
            "autojpg" => {
                (request.image.recipe.output.format, unwritable) = (Some(Format::Jpeg), None);
                true
            }
            "focal" => is_focal(filter.args),
            "to_colorspace" => match filter.args {
                "" | "srgb" => true,
                "p3" | "cmyk" => {
                    return Err(not_supported(&format!("to_colorspace({})", filter.args)));
                }
                _ => false,
            },
            name if WITHOUT_EFFECT.contains(&name) || WITHOUT_DETECTOR.contains(&name) => true,
            _ => match request
                .setting(filter, &args)
                .or(request.answer(filter, &args)?)
            {
                Some(known) => known,
                None => match request.step(filter, &args, parts)? {
                    Some(step) => {
                        request.count_step()?;
                        steps.push(step);
                        true
                    }
                    None => false,
                },
            },
        };
        if request.options.site.strict && (!known || args.unread()) {
            return Err(ignored(filter));
        }
    }
    match unwritable {
        Some(name) => Err(Rejection::new(
            RejectionKind::UnsupportedFormat,
            format!("{name} is not a format that is written"),
        )),
        None => Ok(()),
    }
}

impl Request {
    /// A filter that says how to read or write: whether it says so. `None` for another.
    fn setting(&mut self, filter: Filter<'_>, args: &Args<'_>) -> Option<bool> {
        let recipe = &mut self.image.recipe;
        let (input, output) = (&mut recipe.input, &mut recipe.output);
        let positive = || {
            let number = u64::try_from(args.integer(0)).ok();
            number.filter(|&number| number > 0)
        };
        let small = || positive().map(|number| u32::try_from(number).unwrap_or(u32::MAX));
        let at_most_100 = || positive().and_then(|number| u8::try_from(number.min(100)).ok());
        Some(match filter.name {
            "quality" => {
                output.quality = at_most_100();
                output.quality.is_some()
            }
            "max_bytes" => {
                output.max_bytes = positive();
                output.max_bytes.is_some()
            }
            "lossless" => {
                output.lossless = true;
                true
            }
            "palette" => {
                output.colors.get_or_insert(256);
                true
            }
            // Fewer bits than a byte are a palette's; more than one are not written.
            "bitdepth" => match args.integer(0) {
                bits @ (1 | 2 | 4) => {
                    output.colors = Some(1 << bits);
                    true
                }
                8 | 16 => true,
                _ => false,
            },
            // The first is where all begin.
            "page" => {
                let page = small();
                input.page = page.filter(|&page| page > 1).map(|page| page - 1);
                page.is_some()
            }
            "max_frames" => {
                input.max_frames = small();
                input.max_frames.is_some()
            }
            "dpi" => {
                input.density = small().map(f64::from);
                input.density.is_some()
            }
            "orient" => {
                let turns = quarter_turns(args.integer(0));
                if let Some(turns) = turns {
                    input.orient = Orient::Turns(turns);
                }
                turns.is_some()
            }
            "keep_metadata" => {
                output.metadata = Metadata::Keep;
                true
            }
            "attachment" if self.depth == 0 => {
                let name = args.decoded(0);
                self.image.attachment = name.as_deref().map(Into::into);
                name.is_some()
            }
            "max_age" if self.depth == 0 => {
                let seconds = filter.args.parse().ok();
                self.image.max_age = seconds.or(self.image.max_age);
                seconds.is_some()
            }
            // Read before the others, or in a nested URL.
            "stretch" | "upscale" | "no_upscale" | "attachment" | "max_age" => true,
            _ => return None,
        })
    }

    /// A filter that does something to the image. `None` where it is unknown, or does nothing.
    fn step(
        &mut self,
        filter: Filter<'_>,
        args: &Args<'_>,
        parts: &Segments<'_>,
    ) -> Result<Option<Step>, Rejection> {
        let first = || args.number(0);
        Ok(match filter.name {
            "fill" => Some(self.fill(args, parts)?),
            "padding" => padding(args)?,
            "background_color" => {
                (args.len() > 0).then(|| Step::Flatten(Backdrop::Color(args.color(0))))
            }
            "blur" => {
                let sigma = if args.len() > 1 {
                    args.number(1)
                } else {
                    first() / 2.0
                };
                (sigma > 0.0).then_some(Step::Blur { sigma })
            }
            "sharpen" => {
                let strength = if args.len() > 1 {
                    args.number(1)
                } else {
                    first()
                };
                let sigma = 1.0 + 2.0 * strength;
                (sigma > 0.0).then_some(Step::Sharpen(Sharpen {
                    jagged: 2.0,
                    threshold: 1.0,
                    ..Sharpen::by(sigma)
                }))
            }
            "brightness" => Some(Step::Rgb {
                red: first(),
                green: first(),
                blue: first(),
            }),
            "rgb" => (args.len() >= 3).then(|| Step::Rgb {
                red: first(),
                green: args.number(1),
                blue: args.number(2),
            }),
            "contrast" => Some(Step::Contrast(first())),
            "hue" => Some(Step::Modulate(Modulation {
                hue: first(),
                ..Modulation::default()
            })),
            "saturation" => Some(Step::Modulate(Modulation {
                saturation: 1.0 + fraction(first()),
                ..Modulation::default()
            })),
            "modulate" => (args.len() >= 3).then(|| {
                Step::Modulate(Modulation {
                    lightness: 1.0 + fraction(first()),
                    saturation: 1.0 + fraction(args.number(1)),
                    hue: args.number(2),
                })
            }),
            "grayscale" => Some(Step::Grayscale),
            "invert" => Some(Step::Negate),
            "round_corner" => round_corner(args),
            "rotate" => {
                let turns = quarter_turns(args.integer(0));
                self.turned ^= turns.is_some_and(|turns| turns % 2 == 1);
                turns.map(|turns| {
                    Step::Rotate(Rotate {
                        degrees: f64::from(turns) * 90.0,
                        background: Color::TRANSPARENT,
                    })
                })
            }
            "proportion" => proportion(first()),
            "crop" => (args.len() >= 4).then(|| Step::Extract(crop(args))),
            "trim" => {
                let tolerance = u64::try_from(args.integer(0)).unwrap_or(0);
                let trim = trim_by(tolerance, args.text(1) == "bottom-right");
                Some(Step::Trim(trim))
            }
            "pixelate" => {
                let size = if args.len() == 0 { 10 } else { args.integer(0) };
                let size = u32::try_from(size).unwrap_or(0).min(MAX_LENGTH);
                (size > 1).then_some(Step::Pixelate { size, whole: true })
            }
            "watermark" => self.watermark(args)?,
            "image" => self.image(args)?,
            "label" => overlay::label(args),
            "text" => overlay::text(args),
            _ => None,
        })
    }

    /// `fill(color)`: the canvas is the URL's size and its padding. The axes are swapped where `rotate` has swapped them.
    fn fill(&self, args: &Args<'_>, parts: &Segments<'_>) -> Result<Step, Rejection> {
        let size = parts.size.map_or([0, 0], |size| [size.width, size.height]);
        let mut size = [pixels(size[0])?, pixels(size[1])?];
        for (length, side) in size.iter_mut().zip(self.sides) {
            *length = side.unwrap_or(*length);
        }
        let [left, top, right, bottom] = parts.padding.unwrap_or_default();
        let mut padding = [pixels(left)?, pixels(top)?, pixels(right)?, pixels(bottom)?];
        if self.turned {
            size.swap(0, 1);
            padding.swap(0, 1);
            padding.swap(2, 3);
        }
        let [left, top, right, bottom] = padding;
        let backdrop = args.backdrop(0);
        Ok(Step::Extend(Extend {
            width: Some(size[0]),
            height: Some(size[1]),
            left,
            top,
            right,
            bottom,
            backdrop,
            flatten: flattens(backdrop),
            ..Extend::default()
        }))
    }
}

/// Everything but the transparent backdrop and the blurred image shows through the image.
fn flattens(backdrop: Backdrop) -> bool {
    !matches!(backdrop, Backdrop::Blurred { .. }) && backdrop != Backdrop::Color(Color::TRANSPARENT)
}

/// `padding(color,l[,t[,r,b]])`.
fn padding(args: &Args<'_>) -> Result<Option<Step>, Rejection> {
    let margin = |at: usize| {
        let margin = u64::try_from(args.integer(at)).unwrap_or(0);
        pixels(margin).map_err(|_| too_long("the padding"))
    };
    let [left, top, right, bottom] = match args.len() {
        0 | 1 => return Ok(None),
        2 => [margin(1)?; 4],
        3 | 4 => [margin(1)?, margin(2)?, margin(1)?, margin(2)?],
        _ => [margin(1)?, margin(2)?, margin(3)?, margin(4)?],
    };
    let backdrop = args.backdrop(0);
    Ok(Some(Step::Extend(Extend {
        left,
        top,
        right,
        bottom,
        backdrop,
        flatten: flattens(backdrop),
        ..Extend::default()
    })))
}

/// `round_corner(rx[,ry[,color]])`.
fn round_corner(args: &Args<'_>) -> Option<Step> {
    let radius = |at: usize| {
        let pixels = args.integer(at).clamp(0, MAX_LENGTH.into());
        Length::from(u32::try_from(pixels).unwrap_or(MAX_LENGTH))
    };
    if args.integer(0) <= 0 {
        return None;
    }
    let across = radius(0);
    let down = if args.len() > 1 { radius(1) } else { across };
    Some(Step::RoundCorners(RoundCorners {
        radii: [(across, down); 4],
        background: (args.len() > 2).then(|| args.color(2)),
    }))
}

/// Of a counter-clockwise angle, 90, 180 or 270: how often a quarter clockwise.
fn quarter_turns(degrees: i64) -> Option<u8> {
    match degrees {
        90 => Some(3),
        180 => Some(2),
        270 => Some(1),
        _ => None,
    }
}

/// A percentage, or a factor up to 1; lengths are cut off to whole pixels.
fn proportion(value: f64) -> Option<Step> {
    let factor = if value > 1.0 {
        fraction(value.min(100.0))
    } else {
        value
    };
    (factor > 0.0).then(|| {
        Step::Resize(Resize {
            zoom: [factor, factor],
            truncate: true,
            ..Resize::to(0, 0, ResizeMode::Force)
        })
    })
}

/// `crop(left,top,width,height)`, each in pixels, or a fraction.
fn crop(args: &Args<'_>) -> Extract {
    Extract {
        width: Some(args.length(2)),
        height: Some(args.length(3)),
        gravity: Gravity::Anchor {
            horizontal: Align::Start,
            vertical: Align::Start,
            x: args.length(0),
            y: args.length(1),
        },
        inside: false,
    }
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
        "tiff" => FormatArg::Format(Format::Tiff),
        "jxl" => FormatArg::Format(Format::Jxl),
        "heif" | "heic" => FormatArg::Unwritable("heif"),
        "jp2" => FormatArg::Unwritable("jp2"),
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
