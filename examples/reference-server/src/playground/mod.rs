//! The playground: a page to try recipes and rules on, at `/_imgward/` of a development server.
//!
//! It has images of its own (the samples, and what is dropped on it), mounts of its own for them, one in each dialect, and
//! a key of its own, made when the server starts. Since it signs what anybody asks for, see [`door`] for who may ask.

use std::convert::Infallible;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, HeaderValue, LOCATION,
    REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use http::request::Parts;
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use imgward::config::{Config, PLAYGROUND};
use imgward::guard::{MakeRejection as _, ProblemJson, Rejection, RejectionKind};
use imgward::mount::has_dot_segment;
use imgward_hyper::RequestBody;
use serde_json::json;
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tower::util::BoxCloneSyncService;
use tower::{ServiceExt as _, service_fn};

mod api;
mod door;
mod example;
mod files;
mod images;
mod query;
mod routes;
mod settings;
mod urls;

pub(crate) use self::images::Images;

use self::query::Query;
use self::routes::{Route, Secret};
use crate::gate::agrees_on_host;
use crate::stack::{Body, Stack};

/// How long an image may take to come.
const UPLOAD_TIMEOUT: Duration = Duration::from_secs(60);

/// The page has its own files and images, and what it made of them; nothing else, from nowhere else.
const PAGE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; \
    connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
    require-trusted-types-for 'script'";

/// Everything else is data.
const DATA_POLICY: &str = "default-src 'none'; frame-ancestors 'none'; sandbox";

const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// What outlives a reload: the dropped images, and the key. Clones are the same playground.
#[derive(Clone, Debug)]
pub(crate) struct Playground(Arc<Kept>);

#[derive(Debug)]
struct Kept {
    images: Images,
    secret: Secret,
    /// One image is taken in at a time, so that no more than one is in memory beyond those that are kept.
    uploads: Semaphore,
}

/// Where the page of a server at an address is.
pub(crate) fn address(scheme: &str, mut listen: SocketAddr) -> String {
    if listen.ip().is_unspecified() {
        listen.set_ip(match listen.ip() {
            IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        });
    }
    format!("{scheme}://{listen}{PLAYGROUND}/")
}

/// Opens the page in the browser of whoever sits here.
pub(crate) fn open(page: &str) {
    let (program, arguments): (&str, &[&str]) = if cfg!(target_os = "macos") {
        ("open", &[])
    } else if cfg!(windows) {
        ("cmd", &["/C", "start"])
    } else {
        ("xdg-open", &[])
    };
    let opened = Command::new(program)
        .args(arguments)
        .arg(page)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    match opened {
        // Some programs stay until the browser is closed.
        Ok(mut program) => drop(std::thread::spawn(move || program.wait())),
        Err(error) => {
            tracing::warn!("cannot open a browser ({program}: {error}); the page is at {page}");
        }
    }
}

impl Playground {
    pub(crate) fn new() -> io::Result<Self> {
        Ok(Self(Arc::new(Kept {
            images: Images::default(),
            secret: Secret::random()?,
            uploads: Semaphore::new(1),
        })))
    }

    /// The stack, and the playground beside it where the configuration has one.
    pub(crate) fn around(&self, stack: Stack, config: &Config) -> io::Result<Stack> {
        if !config.playground {
            return Ok(stack);
        }
        let room = Arc::new(Room {
            kept: Arc::clone(&self.0),
            routes: routes::all(config, &self.0.images, &self.0.secret)?,
            server: config.clone(),
            example: example::config(&self.0.secret)?,
        });
        let service = service_fn(move |request: Request<RequestBody>| {
            let (room, stack) = (Arc::clone(&room), stack.clone());
            async move {
                if is_ours(&request) {
                    Ok::<_, Infallible>(room.answer(request).await)
                } else {
                    stack.oneshot(request).await
                }
            }
        });
        Ok(BoxCloneSyncService::new(service))
    }
}

/// Whether a request is for the playground. What is wrong with any request is for the stack to refuse.
fn is_ours(request: &Request<RequestBody>) -> bool {
    let path = request.uri().path();
    let below = path.strip_prefix(PLAYGROUND);
    if !below.is_some_and(|below| below.is_empty() || below.starts_with('/')) {
        return false;
    }
    let (mut head, ()) = Request::new(()).into_parts();
    head.uri = request.uri().clone();
    head.headers = request.headers().clone();
    !has_dot_segment(path) && agrees_on_host(&head)
}

/// The playground of a configuration.
struct Room {
    kept: Arc<Kept>,
    routes: Vec<Route>,
    server: Config,
    example: Config,
}

impl Room {
    async fn answer(&self, request: Request<RequestBody>) -> Response<Body> {
        let (head, body) = request.into_parts();
        let mut response = match self.respond(&head, body).await {
            Ok(response) => response,
            Err(why) => refusal(&head, &why),
        };
        let headers = response.headers_mut();
        headers
            .entry(CONTENT_SECURITY_POLICY)
            .or_insert(HeaderValue::from_static(DATA_POLICY));
        for (name, value) in [
            (CACHE_CONTROL, "no-store"),
            (X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (REFERRER_POLICY, "same-origin"),
            (RESOURCE_POLICY, "same-origin"),
        ] {
            headers.insert(name, HeaderValue::from_static(value));
        }
        response
    }

    async fn respond(&self, head: &Parts, body: RequestBody) -> Result<Response<Body>, Rejection> {
        let below = head.uri.path().strip_prefix(PLAYGROUND).unwrap_or_default();
        let reads = head.method == Method::GET || head.method == Method::HEAD;
        let is_shown = reads && !below.starts_with("/api/") && door::is_followed_link(head);
        if !door::is_local(head) || !(door::is_own(head) || is_shown) {
            return Err(not_found());
        }
        if head.method == Method::POST && below == "/" {
            return self.take_in(body).await;
        }
        if !reads {
            let reason = "the playground is read; only images are sent to it";
            return Err(Rejection::new(RejectionKind::MethodNotAllowed, reason));
        }
        if let Some(route) = self.routes.iter().find(|route| route.has(head.uri.path())) {
            return Ok(route.answer(head).await);
        }
        let query = Query::parse(head.uri.query().unwrap_or_default());
        match below {
            "" => Ok(redirect()),
            "/api/state" => api::state(self).map(|value| json(&value)),
            "/api/urls" => api::urls(self, &query).map(|value| json(&value)),
            "/api/check" => api::check(self, &query).map(|value| json(&value)),
            path => match path.strip_prefix("/originals/") {
                Some(name) => self.original(name),
                None => page(path),
            },
        }
    }

    /// Keeps the image in a body. What nothing could be made of is refused as it would be later.
    async fn take_in(&self, body: RequestBody) -> Result<Response<Body>, Rejection> {
        let internal = |_| Rejection::new(RejectionKind::Internal, "an image cannot be kept");
        let _turn = self.kept.uploads.acquire().await;
        let body = timeout(
            UPLOAD_TIMEOUT,
            Limited::new(body, images::MAX_BYTES).collect(),
        )
        .await;
        let body =
            body.map_err(|_| Rejection::new(RejectionKind::Timeout, "the body is too slow"))?;
        let bytes = body.map_err(|error| {
            if error.is::<LengthLimitError>() {
                let reason = format!("more than {} bytes", images::MAX_BYTES);
                Rejection::new(RejectionKind::SourceTooLarge, reason)
            } else {
                Rejection::bad_request("The body did not come whole.")
            }
        })?;
        let bytes = bytes.to_bytes();
        let size = bytes.len();
        let images = &self.kept.images;
        let name = images.add(bytes).map_err(internal)?;
        let thumbnail = api::thumbnail(self, &name)?;
        let uri = thumbnail
            .parse()
            .map_err(|_| Rejection::bad_request("no URL"))?;
        let (mut head, ()) = Request::new(()).into_parts();
        head.uri = uri;
        for route in self
            .routes
            .iter()
            .filter(|route| route.has(head.uri.path()))
        {
            let made = route.answer(&head).await;
            if !made.status().is_success() {
                images.remove(&name);
                return Ok(made);
            }
        }
        let answer = json!({
            "name": name,
            "bytes": size,
            "thumbnail": thumbnail,
            "kept": images.dropped(),
        });
        let mut response = json(&answer);
        *response.status_mut() = StatusCode::CREATED;
        Ok(response)
    }

    /// The bytes of an image as they came, for the page to show them. They are not what anybody should open.
    fn original(&self, name: &str) -> Result<Response<Body>, Rejection> {
        let bytes = self.kept.images.find(name).ok_or_else(not_found)?;
        Ok(with_type("application/octet-stream", bytes))
    }
}

fn page(path: &str) -> Result<Response<Body>, Rejection> {
    let (text, media_type) = files::find(path).ok_or_else(not_found)?;
    let mut response = with_type(media_type, Bytes::from_static(text.as_bytes()));
    for (name, value) in [
        (CONTENT_SECURITY_POLICY, PAGE_POLICY),
        (OPENER_POLICY, "same-origin"),
    ] {
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    Ok(response)
}

fn redirect() -> Response<Body> {
    let mut response = Response::new(Body::default());
    *response.status_mut() = StatusCode::TEMPORARY_REDIRECT;
    let location = HeaderValue::from_static("/_imgward/");
    response.headers_mut().insert(LOCATION, location);
    response
}

fn json(value: &serde_json::Value) -> Response<Body> {
    with_type("application/json", Bytes::from(value.to_string()))
}

fn with_type(media_type: &'static str, bytes: Bytes) -> Response<Body> {
    let mut response = Response::new(Body::from(bytes));
    let media_type = HeaderValue::from_static(media_type);
    response.headers_mut().insert(CONTENT_TYPE, media_type);
    response
}

fn not_found() -> Rejection {
    Rejection::new(RejectionKind::NotFound, "the playground has no such page")
}

fn refusal(head: &Parts, why: &Rejection) -> Response<Body> {
    let mut response: Response<Body> = ProblemJson.make(head, why);
    if why.kind() == RejectionKind::MethodNotAllowed {
        let methods = match head.uri.path().strip_prefix(PLAYGROUND) {
            Some("/") => "GET, HEAD, POST",
            _ => "GET, HEAD",
        };
        response
            .headers_mut()
            .insert(ALLOW, HeaderValue::from_static(methods));
    }
    response.extensions_mut().insert(why.clone());
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_is_where_a_browser_on_this_machine_finds_it() {
        for (listen, page) in [
            ("127.0.0.1:8000", "http://127.0.0.1:8000/_imgward/"),
            ("0.0.0.0:80", "http://127.0.0.1:80/_imgward/"),
            ("[::1]:8000", "http://[::1]:8000/_imgward/"),
            ("[::]:8000", "http://[::1]:8000/_imgward/"),
        ] {
            assert_eq!(address("http", listen.parse().unwrap()), page);
        }
    }

    #[test]
    fn only_what_is_below_its_path_is_ours() {
        let is_ours = |target: &str| {
            let request = Request::get(target).header("host", "x");
            is_ours(&request.body(RequestBody::default()).unwrap())
        };
        for target in ["/_imgward", "/_imgward/", "/_imgward?a", "/_imgward/a/b"] {
            assert!(is_ours(target), "{target}");
        }
        for target in [
            "/",
            "/_imgwards/",
            "/a/_imgward/",
            "/_IMGWARD/",
            "//_imgward/",
            "/%5Fimgward/",
            "/_imgward/../a",
            "/_imgward/%2e%2E/a",
            "http://y/_imgward/",
        ] {
            assert!(!is_ours(target), "{target}");
        }
    }
}
