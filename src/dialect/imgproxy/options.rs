//! The options, by name: what each says goes into the pipeline that it stands in, or counts for the whole request.

use super::args::{self, Args, FormatArg};
use super::pipeline::{Extension, Pipeline, Place, Watermark};
use super::read::{Read, bytes, only_off, put, set};
use super::{Reader, bad_option, pro, quoted, source};
use crate::dialect::not_supported;
use crate::guard::Rejection;
use crate::recipe::{Color, Metadata, ResizeMode, Trim, TrimColor};
use crate::url_lex::imgproxy::ProcessingOption;

/// Limits of the server that imgproxy lets URLs set where it is told to.
pub(super) const SECURITY: [&str; 10] = [
    "max_src_resolution",
    "msr",
    "max_src_file_size",
    "msfs",
    "max_animation_frames",
    "maf",
    "max_animation_frame_resolution",
    "mafr",
    "max_result_dimension",
    "mrd",
];

/// The refusal of such an option.
pub(super) fn limit(name: &str) -> Rejection {
    Rejection::bad_request(format!(
        "{} is a limit of the server, and none that a URL sets",
        quoted(name)
    ))
}

impl<'a> Reader<'a> {
    /// Takes an option in, with its presets' where it names presets.
    pub(super) fn option(&mut self, option: ProcessingOption<'a>) -> Result<(), Rejection> {
        self.count_option()?;
        let args = Args::of(option.args).ok_or_else(|| bad_option(option))?;
        match option.name {
            "preset" | "pr" => return self.presets(option.args),
            name if SECURITY.contains(&name) => return Err(limit(name)),
            name if pro::NOT_BUILT.contains(&name) => {
                return Err(not_supported(&format!("the option {name}")));
            }
            _ => {}
        }
        let read = self
            .geometry(option.name, &args)
            .or_else(|| self.filter(option.name, &args))
            .or_else(|| self.file(option.name, &args))
            .or_else(|| self.pro_filter(option.name, &args))
            .or_else(|| self.pro_file(option.name, &args));
        match read {
            Some(Read::Taken) => Ok(()),
            Some(Read::Unreadable) => Err(bad_option(option)),
            Some(Read::Refused(why)) => Err(why),
            None => Err(Rejection::bad_request(format!(
                "{} is not an option",
                quoted(option.name)
            ))),
        }
    }

    /// The options of size and place. `None`: another one.
    fn geometry(&mut self, name: &str, args: &Args<'_>) -> Option<Read> {
        let to = self.pipeline();
        Some(Read::of(match name {
            "resize" | "rs" => resize(to, args),
            "size" | "s" => args.at_most(7).and_then(|()| size(to, args)),
            "resizing_type" | "rt" => args.only().and_then(|text| mode(to, text)),
            "width" | "w" => set(&mut to.size[0], args, args::length),
            "height" | "h" => set(&mut to.size[1], args, args::length),
            "min-width" | "mw" => set(&mut to.least[0], args, args::length),
            "min-height" | "mh" => set(&mut to.least[1], args, args::length),
            "zoom" | "z" => zoom(to, args),
            "dpr" => set(&mut to.dpr, args, args::above_zero),
            "enlarge" | "el" => set(&mut to.enlarge, args, args::boolean),
            "extend" | "ex" => extension(args).map(|extend| to.extend = extend),
            "extend_aspect_ratio" | "extend_ar" | "exar" => {
                extension(args).map(|extend| to.extend_ratio = extend)
            }
            "gravity" | "g" => {
                if let Some(refused) = detector(args.text(0)) {
                    return Some(refused);
                }
                args::gravity(args, true).map(|gravity| to.gravity = gravity)
            }
            "crop" | "c" => {
                if let Some(refused) = detector(args.text(2)) {
                    return Some(refused);
                }
                crop(to, args)
            }
            "trim" | "t" => trim(to, args),
            "padding" | "pd" => padding(to, args),
            "rotate" | "rot" => rotate(to, args),
            "flip" | "fl" => flip(to, args),
            _ => return None,
        }))
    }

    /// The options of colour and what is drawn.
    fn filter(&mut self, name: &str, args: &Args<'_>) -> Option<Read> {
        let to = self.pipeline();
        Some(Read::of(match name {
            "background" | "bg" => background(to, args),
            "blur" | "bl" => set(&mut to.blur, args, args::above_zero),
            "sharpen" | "sh" => set(&mut to.sharpen, args, args::above_zero),
            "pixelate" | "pix" => set(&mut to.pixelate, args, args::length),
            "watermark" | "wm" => {
                if args.text(1) == "ch" {
                    return Some(Read::Refused(not_supported("a watermark at ch")));
                }
                watermark(to, args)
            }
            _ => return None,
        }))
    }

    /// The options of how to read and write, and what to answer.
    fn file(&mut self, name: &str, args: &Args<'_>) -> Option<Read> {
        let to = &mut self.file;
        Some(Read::of(match name {
            "auto_rotate" | "ar" => set(&mut to.auto_rotate, args, args::boolean),
            "strip_metadata" | "sm" => set(&mut to.strip_metadata, args, args::boolean),
            "keep_copyright" | "kcr" => set(&mut to.keep_copyright, args, args::boolean),
            "strip_color_profile" | "scp" => set(&mut to.strip_profile, args, args::boolean),
            "preserve_hdr" | "ph" => return Some(only_off(name, args)),
            "raw" => set(&mut to.raw, args, args::boolean),
            // An embedded thumbnail is never what is read: it is the same picture, and smaller.
            "enforce_thumbnail" | "eth" => args.only().and_then(args::boolean).map(|_| ()),
            "quality" | "q" => set(&mut to.quality, args, args::quality),
            "format_quality" | "fq" => format_quality(to, args),
            "max_bytes" | "mb" => set(&mut to.max_bytes, args, bytes),
            "format" | "f" | "ext" => match args.only() {
                Some("best") => return Some(Read::Refused(not_supported("the format best"))),
                Some(name) => to.set_format(name),
                None => None,
            },
            "skip_processing" | "skp" => skip(args).map(|formats| to.skip = formats),
            "cachebuster" | "cb" => args.at_most(1),
            // The signature layer reads when a URL expires.
            "expires" | "exp" => args.only().and_then(expiry),
            "filename" | "fn" => filename(args).map(|name| to.filename = Some(name)),
            "return_attachment" | "att" => set(&mut to.attachment, args, args::boolean),
            _ => return None,
        }))
    }
}

/// What counts for the whole request.
#[derive(Clone, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an option of its own"
)]
pub(super) struct File {
    pub(super) auto_rotate: bool,
    pub(super) strip_metadata: bool,
    pub(super) keep_copyright: bool,
    pub(super) strip_profile: bool,
    pub(super) quality: Option<u8>,
    pub(super) format_quality: Vec<(crate::recipe::Format, u8)>,
    pub(super) max_bytes: Option<u64>,
    pub(super) format: Option<crate::recipe::Format>,
    /// The name of a format that no build writes, where that was the last.
    pub(super) unwritable: Option<&'static str>,
    pub(super) filename: Option<Box<str>>,
    pub(super) attachment: bool,
    pub(super) page: Option<u32>,
    pub(super) still: bool,
    pub(super) likeness: Option<f64>,
    pub(super) progressive: bool,
    pub(super) interlaced: bool,
    pub(super) colors: Option<u16>,
    pub(super) quantize: bool,
    pub(super) lossless: bool,
    pub(super) quality_range: Option<(u8, u8)>,
    pub(super) raw: bool,
    /// The formats whose files are left as they are.
    pub(super) skip: Vec<crate::recipe::Format>,
    pub(super) checksum: Option<crate::recipe::Checksum>,
    pub(super) fallback: Option<Box<str>>,
}

impl Default for File {
    fn default() -> Self {
        Self {
            auto_rotate: true,
            strip_metadata: true,
            keep_copyright: true,
            strip_profile: true,
            quality: None,
            format_quality: Vec::new(),
            max_bytes: None,
            format: None,
            unwritable: None,
            filename: None,
            attachment: false,
            page: None,
            still: false,
            likeness: None,
            progressive: false,
            interlaced: false,
            colors: None,
            quantize: false,
            lossless: false,
            quality_range: None,
            raw: false,
            skip: Vec::new(),
            checksum: None,
            fallback: None,
        }
    }
}

impl File {
    pub(super) fn set_format(&mut self, name: &str) -> Option<()> {
        (self.format, self.unwritable) = match args::format(name)? {
            FormatArg::Format(format) => (Some(format), None),
            FormatArg::Unwritable(name) => (None, Some(name)),
        };
        Some(())
    }

    pub(super) fn metadata(&self) -> Metadata {
        match (self.strip_metadata, self.keep_copyright) {
            (false, _) => Metadata::Keep,
            (true, true) => Metadata::Copyright,
            (true, false) => Metadata::Strip,
        }
    }
}

/// `TYPE:w:h:enlarge:extend...`, each of which may be left out.
fn resize(to: &mut Pipeline, args: &Args<'_>) -> Option<()> {
    args.at_most(8)?;
    if !args.text(0).is_empty() {
        mode(to, args.text(0))?;
    }
    match args.from(1, 7) {
        Some(rest) => size(to, &rest),
        None => Some(()),
    }
}

/// `w:h:enlarge:extend[:gravity]`.
fn size(to: &mut Pipeline, args: &Args<'_>) -> Option<()> {
    put(&mut to.size[0], args, 0, args::length)?;
    put(&mut to.size[1], args, 1, args::length)?;
    put(&mut to.enlarge, args, 2, args::boolean)?;
    if !args.text(3).is_empty() {
        to.extend = extension(&args.from(3, 4)?)?;
    }
    Some(())
}

fn mode(to: &mut Pipeline, text: &str) -> Option<()> {
    (to.mode, to.down) = match text {
        "fit" => (ResizeMode::Fit, false),
        "fill" => (ResizeMode::Fill, false),
        "fill-down" => (ResizeMode::Fill, true),
        "force" => (ResizeMode::Force, false),
        "auto" => (ResizeMode::Auto, false),
        _ => return None,
    };
    Some(())
}

fn zoom(to: &mut Pipeline, args: &Args<'_>) -> Option<()> {
    args.at_most(2)?;
    let across = args::above_zero(args.text(0))?;
    let down = match args.len() {
        2 => args::above_zero(args.text(1))?,
        _ => across,
    };
    to.zoom = [across, down];
    Some(())
}

/// `BOOL[:gravity]`.
fn extension(args: &Args<'_>) -> Option<Extension> {
    Some(Extension {
        on: args::boolean(args.text(0))?,
        gravity: match args.len() {
            1 => crate::recipe::Gravity::default(),
            _ => args::gravity(&args.from(1, 3)?, false)?,
        },
    })
}

/// A gravity that asks for a detector.
fn detector(name: &str) -> Option<Read> {
    matches!(name, "obj" | "objw")
        .then(|| Read::Refused(not_supported(&format!("the gravity {name}"))))
}

fn crop(to: &mut Pipeline, args: &Args<'_>) -> Option<()> {
    let mut sides = [args::at_least_zero(args.text(0))?, 0.0];
    if args.len() > 1 {
        sides[1] = args::at_least_zero(args.text(1))?;
    }
    // Pixels are whole.
    to.crop = sides.map(|side| if side >= 1.0 { side.trunc() } else { side });
    to.crop_gravity = match args.len() {
        0..=2 => None,
        _ => Some(args::gravity(&args.from(2, 3)?, true)?),
    };
    Some(())
}

fn trim(to: &mut Pipeline, args: &Args<'_>) -> Option<()> {
    const MAGENTA: Color = Color::opaque(255, 0, 255);
    /// What magenta stands for: what is transparent too. Half transparent itself, it is like both.
    const KEY: Color = Color {
        alpha: 128,
        ..MAGENTA
    };

    args.at_most(4)?;
    let Some(tolerance) = args.given(0, args::at_least_zero)? else {
        to.trim = None;
        return Some(());
    };
    let color = args.given(1, args::color)?;
    let color = color.map(|color| if color == MAGENTA { KEY } else { color });
    let mut trim = Trim {
        tolerance: tolerance.min(255.0),
        color: color.map_or(TrimColor::TopLeft, TrimColor::Color),
        crop: None,
        equal_horizontal: false,
        equal_vertical: false,
    };
    put(&mut trim.equal_horizontal, args, 2, args::boolean)?;
    put(&mut trim.equal_vertical, args, 3, args::boolean)?;
    to.trim = Some(trim);
    Some(())
}

/// As in CSS.
fn padding(to: &mut Pipeline, args: &Args<'_>) -> Option<()> {
    args.at_most(4)?;
    let side = |at, other: u32| Some(args.given(at, args::length)?.unwrap_or(other));
    let top = side(0, to.padding[0])?;
    let right = side(1, top)?;
    let bottom = side(2, top)?;
    let left = side(3, right)?;
    to.padding = [top, right, bottom, left];
    Some(())
}

fn rotate(to: &mut Pipeline, args: &Args<'_>) -> Option<()> {
    let degrees: i32 = args.only()?.parse().ok()?;
    if degrees % 90 != 0 {
        return None;
    }
    to.turns = u8::try_from((degrees / 90).rem_euclid(4)).ok()?;
    Some(())
}

fn flip(to: &mut Pipeline, args: &Args<'_>) -> Option<()> {
    args.at_most(2)?;
    put(&mut to.flip[0], args, 0, args::boolean)?;
    put(&mut to.flip[1], args, 1, args::boolean)
}

fn background(to: &mut Pipeline, args: &Args<'_>) -> Option<()> {
    let sample = |at| {
        let sample = args::length(args.text(at))?;
        u8::try_from(sample).ok()
    };
    to.background = match (args.len(), args.text(0)) {
        (1, "") => None,
        (1, hex) => Some(args::color(hex)?),
        (3, _) => Some(Color::opaque(sample(0)?, sample(1)?, sample(2)?)),
        _ => return None,
    };
    Some(())
}

fn watermark(to: &mut Pipeline, args: &Args<'_>) -> Option<()> {
    args.at_most(5)?;
    let opacity = args::share(args.text(0))?;
    let place = args.given(1, |text| match text {
        "re" => Some(Place::Tiles),
        text => args::side(text).map(|(across, down)| Place::Side(across, down)),
    })?;
    let center = crate::recipe::Align::Center;
    let mut mark = Watermark {
        opacity,
        place: place.unwrap_or(Place::Side(center, center)),
        offset: [0.0; 2],
        scale: 0.0,
    };
    put(&mut mark.offset[0], args, 2, args::number)?;
    put(&mut mark.offset[1], args, 3, args::number)?;
    put(&mut mark.scale, args, 4, args::at_least_zero)?;
    to.watermark = (opacity > 0.0).then_some(mark);
    Some(())
}

fn format_quality(to: &mut File, args: &Args<'_>) -> Option<()> {
    if !args.len().is_multiple_of(2) {
        return None;
    }
    for at in (0..args.len()).step_by(2) {
        let quality = args::quality(args.text(at + 1))?;
        // Formats that no build writes may be named too.
        if let FormatArg::Format(format) = args::format(args.text(at))? {
            to.format_quality.retain(|(of, _)| *of != format);
            to.format_quality
                .extend(quality.map(|quality| (format, quality)));
        }
    }
    Some(())
}

/// Formats whose files are left as they are.
fn skip(args: &Args<'_>) -> Option<Vec<crate::recipe::Format>> {
    let mut formats = Vec::new();
    for name in args.iter().filter(|name| !name.is_empty()) {
        match args::format(name)? {
            FormatArg::Format(format) if !formats.contains(&format) => formats.push(format),
            FormatArg::Format(_) | FormatArg::Unwritable(_) => {}
        }
    }
    Some(formats)
}

pub(super) fn expiry(text: &str) -> Option<()> {
    crate::url_lex::canonical_number(text).map(|_| ())
}

/// `NAME[:encoded]`: percent-encoded or, where `encoded` is true, base64url.
fn filename(args: &Args<'_>) -> Option<Box<str>> {
    args.at_most(2)?;
    let mut encoded = false;
    put(&mut encoded, args, 1, args::boolean)?;
    let name = if encoded {
        source::base64(args.text(0))?
    } else {
        let decoded = percent_encoding::percent_decode_str(args.text(0));
        decoded.decode_utf8().ok()?.into_owned()
    };
    (!name.contains(char::is_control)).then(|| name.into())
}
