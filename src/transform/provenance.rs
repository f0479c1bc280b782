//! What an image was made of, for the cache in front: extensions of requests and answers.

use super::origin::{Headers, Said};

/// With what the originals of an image are to be asked for, in the order of its sources: by which they only come where they
/// have changed. Where none has, the answer is 304; with or without conditions, it has a [`Provenance`].
#[derive(Clone, Debug)]
pub(crate) struct Conditions(pub(crate) Vec<Headers>);

/// What the origin said of the originals, in the order of the sources.
#[cfg_attr(
    not(feature = "cache"),
    expect(dead_code, reason = "nobody asks, so nobody reads it")
)]
#[derive(Clone, Debug)]
pub(crate) struct Provenance(pub(crate) Vec<Said>);
