//! What makes the size of an image: `w`, `h`, `ar`, `c`, `cm`, `fo`, `x`, `y`, `xc`, `yc` and `dpr`.

use super::hints::Hints;
use super::number::{Lengths, Number, place, ratio, size, within};
use super::params::Params;
use super::{Refuse, bad, not_supported, quoted};
use crate::guard::Rejection;
use crate::recipe::{
    Align, Backdrop, Comparator, Comparison, Condition, Extend, Extract, Gravity, Operator,
    Property, Resize, ResizeMode, Step, Variable,
};

/// The longest side that `dpr` may lead to, in pixels.
const MAX_WITH_DPR: f64 = 5000.0;

/// How an image becomes the size.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Method {
    /// Scaled, and what sticks out is cut off.
    Fill,
    FillNoEnlarge,
    /// Scaled.
    Force,
    AtMax,
    AtMaxEnlarge,
    AtLeast,
    /// Cut out, not scaled.
    Extract,
    /// Cut out, and what it lacks is added.
    PadExtract,
    PadExtractNoShrink,
    /// Scaled, and what it lacks is added.
    PadResize,
    PadResizeNoEnlarge,
}

/// Where the part that is cut out lies.
#[derive(Clone, Debug)]
enum Place {
    Side(Gravity),
    /// By its left and top edge.
    Corner(Number, Number),
    /// By its middle.
    Middle(Number, Number),
}

/// What a step says of the size.
#[derive(Clone, Debug)]
pub(super) struct Geometry {
    width: Option<Number>,
    height: Option<Number>,
    method: Method,
    place: Place,
    dpr: Number,
    backdrop: Option<Backdrop>,
}

impl Geometry {
    pub(super) fn read(
        params: &mut Params<'_>,
        backdrop: Option<Backdrop>,
        hints: &mut Hints,
    ) -> Result<Self, Rejection> {
        let mut hinted = false;
        let mut width = match params.take("w") {
            None => None,
            Some("auto") => {
                let width = hints.width();
                hinted = width.is_some();
                width.map(Number::Known)
            }
            Some(text) => Some(size("w", text, Property::Width)?),
        };
        let mut height = params
            .take("h")
            .map(|text| size("h", text, Property::Height))
            .transpose()?;
        let method = method(params)?;
        if let Some(text) = params.take("ar") {
            let ratio = ratio("ar", text)?;
            match (&width, &height) {
                (Some(_), Some(_)) => {}
                (Some(width), None) => {
                    height = Some(width.clone().then(Operator::Divide, ratio));
                }
                (None, Some(height)) => {
                    width = Some(height.clone().then(Operator::Multiply, ratio));
                }
                (None, None) => return Err(bad("ar needs w or h")),
            }
        }
        let has_size = width.is_some() || height.is_some();
        let geometry = Self {
            width,
            height,
            method,
            place: read_place(params)?,
            dpr: match params.take("dpr") {
                None => Number::Known(1.0),
                Some("auto") => Number::Known(hints.dpr(hinted, has_size)),
                Some(text) if super::number::decimal(text).is_some() => {
                    Number::Known(within("dpr", text, 0.1, 5.0)?)
                }
                Some(text) => super::number::expression("dpr", text)?,
            },
            backdrop,
        };
        if !geometry.cuts_out() && !matches!(geometry.place, Place::Side(_)) {
            return Err(bad("x, y, xc and yc need cm-extract or cm-pad_extract"));
        }
        let blurred = matches!(backdrop, Some(Backdrop::Blurred { .. }));
        if blurred && !geometry.pads() {
            return Err(bad("bg-blurred needs cm-pad_resize"));
        }
        Ok(geometry)
    }

    pub(super) fn pads(&self) -> bool {
        use Method::{PadExtract, PadExtractNoShrink, PadResize, PadResizeNoEnlarge};

        let pads = matches!(
            self.method,
            PadExtract | PadExtractNoShrink | PadResize | PadResizeNoEnlarge
        );
        pads && (self.width.is_some() || self.height.is_some())
    }

    fn cuts_out(&self) -> bool {
        matches!(self.method, Method::Extract | Method::PadExtract)
    }

    /// The steps that make the size, then `after`, whose lengths that are not known are `lengths`.
    pub(super) fn steps(
        &self,
        lengths: &Lengths,
        after: Vec<Step>,
    ) -> Result<Vec<Step>, Rejection> {
        let build = |width: Option<Number>, height: Option<Number>, after| {
            let mut lengths = lengths.clone();
            let mut steps = self.sized(width, height, &mut lengths)?;
            steps.extend::<Vec<Step>>(after);
            Ok(lengths.around(steps))
        };
        let without_size = self.width.is_none() && self.height.is_none();
        if self.dpr == Number::Known(1.0) || without_size {
            return build(self.width.clone(), self.height.clone(), after);
        }
        let scaled = |length: &Number| length.clone().then(Operator::Multiply, self.dpr.clone());
        let (width, height) = (
            self.width.as_ref().map(scaled),
            self.height.as_ref().map(scaled),
        );
        match self.beyond(width.as_ref(), height.as_ref()) {
            Decision::Known(true) => build(self.width.clone(), self.height.clone(), after),
            Decision::Known(false) => build(width, height, after),
            Decision::Later(condition) => {
                let then = build(self.width.clone(), self.height.clone(), after.clone())?;
                let otherwise = build(width, height, after)?;
                Ok(vec![Step::If(Box::new(crate::recipe::Choice {
                    condition,
                    then,
                    otherwise,
                }))])
            }
        }
    }

    /// Whether a size is one that `dpr` may not lead to.
    fn beyond(&self, width: Option<&Number>, height: Option<&Number>) -> Decision {
        let ratio = || Number::variable(Variable::Current(Property::Ratio));
        let (width, height) = match (width.cloned(), height.cloned()) {
            (Some(width), None) if self.method != Method::Extract => {
                let height = width.clone().then(Operator::Divide, ratio());
                (Some(width), Some(height))
            }
            (None, Some(height)) if self.method != Method::Extract => (
                Some(height.clone().then(Operator::Multiply, ratio())),
                Some(height),
            ),
            sizes => sizes,
        };
        let mut any = Vec::new();
        for length in [width, height].into_iter().flatten() {
            match length {
                Number::Known(length) if (1.0..=MAX_WITH_DPR).contains(&length) => {}
                Number::Known(_) => return Decision::Known(true),
                length @ Number::Computed(_) => {
                    let compare = |comparator, right: f64| {
                        vec![Comparison {
                            left: length.clone().into_expression(),
                            comparator,
                            right: right.into(),
                        }]
                    };
                    any.push(compare(Comparator::Less, 1.0));
                    any.push(compare(Comparator::Greater, MAX_WITH_DPR));
                }
            }
        }
        if any.is_empty() {
            Decision::Known(false)
        } else {
            Decision::Later(Condition { any })
        }
    }

    fn sized(
        &self,
        width: Option<Number>,
        height: Option<Number>,
        lengths: &mut Lengths,
    ) -> Result<Vec<Step>, Rejection> {
        if width.is_none() && height.is_none() && !self.cuts_out() {
            return Ok(Vec::new());
        }
        let grown = |length: &Option<Number>, of| {
            let whole = Number::variable(Variable::Current(of));
            length
                .clone()
                .map(|length| length.then(Operator::Max, whole))
        };
        let canvas = if self.method == Method::PadExtractNoShrink {
            (
                grown(&width, Property::Width),
                grown(&height, Property::Height),
            )
        } else {
            (width.clone(), height.clone())
        };
        let mut length =
            |number: Option<Number>| number.map(|number| lengths.of(number)).transpose();
        let (width, height) = match self.method {
            // Only the canvas has a size.
            Method::PadExtractNoShrink => (None, None),
            _ => (length(width)?, length(height)?),
        };
        let resize = |mode, enlarge| {
            Step::Resize(Resize {
                width,
                height,
                enlarge,
                gravity: self.gravity(),
                ..Resize::to(0, 0, mode)
            })
        };
        let mut steps = match self.method {
            Method::Fill => vec![resize(ResizeMode::Fill, true)],
            Method::FillNoEnlarge => vec![Step::Resize(Resize {
                width,
                height,
                enlarge: false,
                shrink_box: true,
                gravity: self.gravity(),
                ..Resize::to(0, 0, ResizeMode::Fill)
            })],
            Method::Force => vec![resize(ResizeMode::Force, true)],
            Method::AtMax | Method::PadResizeNoEnlarge => vec![resize(ResizeMode::Fit, false)],
            Method::AtMaxEnlarge | Method::PadResize => vec![resize(ResizeMode::Fit, true)],
            Method::AtLeast => vec![resize(ResizeMode::Cover, true)],
            Method::Extract | Method::PadExtract => {
                let gravity = match self.place.clone() {
                    Place::Side(gravity) => gravity,
                    Place::Corner(x, y) => Gravity::Anchor {
                        horizontal: Align::Start,
                        vertical: Align::Start,
                        x: lengths.of(x)?,
                        y: lengths.of(y)?,
                    },
                    Place::Middle(x, y) => Gravity::Point {
                        x: lengths.of(x)?,
                        y: lengths.of(y)?,
                    },
                };
                vec![Step::Extract(Extract {
                    width,
                    height,
                    gravity,
                    inside: false,
                })]
            }
            Method::PadExtractNoShrink => Vec::new(),
        };
        if self.pads() {
            let mut length =
                |number: Option<Number>| number.map(|number| lengths.of(number)).transpose();
            let (width, height) = if canvas.0 == self.width && canvas.1 == self.height {
                (width, height)
            } else {
                (length(canvas.0)?, length(canvas.1)?)
            };
            steps.push(Step::Extend(Extend {
                width,
                height,
                gravity: self.gravity(),
                backdrop: self.backdrop.unwrap_or_default(),
                flatten: self.backdrop.is_some(),
                ..Extend::default()
            }));
        }
        Ok(steps)
    }

    fn gravity(&self) -> Gravity {
        match &self.place {
            Place::Side(gravity) => gravity.clone(),
            Place::Corner(..) | Place::Middle(..) => Gravity::default(),
        }
    }
}

enum Decision {
    Known(bool),
    Later(Condition),
}

fn method(params: &mut Params<'_>) -> Result<Method, Rejection> {
    let unknown = |key: &str, text: &str| bad(format!("{key} is unknown: {}", quoted(text)));
    let crop = params.take("c").map(|text| {
        Ok(match text {
            "maintain_ratio" => Method::Fill,
            "maintain_ratio_no_enlarge" => Method::FillNoEnlarge,
            "force" => Method::Force,
            "at_max" => Method::AtMax,
            "at_max_enlarge" => Method::AtMaxEnlarge,
            "at_least" => Method::AtLeast,
            text => return Err(unknown("c", text)),
        })
    });
    let mode = params.take("cm").map(|text| {
        Ok(match text {
            "extract" => Method::Extract,
            "pad_resize" => Method::PadResize,
            "pad_resize_no_enlarge" => Method::PadResizeNoEnlarge,
            "pad_extract" => Method::PadExtract,
            "pad_extract_no_shrink" => Method::PadExtractNoShrink,
            text => return Err(unknown("cm", text)),
        })
    });
    match (crop, mode) {
        (Some(_), Some(_)) => Err(bad("c and cm are both there")),
        (Some(method), None) | (None, Some(method)) => method,
        (None, None) => Ok(Method::Fill),
    }
}

fn read_place(params: &mut Params<'_>) -> Result<Place, Rejection> {
    let focus = params.take("fo").map(focus).transpose()?;
    let mut pair = |x: &'static str, y: &'static str| {
        let (across, down) = (params.take(x), params.take(y));
        if across.is_none() && down.is_none() {
            return Ok(None);
        }
        Ok(Some((
            across.map_or(Ok(Number::Known(0.0)), |text| place(x, text))?,
            down.map_or(Ok(Number::Known(0.0)), |text| place(y, text))?,
            across.is_some() && down.is_some(),
        )))
    };
    let (corner, middle) = (pair("x", "y")?, pair("xc", "yc")?);
    match (corner, middle) {
        (Some(_), Some(_)) => Err(bad("x or y and xc or yc are both there")),
        (None, Some((.., false))) => Err(bad("xc and yc need each other")),
        (Some((x, y, _)), None) => Ok(Place::Corner(x, y)),
        (None, Some((x, y, true))) => Ok(Place::Middle(x, y)),
        (None, None) => Ok(Place::Side(focus.unwrap_or_default())),
    }
}

fn focus(text: &str) -> Result<Gravity, Rejection> {
    match text {
        // No model looks for faces here: what draws the eye is the nearest to it.
        "auto" | "auto-custom_override" | "face" => return Ok(Gravity::Smart),
        "custom" => return Err(not_supported("fo-custom", Refuse::Version)),
        _ => {}
    }
    match side(text) {
        Some((horizontal, vertical)) => Ok(Gravity::anchor(horizontal, vertical)),
        None => Err(not_supported(
            &format!("fo-{}", quoted(text)),
            Refuse::Model,
        )),
    }
}

/// A side, a corner or the middle.
pub(super) fn side(text: &str) -> Option<(Align, Align)> {
    use Align::{Center, End, Start};

    Some(match text {
        "center" => (Center, Center),
        "top" => (Center, Start),
        "bottom" => (Center, End),
        "left" => (Start, Center),
        "right" => (End, Center),
        "top_left" => (Start, Start),
        "top_right" => (End, Start),
        "bottom_left" => (Start, End),
        "bottom_right" => (End, End),
        _ => return None,
    })
}
