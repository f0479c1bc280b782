use std::fmt;
use std::sync::Arc;

/// The longest key id that is ever looked up.
pub(super) const MAX_KEY_ID_LEN: usize = 128;

/// A secret. It is never printed.
#[derive(Clone)]
pub struct Secret(Arc<[u8]>);

impl Secret {
    /// A secret of these bytes. A text stands for its UTF-8 bytes; it is not decoded in any way, except that the scheme
    /// imgproxy takes the text as hex.
    pub fn new(secret: impl AsRef<[u8]>) -> Self {
        Self(secret.as_ref().into())
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<T: AsRef<[u8]>> From<T> for Secret {
    fn from(secret: T) -> Self {
        Self::new(secret)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(redacted)")
    }
}

/// A secret that URLs name by an id, and how long it is good for.
#[derive(Clone, Debug)]
pub struct Key {
    pub(super) secret: Secret,
    expires: Option<u64>,
    revoked: bool,
}

impl Key {
    /// A key that never expires.
    pub fn new(secret: impl Into<Secret>) -> Self {
        Self {
            secret: secret.into(),
            expires: None,
            revoked: false,
        }
    }

    /// The last second, since 1970-01-01T00:00:00Z, in which the key verifies anything.
    pub fn expires_at(mut self, seconds: u64) -> Self {
        self.expires = Some(seconds);
        self
    }

    /// Whether the key has been revoked. It verifies nothing then.
    pub fn revoked(mut self, revoked: bool) -> Self {
        self.revoked = revoked;
        self
    }

    pub(super) fn is_valid(&self, now: u64) -> bool {
        !self.revoked && self.expires.is_none_or(|expires| now <= expires)
    }
}

/// Finds keys that live outside the process: in a database, behind a cache.
///
/// It is asked in the middle of a request, for an id that anybody may have made up: it must answer from memory, and
/// remember which ids it does not know. An id is 1 to 128 characters of `A-Z a-z 0-9 - . _ ~`; what the URL has
/// otherwise is unknown without asking.
pub trait KeyLookup: fmt::Debug + Send + Sync {
    /// The key of this id; `None` where there is none.
    fn find(&self, id: &str) -> Option<Key>;
}

/// The keys that verify signatures, and the one that signs.
///
/// *Secrets* have no name: each is tried in turn, and the first signs. To rotate, put the new one first and keep the
/// old one for as long as its URLs shall work. *Keys* are named by the URL (`key` of the scheme optstuff, `kid` of the
/// scheme query); where there is no secret, the first key signs.
#[derive(Clone, Debug, Default)]
pub struct Keyring {
    pub(super) secrets: Vec<Secret>,
    pub(super) salts: Vec<Secret>,
    pub(super) keys: Vec<(String, Key)>,
    pub(super) lookup: Option<Arc<dyn KeyLookup>>,
}

impl Keyring {
    /// A keyring with nothing on it.
    pub fn new() -> Self {
        Self::default()
    }

    /// A keyring of secrets: the first signs, all verify.
    pub fn of_secrets<S: Into<Secret>>(secrets: impl IntoIterator<Item = S>) -> Self {
        Self {
            secrets: secrets.into_iter().map(Into::into).collect(),
            ..Self::default()
        }
    }

    /// Adds a secret that verifies, after those that are there.
    pub fn secret(mut self, secret: impl Into<Secret>) -> Self {
        self.secrets.push(secret.into());
        self
    }

    /// Adds the salt of the next secret that has none. The scheme imgproxy needs one each, in hex.
    pub fn salt(mut self, salt: impl Into<Secret>) -> Self {
        self.salts.push(salt.into());
        self
    }

    /// Adds a key that URLs name by `id`.
    pub fn key(mut self, id: impl Into<String>, key: Key) -> Self {
        self.keys.push((id.into(), key));
        self
    }

    /// Sets where a key id is looked up that no [`key`](Self::key) has.
    pub fn lookup(mut self, lookup: impl KeyLookup + 'static) -> Self {
        self.lookup = Some(Arc::new(lookup));
        self
    }
}

/// Whether a text can be the id of a key: unreserved characters (RFC 3986, section 2.3), so that it has one spelling.
pub(super) fn is_key_id(id: &str) -> bool {
    (1..=MAX_KEY_ID_LEN).contains(&id.len())
        && id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
}
