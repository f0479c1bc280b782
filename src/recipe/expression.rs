use super::Step;

/// A number that depends on the sizes of images.
///
/// It is written in postfix order, so that neither reading nor computing it needs recursion.
///
/// ```
/// use imgward::recipe::{Expression, Operator, Property, Term, Variable};
///
/// // Half the width that the image has now.
/// let half = Expression::postfix(vec![
///     Term::Variable(Variable::Current(Property::Width)),
///     Term::Number(2.0),
///     Term::Operator(Operator::Divide),
/// ]);
/// assert!(half.is_some());
/// // An operator needs two numbers.
/// assert!(Expression::postfix(vec![Term::Operator(Operator::Add)]).is_none());
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Expression {
    terms: Box<[Term]>,
}

impl Expression {
    /// An expression of these terms. `None` unless one number comes out of them.
    pub fn postfix(terms: Vec<Term>) -> Option<Self> {
        let mut depth = 0_usize;
        for term in &terms {
            depth = match term {
                Term::Number(_) | Term::Variable(_) => depth + 1,
                Term::Operator(_) if depth >= 2 => depth - 1,
                Term::Operator(_) => return None,
            };
        }
        (depth == 1).then(|| Self {
            terms: terms.into(),
        })
    }

    /// The terms, in postfix order.
    pub fn terms(&self) -> &[Term] {
        &self.terms
    }
}

impl From<f64> for Expression {
    fn from(number: f64) -> Self {
        Self {
            terms: Box::new([Term::Number(number)]),
        }
    }
}

impl From<Variable> for Expression {
    fn from(variable: Variable) -> Self {
        Self {
            terms: Box::new([Term::Variable(variable)]),
        }
    }
}

/// A term of an [`Expression`].
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Term {
    /// A number.
    Number(f64),
    /// A property of an image.
    Variable(Variable),
    /// What is done to the two numbers before it, which its result takes the place of.
    Operator(Operator),
}

/// A property of one of the images that a step knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Variable {
    /// Of the source, upright, before the first step.
    Initial(Property),
    /// Of the image as it is now.
    Current(Property),
    /// Of the image that an overlay is drawn over. Outside of overlays, as [`Current`](Self::Current).
    Base(Property),
}

/// A property of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Property {
    /// The width in pixels.
    Width,
    /// The height in pixels.
    Height,
    /// The width divided by the height.
    Ratio,
}

/// What can be done to two numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Operator {
    /// Their sum.
    Add,
    /// The first less the second.
    Subtract,
    /// Their product.
    Multiply,
    /// The first divided by the second.
    Divide,
    /// What is left when the first is divided by the second.
    Remainder,
    /// The first to the power of the second.
    Power,
    /// The lesser of the two.
    Min,
    /// The greater of the two.
    Max,
}

impl Operator {
    /// The result; it may not be finite.
    pub fn apply(self, left: f64, right: f64) -> f64 {
        match self {
            Self::Add => left + right,
            Self::Subtract => left - right,
            Self::Multiply => left * right,
            Self::Divide => left / right,
            Self::Remainder => left % right,
            Self::Power => left.powf(right),
            Self::Min => left.min(right),
            Self::Max => left.max(right),
        }
    }
}

/// Whether one of several lists of comparisons holds, each in all its comparisons.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    /// The lists.
    pub any: Vec<Vec<Comparison>>,
}

/// A comparison of two numbers. With one that is not finite, none holds but [`NotEqual`](Comparator::NotEqual).
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// The first.
    pub left: Expression,
    /// How they have to compare.
    pub comparator: Comparator,
    /// The second.
    pub right: Expression,
}

/// How two numbers compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Comparator {
    /// Equal, but for what computing them rounds away.
    Equal,
    /// Not so.
    NotEqual,
    /// The first is less.
    Less,
    /// The first is less, or equal.
    LessOrEqual,
    /// The first is greater.
    Greater,
    /// The first is greater, or equal.
    GreaterOrEqual,
}

/// Steps whose lengths depend on sizes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Computed {
    /// What [`Length::Computed`](super::Length::Computed) means in the steps, in pixels. All are computed before the first
    /// of the steps is done.
    pub lengths: Vec<Expression>,
    /// The steps.
    pub steps: Vec<Step>,
}

/// Steps of which only some are done.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    /// What decides; it is looked at when the step's turn comes.
    pub condition: Condition,
    /// What is done where it holds.
    pub then: Vec<Step>,
    /// What is done where it does not.
    pub otherwise: Vec<Step>,
}
