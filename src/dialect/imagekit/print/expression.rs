//! Numbers, expressions and conditions.

use crate::dialect::imagekit::number;
use crate::dialect::print::{Printed, missing, no_such, tidy, unsayable};
use crate::recipe::{
    Comparator, Comparison, Condition, Expression, Length, Operator, Property, Term, Variable,
};

/// What lengths that are computed stand for.
#[derive(Clone, Copy)]
pub(super) struct Values<'a>(pub(super) &'a [Expression]);

impl<'a> Values<'a> {
    pub(super) fn get(self, place: u8) -> Printed<&'a Expression> {
        let expression = self.0.get(usize::from(place));
        expression.map_or_else(|| missing("Length::Computed"), Ok)
    }

    /// A width or a height.
    pub(super) fn size(self, length: Length) -> Printed {
        match length {
            Length::Pixels(pixels) if pixels.fract() == 0.0 => Ok(tidy(pixels).to_string()),
            // A number alone would have to be whole.
            Length::Pixels(pixels) => Ok(format!("{pixels}_div_1")),
            Length::Computed(place) => expression(self.get(place)?),
            length @ Length::Fraction(_) => no_such(&length),
        }
    }

    /// A distance, which may be negative.
    pub(super) fn place(self, length: Length) -> Printed {
        match length {
            Length::Pixels(pixels) => Ok(signed(pixels)),
            length => self.size(length),
        }
    }
}

/// `N` stands for a minus.
pub(super) fn signed(number: f64) -> String {
    if number < 0.0 {
        format!("N{}", -number)
    } else {
        tidy(number).to_string()
    }
}

/// Numbers and variables with operators between. There are no parentheses, so not all can be said.
pub(super) fn expression(expression: &Expression) -> Printed {
    of_terms(expression.terms())
}

pub(super) fn of_terms(terms: &[Term]) -> Printed {
    let mut stack: Vec<String> = Vec::new();
    for term in terms {
        let text = match term {
            Term::Number(number) => tidy(*number).to_string(),
            Term::Variable(variable) => name(*variable).to_owned(),
            Term::Operator(operator) => {
                let (right, left) = (stack.pop(), stack.pop());
                let word = word(*operator)?;
                format!(
                    "{}_{word}_{}",
                    left.unwrap_or_default(),
                    right.unwrap_or_default()
                )
            }
        };
        stack.push(text);
    }
    let text = stack.pop().unwrap_or_default();
    let read = number::expression("", &text).ok();
    if read.is_some_and(|read| read.into_expression().terms() == terms) {
        Ok(text)
    } else {
        unsayable("Expression", "it needs parentheses, or a sign")
    }
}

fn name(variable: Variable) -> &'static str {
    match variable {
        Variable::Initial(Property::Width) => "iw",
        Variable::Initial(Property::Height) => "ih",
        Variable::Initial(Property::Ratio) => "iar",
        Variable::Current(Property::Width) => "cw",
        Variable::Current(Property::Height) => "ch",
        Variable::Current(Property::Ratio) => "car",
        Variable::Base(Property::Width) => "bw",
        Variable::Base(Property::Height) => "bh",
        Variable::Base(Property::Ratio) => "bar",
    }
}

fn word(operator: Operator) -> Printed<&'static str> {
    Ok(match operator {
        Operator::Add => "add",
        Operator::Subtract => "sub",
        Operator::Multiply => "mul",
        Operator::Divide => "div",
        Operator::Remainder => "mod",
        Operator::Power => "pow",
        Operator::Min | Operator::Max => return no_such(&operator),
    })
}

/// `PROPERTY_OPERATOR_VALUE`, joined by `_and_` and `_or_`.
pub(super) fn condition(condition: &Condition) -> Printed {
    let mut any = Vec::new();
    for all in &condition.any {
        let all: Printed<Vec<_>> = all.iter().map(comparison).collect();
        any.push(all?.join("_and_"));
    }
    Ok(any.join("_or_"))
}

fn comparison(comparison: &Comparison) -> Printed {
    let [Term::Variable(left)] = comparison.left.terms() else {
        return unsayable("Comparison.left", "it is a property there");
    };
    let comparator = match comparison.comparator {
        Comparator::Equal => "eq",
        Comparator::NotEqual => "ne",
        Comparator::Less => "lt",
        Comparator::LessOrEqual => "lte",
        Comparator::Greater => "gt",
        Comparator::GreaterOrEqual => "gte",
    };
    let left = name(*left);
    // What it is now is what is meant where nothing is said.
    let left = left.strip_prefix('c').unwrap_or(left);
    Ok(format!(
        "{left}_{comparator}_{}",
        expression(&comparison.right)?
    ))
}
