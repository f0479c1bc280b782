//! Signed and expiring URLs.
//!
//! A [`Signer`] signs the URLs that an application hands out; a [`Verifier`], as a [`SignatureLayer`], lets no other URL
//! pass. So nobody can make the server fetch what it should not, make sizes that nobody asked for, or keep a link for
//! longer than it is good.
//!
//! 1. A URL is read by a [`Scheme`]: one of imagor, imgproxy, ImageKit and OptStuff, whose signed URLs work unchanged,
//!    or [query](#the-scheme-query), which goes with any of them.
//! 2. A URL without a signature, with an empty one, or that says that it has none (`/unsafe/`, `/insecure/`) is
//!    refused as `signature_missing`, where signatures are [required](Verifier::required).
//! 3. A signature that no key of the [`Keyring`] makes is `signature_invalid`; so is one by a key that is unknown,
//!    expired or revoked, a parameter of the signature that is repeated, and an expiry that is no number in its one
//!    spelling (decimal digits, no sign, no leading zero, at most [`u64::MAX`]).
//! 4. Then the expiry counts, signed or not: a URL is good until the end of the second that it names, plus the
//!    [leeway](Verifier::leeway), and `url_expired` after that. Written several times in a path, the earliest counts.
//! 5. A signed URL that lives too long, or for ever, is `lifetime_too_long`, where a [limit](Verifier::max_lifetime) is
//!    [set](Verifier::require_expiry).
//! 6. What is verified is what is handed on, byte for byte: the extension [`VerifiedTarget`], and the request's URI,
//!    which becomes the mount, a slash and that target. Queries that the scheme does not sign are dropped. A file
//!    server behind the layer sees the file's path.
//! 7. The answer's `max-age` is lowered to what is left of the URL's life.
//!
//! Nothing is decoded, sorted or normalised before it is verified, with two exceptions. OptStuff signs the decoded
//! path. And imagor tries the path as sent, then once more form-decoded as a whole (`%XX`, and `+` for a space).
//! In either case the decoded path is the target, and the URI is percent-encoded so that it decodes to it.
//!
//! Signatures are compared as texts, in constant time, so that each has one spelling: imagor's with its `=`, the others
//! without.
//!
//! # Deployment
//!
//! - The schemes sign neither the method nor the host. Give every tenant keys of its own.
//! - imagor's and imgproxy's schemes sign no mount either: the same keys at two mounts take each other's URLs.
//! - OptStuff's expiry is spliced to the path it is signed with; a signed path that ends like an expiry (`?exp=1`) is
//!   refused. ImageKit's is too; it has exactly ten digits.
//! - A signed path may hold dot segments, since whoever has the key may sign them, and an unsigned one may hold
//!   anything. What opens files must refuse them, as `ServeDir` of tower-http does.
//! - An `expire(...)` filter or `exp:` option in a path counts under imagor's or imgproxy's own scheme. Under another,
//!   say which grammar the paths are in: [`Verifier::path_expiry`].
//! - The [mount](Verifier::at) is matched on the path as received, and all else passes. A service that decodes paths
//!   before it routes them takes `/%69mg/a.jpg` or `//img/a.jpg` for what is below `/img`: do not lay the layer over
//!   a file server's root with a mount below it, but around the file server of the images alone.
//!
//! # Example
//!
//! ```
//! use http::{Request, Response, StatusCode};
//! use imgward::mount::MountPath;
//! use imgward::signature::{Keyring, Scheme, SignatureLayer, Signer, Verifier, VerifiedTarget};
//! use tower::{Layer, ServiceExt, service_fn};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let keys = Keyring::of_secrets(["mysecret", "the one before"]);
//! let img = MountPath::new("/img")?;
//!
//! let signer = Signer::new(Scheme::imagor(), keys.clone())?.at(img.clone());
//! let url = signer.sign("300x200/smart/photo.jpg", None)?;
//! assert_eq!(url, "/img/OhgATR8Xv8gXHQSAfzYMgtAteZg=/300x200/smart/photo.jpg");
//!
//! let layer = SignatureLayer::new(Verifier::new(Scheme::imagor(), keys)?.at(img));
//! let service = layer.layer(service_fn(async |request: Request<String>| {
//!     let target = request.extensions().get::<VerifiedTarget>().unwrap();
//!     assert_eq!(target.bytes(), "300x200/smart/photo.jpg");
//!     assert_eq!(request.uri(), "/img/300x200/smart/photo.jpg");
//!     Ok::<_, std::convert::Infallible>(Response::new(String::from("an image")))
//! }));
//!
//! let request = |url: &str| Request::get(url).body(String::new()).unwrap();
//! let allowed = service.clone().oneshot(request(&url)).await?;
//! assert_eq!(allowed.status(), StatusCode::OK);
//!
//! let larger = url.replace("300x200", "3000x2000");
//! let refused = service.oneshot(request(&larger)).await?;
//! assert_eq!(refused.status(), StatusCode::FORBIDDEN);
//! # Ok(())
//! # }
//! ```
//!
//! # The scheme query
//!
//! `sig` is the unpadded base64url of the HMAC-SHA-256 (or SHA-512), under the secret's bytes, of four lines, each
//! ended by a line feed:
//!
//! 1. `imgward1`
//! 2. the mount's path without a trailing slash; `/` alone for the root
//! 3. the path below the mount as sent, with its leading slash
//! 4. the query as sent without the `sig` pair and its `&`; an empty line where nothing is left
//!
//! `exp` (seconds since 1970) and `kid` (the id of a [`Key`]) are optional. Like `sig`, they may be there once.
//! Three vectors, with the secret `mysecret`:
//!
//! ```
//! use imgward::mount::MountPath;
//! use imgward::signature::{Algorithm, Key, Keyring, Scheme, Signer};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let secret = || Keyring::of_secrets(["mysecret"]);
//! let exp = Some(4_102_444_800);
//!
//! let signer = Signer::new(Scheme::query(), secret())?.at(MountPath::new("/img")?);
//! assert_eq!(
//!     signer.sign("300x200/photo.jpg", exp)?,
//!     "/img/300x200/photo.jpg?exp=4102444800&sig=SljrRQmzUUZlOn1bQGj3KJiZjFAe8fuFJQLvhNz54Go"
//! );
//!
//! let signer = Signer::new(Scheme::query(), secret())?;
//! assert_eq!(
//!     signer.sign("300x200/photo.jpg", None)?,
//!     "/300x200/photo.jpg?sig=CNnUIhyQyfgP50U8FA72ALwJdFrUfK5BpDKnpFkp9-Q"
//! );
//!
//! let keys = Keyring::new().key("pk_1", Key::new("mysecret"));
//! let sha512 = Scheme::query().algorithm(Algorithm::Sha512);
//! let signer = Signer::new(sha512, keys)?.at(MountPath::new("/img")?);
//! assert_eq!(
//!     signer.sign("photo.jpg?tr=w-300,h-200&v=1", exp)?,
//!     "/img/photo.jpg?tr=w-300,h-200&v=1&exp=4102444800&kid=pk_1\
//!      &sig=9nbvx_9NPfhMiSU2NW8V-u-gcs7hCKECCfbpua5knLwn4sNgtAMS4xT3lu54Z0PSNlIlVIAPBjfP4giI5wvyow"
//! );
//! # Ok(())
//! # }
//! ```

mod error;
mod keyring;
mod keys;
mod mac;
mod rules;
mod scheme;
mod schemes;
mod signer;
mod target;
mod verifier;
mod vouch;

pub use self::error::{SignatureConfigError, SignatureProblem};
pub use self::keyring::{Key, KeyLookup, Keyring, Secret};
pub use self::mac::{Algorithm, UnknownAlgorithm};
#[cfg(feature = "config")]
pub(crate) use self::scheme::MIN_TRUNCATION;
pub use self::scheme::{PathExpiry, Scheme, UnknownScheme};
pub use self::signer::{SignError, Signer};
pub use self::target::VerifiedTarget;
pub use self::verifier::{SignatureLayer, Verified, Verifier};

#[cfg(test)]
mod tests;
