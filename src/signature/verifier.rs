use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use http::{Uri, request};

use super::error::SignatureConfigError;
use super::keyring::Keyring;
use super::keys::Keys;
use super::rules::Reading;
use super::scheme::{PathExpiry, Scheme};
use super::target::Target;
use crate::clock::{Clock, SystemClock};
use crate::guard::{Caching, Guard, GuardLayer, Rejection, RejectionKind};
use crate::mount::MountPath;
use crate::url_lex::imagor::form_decoded_bytes;

/// A layer that lets signed URLs pass. See the [module docs](super) for the rules.
pub type SignatureLayer<R = crate::guard::Empty> = GuardLayer<Verifier, R>;

impl GuardLayer<Verifier> {
    /// A layer that requires a signature by `scheme` under a key of `keyring`, at the root.
    ///
    /// ```
    /// use imgward::signature::{Keyring, Scheme, SignatureLayer};
    ///
    /// assert!(SignatureLayer::require(Scheme::imagor(), Keyring::of_secrets(["mysecret"])).is_ok());
    /// assert!(SignatureLayer::require(Scheme::imagor(), Keyring::new()).is_err());
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Verifier::new`].
    pub fn require(scheme: Scheme, keyring: Keyring) -> Result<Self, SignatureConfigError> {
        Verifier::new(scheme, keyring).map(Self::new)
    }
}

/// Verifies signed and expiring URLs. See the [module docs](super) for the rules.
#[derive(Clone, Debug)]
pub struct Verifier {
    pub(super) keys: Keys,
    pub(super) mount: MountPath,
    required: bool,
    require_expiry: bool,
    max_lifetime: Option<u64>,
    leeway: u64,
    path_expiry: Option<PathExpiry>,
    pub(super) clock: Arc<dyn Clock>,
}

impl Verifier {
    /// A verifier that requires a signature by `scheme` under a key of `keyring`, at the root.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with the scheme and the keyring, at once. A keyring without any key is wrong.
    pub fn new(scheme: Scheme, keyring: Keyring) -> Result<Self, SignatureConfigError> {
        Ok(Self {
            required: true,
            ..Self::with_keys(Keys::new(scheme, keyring)?)
        })
    }

    /// A verifier without keys: anybody may write any URL, and all that is enforced is the expiry that it states
    /// itself. A signature in the scheme's place is taken off, and not looked at.
    ///
    /// The transforms need a verifier even where nothing is signed, so that an open door is one that somebody opened.
    pub fn unsigned(scheme: Scheme) -> Self {
        Self::with_keys(Keys::none(scheme))
    }

    fn with_keys(keys: Keys) -> Self {
        Self {
            keys,
            mount: MountPath::root(),
            required: false,
            require_expiry: false,
            max_lifetime: None,
            leeway: 0,
            path_expiry: None,
            clock: Arc::new(SystemClock),
        }
    }

    /// Sets where the images live: the root by default. A request for anything else passes untouched.
    pub fn at(mut self, mount: MountPath) -> Self {
        self.mount = mount;
        self
    }

    /// Whether URLs must be signed. If not, those that say that they are not signed pass; one whose signature is wrong
    /// is still refused, except with imgproxy, where any text may stand in the signature's place.
    pub fn required(mut self, required: bool) -> Self {
        self.required = required;
        self
    }

    /// Whether to refuse a signed URL that never expires. Off by default.
    pub fn require_expiry(mut self, require_expiry: bool) -> Self {
        self.require_expiry = require_expiry;
        self
    }

    /// Refuses a signed URL that lives longer than this from now (in whole seconds), or never expires.
    pub fn max_lifetime(mut self, max_lifetime: Duration) -> Self {
        self.max_lifetime = Some(max_lifetime.as_secs());
        self
    }

    /// How long an expired URL is still good for (in whole seconds), where clocks differ. Zero by default.
    pub fn leeway(mut self, leeway: Duration) -> Self {
        self.leeway = leeway.as_secs();
        self
    }

    /// Sets in which grammar the path may state an expiry, besides the scheme's own: for URLs in imagor's or imgproxy's
    /// grammar under another scheme. The earliest of all counts.
    pub fn path_expiry(mut self, grammar: PathExpiry) -> Self {
        self.path_expiry = Some(grammar);
        self
    }

    /// Sets the clock: the system's by default.
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Reads the path below the mount, and the query.
    pub(super) fn read<'a>(&self, below: &'a str, uri: &'a Uri) -> Reading<'a> {
        let mut reading = (self.keys.scheme().rules.read)(below, uri.query().unwrap_or_default());
        if let Some(grammar) = self.path_expiry {
            reading.add_expiry(grammar.read(&reading.path));
        }
        reading
    }

    /// The path form-decoded as a whole, where the scheme tries that too and it is another text.
    fn decoded(&self, below: &str) -> Option<String> {
        if !self.keys.scheme().rules.retries_decoded
            || self.keys.is_empty()
            || !below.bytes().any(|byte| matches!(byte, b'%' | b'+'))
        {
            return None;
        }
        String::from_utf8(form_decoded_bytes(below)?).ok()
    }

    /// Whether the URL is signed, where it may pass.
    pub(super) fn verify(&self, reading: &Reading<'_>, now: u64) -> Result<bool, Rejection> {
        if reading.signature.is_none() && self.required {
            return Err(missing());
        }
        if let Some(fault) = reading.fault {
            return Err(invalid(fault));
        }
        let Some(signature) = reading
            .signature
            .filter(|_| self.required || !self.keys.is_empty())
        else {
            return Ok(false);
        };
        match self.keys.verify(signature, reading, &self.mount, now) {
            Ok(()) => Ok(true),
            Err(_) if !self.required && self.keys.scheme().rules.has_placeholder => Ok(false),
            Err(why) => Err(invalid(why)),
        }
    }

    /// Whether the URL is still good, and not for too long.
    fn check_expiry(&self, expiry: Option<u64>, signed: bool, now: u64) -> Result<(), Rejection> {
        if expiry.is_some_and(|expiry| now > expiry.saturating_add(self.leeway)) {
            return Err(Rejection::new(
                RejectionKind::UrlExpired,
                "the URL is past its expiry",
            ));
        }
        let latest = self
            .max_lifetime
            .map(|lifetime| now.saturating_add(lifetime));
        let too_long = match (expiry, latest) {
            (Some(expiry), Some(latest)) => expiry > latest,
            (Some(_), None) => false,
            (None, latest) => self.require_expiry || latest.is_some(),
        };
        if signed && too_long {
            let why = match expiry {
                Some(_) => "the expiry is further away than the longest lifetime",
                None => "the URL never expires",
            };
            return Err(Rejection::new(RejectionKind::LifetimeTooLong, why));
        }
        Ok(())
    }

    /// Lets a URL pass whose signature is settled, if its expiry allows that.
    fn admit(
        &self,
        uri: &Uri,
        reading: &Reading<'_>,
        signed: bool,
        now: u64,
    ) -> Result<Option<Verified>, Rejection> {
        self.check_expiry(reading.expiry, signed, now)?;
        let target = Target::new(uri, &self.mount, reading, signed)
            .ok_or_else(|| Rejection::bad_request("the path is too long"))?;
        Ok(Some(Verified {
            target,
            remaining: reading.expiry.map(|expiry| expiry.saturating_sub(now)),
        }))
    }

    /// The parameters to leave out of the query that is handed on; `None` where no query is.
    pub(super) fn signed_query(&self) -> Option<&'static [&'static str]> {
        let rules = self.keys.scheme().rules;
        rules.signs_query.then_some(rules.parameters)
    }
}

fn missing() -> Rejection {
    Rejection::new(RejectionKind::SignatureMissing, "the URL has no signature")
}

fn invalid(why: &'static str) -> Rejection {
    Rejection::new(RejectionKind::SignatureInvalid, why)
}

/// What a [`Verifier`] found out about a request that may pass.
#[derive(Clone, Debug)]
pub struct Verified {
    target: Target,
    /// Seconds until the URL expires.
    remaining: Option<u64>,
}

impl Verified {
    pub(super) fn is_signed(&self) -> bool {
        self.target.signed
    }
}

impl Guard for Verifier {
    /// `None` outside the mount.
    type Pass = Option<Verified>;

    fn check(&self, head: &request::Parts) -> Result<Self::Pass, Rejection> {
        let Some(below) = self.mount.strip(head.uri.path()) else {
            return Ok(None);
        };
        let now = self.clock.now();
        let reading = self.read(below, &head.uri);
        let verdict = self.verify(&reading, now);
        if matches!(verdict, Ok(true)) {
            return self.admit(&head.uri, &reading, true, now);
        }
        // imagor's second look. It settles what a required signature is refused for; where none is required, a path that
        // has none as sent is a path as sent.
        if let Some(decoded) = self.decoded(below) {
            let mut reading = self.read(&decoded, &head.uri);
            let verdict = self.verify(&reading, now);
            if matches!(verdict, Ok(true)) {
                reading.path = Cow::Owned(reading.path.into_owned());
                return self.admit(&head.uri, &reading, true, now);
            }
            if self.required {
                verdict?;
            }
        }
        verdict?;
        self.admit(&head.uri, &reading, false, now)
    }

    fn apply(&self, head: &mut request::Parts, pass: &mut Self::Pass) {
        if let Some(verified) = pass {
            verified
                .target
                .hand_on(head, &self.mount, self.signed_query());
        }
    }

    /// The dialect needs a target; this one is not signed.
    fn apply_reported(&self, head: &mut request::Parts, _why: &Rejection) {
        let Some(below) = self.mount.strip(head.uri.path()) else {
            return;
        };
        let reading = self.read(below, &head.uri);
        if let Some(target) = Target::new(&head.uri, &self.mount, &reading, false) {
            target.hand_on(head, &self.mount, self.signed_query());
        }
    }

    fn respond(&self, pass: Self::Pass, caching: &mut Caching<'_>) {
        if let Some(remaining) = pass.and_then(|verified| verified.remaining) {
            caching.cap_max_age(remaining);
        }
    }
}
