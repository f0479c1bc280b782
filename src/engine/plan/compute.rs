//! What depends on sizes: lengths that are computed, and steps of which only some are done.

use std::borrow::Cow;
use std::{slice, vec};

use super::{Planner, Size};
use crate::engine::RenderError;
use crate::recipe::{
    Comparator, Comparison, Computed, Condition, Content, Expression, Gravity, Length, Overlay,
    Position, Property, Step, Term, Variable,
};

/// The longest that a size may become, in pixels: what a URL may name.
const MAX: f64 = 65_535.0;

/// The sizes that expressions know.
#[derive(Clone, Copy, Debug)]
pub(in crate::engine) struct Sizes {
    pub(in crate::engine) initial: Size,
    pub(in crate::engine) current: Size,
    pub(in crate::engine) base: Size,
}

impl Sizes {
    fn of(&self, variable: Variable) -> f64 {
        let (size, property) = match variable {
            Variable::Initial(property) => (self.initial, property),
            Variable::Current(property) => (self.current, property),
            Variable::Base(property) => (self.base, property),
        };
        match property {
            Property::Width => size.width.into(),
            Property::Height => size.height.into(),
            Property::Ratio => f64::from(size.width) / f64::from(size.height.max(1)),
        }
    }

    /// The value of an expression; it may not be finite.
    fn value(&self, expression: &Expression) -> f64 {
        let mut stack = Vec::new();
        for term in expression.terms() {
            let value = match *term {
                Term::Number(number) => number,
                Term::Variable(variable) => self.of(variable),
                Term::Operator(operator) => {
                    let right = stack.pop().unwrap_or(f64::NAN);
                    let left = stack.pop().unwrap_or(f64::NAN);
                    operator.apply(left, right)
                }
            };
            stack.push(value);
        }
        stack.pop().unwrap_or(f64::NAN)
    }

    fn values(&self, expressions: &[Expression]) -> Result<Values, RenderError> {
        let value = |expression| {
            let value = self.value(expression);
            value.is_finite().then_some(value).ok_or_else(|| {
                RenderError::impossible_size("a length that is computed is not a number")
            })
        };
        expressions
            .iter()
            .map(value)
            .collect::<Result<_, _>>()
            .map(Values)
    }

    fn hold(&self, condition: &Condition) -> bool {
        let holds = |comparison: &Comparison| {
            /// The most that two equal numbers are apart, as a fraction of the larger.
            const EPSILON: f64 = 1e-9;

            let (left, right) = (self.value(&comparison.left), self.value(&comparison.right));
            let finite = left.is_finite() && right.is_finite();
            let equal = finite && (left - right).abs() <= EPSILON * left.abs().max(right.abs());
            match comparison.comparator {
                Comparator::Equal => equal,
                Comparator::NotEqual => !equal,
                Comparator::Less => finite && !equal && left < right,
                Comparator::LessOrEqual => equal || finite && left < right,
                Comparator::Greater => finite && !equal && left > right,
                Comparator::GreaterOrEqual => equal || finite && left > right,
            }
        };
        condition.any.iter().any(|all| all.iter().all(holds))
    }
}

/// Lengths in pixels.
struct Values(Vec<f64>);

impl Values {
    /// A length that may be negative.
    fn put(&self, length: &mut Length) {
        if let Length::Computed(place) = *length {
            let value = self.0.get(usize::from(place)).copied();
            *length = Length::Pixels(value.unwrap_or(0.0));
        }
    }

    /// A length of an image, which has a pixel at least.
    fn put_size(&self, length: Option<&mut Length>) -> Result<(), RenderError> {
        let Some(length) = length.filter(|length| matches!(length, Length::Computed(_))) else {
            return Ok(());
        };
        self.put(length);
        match length {
            Length::Pixels(pixels) if *pixels > MAX => Err(RenderError::too_large(
                "a width or height that is computed is beyond 65535 pixels",
            )),
            Length::Pixels(pixels) if *pixels > 0.0 => {
                *pixels = pixels.max(1.0);
                Ok(())
            }
            _ => Err(RenderError::impossible_size(
                "a width or height that is computed is not above 0",
            )),
        }
    }

    fn put_gravity(&self, gravity: &mut Gravity) {
        match gravity {
            Gravity::Anchor { x, y, .. } | Gravity::Point { x, y } => {
                self.put(x);
                self.put(y);
            }
            Gravity::Focus(_) | Gravity::Smart => {}
        }
    }

    fn put_position(&self, position: &mut Position) {
        match position {
            Position::Start(length)
            | Position::Center(length)
            | Position::End(length)
            | Position::Repeat(length) => self.put(length),
        }
    }

    fn put_step(&self, step: &mut Step) -> Result<(), RenderError> {
        match step {
            Step::Resize(resize) => {
                self.put_size(resize.width.as_mut())?;
                self.put_size(resize.height.as_mut())?;
                self.put_gravity(&mut resize.gravity);
            }
            Step::Extract(extract) => {
                self.put_size(extract.width.as_mut())?;
                self.put_size(extract.height.as_mut())?;
                self.put_gravity(&mut extract.gravity);
            }
            Step::Extend(extend) => {
                self.put_size(extend.width.as_mut())?;
                self.put_size(extend.height.as_mut())?;
                self.put_gravity(&mut extend.gravity);
                for margin in [
                    &mut extend.left,
                    &mut extend.top,
                    &mut extend.right,
                    &mut extend.bottom,
                ] {
                    self.put(margin);
                }
            }
            Step::Border(border) => self.put(&mut border.width),
            Step::RoundCorners(round) => {
                for (horizontal, vertical) in &mut round.radii {
                    self.put(horizontal);
                    self.put(vertical);
                }
            }
            Step::Gradient(gradient) => self.put(&mut gradient.stop),
            // The others have no lengths, or lengths of their own.
            _ => {}
        }
        Ok(())
    }
}

/// The steps, with their lengths computed.
fn computed(computed: &Computed, sizes: Sizes) -> Result<Vec<Step>, RenderError> {
    let values = sizes.values(&computed.lengths)?;
    let mut steps = computed.steps.clone();
    for step in &mut steps {
        values.put_step(step)?;
    }
    Ok(steps)
}

/// An overlay's content, computed for the image that it is drawn over.
pub(in crate::engine) fn content(
    overlay: &Overlay,
    base: Size,
) -> Result<Cow<'_, Content>, RenderError> {
    if overlay.lengths.is_empty() {
        return Ok(Cow::Borrowed(&overlay.content));
    }
    let values = Sizes {
        initial: base,
        current: base,
        base,
    }
    .values(&overlay.lengths)?;
    let mut content = overlay.content.clone();
    match &mut content {
        Content::Source(_) => {}
        Content::Text(text) => values.put_size(text.width.as_mut())?,
        Content::Canvas { width, height, .. } => {
            values.put_size(Some(width))?;
            values.put_size(Some(height))?;
        }
    }
    Ok(Cow::Owned(content))
}

/// An overlay whose place is computed for its size.
pub(in crate::engine) fn placed(
    overlay: &Overlay,
    drawn: Size,
    base: Size,
) -> Result<Cow<'_, Overlay>, RenderError> {
    if overlay.lengths.is_empty() {
        return Ok(Cow::Borrowed(overlay));
    }
    let values = Sizes {
        initial: drawn,
        current: drawn,
        base,
    }
    .values(&overlay.lengths)?;
    let mut overlay = overlay.clone();
    values.put_position(&mut overlay.x);
    values.put_position(&mut overlay.y);
    Ok(Cow::Owned(overlay))
}

/// The steps of a recipe that are done, one after the other, with their lengths computed.
pub(in crate::engine) struct Walk<'a> {
    /// Where it is in the steps, and in those that these hold.
    levels: Vec<Level<'a>>,
}

enum Level<'a> {
    Given(slice::Iter<'a, Step>),
    Computed(vec::IntoIter<Step>),
}

impl<'a> Walk<'a> {
    pub(in crate::engine) fn new(steps: &'a [Step]) -> Self {
        Self {
            levels: vec![Level::Given(steps.iter())],
        }
    }

    /// The next step, which the planner has to be told of before the one after it is asked for.
    pub(in crate::engine) fn next(
        &mut self,
        planner: &Planner,
    ) -> Result<Option<Cow<'a, Step>>, RenderError> {
        while let Some(level) = self.levels.last_mut() {
            let step = match level {
                Level::Given(steps) => steps.next().map(Cow::Borrowed),
                Level::Computed(steps) => steps.next().map(Cow::Owned),
            };
            let Some(step) = step else {
                self.levels.pop();
                continue;
            };
            let sizes = planner.sizes();
            let level = match step {
                Cow::Borrowed(Step::If(choice)) => Level::Given(
                    if sizes.hold(&choice.condition) {
                        &choice.then
                    } else {
                        &choice.otherwise
                    }
                    .iter(),
                ),
                Cow::Owned(Step::If(choice)) => Level::Computed(
                    if sizes.hold(&choice.condition) {
                        choice.then
                    } else {
                        choice.otherwise
                    }
                    .into_iter(),
                ),
                Cow::Borrowed(Step::Computed(steps)) => {
                    Level::Computed(computed(steps, sizes)?.into_iter())
                }
                Cow::Owned(Step::Computed(steps)) => {
                    Level::Computed(computed(&steps, sizes)?.into_iter())
                }
                step => return Ok(Some(step)),
            };
            self.levels.push(level);
        }
        Ok(None)
    }
}
