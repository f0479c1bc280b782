//! From a name to an answer, redirect by redirect.

use std::error::Error;
use std::io;
use std::time::SystemTime;

use http::header::{
    ACCEPT, ACCEPT_ENCODING, AGE, CACHE_CONTROL, CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, DATE,
    ETAG, EXPIRES, HOST, HeaderMap, HeaderName, HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH,
    LAST_MODIFIED, LOCATION, SET_COOKIE, TE, TRAILER, TRANSFER_ENCODING, UPGRADE, USER_AGENT, VARY,
};
use http::{Request, Response, StatusCode, Uri, request};
use hyper::body::Incoming;
use hyper_util::client::legacy::Error as ClientError;
use tokio::time::{Instant, timeout_at};

use super::HttpOrigin;
use super::body::NoBody;
use crate::guard::{Rejection, RejectionKind};
use crate::header_list::elements;
use crate::lifetime;
use crate::origin::answer::from_now;
use crate::origin::body::{OriginBody, failed};
use crate::origin::name;
use crate::source::SourceUrl;

/// What an origin says of how long, and for whom, its answer is good.
const CARRIED: [HeaderName; 7] = [
    CACHE_CONTROL,
    EXPIRES,
    DATE,
    AGE,
    VARY,
    SET_COOKIE,
    CONTENT_TYPE,
];

/// What of it counts where it is a redirect that says it, as it is. Of its `Cache-Control`, all but how long it is good
/// does; of that, the shortest of all.
const CARRIED_OF_A_REDIRECT: [HeaderName; 2] = [VARY, SET_COOKIE];

/// By what an answer is known again. It is that of one URL, and says nothing of another
/// ([RFC 9110, section 8.8](https://www.rfc-editor.org/rfc/rfc9110#section-8.8)): who asks by a name would show it to
/// whatever the name leads to then. So it is handed on only where no redirect led to it.
const VALIDATORS: [HeaderName; 2] = [ETAG, LAST_MODIFIED];

/// By which an image only comes where it has changed. They are for the URL that was named, and for none that it redirects
/// to.
const CONDITIONS: [HeaderName; 2] = [IF_MODIFIED_SINCE, IF_NONE_MATCH];

/// What concerns one connection, or is said by the client that makes it.
const NEVER_FORWARDED: [HeaderName; 8] = [
    HOST,
    CONNECTION,
    CONTENT_LENGTH,
    TE,
    TRAILER,
    TRANSFER_ENCODING,
    UPGRADE,
    ACCEPT_ENCODING,
];

impl HttpOrigin {
    pub(super) async fn fetch(
        &self,
        head: &request::Parts,
    ) -> Result<Response<OriginBody>, Rejection> {
        let settings = &*self.settings;
        let end = from_now(settings.timeout);
        let first = settings.policy.resolve(&name(head)?)?;
        let own = self.own_headers(&head.headers);
        let mut said = HeaderMap::new();
        let mut seen = Vec::new();
        // For how long all of the redirects are good.
        let mut good_for = None;
        let mut url = first.clone();
        loop {
            let own = is_same_origin(&first, &url).then_some(&own);
            let until = end.min(from_now(settings.first_byte_timeout));
            let mut request = ask(&url, own)?;
            let is_named = seen.is_empty();
            if is_named {
                copy(&head.headers, &CONDITIONS, request.headers_mut());
            }
            let answer = timeout_at(until, self.answer(request)).await;
            let answer = answer.map_err(|_| too_slow(&url))?;
            let answer = answer.map_err(|error| broken(&url, &error))?;
            let Some(location) = redirect(&answer) else {
                if is_named {
                    copy(answer.headers(), &VALIDATORS, &mut said);
                } else if answer.status() == StatusCode::NOT_MODIFIED {
                    // It was not asked, and who reads this would think that it was.
                    return Err(failed(&format!(
                        "{url} says 304, and was not asked if it has changed"
                    )));
                }
                return self.carry(answer, said, good_for, end);
            };
            if seen.len() >= settings.max_redirects {
                return Err(failed(&format!("{first} redirects too often")));
            }
            let location = location?;
            copy(answer.headers(), &CARRIED_OF_A_REDIRECT, &mut said);
            if let Some(directives) = lifetime::directives(answer.headers()) {
                said.append(CACHE_CONTROL, directives);
            }
            let lifetime = lifetime::lifetime(answer.headers(), SystemTime::now());
            good_for = good_for.into_iter().chain(lifetime).min();
            let next = settings.policy.redirect(&url, &location)?;
            seen.push(url);
            if seen.contains(&next) {
                return Err(failed(&format!("{first} redirects in a circle")));
            }
            url = next;
        }
    }

    /// Asks, and once more where the connection was closed without an answer: most often it was kept, and the server was done
    /// with it just then ([RFC 9112, section 9.3.1](https://www.rfc-editor.org/rfc/rfc9112#section-9.3.1)).
    async fn answer(&self, request: Request<NoBody>) -> Result<Response<Incoming>, ClientError> {
        let client = &self.settings.client;
        match client.request(request.clone()).await {
            Err(error) if was_closed(&error) => client.request(request).await,
            answer => answer,
        }
    }

    /// The headers that are for the server that was named, and for no other.
    fn own_headers(&self, client: &HeaderMap) -> HeaderMap {
        let mut own = self.settings.headers.clone();
        for name in &*self.settings.forwarded {
            if !NEVER_FORWARDED.contains(name) {
                for value in client.get_all(name) {
                    own.append(name, value.clone());
                }
            }
        }
        own
    }

    fn carry(
        &self,
        answer: Response<Incoming>,
        mut said: HeaderMap,
        good_for: Option<u64>,
        end: Instant,
    ) -> Result<Response<OriginBody>, Rejection> {
        let (mut head, body) = answer.into_parts();
        if let Some(seconds) = good_for {
            shorten(&mut head.headers, seconds);
        }
        let mut response = Response::new(OriginBody::default());
        *response.status_mut() = head.status;
        if !matches!(head.status, StatusCode::OK | StatusCode::NOT_MODIFIED) {
            return Ok(response);
        }
        copy(&head.headers, &CARRIED, &mut said);
        if head.status == StatusCode::NOT_MODIFIED {
            *response.headers_mut() = said;
            return Ok(response);
        }
        // Without HTTP/1.1's own coding at the end, what another has made of the body is handed on as it is.
        if elements(&head.headers, TRANSFER_ENCODING)
            .any(|coding| !coding.eq_ignore_ascii_case(b"chunked"))
        {
            return Err(failed("the origin's answer is sent in a coding"));
        }
        *response.body_mut() =
            OriginBody::decoding(&head.headers, body, self.settings.idle_timeout, end)?;
        if !response.body().is_decoded() {
            copy(&head.headers, &[CONTENT_LENGTH], &mut said);
        }
        *response.headers_mut() = said;
        Ok(response)
    }
}

/// A request for a URL.
fn ask(url: &SourceUrl, own: Option<&HeaderMap>) -> Result<Request<NoBody>, Rejection> {
    let unreadable = || {
        let reason = format!("{url} cannot be asked for");
        Rejection::new(RejectionKind::SourceDenied, reason)
    };
    let uri = Uri::try_from(url.as_str()).map_err(|_| unreadable())?;
    // The host that was judged is the host that is asked.
    if uri.host() != url.url().host_str() || uri.port_u16() != url.url().port() {
        return Err(unreadable());
    }
    let mut request = Request::new(NoBody);
    *request.uri_mut() = uri;
    let headers = request.headers_mut();
    headers.insert(
        USER_AGENT,
        HeaderValue::from_static(concat!("imgward/", env!("CARGO_PKG_VERSION"))),
    );
    headers.insert(ACCEPT, HeaderValue::from_static("*/*"));
    headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    for name in own.into_iter().flat_map(HeaderMap::keys) {
        headers.remove(name);
    }
    for (name, value) in own.into_iter().flatten() {
        headers.append(name, value.clone());
    }
    Ok(request)
}

fn is_same_origin(a: &SourceUrl, b: &SourceUrl) -> bool {
    a.url().origin() == b.url().origin()
}

/// Where an answer redirects to, if it does.
fn redirect<B>(answer: &Response<B>) -> Option<Result<String, Rejection>> {
    if !matches!(answer.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
        return None;
    }
    let location = answer.headers().get(LOCATION);
    let location = location.and_then(|location| String::from_utf8(location.as_bytes().into()).ok());
    Some(location.ok_or_else(|| failed("a redirect leads nowhere")))
}

/// Has an answer say no more than that it is good for so many seconds.
fn shorten(headers: &mut HeaderMap, seconds: u64) {
    let own = lifetime::lifetime(headers, SystemTime::now());
    if own.is_some_and(|own| own <= seconds) {
        return;
    }
    let directives = lifetime::directives(headers);
    for name in [CACHE_CONTROL, EXPIRES, AGE] {
        headers.remove(name);
    }
    let good_for = HeaderValue::try_from(format!("max-age={seconds}")).ok();
    for value in directives.into_iter().chain(good_for) {
        headers.append(CACHE_CONTROL, value);
    }
}

fn copy(from: &HeaderMap, names: &[HeaderName], to: &mut HeaderMap) {
    for name in names {
        for value in from.get_all(name) {
            to.append(name, value.clone());
        }
    }
}

fn too_slow(url: &SourceUrl) -> Rejection {
    Rejection::new(RejectionKind::Timeout, format!("{url} takes too long"))
}

/// Why a request failed: what the connector says, or the client.
fn broken(url: &SourceUrl, error: &(dyn Error + 'static)) -> Rejection {
    let mut cause = Some(error);
    let mut last = error;
    while let Some(error) = cause {
        if let Some(why) = error.downcast_ref::<Rejection>() {
            return why.clone();
        }
        if is_late(error) {
            return Rejection::new(RejectionKind::Timeout, format!("{url}: {error}"));
        }
        last = error;
        cause = error.source();
    }
    failed(&format!("{url}: {error}: {last}"))
}

fn was_closed(error: &ClientError) -> bool {
    let causes = || std::iter::successors(error.source(), |&error| error.source());
    let is_closed = |error: &(dyn Error + 'static)| {
        let http = error.downcast_ref::<hyper::Error>();
        let tcp = error.downcast_ref::<io::Error>();
        http.is_some_and(hyper::Error::is_incomplete_message)
            || tcp.is_some_and(|error| {
                matches!(
                    error.kind(),
                    io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe
                )
            })
    };
    !error.is_connect() && causes().any(is_closed)
}

/// Whether connecting took too long, or a connection no longer answers.
fn is_late(error: &(dyn Error + 'static)) -> bool {
    let tcp = error.downcast_ref::<io::Error>();
    let http = error.downcast_ref::<hyper::Error>();
    tcp.is_some_and(|error| error.kind() == io::ErrorKind::TimedOut)
        || http.is_some_and(hyper::Error::is_timeout)
}
