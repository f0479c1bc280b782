//! Client hints: how wide an image is on the page, and how dense the screen is, as the client says.
//!
//! What comes of them is rounded up, so that clients that differ a little are answered with the same image.

use http::HeaderMap;
use http::header::HeaderName;

use crate::dialect::MAX_LENGTH;
use crate::recipe::ClientHints;

/// The headers that have a say, the newer of two names first.
pub(in crate::dialect) const HEADERS: [HeaderName; 4] = [
    HeaderName::from_static("sec-ch-width"),
    HeaderName::from_static("width"),
    HeaderName::from_static("sec-ch-dpr"),
    HeaderName::from_static("dpr"),
];

/// What widths are rounded up to: ImageKit's rule.
const WIDTH_STEP: u32 = 100;

/// What pixel ratios are rounded up to: a part of one.
const DPR_PARTS: f64 = 10.0;

/// What a client says, and whether a URL has asked for it.
#[derive(Clone, Debug, Default)]
pub(super) struct Hints {
    width: Option<u32>,
    dpr: Option<f64>,
    /// What is to be said of it in the answer. `None`: nothing has asked.
    pub(super) used: Option<ClientHints>,
    /// Whether they are looked at.
    on: bool,
}

impl Hints {
    /// Those of a request; `on`: whether they are looked at.
    pub(super) fn of(headers: &HeaderMap, on: bool) -> Self {
        if !on {
            return Self::default();
        }
        let [width, old_width, dpr, old_dpr] = HEADERS;
        let text = |name: &HeaderName| {
            let mut lines = headers.get_all(name).iter();
            let only = lines.next().filter(|_| lines.next().is_none())?;
            only.to_str().ok().map(str::trim)
        };
        let whole = |name: &HeaderName| {
            let width = text(name)?.parse().ok();
            width.filter(|width| (1..=MAX_LENGTH).contains(width))
        };
        let ratio = |name: &HeaderName| {
            let ratio = super::number::decimal(text(name)?);
            ratio.filter(|ratio| (0.1..=5.0).contains(ratio))
        };
        Self {
            width: whole(&width).or_else(|| whole(&old_width)),
            dpr: ratio(&dpr).or_else(|| ratio(&old_dpr)),
            used: None,
            on,
        }
    }

    /// The width for `w-auto`.
    pub(super) fn width(&mut self) -> Option<f64> {
        let said = f64::from(self.ask().width?);
        let width = f64::from(self.width?.next_multiple_of(WIDTH_STEP).min(MAX_LENGTH));
        let dpr = self.dpr.unwrap_or(1.0);
        self.used = Some(ClientHints {
            content_dpr: Some(width / (said / dpr)),
        });
        Some(width)
    }

    /// The pixel ratio for `dpr-auto`. A width that the client says is one of its screen's pixels already.
    pub(super) fn dpr(&mut self, width_is_hinted: bool, has_size: bool) -> f64 {
        let Some(dpr) = self.ask().dpr.filter(|_| !width_is_hinted) else {
            return 1.0;
        };
        // A little less than a step more is no step more.
        let dpr = ((dpr * DPR_PARTS - 1e-6).ceil() / DPR_PARTS).min(5.0);
        if has_size {
            self.used = Some(ClientHints {
                content_dpr: Some(dpr),
            });
        }
        dpr
    }

    fn ask(&mut self) -> &Self {
        if self.on && self.used.is_none() {
            self.used = Some(ClientHints::default());
        }
        self
    }
}
