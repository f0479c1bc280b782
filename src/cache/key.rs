//! What tells results apart.

use std::{fmt, hash};

use data_encoding::HEXLOWER;
use http::header::{HeaderName, HeaderValue};
use sha2::{Digest, Sha256};

use crate::recipe::key::{Sink, WriteKey};
use crate::recipe::{Format, ImageRequest};
use crate::transform::TransformLayer;

/// Counted up when the same request comes to other bytes than before, or a record of the store is written otherwise.
const SCHEMA: u32 = 2;

/// A SHA-256.
pub(super) type Hash = [u8; 32];

/// A result, by three digests.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Key {
    /// Of the origin's identity and the name of the main source.
    pub(super) source: Hash,
    /// Of what the URL asks for.
    pub(super) request: Hash,
    /// Of what else the answer depends on: settings, negotiated format, headers.
    pub(super) variant: Hash,
}

impl hash::Hash for Key {
    /// A part of each digest tells keys apart as well as all of it.
    fn hash<H: hash::Hasher>(&self, state: &mut H) {
        for digest in [&self.source, &self.request, &self.variant] {
            state.write_u64(
                digest
                    .iter()
                    .take(8)
                    .fold(0, |bits, &byte| bits << 8 | u64::from(byte)),
            );
        }
    }
}

impl Key {
    /// Where it is in a store, and what the names of all results of its request begin with.
    pub(super) fn name(&self) -> String {
        let request = request_name(&self.source, &self.request);
        format!("{request}{}", HEXLOWER.encode(&self.variant))
    }

    /// A name below another of its sources, which leads to it.
    pub(super) fn name_below(&self, source: &Hash) -> String {
        let request = request_name(source, &self.request);
        let [variant, main] = [&self.variant, &self.source].map(|hash| HEXLOWER.encode(hash));
        format!("{request}{variant}-{main}")
    }

    /// The digests one after the other.
    pub(super) fn bytes(&self) -> [u8; 96] {
        let mut bytes = [0; 96];
        let parts = [self.source, self.request, self.variant];
        for (place, part) in bytes.chunks_exact_mut(32).zip(parts) {
            place.copy_from_slice(&part);
        }
        bytes
    }
}

/// What the names of all results of a source begin with.
pub(super) fn source_name(source: &Hash) -> String {
    format!("v1/{}/", HEXLOWER.encode(source))
}

/// What the names of all results of a request begin with.
pub(super) fn request_name(source: &Hash, request: &Hash) -> String {
    format!("{}{}/", source_name(source), HEXLOWER.encode(request))
}

/// The result that a name below another source leads to.
pub(super) fn led_to(name: &str) -> Option<String> {
    let (path, main) = name.rsplit_once('-')?;
    let mut parts = path.rsplitn(3, '/');
    let variant = parts.next()?;
    let request = parts.next()?;
    Some(format!("v1/{main}/{request}/{variant}"))
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({})", self.name())
    }
}

/// What all results of a layer have in common.
#[derive(Clone, Debug)]
pub(super) struct Scope {
    origin: Box<str>,
    settings: Hash,
}

impl Scope {
    pub(super) fn new<R>(origin: Box<str>, transform: &TransformLayer<R>) -> Self {
        Self {
            origin,
            settings: digest("settings", |sink| transform.write_key(sink)),
        }
    }

    pub(super) fn source(&self, name: &str) -> Hash {
        digest("source", |sink| {
            self.origin.write_key(sink);
            name.write_key(sink);
        })
    }

    pub(super) fn request(image: &ImageRequest) -> Hash {
        digest("request", |sink| image.write_key(sink))
    }

    /// `format` is what the client's `Accept` chose, where it has a say.
    pub(super) fn key(
        &self,
        image: &ImageRequest,
        format: Option<Format>,
        headers: &[(HeaderName, HeaderValue)],
    ) -> Key {
        Key {
            source: self.source(image.sources.first().map_or("", |name| name)),
            request: Self::request(image),
            variant: digest("variant", |sink| {
                sink.bytes(&self.settings);
                format.write_key(sink);
                for (name, value) in headers {
                    name.as_str().write_key(sink);
                    value.len().write_key(sink);
                    sink.bytes(value.as_bytes());
                }
            }),
        }
    }
}

/// The digest of what is written. What is of another kind has another, whatever it is.
fn digest(kind: &str, write: impl FnOnce(&mut Sink)) -> Hash {
    let mut sink = Sink::new();
    SCHEMA.write_key(&mut sink);
    kind.write_key(&mut sink);
    write(&mut sink);
    Sha256::digest(sink.as_bytes()).into()
}
