//! Steps that are one element of a chain.

use super::expression::{Values, of_terms, signed};
use super::params::Params;
use super::{effects, geometry};
use crate::dialect::print::{Printed, inverse, tidy};
use crate::recipe::{Choice, Length, Operator, Step, Term};

/// The parameters of steps that come together.
pub(super) fn params(steps: &[Step], values: Values<'_>) -> Printed<Params> {
    let mut params = Params::default();
    for step in steps {
        match step {
            Step::Resize(resize) => geometry::resize(resize, values, &mut params)?,
            Step::Extract(extract) => geometry::extract(extract, values, &mut params)?,
            Step::Extend(extend) => geometry::extend(extend, values, &mut params)?,
            step => effects::print(step, values, &mut params)?,
        }
    }
    Ok(params)
}

/// What a pixel ratio makes of a step: the size as it is where it would lead too far, and else multiplied by the ratio.
/// `None` where the choice is none of that kind.
pub(super) fn with_pixel_ratio(choice: &Choice) -> Option<Printed> {
    let left = &choice.condition.any.first()?.first()?.left;
    if let [Term::Variable(_)] = left.terms() {
        return None;
    }
    let (plain, values) = inner(&choice.then);
    let (multiplied, multiplied_values) = inner(&choice.otherwise);
    let ratio = match (size(plain)?, size(multiplied)?) {
        (Length::Pixels(plain), Length::Pixels(pixels)) => {
            signed(inverse(pixels, pixels / plain, |ratio| plain * ratio))
        }
        (_, Length::Computed(place)) => {
            let terms = multiplied_values.get(place).ok()?.terms();
            let plain = match size(plain)? {
                Length::Computed(place) => values.get(place).ok()?.terms().len(),
                _ => 1,
            };
            match terms.get(plain..)? {
                [Term::Number(ratio), Term::Operator(Operator::Multiply)] => {
                    tidy(*ratio).to_string()
                }
                [ratio @ .., Term::Operator(Operator::Multiply)] => of_terms(ratio).ok()?,
                _ => return None,
            }
        }
        _ => return None,
    };
    Some(params(plain, values).map(|mut params| {
        params.add("dpr", ratio);
        params.print()
    }))
}

/// The steps within what is computed, and the lengths.
fn inner(steps: &[Step]) -> (&[Step], Values<'_>) {
    match steps {
        [Step::Computed(computed)] => (&computed.steps, Values(&computed.lengths)),
        steps => (steps, Values(&[])),
    }
}

/// The first length of the first step.
fn size(steps: &[Step]) -> Option<Length> {
    match steps.first()? {
        Step::Resize(resize) => resize.width.or(resize.height),
        Step::Extract(extract) => extract.width.or(extract.height),
        Step::Extend(extend) => extend.width.or(extend.height),
        _ => None,
    }
}
