//! What imgproxy's paid edition has beyond the open one, as far as it is built.

use super::args::{self, Args};
use super::pipeline::{Colorize, Unsharp};
use super::read::{Read, bytes, only_off, put, set};
use super::{Reader, checksum, page, source};
use crate::dialect::not_supported;
use crate::recipe::{Color, Gradient, Kernel, Length};

/// Options that are refused by name.
pub(super) const NOT_BUILT: &[&str] = &[
    "objects_position",
    "obj_pos",
    "op",
    "crop_aspect_ratio",
    "crop_ar",
    "car",
    "crop_objects",
    "co_obj",
    "monochrome",
    "mc",
    "duotone",
    "dt",
    "blur_areas",
    "ba",
    "progressive_blur",
    "pbl",
    "blur_detections",
    "bd",
    "draw_detections",
    "dd",
    "watermark_text",
    "wmt",
    "watermark_size",
    "wms",
    "watermark_rotate",
    "wm_rot",
    "wmr",
    "watermark_shadow",
    "wmsh",
    "style",
    "st",
    "dpi",
    "color_profile",
    "cp",
    "icc",
    "avif_options",
    "avifo",
    "video_thumbnail_second",
    "vts",
    "video_thumbnail_keyframes",
    "vtk",
    "video_thumbnail_tile",
    "vtt",
    "video_thumbnail_animation",
    "vta",
];

impl Reader<'_> {
    pub(super) fn pro_filter(&mut self, name: &str, args: &Args<'_>) -> Option<Read> {
        if matches!(name, "watermark_url" | "wmu") {
            return Some(self.watermark_url(args));
        }
        let to = self.pipeline();
        Some(Read::of(match name {
            "resizing_algorithm" | "ra" => set(&mut to.kernel, args, kernel),
            "background_alpha" | "bga" => set(&mut to.background_alpha, args, args::alpha),
            "adjust" | "a" => args.at_most(3).and_then(|()| {
                put(&mut to.brightness, args, 0, brightness)?;
                put(&mut to.contrast, args, 1, args::at_least_zero)?;
                put(&mut to.saturation, args, 2, args::at_least_zero)
            }),
            "brightness" | "br" => set(&mut to.brightness, args, brightness),
            "contrast" | "co" => set(&mut to.contrast, args, args::at_least_zero),
            "saturation" | "sa" => set(&mut to.saturation, args, args::at_least_zero),
            "unsharp_masking" | "unsharp_mask" | "ush" => {
                unsharp(args).map(|unsharp| to.unsharp = unsharp)
            }
            "colorize" | "col" => colorize(args).map(|colorize| to.colorize = colorize),
            "gradient" | "gr" => {
                if args::share(args.text(3)).is_some_and(|start| start > 0.0) {
                    return Some(Read::Refused(not_supported("the start of a gradient")));
                }
                gradient(args).map(|gradient| to.gradient = gradient)
            }
            _ => return None,
        }))
    }

    pub(super) fn pro_file(&mut self, name: &str, args: &Args<'_>) -> Option<Read> {
        let to = &mut self.file;
        Some(Read::of(match name {
            "page" | "pg" => page(args).map(|page| to.page = page),
            "pages" | "pgs" => match args.only().and_then(args::length) {
                Some(2..) => return Some(Read::Refused(not_supported("more than one page"))),
                pages => pages.map(|_| ()),
            },
            "disable_animation" | "da" => set(&mut to.still, args, args::boolean),
            "autoquality" | "aq" => return Some(self.autoquality(args)),
            "jpeg_options" | "jpgo" => {
                // All but the first and second say how hard to try, or how.
                if args::boolean(args.text(1)) == Some(true) {
                    return Some(Read::Refused(not_supported("no_subsample of jpeg_options")));
                }
                args.at_most(6)
                    .and_then(|()| put(&mut to.progressive, args, 0, args::boolean))
            }
            "png_options" | "pngo" => args.at_most(3).and_then(|()| {
                put(&mut to.interlaced, args, 0, args::boolean)?;
                put(&mut to.quantize, args, 1, args::boolean)?;
                put(&mut to.colors, args, 2, colors)
            }),
            "webp_options" | "webpo" => match args.text(0) {
                "" | "lossy" => {
                    to.lossless = false;
                    args.at_most(3)
                }
                "lossless" => {
                    to.lossless = true;
                    args.at_most(3)
                }
                "near_lossless" => {
                    return Some(Read::Refused(not_supported("near_lossless")));
                }
                _ => None,
            },
            "hashsum" | "hs" => match checksum::checksum(args) {
                Ok(checksum) => {
                    to.checksum = checksum;
                    Some(())
                }
                Err(read) => return Some(read),
            },
            "fallback_image_url" | "fiu" => return Some(self.fallback(args)),
            // What is kept is not for a URL to say; tags are for removing what is kept, and say nothing of the image.
            "bypass_cache" | "bc" => return Some(only_off(name, args)),
            "cache_tags" | "ct" => Some(()),
            _ => return None,
        }))
    }

    /// `METHOD:target:min_quality:max_quality:allowed_error`.
    fn autoquality(&mut self, args: &Args<'_>) -> Read {
        let range = quality_range(args);
        let to = &mut self.file;
        let Some(range) = range else {
            return Read::Unreadable;
        };
        to.quality_range = range;
        match args.text(0) {
            "none" => {
                to.likeness = None;
                to.quality_range = None;
                Read::of(args.at_most(5))
            }
            "size" => Read::of(bytes(args.text(1)).and_then(|bytes| {
                to.max_bytes = Some(bytes?);
                args.at_most(5)
            })),
            "dssim" => Read::of(args.given(1, args::share).and_then(|target| {
                to.likeness = Some(likeness(target.unwrap_or(0.02)));
                args.at_most(5)
            })),
            "ml" => Read::Refused(not_supported("the method ml of autoquality")),
            _ => Read::Unreadable,
        }
    }

    /// The image to take where the source cannot be had: base64url.
    fn fallback(&mut self, args: &Args<'_>) -> Read {
        match args.only() {
            None => Read::Unreadable,
            Some("") => {
                self.file.fallback = None;
                Read::Taken
            }
            Some(text) => match source::base64(text).map(|name| source::name(&name)) {
                None => Read::Unreadable,
                Some(Err(why)) => Read::Refused(why),
                Some(Ok(name)) => {
                    self.file.fallback = Some(name);
                    Read::Taken
                }
            },
        }
    }

    /// The watermark of this request: base64url.
    fn watermark_url(&mut self, args: &Args<'_>) -> Read {
        let Some(text) = args.only() else {
            return Read::Unreadable;
        };
        if text.is_empty() {
            self.pipeline().watermark_source = None;
            return Read::Taken;
        }
        let Some(name) = source::base64(text) else {
            return Read::Unreadable;
        };
        let name = match source::name(&name) {
            Ok(name) => name,
            Err(why) => return Read::Refused(why),
        };
        match self.add_source(name) {
            Ok(at) => {
                self.pipeline().watermark_source = Some(at);
                Read::Taken
            }
            Err(why) => Read::Refused(why),
        }
    }
}

/// The qualities between which one is looked for: the third argument and the fourth. How far off the target the result may
/// be, the fifth, is read and not used: it is as near as whole qualities come.
#[expect(clippy::option_option, reason = "none, and none that can be read")]
fn quality_range(args: &Args<'_>) -> Option<Option<(u8, u8)>> {
    let of = |at| {
        let quality = args.given(at, args::length)?.unwrap_or(0);
        u8::try_from(quality).ok().filter(|quality| *quality <= 100)
    };
    let (least, most) = (of(2)?, of(3)?);
    args.given(4, args::at_least_zero)?;
    if (least, most) == (0, 0) {
        return Some(None);
    }
    let most = if most == 0 { 100 } else { most };
    (least <= most).then_some(Some((least.max(1), most)))
}

fn kernel(text: &str) -> Option<Kernel> {
    Some(match text {
        "nearest" => Kernel::Nearest,
        "linear" => Kernel::Linear,
        "cubic" => Kernel::Cubic,
        "lanczos2" => Kernel::Lanczos2,
        "lanczos3" => Kernel::Lanczos3,
        _ => return None,
    })
}

fn brightness(text: &str) -> Option<f64> {
    args::number(text).filter(|number| number.abs() <= 255.0)
}

/// `MODE:weight:divider`.
#[expect(clippy::option_option, reason = "none, and none that can be read")]
fn unsharp(args: &Args<'_>) -> Option<Option<Unsharp>> {
    args.at_most(3)?;
    let auto = match args.text(0) {
        "none" => return Some(None),
        "always" => false,
        "" | "auto" => true,
        _ => return None,
    };
    Some(Some(Unsharp {
        auto,
        weight: args.given(1, args::above_zero)?.unwrap_or(1.0),
        divider: args.given(2, args::above_zero)?.unwrap_or(24.0),
    }))
}

/// `OPACITY:color:keep_alpha`.
#[expect(clippy::option_option, reason = "none, and none that can be read")]
fn colorize(args: &Args<'_>) -> Option<Option<Colorize>> {
    args.at_most(3)?;
    let amount = args::share(args.text(0))?;
    let colorize = Colorize {
        color: args.given(1, args::color)?.unwrap_or(Color::BLACK),
        amount,
        keep_alpha: args.given(2, args::boolean)?.unwrap_or(false),
    };
    Some((amount > 0.0).then_some(colorize))
}

/// `OPACITY:color:direction:start:stop`.
#[expect(clippy::option_option, reason = "none, and none that can be read")]
fn gradient(args: &Args<'_>) -> Option<Option<Gradient>> {
    args.at_most(5)?;
    let alpha = args::alpha(args.text(0))?;
    let color = args.given(1, args::color)?.unwrap_or(Color::BLACK);
    let degrees = args.given(2, |text| match text {
        "down" => Some(0.0),
        "left" => Some(90.0),
        "up" => Some(180.0),
        "right" => Some(270.0),
        degrees => args::number(degrees),
    })?;
    args.given(3, args::share)?;
    let stop = args.given(4, args::share)?.unwrap_or(1.0);
    Some((alpha > 0).then_some(Gradient {
        // There 0 is down, here it is up.
        degrees: (degrees.unwrap_or(0.0) + 180.0).rem_euclid(360.0),
        from: Color { alpha: 0, ..color },
        to: Color { alpha, ..color },
        stop: Length::Fraction(stop),
    }))
}

#[expect(clippy::option_option, reason = "none, and none that can be read")]
fn colors(text: &str) -> Option<Option<u16>> {
    let colors: u16 = text.parse().ok()?;
    (2..=256).contains(&colors).then_some(Some(colors))
}

/// Of a DSSIM, SSIMULACRA2: 0 is alike; at imgproxy's default, 0.02, 75.
pub(in crate::dialect) fn likeness(dssim: f64) -> f64 {
    (100.0 - 25.0 * (dssim / 0.02).sqrt()).max(10.0)
}
