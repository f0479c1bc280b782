use http::header::{HeaderName, REFERER};
use http::request;

use super::host::Buffer;
use super::site_set::{InvalidSites, Site, SiteSet};
use crate::guard::{Caching, Guard, Rejection, RejectionKind};

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// The rules of a [`RefererLayer`](super::RefererLayer). See the [module docs](super).
#[derive(Clone, Debug)]
pub struct RefererPolicy {
    list: List,
    sites: SiteSet,
    match_scheme: bool,
    missing: Missing,
    cross_site: CrossSite,
}

#[derive(Clone, Copy, Debug)]
enum List {
    Allow,
    Block,
}

/// What becomes of a request without a `Referer`, or with an empty one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Missing {
    /// It passes.
    #[default]
    Allow,
    /// It is refused.
    Block,
}

/// What becomes of a request without a `Referer` that the browser says comes from another site.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum CrossSite {
    /// [`Missing`] decides.
    #[default]
    Allow,
    /// It is refused: where `Sec-Fetch-Site` is `cross-site`, there twice, or none of `same-origin`, `same-site` and
    /// `none`. Where there is no `Sec-Fetch-Site`, [`Missing`] decides.
    Block,
}

impl RefererPolicy {
    /// Only pages on these sites may show the images. Each is the text of a [`SitePattern`](super::SitePattern).
    ///
    /// # Errors
    ///
    /// [`InvalidSites`] where the list is empty, or has entries that are no sites.
    pub fn allow(sites: impl IntoIterator<Item: AsRef<str>>) -> Result<Self, InvalidSites> {
        SiteSet::new(sites).map(|sites| Self::new(List::Allow, sites))
    }

    /// Pages on these sites may not show the images. Each is the text of a [`SitePattern`](super::SitePattern).
    ///
    /// # Errors
    ///
    /// [`InvalidSites`] where the list is empty, or has entries that are no sites.
    pub fn block(sites: impl IntoIterator<Item: AsRef<str>>) -> Result<Self, InvalidSites> {
        SiteSet::new(sites).map(|sites| Self::new(List::Block, sites))
    }

    /// An allow list of no site: who sends a `Referer` is refused.
    #[cfg(feature = "config")]
    pub(crate) fn allow_nobody() -> Self {
        Self::new(List::Allow, SiteSet::default())
    }

    /// A block list of no site: what is left is what becomes of requests without a `Referer`.
    #[cfg(feature = "config")]
    pub(crate) fn block_nobody() -> Self {
        Self::new(List::Block, SiteSet::default())
    }

    fn new(list: List, sites: SiteSet) -> Self {
        Self {
            list,
            sites,
            match_scheme: false,
            missing: Missing::default(),
            cross_site: CrossSite::default(),
        }
    }

    /// What becomes of a request without a `Referer`. It passes by default.
    pub fn missing(mut self, missing: Missing) -> Self {
        self.missing = missing;
        self
    }

    /// What becomes of a request without a `Referer` that the browser says comes from another site. [`Missing`]
    /// decides by default.
    pub fn cross_site(mut self, cross_site: CrossSite) -> Self {
        self.cross_site = cross_site;
        self
    }

    /// Whether a page must have the scheme of the site that stands for it, too. Off by default, so that
    /// `https://example.com` stands for pages on `http://example.com`.
    pub fn match_scheme(mut self, match_scheme: bool) -> Self {
        self.match_scheme = match_scheme;
        self
    }

    fn check_allowed(&self, head: &request::Parts) -> Result<(), Rejection> {
        let mut lines = lines(head);
        let Some(line) = lines.next() else {
            return self.check_missing(head);
        };
        // Whoever reads one of several lines reads another than the next program does.
        if lines.next().is_some() {
            return Err(denied("there are several Referer lines"));
        }
        if line.is_empty() {
            return self.check_missing(head);
        }
        let mut buffer = Buffer::new();
        let site = Site::parse(line, &mut buffer)
            .map_err(|fault| denied(format!("the Referer names no site: {fault}")))?;
        match self.sites.find(&site, self.match_scheme) {
            Some(_) => Ok(()),
            None => Err(denied(format!("{} is not on the allow list", site.host))),
        }
    }

    fn check_not_blocked(&self, head: &request::Parts) -> Result<(), Rejection> {
        let mut missing = true;
        for line in lines(head).filter(|line| !line.is_empty()) {
            missing = false;
            let mut buffer = Buffer::new();
            let Ok(site) = Site::parse(line, &mut buffer) else {
                continue;
            };
            if let Some(pattern) = self.sites.find(&site, self.match_scheme) {
                let host = &site.host;
                return Err(denied(format!("{host} is on the block list: {pattern}")));
            }
        }
        if missing {
            self.check_missing(head)
        } else {
            Ok(())
        }
    }

    fn check_missing(&self, head: &request::Parts) -> Result<(), Rejection> {
        if self.cross_site == CrossSite::Block && is_cross_site(head) {
            return Err(denied("there is no Referer, and the request is cross-site"));
        }
        match self.missing {
            Missing::Allow => Ok(()),
            Missing::Block => Err(denied("there is no Referer")),
        }
    }
}

impl Guard for RefererPolicy {
    type Pass = ();

    fn check(&self, head: &request::Parts) -> Result<(), Rejection> {
        match self.list {
            List::Allow => self.check_allowed(head),
            List::Block => self.check_not_blocked(head),
        }
    }

    fn respond(&self, (): (), caching: &mut Caching<'_>) {
        caching.add_vary(&REFERER);
        if self.cross_site == CrossSite::Block {
            caching.add_vary(&SEC_FETCH_SITE);
        }
    }
}

fn lines(head: &request::Parts) -> impl Iterator<Item = &[u8]> {
    let lines = head.headers.get_all(REFERER).into_iter();
    lines.map(|line| line.as_bytes().trim_ascii())
}

/// Whether the browser says that the request comes from another site, or something that cannot be told from it.
fn is_cross_site(head: &request::Parts) -> bool {
    let mut lines = head.headers.get_all(SEC_FETCH_SITE).into_iter();
    match (lines.next(), lines.next()) {
        (None, _) => false,
        (Some(line), None) => !matches!(
            line.as_bytes().trim_ascii(),
            b"same-origin" | b"same-site" | b"none"
        ),
        (Some(_), Some(_)) => true,
    }
}

fn denied(reason: impl Into<std::borrow::Cow<'static, str>>) -> Rejection {
    Rejection::new(RejectionKind::RefererDenied, reason)
}
