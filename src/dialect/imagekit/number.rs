//! Numbers, and the arithmetic that they may be written in.

use super::{bad, quoted};
use crate::dialect::MAX_LENGTH;
use crate::guard::Rejection;
use crate::recipe::{
    Comparator, Comparison, Computed, Condition, Expression, Length, Operator, Property, Step,
    Term, Variable,
};

/// The most numbers and variables of one expression.
const MAX_OPERANDS: usize = 16;

/// The most comparisons of one condition.
const MAX_COMPARISONS: usize = 16;

/// A number that is known, or the terms that it will come out of, in postfix order.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Number {
    Known(f64),
    Computed(Vec<Term>),
}

impl Number {
    pub(super) fn variable(variable: Variable) -> Self {
        Self::Computed(vec![Term::Variable(variable)])
    }

    /// What comes out of two numbers.
    pub(super) fn then(self, operator: Operator, right: Self) -> Self {
        if let (&Self::Known(left), &Self::Known(right)) = (&self, &right) {
            return Self::Known(operator.apply(left, right));
        }
        let mut terms = self.into_terms();
        terms.extend(right.into_terms());
        terms.push(Term::Operator(operator));
        Self::Computed(terms)
    }

    fn into_terms(self) -> Vec<Term> {
        match self {
            Self::Known(number) => vec![Term::Number(number)],
            Self::Computed(terms) => terms,
        }
    }

    pub(super) fn into_expression(self) -> Expression {
        // Numbers are only made of what has one value.
        Expression::postfix(self.into_terms()).unwrap_or_else(|| f64::NAN.into())
    }
}

/// The lengths of a step that are not known.
#[derive(Clone, Debug, Default)]
pub(super) struct Lengths(pub(super) Vec<Expression>);

impl Lengths {
    /// A length in pixels.
    pub(super) fn of(&mut self, number: Number) -> Result<Length, Rejection> {
        match number {
            Number::Known(pixels) => Ok(Length::Pixels(pixels)),
            number @ Number::Computed(_) => {
                let place = u8::try_from(self.0.len());
                let place = place.map_err(|_| bad("there are too many expressions"))?;
                self.0.push(number.into_expression());
                Ok(Length::Computed(place))
            }
        }
    }

    /// The steps, with these lengths.
    pub(super) fn around(self, steps: Vec<Step>) -> Vec<Step> {
        if self.0.is_empty() || steps.is_empty() {
            return steps;
        }
        vec![Step::Computed(Box::new(Computed {
            lengths: self.0,
            steps,
        }))]
    }
}

/// A decimal number without a sign.
pub(super) fn decimal(text: &str) -> Option<f64> {
    let digits = text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    text.parse()
        .ok()
        .filter(|number: &f64| digits && number.is_finite())
}

/// A decimal number; `N` before it stands for a minus.
pub(super) fn signed(text: &str) -> Option<f64> {
    match text.strip_prefix('N') {
        Some(digits) => decimal(digits).map(|number| -number),
        None => decimal(text),
    }
}

/// A decimal number of a range.
pub(super) fn within(key: &str, text: &str, low: f64, high: f64) -> Result<f64, Rejection> {
    let number = signed(text).filter(|number| (low..=high).contains(number));
    number.ok_or_else(|| {
        bad(format!(
            "{key} is no number from {low} to {high}: {}",
            quoted(text)
        ))
    })
}

/// A whole number of a range.
pub(super) fn whole(key: &str, text: &str, low: u32, high: u32) -> Result<u32, Rejection> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let number = text
        .parse()
        .ok()
        .filter(|number| digits && (low..=high).contains(number));
    number.ok_or_else(|| {
        bad(format!(
            "{key} is no whole number from {low} to {high}: {}",
            quoted(text)
        ))
    })
}

pub(super) fn flag(key: &str, text: &str) -> Result<bool, Rejection> {
    match text {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(bad(format!(
            "{key} is neither true nor false: {}",
            quoted(text)
        ))),
    }
}

/// A width or a height: pixels, a part of the image's, or an expression.
pub(super) fn size(key: &str, text: &str, of: Property) -> Result<Number, Rejection> {
    match decimal(text) {
        Some(part) if part > 0.0 && part < 1.0 => {
            let whole = Number::variable(Variable::Current(of));
            Ok(whole.then(Operator::Multiply, Number::Known(part)))
        }
        Some(_) => whole(key, text, 1, MAX_LENGTH).map(|pixels| Number::Known(pixels.into())),
        None => match expression(key, text)? {
            Number::Known(pixels) if !(pixels > 0.0 && pixels <= MAX_LENGTH.into()) => {
                Err(bad(format!("{key} is no size: {}", quoted(text))))
            }
            number => Ok(number),
        },
    }
}

/// A place: pixels, which may be negative, or an expression.
pub(super) fn place(key: &str, text: &str) -> Result<Number, Rejection> {
    let most = f64::from(MAX_LENGTH);
    match signed(text) {
        Some(_) => within(key, text, -most, most).map(Number::Known),
        None => expression(key, text),
    }
}

/// `4-3`, `4_3`, a number, or an expression.
pub(super) fn ratio(key: &str, text: &str) -> Result<Number, Rejection> {
    let pair = text.split_once(['-', '_']);
    let number = match pair.map(|(width, height)| (decimal(width), decimal(height))) {
        Some((Some(width), Some(height))) => Number::Known(width / height),
        _ => expression(key, text)?,
    };
    match number {
        Number::Known(ratio) if !(ratio.is_finite() && ratio > 0.0) => {
            Err(bad(format!("{key} is no ratio: {}", quoted(text))))
        }
        number => Ok(number),
    }
}

/// Operators, those first that bind tightest. It is ImageKit's order, not that of mathematics.
const PRECEDENCE: [&[(&str, Operator)]; 4] = [
    &[("mul", Operator::Multiply), ("div", Operator::Divide)],
    &[("add", Operator::Add), ("sub", Operator::Subtract)],
    &[("mod", Operator::Remainder)],
    &[("pow", Operator::Power)],
];

/// Numbers and variables with operators between, joined by `_`.
pub(super) fn expression(key: &str, text: &str) -> Result<Number, Rejection> {
    let no = || {
        bad(format!(
            "{key} is no number or expression: {}",
            quoted(text)
        ))
    };
    let mut words = text.split('_');
    let mut operands = vec![words.next().and_then(operand).ok_or_else(no)?];
    let mut operators = Vec::new();
    while let Some(word) = words.next() {
        let mut known = PRECEDENCE.iter().flat_map(|level| level.iter());
        let &(_, operator) = known.find(|(name, _)| *name == word).ok_or_else(no)?;
        operators.push(operator);
        operands.push(words.next().and_then(operand).ok_or_else(no)?);
        if operands.len() > MAX_OPERANDS {
            return Err(bad(format!(
                "{key} is an expression of more than {MAX_OPERANDS} numbers"
            )));
        }
    }
    for level in PRECEDENCE {
        let mut left: Vec<Number> = Vec::with_capacity(operands.len());
        let mut between = Vec::with_capacity(operators.len());
        let mut rest = operands.into_iter();
        left.extend(rest.next());
        for (operator, right) in operators.into_iter().zip(rest) {
            if level.iter().any(|&(_, of_level)| of_level == operator) {
                if let Some(last) = left.pop() {
                    left.push(last.then(operator, right));
                }
            } else {
                between.push(operator);
                left.push(right);
            }
        }
        (operands, operators) = (left, between);
    }
    let number = operands.pop().ok_or_else(no)?;
    match number {
        Number::Known(number) if !number.is_finite() => Err(no()),
        number => Ok(number),
    }
}

fn operand(word: &str) -> Option<Number> {
    if let Some(number) = decimal(word) {
        return Some(Number::Known(number));
    }
    let (which, property) = word.split_at_checked(1)?;
    let property = match property {
        "w" => Property::Width,
        "h" => Property::Height,
        "ar" => Property::Ratio,
        _ => return None,
    };
    Some(Number::variable(match which {
        "i" => Variable::Initial(property),
        "c" => Variable::Current(property),
        "b" => Variable::Base(property),
        _ => return None,
    }))
}

/// What follows `if-`: `PROPERTY_OPERATOR_VALUE`, joined by `_and_`, which binds tighter, and `_or_`.
pub(super) fn condition(text: &str) -> Result<Condition, Rejection> {
    let mut count = 0;
    let mut any = Vec::new();
    for all in text.split("_or_") {
        let mut comparisons = Vec::new();
        for one in all.split("_and_") {
            count += 1;
            if count > MAX_COMPARISONS {
                let detail = format!("a condition has more than {MAX_COMPARISONS} comparisons");
                return Err(bad(detail));
            }
            comparisons.push(comparison(one)?);
        }
        any.push(comparisons);
    }
    Ok(Condition { any })
}

fn comparison(text: &str) -> Result<Comparison, Rejection> {
    let no = || bad(format!("if is no condition: {}", quoted(text)));
    let mut words = text.splitn(3, '_');
    let (Some(property), Some(comparator), Some(value)) =
        (words.next(), words.next(), words.next())
    else {
        return Err(no());
    };
    let left = match property {
        "w" => Number::variable(Variable::Current(Property::Width)),
        "h" => Number::variable(Variable::Current(Property::Height)),
        "ar" => Number::variable(Variable::Current(Property::Ratio)),
        property => operand(property)
            .filter(|number| matches!(number, Number::Computed(_)))
            .ok_or_else(no)?,
    };
    let comparator = match comparator {
        "eq" => Comparator::Equal,
        "ne" => Comparator::NotEqual,
        "gt" => Comparator::Greater,
        "gte" => Comparator::GreaterOrEqual,
        "lt" => Comparator::Less,
        "lte" => Comparator::LessOrEqual,
        _ => return Err(no()),
    };
    let right = if property.ends_with("ar") {
        ratio("if", value)?
    } else {
        expression("if", value)?
    };
    Ok(Comparison {
        left: left.into_expression(),
        comparator,
        right: right.into_expression(),
    })
}
