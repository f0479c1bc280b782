use std::fmt;

use crate::dialect::print::Unsayable;
use crate::guard::Rejection;
use crate::signature::SignError;

/// An image URL cannot be written.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ImageUrlError {
    /// The dialect has no words for a field of the request. Whatever else it would write would ask for another picture.
    NotInDialect {
        /// The dialect: `imagor`, `imagekit`, `imgproxy`, `ipx` or `optstuff`.
        dialect: &'static str,
        /// The field, or the variant, by its name in [`recipe`](crate::recipe): `Resize.gravity`, `Step::Median`.
        field: &'static str,
        /// Why, as far as there is more to say.
        why: Box<str>,
    },
    /// The dialect has the words, and refuses the URL all the same: it is beyond a limit, or names an image that no origin
    /// can be asked for.
    Refused {
        /// The dialect.
        dialect: &'static str,
        /// Why.
        why: Box<str>,
    },
    /// The signer refuses it.
    Sign(SignError),
}

impl ImageUrlError {
    pub(super) fn not_in(dialect: &'static str, unsayable: &Unsayable) -> Self {
        Self::NotInDialect {
            dialect,
            field: unsayable.field,
            why: unsayable.why.as_ref().into(),
        }
    }

    pub(super) fn refused(dialect: &'static str, why: &Rejection) -> Self {
        Self::Refused {
            dialect,
            why: why.detail().into(),
        }
    }

    /// The field or variant that the dialect has no words for.
    pub fn field(&self) -> Option<&'static str> {
        match self {
            Self::NotInDialect { field, .. } => Some(field),
            Self::Refused { .. } | Self::Sign(_) => None,
        }
    }
}

impl fmt::Display for ImageUrlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotInDialect {
                dialect,
                field,
                why,
            } => write!(f, "{dialect} cannot say {field}: {why}"),
            Self::Refused { dialect, why } => write!(f, "{dialect} refuses the URL: {why}"),
            Self::Sign(_) => f.write_str("the URL cannot be signed"),
        }
    }
}

impl std::error::Error for ImageUrlError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Sign(why) => Some(why),
            Self::NotInDialect { .. } | Self::Refused { .. } => None,
        }
    }
}

impl From<SignError> for ImageUrlError {
    fn from(why: SignError) -> Self {
        Self::Sign(why)
    }
}
