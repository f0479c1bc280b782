//! Sizes and places.

use super::Stage;
use crate::dialect::print::{Printed, hex, missing, no_such, pixels, pixels_or_none, tidy};
use crate::recipe::{
    Align, Extend, Extract, Gravity, Kernel, Length, Resize, ResizeMode, Trim, TrimColor,
};

pub(super) fn trim(trim: &Trim) -> Printed<Vec<String>> {
    let color = match trim.color {
        TrimColor::TopLeft => String::new(),
        TrimColor::Color(color) => hex(color),
        color @ TrimColor::BottomRight => return no_such(&color),
    };
    Ok(vec![format!(
        "t:{}:{color}:{}:{}",
        tidy(trim.tolerance),
        u8::from(trim.equal_horizontal),
        u8::from(trim.equal_vertical)
    )])
}

pub(super) fn crop(extract: &Extract) -> Printed<Vec<String>> {
    let side = |length: Option<Length>| match length {
        None => Ok(0.0),
        Some(Length::Pixels(side) | Length::Fraction(side)) => Ok(tidy(side)),
        Some(length @ Length::Computed(_)) => no_such(&length),
    };
    Ok(vec![format!(
        "c:{}:{}:{}",
        side(extract.width)?,
        side(extract.height)?,
        gravity(&extract.gravity)?
    )])
}

pub(super) fn resize(resize: &Resize) -> Printed<Vec<String>> {
    let mode = match (resize.mode, resize.shrink_box) {
        (ResizeMode::Fit, _) => "fit",
        (ResizeMode::Fill, false) => "fill",
        (ResizeMode::Fill, true) => "fill-down",
        (ResizeMode::Force, _) => "force",
        (ResizeMode::Auto, _) => "auto",
        (mode @ ResizeMode::Cover, _) => return no_such(&mode),
    };
    let Some(factors) = resize.factors else {
        return missing("Resize.factors");
    };
    let (width, height) = (
        pixels_or_none(resize.width, "Resize.width")?,
        pixels_or_none(resize.height, "Resize.height")?,
    );
    let enlarge = if resize.enlarge { ":1" } else { "" };
    let mut options = vec![format!("rs:{mode}:{width}:{height}{enlarge}")];
    let mut add = |name: &str, argument: Option<String>| {
        options.extend(argument.map(|argument| format!("{name}:{argument}")));
    };
    if resize.gravity != Gravity::default() {
        add("g", Some(gravity(&resize.gravity)?));
    }
    add("mw", resize.min_width.map(|least| least.to_string()));
    add("mh", resize.min_height.map(|least| least.to_string()));
    let [across, down] = resize.zoom.map(tidy);
    add(
        "z",
        ((across, down) != (1.0, 1.0)).then(|| format!("{across}:{down}")),
    );
    let ratio = tidy(factors.pixel_ratio);
    add(
        "dpr",
        (ratio.to_bits() != 1.0_f64.to_bits()).then(|| ratio.to_string()),
    );
    add("ra", kernel(resize.kernel)?.map(str::to_owned));
    Ok(options)
}

fn kernel(kernel: Kernel) -> Printed<Option<&'static str>> {
    Ok(Some(match kernel {
        Kernel::Nearest => "nearest",
        Kernel::Linear => "linear",
        Kernel::Cubic => "cubic",
        Kernel::Lanczos2 => "lanczos2",
        Kernel::Lanczos3 => return Ok(None),
        Kernel::Box | Kernel::Mitchell => return no_such(&kernel),
    }))
}

/// The canvas and the padding; their size is that of the resize before them.
pub(super) fn extend(extend: &Extend, stage: Stage) -> Printed<Vec<String>> {
    let option = match stage {
        Stage::Extend => format!("ex:1:{}", gravity(&extend.gravity)?),
        Stage::ExtendRatio => format!("exar:1:{}", gravity(&extend.gravity)?),
        _ => format!(
            "pd:{}:{}:{}:{}",
            pixels(extend.top, "Extend.top")?,
            pixels(extend.right, "Extend.right")?,
            pixels(extend.bottom, "Extend.bottom")?,
            pixels(extend.left, "Extend.left")?
        ),
    };
    Ok(vec![option])
}

fn gravity(gravity: &Gravity) -> Printed {
    Ok(match gravity {
        Gravity::Anchor {
            horizontal,
            vertical,
            x,
            y,
        } => {
            let side = side(*horizontal, *vertical);
            match (*x, *y) {
                (Length::Pixels(0.0), Length::Pixels(0.0)) => side.to_owned(),
                (x, y) => format!("{side}:{}:{}", offset(x)?, offset(y)?),
            }
        }
        Gravity::Point {
            x: Length::Fraction(x),
            y: Length::Fraction(y),
        } => format!("fp:{}:{}", tidy(*x), tidy(*y)),
        Gravity::Smart => "sm".to_owned(),
        gravity => return no_such(gravity),
    })
}

/// No offset is one of no pixels.
fn offset(length: Length) -> Printed {
    match length {
        Length::Pixels(0.0) => Ok(String::new()),
        Length::Pixels(offset) | Length::Fraction(offset) => Ok(tidy(offset).to_string()),
        Length::Computed(_) => no_such(&length),
    }
}

pub(super) fn side(horizontal: Align, vertical: Align) -> &'static str {
    use Align::{Center, End, Start};

    match (horizontal, vertical) {
        (Center, Center) => "ce",
        (Center, Start) => "no",
        (Center, End) => "so",
        (End, Center) => "ea",
        (Start, Center) => "we",
        (End, Start) => "noea",
        (Start, Start) => "nowe",
        (End, End) => "soea",
        (Start, End) => "sowe",
    }
}
