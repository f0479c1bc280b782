//! A base URL that no name leads out of.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use url::Url;

use super::entry::is_below;
use crate::mount::has_dot_segment;

/// A URL whose path ends with a slash, without query and fragment.
#[derive(Clone, Debug)]
pub(super) struct Base(Url);

impl Base {
    /// `None` where it is none that images can be below.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut url = Url::parse(text).ok()?;
        let is_base = matches!(url.scheme(), "http" | "https")
            && url.has_host()
            && url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none()
            && url.port() != Some(0)
            && !has_dot_segment(text);
        if !is_base {
            return None;
        }
        if !url.path().ends_with('/') {
            let path = format!("{}/", url.path());
            url.set_path(&path);
        }
        Some(Self(url))
    }

    /// The URL of a name: what is below the base, or a whole URL that is.
    pub(super) fn join(&self, name: &str) -> Option<Url> {
        let path = name.split(['?', '#']).next().unwrap_or(name);
        if leads_away(path) {
            return None;
        }
        let text = if is_url(name) {
            Cow::Borrowed(name)
        } else {
            Cow::Owned(format!("{}{}", self.0, name.trim_start_matches('/')))
        };
        let url = Url::parse(&text).ok()?;
        self.covers(&url).then_some(url)
    }

    /// Whether a URL is below the base, part by part.
    pub(super) fn covers(&self, url: &Url) -> bool {
        url.scheme() == self.0.scheme()
            && url.host() == self.0.host()
            && url.port() == self.0.port()
            && url.username().is_empty()
            && url.password().is_none()
            && is_below(url.path(), self.0.path())
            && !leads_away(url.path())
    }

    #[cfg(feature = "http-origin")]
    pub(super) fn as_str(&self) -> &str {
        self.0.as_str()
    }

    #[cfg(feature = "config")]
    pub(super) fn is_https(&self) -> bool {
        self.0.scheme() == "https"
    }
}

/// Whether a path has dot segments, for a server that decodes once more than it should, too.
fn leads_away(path: &str) -> bool {
    path.contains('\\')
        || has_dot_segment(path)
        || has_dot_segment(&percent_decode_str(path).decode_utf8_lossy())
}

/// Whether the name of an image is a whole URL: it begins with `http://` or `https://`, in whatever case. What does not may
/// still be read as one, by the rules of a [`SourcePolicy`](super::SourcePolicy).
///
/// ```
/// use imgward::source::is_url;
///
/// assert!(is_url("HTTPS://img.example.com/photo.jpg"));
/// assert!(!is_url("img.example.com/photo.jpg"));
/// assert!(!is_url("file:///etc/passwd"));
/// ```
pub fn is_url(name: &str) -> bool {
    ["http://", "https://"].iter().any(|scheme| {
        name.get(..scheme.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    })
}
