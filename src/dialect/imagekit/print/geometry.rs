//! What makes the size.

use super::effects::backdrop;
use super::expression::{Values, of_terms};
use super::params::Params;
use crate::dialect::print::{Printed, no_such};
use crate::recipe::{
    Align, Extend, Extract, Gravity, Length, Operator, Property, Resize, ResizeMode, Term, Variable,
};

fn sizes(
    [width, height]: [Option<Length>; 2],
    values: Values<'_>,
    params: &mut Params,
) -> Printed<()> {
    if let Some(width) = width {
        params.add("w", values.size(width)?);
    }
    if let Some(height) = height {
        params.add("h", values.size(height)?);
    }
    Ok(())
}

pub(super) fn resize(resize: &Resize, values: Values<'_>, params: &mut Params) -> Printed<()> {
    sizes([resize.width, resize.height], values, params)?;
    match (resize.mode, resize.enlarge) {
        (ResizeMode::Fill, true) => {}
        (ResizeMode::Fill, false) => params.add("c", "maintain_ratio_no_enlarge"),
        (ResizeMode::Force, _) => params.add("c", "force"),
        (ResizeMode::Fit, false) => params.add("c", "at_max"),
        (ResizeMode::Fit, true) => params.add("c", "at_max_enlarge"),
        (ResizeMode::Cover, _) => params.add("c", "at_least"),
        (mode @ ResizeMode::Auto, _) => return no_such(&mode),
    }
    focus(&resize.gravity, params)
}

fn focus(gravity: &Gravity, params: &mut Params) -> Printed<()> {
    match gravity {
        Gravity::Anchor {
            horizontal,
            vertical,
            ..
        } => {
            let side = side(*horizontal, *vertical);
            if side != "center" {
                params.set("fo", side);
            }
        }
        Gravity::Smart => params.set("fo", "auto"),
        gravity => return no_such(gravity),
    }
    Ok(())
}

pub(super) fn extract(extract: &Extract, values: Values<'_>, params: &mut Params) -> Printed<()> {
    sizes([extract.width, extract.height], values, params)?;
    params.add("cm", "extract");
    let none = Length::default();
    match &extract.gravity {
        Gravity::Anchor {
            horizontal: Align::Start,
            vertical: Align::Start,
            x,
            y,
        } if (*x, *y) != (none, none) => {
            params.add("x", values.place(*x)?);
            params.add("y", values.place(*y)?);
        }
        Gravity::Point { x, y } => {
            params.add("xc", values.place(*x)?);
            params.add("yc", values.place(*y)?);
        }
        gravity => focus(gravity, params)?,
    }
    Ok(())
}

/// A canvas, or what shows through.
pub(super) fn extend(extend: &Extend, values: Values<'_>, params: &mut Params) -> Printed<()> {
    if extend.width.is_some() || extend.height.is_some() {
        params.replace(("c", "at_max"), ("cm", "pad_resize_no_enlarge"));
        params.replace(("c", "at_max_enlarge"), ("cm", "pad_resize"));
        params.replace(("cm", "extract"), ("cm", "pad_extract"));
        if !params.has("cm") {
            params.add("cm", "pad_extract_no_shrink");
            if let Some(width) = extend.width {
                params.add("w", without_growth(width, Property::Width, values)?);
            }
            if let Some(height) = extend.height {
                params.add("h", without_growth(height, Property::Height, values)?);
            }
            focus(&extend.gravity, params)?;
        }
    }
    if extend.flatten {
        params.set("bg", backdrop(extend.backdrop)?);
    }
    Ok(())
}

/// Of a canvas that is not smaller than the image, what it is where the image is small.
fn without_growth(length: Length, of: Property, values: Values<'_>) -> Printed {
    if let Length::Computed(place) = length
        && let [terms @ .., image, Term::Operator(Operator::Max)] = values.get(place)?.terms()
        && *image == Term::Variable(Variable::Current(of))
    {
        return match terms {
            [Term::Number(pixels)] => values.size(Length::Pixels(*pixels)),
            terms => of_terms(terms),
        };
    }
    values.size(length)
}

pub(super) fn side(horizontal: Align, vertical: Align) -> &'static str {
    use Align::{Center, End, Start};

    match (horizontal, vertical) {
        (Center, Center) => "center",
        (Center, Start) => "top",
        (Center, End) => "bottom",
        (Start, Center) => "left",
        (End, Center) => "right",
        (Start, Start) => "top_left",
        (End, Start) => "top_right",
        (Start, End) => "bottom_left",
        (End, End) => "bottom_right",
    }
}
