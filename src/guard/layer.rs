use std::fmt;
use std::sync::Arc;

use tower_layer::Layer;

use super::{Empty, GuardService};

/// Makes a tower layer of a [`Guard`](super::Guard). See the [module docs](super) for an example.
///
/// The layers of this crate, such as [`IpFilterLayer`](crate::ip_filter::IpFilterLayer), are this type around their
/// rules; what is said here holds for each of them.
#[must_use = "a layer does nothing until it wraps a service"]
pub struct GuardLayer<G, R = Empty> {
    guard: Arc<G>,
    responder: R,
    report_only: bool,
}

impl<G> GuardLayer<G> {
    /// A layer that refuses what `guard` refuses, with the status and no body.
    pub fn new(guard: G) -> Self {
        Self {
            guard: Arc::new(guard),
            responder: Empty,
            report_only: false,
        }
    }
}

impl<G, R> GuardLayer<G, R> {
    /// The same layer with another wording of its refusals: [`ProblemJson`](super::ProblemJson), a closure
    /// `Fn(&Parts, &Rejection) -> Response<B>`, or a [`MakeRejection`](super::MakeRejection) of your own.
    pub fn with_responder<R2>(self, responder: R2) -> GuardLayer<G, R2> {
        GuardLayer {
            guard: self.guard,
            responder,
            report_only: self.report_only,
        }
    }

    /// Whether to let refused requests through, and only report the verdict. Off by default.
    pub fn report_only(mut self, report_only: bool) -> Self {
        self.report_only = report_only;
        self
    }
}

impl<G, R: Clone> Clone for GuardLayer<G, R> {
    fn clone(&self) -> Self {
        Self {
            guard: Arc::clone(&self.guard),
            responder: self.responder.clone(),
            report_only: self.report_only,
        }
    }
}

impl<G: fmt::Debug, R> fmt::Debug for GuardLayer<G, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GuardLayer")
            .field("guard", &self.guard)
            .field("report_only", &self.report_only)
            .finish_non_exhaustive()
    }
}

impl<S, G, R: Clone> Layer<S> for GuardLayer<G, R> {
    type Service = GuardService<S, G, R>;

    fn layer(&self, inner: S) -> Self::Service {
        GuardService {
            inner,
            guard: Arc::clone(&self.guard),
            responder: self.responder.clone(),
            report_only: self.report_only,
        }
    }
}
