//! Targets that need no signature, since an operator gives them.

use std::borrow::Cow;

use http::uri::PathAndQuery;
use http::{Request, Uri, request};

use super::rules::Draft;
use super::signer::{PLACEHOLDER, SignError};
use super::target::Target;
use super::verifier::{Verified, Verifier};
use crate::guard::{Guard as _, RejectionKind};

/// How a path begins that says that it is not signed, in the schemes whose paths hold signatures.
const UNSIGNED: [&str; 2] = ["unsafe/", "insecure/"];

impl Verifier {
    /// The head of a request for a target that whoever calls this vouches for, as [`apply`](crate::guard::Guard::apply)
    /// leaves one that verified. For the tools of an operator, which remove or make results; never for what a client sends.
    ///
    /// A target is
    ///
    /// - the path and query of an unsigned URL below the mount, with or without a leading slash, as
    ///   [`Signer::sign`](super::Signer::sign) takes them; or
    /// - a whole path and query, mount included, whose signature verifies, even where it has expired; or
    /// - one that says that it is not signed (`/unsafe/`, `/insecure/`), with the mount or without.
    ///
    /// # Errors
    ///
    /// A [`SignError`] where it is none of a URL.
    ///
    /// ```
    /// use imgward::mount::MountPath;
    /// use imgward::signature::{Keyring, Scheme, Signer, VerifiedTarget, Verifier};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let (scheme, mount) = (Scheme::imagor(), MountPath::new("/img")?);
    /// let verifier = Verifier::new(scheme, Keyring::of_secrets(["mysecret"]))?.at(mount.clone());
    /// let signer = Signer::new(scheme, Keyring::of_secrets(["mysecret"]))?.at(mount);
    /// let signed = signer.sign("30x20/a.jpg", None)?;
    /// for target in ["30x20/a.jpg", "/30x20/a.jpg", "unsafe/30x20/a.jpg", "/img/unsafe/30x20/a.jpg", &signed] {
    ///     let head = verifier.vouch(target)?;
    ///     let verified = head.extensions.get::<VerifiedTarget>().unwrap();
    ///     assert_eq!(verified.bytes(), "30x20/a.jpg");
    /// }
    /// assert!(verifier.vouch("30x20/a b.jpg").is_err());
    /// # Ok(())
    /// # }
    /// ```
    pub fn vouch(&self, target: &str) -> Result<request::Parts, SignError> {
        let sent = if target.starts_with('/') {
            Cow::Borrowed(target)
        } else {
            Cow::Owned(format!("/{target}"))
        };
        let mut head = head(&sent)?;
        match self.check(&head) {
            Ok(mut pass) if pass.as_ref().is_some_and(Verified::is_signed) => {
                self.apply(&mut head, &mut pass);
                return Ok(head);
            }
            Err(why)
                if matches!(
                    why.kind(),
                    RejectionKind::UrlExpired | RejectionKind::LifetimeTooLong
                ) && self.is_signed(&head) =>
            {
                return self.handed_on(head);
            }
            _ => {}
        }
        let (path, query) = match sent.split_once('?') {
            Some((path, query)) => (path, Some(query).filter(|query| !query.is_empty())),
            None => (&*sent, None),
        };
        let without_mount = self.mount.strip(path).map(without_slash);
        let says_so = |path: &&str| UNSIGNED.iter().any(|start| path.starts_with(start));
        // Else it is a parameter.
        let is_in_path = self.keys.scheme().rules.parameters.is_empty();
        let marked = [without_mount, Some(without_slash(path))];
        let marked = marked.into_iter().flatten().find(says_so);
        let path = match marked.filter(|_| is_in_path) {
            Some(marked) => marked.split_once('/').map_or(marked, |(_, rest)| rest),
            None => without_slash(path),
        };
        let draft = Draft {
            path,
            query,
            expires: None,
            key_id: None,
        };
        let composed = (self.keys.scheme().rules.compose)(&draft, PLACEHOLDER);
        self.handed_on(self::head(&format!("{}{composed}", self.mount.prefix()))?)
    }

    /// Whether there is a signature that verifies, whatever else is wrong.
    fn is_signed(&self, head: &request::Parts) -> bool {
        let Some(below) = self.mount.strip(head.uri.path()) else {
            return false;
        };
        let reading = self.read(below, &head.uri);
        matches!(self.verify(&reading, self.clock.now()), Ok(true))
    }

    /// The request with what it has in a signature's place taken off, as if it were one.
    fn handed_on(&self, mut head: request::Parts) -> Result<request::Parts, SignError> {
        let below = self
            .mount
            .strip(head.uri.path())
            .ok_or(SignError::NotAUrl)?;
        let reading = self.read(below, &head.uri);
        if let Some(fault) = reading.fault {
            return Err(SignError::Refused(fault));
        }
        let target = Target::new(&head.uri, &self.mount, &reading, true);
        let target = target.ok_or(SignError::NotAUrl)?;
        target.hand_on(&mut head, &self.mount, self.signed_query());
        Ok(head)
    }
}

fn without_slash(path: &str) -> &str {
    path.strip_prefix('/').unwrap_or(path)
}

fn head(target: &str) -> Result<request::Parts, SignError> {
    let uri = PathAndQuery::try_from(target).ok();
    let uri = uri.filter(|uri| uri.as_str() == target);
    let mut request = Request::new(());
    *request.uri_mut() = Uri::from(uri.ok_or(SignError::NotAUrl)?);
    Ok(request.into_parts().0)
}
