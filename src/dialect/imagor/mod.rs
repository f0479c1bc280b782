//! imagor's grammar: from its parts to a recipe.

mod answers;
mod args;
mod color;
mod filters;
mod overlay;
mod params;
mod print;
mod thumbor;

use percent_encoding::percent_decode_str;

pub(super) use self::print::print;
use super::{MAX_LENGTH, Site, check_name, not_supported};
use crate::guard::Rejection;
use crate::recipe::{
    Align, Blank, Color, Computed, Crop, Expression, Fact, Focus, Format, Gravity, ImageRequest,
    Length, Operator, Property, Resize, ResizeMode, Step, Term, Trim, TrimColor, Unit, Variable,
};
use crate::signature::VerifiedTarget;
use crate::url_lex::imagor::{Horizontal, Segments, Vertical, decode_image, lex, lex_thumbor};

/// The most images of one request.
const MAX_SOURCES: usize = 9;

/// The most steps of one request, those of its overlays counted.
const MAX_STEPS: usize = 64;

/// How deep images may lie in images.
const MAX_DEPTH: u32 = 3;

/// What a site has set.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Options {
    pub(super) site: Site,
    /// Whether what thumbor means counts, where that is not what imagor means.
    pub(super) thumbor: bool,
}

pub(super) fn parse(target: &VerifiedTarget, options: Options) -> Result<ImageRequest, Rejection> {
    let text = str::from_utf8(target.bytes())
        .map_err(|_| Rejection::bad_request("the URL is not UTF-8"))?;
    let parts = if options.thumbor {
        lex_thumbor(text)
    } else {
        lex(text)
    };
    if target.params() {
        return params::request(text, &parts, target.signed());
    }
    let mut image = ImageRequest::default();
    image.recipe.output.otherwise = Some(Format::Jpeg);
    image.recipe.output.metadata = options.site.metadata;
    let main = if options.thumbor {
        Main::Source(name_of_thumbor(parts.image)?)
    } else {
        main(parts.image)?
    };
    match main {
        Main::Source(name) => image.sources.push(name),
        Main::Color(color) => image.recipe.input.blank = Some(blank(&parts, color)?),
    }
    let mut request = Request {
        image,
        options,
        depth: 0,
        steps: 0,
        turned: false,
        sides: [None; 2],
        raw: false,
        preview: false,
        hashes: Vec::new(),
        without_exif: false,
    };
    let steps = segments(&mut request, &parts)?;
    request.image.recipe.steps = steps;
    request.finish(parts.meta)
}

/// What a picture is made of.
enum Main {
    Source(Box<str>),
    Color(Color),
}

/// The name of thumbor's image, which is percent-decoded alone.
fn name_of_thumbor(image: &str) -> Result<Box<str>, Rejection> {
    let name = percent_decode_str(image)
        .decode_utf8()
        .map_err(|_| Rejection::bad_request("the name of the image is not UTF-8"))?;
    check_name(&name)?;
    Ok(name.into())
}

/// The color of a `color:` image.
fn color_of(name: &str) -> Option<&str> {
    let (scheme, color) = name.split_once(':')?;
    scheme.eq_ignore_ascii_case("color").then_some(color)
}

fn main(image: &str) -> Result<Main, Rejection> {
    let name = name(image)?;
    let Some(text) = color_of(&name) else {
        return Ok(Main::Source(name));
    };
    let color = color::with_alpha(text);
    color
        .map(Main::Color)
        .ok_or_else(|| Rejection::bad_request("what follows color: is no color"))
}

/// A picture of the URL's size: a square where that has one side, a pixel where it has none.
fn blank(parts: &Segments<'_>, color: Color) -> Result<Blank, Rejection> {
    let [width, height] = parts.size.map_or([0; 2], |size| [size.width, size.height]);
    let (width, height) = match [length(width)?, length(height)?] {
        [0, 0] => (1, 1),
        [0, side] | [side, 0] => (side, side),
        [width, height] => (width, height),
    };
    Ok(Blank {
        width,
        height,
        color,
    })
}

/// A request, as far as it is read.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is asked for by a filter of its own"
)]
struct Request {
    image: ImageRequest,
    options: Options,
    /// How many images this is in.
    depth: u32,
    /// How many steps there are.
    steps: usize,
    /// Whether `rotate` has swapped the axes.
    turned: bool,
    /// The width and height of the URL, where they depend on the image beneath.
    sides: [Option<Length>; 2],
    /// Whether the source is wanted as it is.
    raw: bool,
    /// Whether the image is not to be kept.
    preview: bool,
    /// What `meta/` tells beside the usual; `None` for a filter whose arguments make no sense.
    hashes: Vec<Option<Fact>>,
    /// Whether `meta/` leaves out what the camera wrote.
    without_exif: bool,
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
        let (turned, sides) = (std::mem::take(&mut self.turned), self.sides);
        self.depth += 1;
        let read = read(self);
        self.depth -= 1;
        (self.turned, self.sides) = (turned, sides);
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

impl Request {
    /// Finds the sides that are those of the image beneath, and returns what computes them.
    fn measure(&mut self, parts: &Segments<'_>) -> Vec<Expression> {
        let full = parts.size.map_or([None; 2], |size| size.full);
        let mut lengths = Vec::new();
        self.sides = [None; 2];
        let sides = self.sides.iter_mut().zip(full);
        for ((side, less), of) in sides.zip([Property::Width, Property::Height]) {
            let Some(less) = less else { continue };
            let place = u8::try_from(lengths.len()).unwrap_or_default();
            *side = Some(Length::Computed(place));
            // thumbor's `orig`, or imagor's `f`.
            let side = if self.options.thumbor {
                Variable::Initial(of)
            } else {
                Variable::Base(of)
            };
            lengths.push(shorter(side, less));
        }
        lengths
    }
}

/// A side of an image, less so many pixels.
fn shorter(side: Variable, less: u64) -> Expression {
    let less = u32::try_from(less).unwrap_or(u32::MAX);
    let terms = vec![
        Term::Variable(side),
        Term::Number(less.into()),
        Term::Operator(Operator::Subtract),
    ];
    Expression::postfix(terms).unwrap_or_else(|| side.into())
}

/// The steps of a URL, in imagor's order: crop and trim, resize, flip, and the filters as they stand.
fn segments(request: &mut Request, parts: &Segments<'_>) -> Result<Vec<Step>, Rejection> {
    let modes = filters::Modes::of(parts);
    let mut steps = Vec::new();
    let lengths = request.measure(parts);
    let thumbor = request.options.thumbor;
    let crop = parts.crop.map_or(Ok(None), |edges| crop(edges, thumbor))?;
    if let Some(trim) = parts.trim {
        steps.push(Step::Trim(Trim {
            crop,
            ..trim_by(trim.tolerance, trim.bottom_right)
        }));
    } else if let Some(crop) = crop {
        steps.push(Step::Crop(crop));
    }
    if let Some(resize) = resize(parts, modes, request.sides)? {
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
    if !lengths.is_empty() {
        steps = vec![Step::Computed(Box::new(Computed { lengths, steps }))];
    }
    Ok(steps)
}

/// The name of the image.
fn name(image: &str) -> Result<Box<str>, Rejection> {
    let name = decode_image(image)
        .ok_or_else(|| Rejection::bad_request("the name of the image is not UTF-8"))?;
    check_name(&name)?;
    Ok(name.into())
}

/// All zeros are no crop. Edges are fractions where every one of them can be.
fn crop(edges: [f64; 4], thumbor: bool) -> Result<Option<Crop>, Rejection> {
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
        unit: if thumbor { Unit::Pixels } else { unit(edges) },
        one_short: !thumbor,
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

fn resize(
    parts: &Segments<'_>,
    modes: filters::Modes,
    sides: [Option<Length>; 2],
) -> Result<Option<Resize>, Rejection> {
    let Some(size) = parts.size else {
        return Ok(None);
    };
    let (width, height) = (length(size.width)?, length(size.height)?);
    if (width, height) == (0, 0) && sides == [None; 2] {
        return Ok(None);
    }
    let (mode, enlarges) = match parts.fit {
        Some(fit) if fit.full => (ResizeMode::Cover, true),
        Some(_) => (ResizeMode::Fit, false),
        None if parts.stretch || modes.stretch => (ResizeMode::Force, true),
        None => (ResizeMode::Fill, true),
    };
    let resize = Resize::to(width, height, mode);
    Ok(Some(Resize {
        width: sides[0].or(resize.width),
        height: sides[1].or(resize.height),
        enlarge: modes.enlarge.unwrap_or(enlarges),
        adaptive: parts.fit.is_some_and(|fit| fit.adaptive),
        gravity: gravity(parts),
        ..resize
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
