//! imagor's grammar: from its parts to a recipe.

mod args;
mod color;
mod filters;
mod overlay;
mod print;

pub(super) use self::print::print;
use super::{MAX_LENGTH, check_name, not_supported};
use crate::guard::Rejection;
use crate::recipe::{
    Align, Crop, Focus, Gravity, ImageRequest, Length, Recipe, Resize, ResizeMode, Step, Trim,
    TrimColor, Unit,
};
use crate::signature::VerifiedTarget;
use crate::url_lex::imagor::{Horizontal, Segments, Vertical, decode_image, lex};

/// The most images of one request.
const MAX_SOURCES: usize = 9;

/// The most steps of one request, those of its overlays counted.
const MAX_STEPS: usize = 64;

/// How deep images may lie in images.
const MAX_DEPTH: u32 = 3;

pub(super) fn parse(target: &VerifiedTarget, strict: bool) -> Result<ImageRequest, Rejection> {
    let text = str::from_utf8(target.bytes())
        .map_err(|_| Rejection::bad_request("the URL is not UTF-8"))?;
    let parts = lex(text);
    for (asked, segment) in [(target.params(), "params"), (parts.meta, "meta")] {
        if asked {
            return Err(not_supported(segment));
        }
    }
    let mut request = Request {
        image: ImageRequest::new(name(parts.image)?, Recipe::default()),
        strict,
        depth: 0,
        steps: 0,
        turned: false,
    };
    let steps = segments(&mut request, &parts)?;
    request.image.recipe.steps = steps;
    Ok(request.image)
}

/// A request, as far as it is read.
struct Request {
    image: ImageRequest,
    strict: bool,
    /// How many images this is in.
    depth: u32,
    /// How many steps there are.
    steps: usize,
    /// Whether `rotate` has swapped the axes.
    turned: bool,
}

impl Request {
    /// The place of an image among the sources.
    fn add_source(&mut self, name: &str) -> Result<usize, Rejection> {
        check_name(name)?;
        let sources = &mut self.image.sources;
        if sources.len() >= MAX_SOURCES {
            return Err(Rejection::bad_request("there are more than 8 overlays"));
        }
        sources.push(name.into());
        Ok(sources.len() - 1)
    }

    /// Reads what is done to an overlay: its output is not another one's.
    fn nested<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, Rejection>,
    ) -> Result<T, Rejection> {
        if self.depth + 1 >= MAX_DEPTH {
            return Err(Rejection::bad_request("images lie too deep in images"));
        }
        let (output, input) = (
            self.image.recipe.output.clone(),
            self.image.recipe.input.clone(),
        );
        let turned = std::mem::take(&mut self.turned);
        self.depth += 1;
        let read = read(self);
        self.depth -= 1;
        self.turned = turned;
        self.image.recipe.output = output;
        self.image.recipe.input = input;
        read
    }

    fn count_step(&mut self) -> Result<(), Rejection> {
        self.steps += 1;
        if self.steps > MAX_STEPS {
            return Err(Rejection::bad_request(format!(
                "there are more than {MAX_STEPS} steps"
            )));
        }
        Ok(())
    }
}

/// The steps of a URL, in imagor's order: crop and trim, resize, flip, and the filters as they stand.
fn segments(request: &mut Request, parts: &Segments<'_>) -> Result<Vec<Step>, Rejection> {
    let modes = filters::Modes::of(parts);
    let mut steps = Vec::new();
    let crop = parts.crop.map_or(Ok(None), crop)?;
    if let Some(trim) = parts.trim {
        steps.push(Step::Trim(Trim {
            crop,
            ..trim_by(trim.tolerance, trim.bottom_right)
        }));
    } else if let Some(crop) = crop {
        steps.push(Step::Crop(crop));
    }
    if let Some(resize) = resize(parts, modes)? {
        steps.push(Step::Resize(resize));
    }
    if let Some(size) = parts.size
        && (size.flip_horizontal || size.flip_vertical)
    {
        steps.push(Step::Flip {
            horizontal: size.flip_horizontal,
            vertical: size.flip_vertical,
        });
    }
    for _ in &steps {
        request.count_step()?;
    }
    filters::read(request, parts, &mut steps)?;
    Ok(steps)
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
    Ok(Some(Crop {
        left,
        top,
        right,
        bottom,
        unit: unit(edges),
        one_short: true,
    }))
}

fn unit([left, top, right, bottom]: [f64; 4]) -> Unit {
    if left < 1.0 && top < 1.0 && right <= 1.0 && bottom <= 1.0 {
        Unit::Fraction
    } else {
        Unit::Pixels
    }
}

/// A tolerance of 0 is one of 1.
fn trim_by(tolerance: u64, bottom_right: bool) -> Trim {
    let tolerance = u8::try_from(tolerance.max(1)).unwrap_or(u8::MAX);
    Trim {
        tolerance: tolerance.into(),
        color: if bottom_right {
            TrimColor::BottomRight
        } else {
            TrimColor::TopLeft
        },
        crop: None,
        equal_horizontal: false,
        equal_vertical: false,
    }
}

fn resize(parts: &Segments<'_>, modes: filters::Modes) -> Result<Option<Resize>, Rejection> {
    let Some(size) = parts.size else {
        return Ok(None);
    };
    let (width, height) = (length(size.width)?, length(size.height)?);
    if (width, height) == (0, 0) {
        return Ok(None);
    }
    let (mode, enlarges) = match parts.fit {
        Some(fit) if fit.full => (ResizeMode::Cover, true),
        Some(_) => (ResizeMode::Fit, false),
        None if parts.stretch || modes.stretch => (ResizeMode::Force, true),
        None => (ResizeMode::Fill, true),
    };
    Ok(Some(Resize {
        enlarge: modes.enlarge.unwrap_or(enlarges),
        adaptive: parts.fit.is_some_and(|fit| fit.adaptive),
        gravity: gravity(parts),
        ..Resize::to(width, height, mode)
    }))
}

/// Focal areas win over `smart`, and that over the sides.
fn gravity(parts: &Segments<'_>) -> Gravity {
    let areas: Vec<Focus> = filters::focal_areas(parts).collect();
    if !areas.is_empty() {
        return Gravity::Focus(areas);
    }
    if parts.smart {
        return Gravity::Smart;
    }
    Gravity::anchor(
        match parts.horizontal {
            Some(Horizontal::Left) => Align::Start,
            Some(Horizontal::Center) | None => Align::Center,
            Some(Horizontal::Right) => Align::End,
        },
        match parts.vertical {
            Some(Vertical::Top) => Align::Start,
            Some(Vertical::Middle) | None => Align::Center,
            Some(Vertical::Bottom) => Align::End,
        },
    )
}

fn length(length: u64) -> Result<u32, Rejection> {
    let length = u32::try_from(length).ok();
    length
        .filter(|&length| length <= MAX_LENGTH)
        .ok_or_else(|| too_long("the size"))
}

fn too_long(what: &str) -> Rejection {
    Rejection::bad_request(format!("{what} is beyond {MAX_LENGTH} pixels"))
}

/// Of percent.
fn fraction(percent: f64) -> f64 {
    percent / 100.0
}

/// Pixels, within what a URL may name.
fn pixels(length: u64) -> Result<Length, Rejection> {
    Ok(Length::from(self::length(length)?))
}

#[cfg(test)]
mod tests;
