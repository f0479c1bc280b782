use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::header::{
    ACCEPT, ACCEPT_RANGES, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderMap,
    HeaderName, X_CONTENT_TYPE_OPTIONS,
};
use http::{Request, Response, StatusCode, Uri};
use pin_project_lite::pin_project;
use tower_service::Service as _;

use super::recipe::for_place;
use super::service::Place;
use crate::guard::{Caching, Rejection};
use crate::timer::within;
use crate::transform::ImageBody;

/// What an answer with a placeholder says of it. The rest stays as the refusal has it.
const OF_THE_IMAGE: [HeaderName; 5] = [
    ACCEPT_RANGES,
    CONTENT_LENGTH,
    CONTENT_SECURITY_POLICY,
    CONTENT_TYPE,
    X_CONTENT_TYPE_OPTIONS,
];

pin_project! {
    /// The future of a [`PlaceholderService`](super::PlaceholderService).
    #[must_use = "futures do nothing unless polled"]
    pub struct ResponseFuture<F, B> {
        #[pin]
        answer: F,
        place: Option<Place>,
        refused: Option<(Response<ImageBody<B>>, Making)>,
    }
}

/// Comes to a placeholder, if one can be made.
type Making = Pin<Box<dyn Future<Output = Option<Made>> + Send>>;

struct Made {
    headers: HeaderMap,
    bytes: Bytes,
}

impl<F, B> ResponseFuture<F, B> {
    pub(super) fn new(answer: F, place: Option<Place>) -> Self {
        Self {
            answer,
            place,
            refused: None,
        }
    }
}

impl<F, B, E> Future for ResponseFuture<F, B>
where
    F: Future<Output = Result<Response<ImageBody<B>>, E>>,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let (answer, mut making) = if let Some(refused) = this.refused.take() {
            refused
        } else {
            let answer = ready!(this.answer.poll(cx))?;
            let place = this.place.take();
            match place.and_then(|place| making(place, &answer)) {
                Some(making) => (answer, making),
                None => return Poll::Ready(Ok(answer)),
            }
        };
        match making.as_mut().poll(cx) {
            Poll::Pending => {
                *this.refused = Some((answer, making));
                Poll::Pending
            }
            Poll::Ready(None) => Poll::Ready(Ok(answer)),
            Poll::Ready(Some(made)) => Poll::Ready(Ok(shown(answer, made))),
        }
    }
}

/// Begins to make a placeholder, where the answer is a refusal that has one.
fn making<B>(place: Place, answer: &Response<B>) -> Option<Making> {
    let why = answer.extensions().get::<Rejection>()?;
    let mut maker = place.settings.maker(why.kind())?.clone();
    Some(Box::pin(async move {
        let Place {
            settings, began, ..
        } = &place;
        let end = settings.time.and_then(|time| began.checked_add(time));
        let alarm = end.map(|end| settings.timer.at(end));
        // It is always ready. What is kept is there even when the time is over.
        let Ok(response) = within(alarm, maker.call(place.request())).await?;
        let (head, body) = response.into_parts();
        (head.status == StatusCode::OK).then_some(Made {
            headers: head.headers,
            bytes: body.into_whole()?,
        })
    }))
}

impl Place {
    fn request(&self) -> Request<()> {
        let mut request = Request::new(());
        *request.method_mut() = self.method.clone();
        if let Ok(uri) = Uri::try_from(format!("{}/", self.settings.mount.prefix())) {
            *request.uri_mut() = uri;
        }
        for accept in &self.accept {
            request.headers_mut().append(ACCEPT, accept.clone());
        }
        request.extensions_mut().insert(for_place(&self.image));
        request
    }
}

/// The refusal, with an image.
fn shown<B>(answer: Response<ImageBody<B>>, mut made: Made) -> Response<ImageBody<B>> {
    let (mut head, _) = answer.into_parts();
    if Caching::of(&mut made.headers).varies_on(&ACCEPT) {
        Caching::of(&mut head.headers).add_vary(&ACCEPT);
    }
    for name in OF_THE_IMAGE {
        head.headers.remove(&name);
        if let Some(value) = made.headers.remove(&name) {
            head.headers.insert(name, value);
        }
    }
    Response::from_parts(head, ImageBody::from(made.bytes))
}

impl<F, B> fmt::Debug for ResponseFuture<F, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}
