//! The server: connections in, answers out, until a signal says stop.

use std::convert::Infallible;
use std::error::Error;
use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use http::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use imgward::config::{Config, Environment, Rule};
use imgward_hyper::{RequestBody, with_peer_addr, with_request_body};
use tokio::net::{TcpListener, TcpStream};
use tower::{ServiceExt as _, service_fn};

use crate::caches::Caches;
use crate::deadlines::Deadlines;
use crate::stack::{self, Body, Stack};
use crate::{Outcome, log};

/// How long a client may take to send the head of a request, and to take some bytes of the answer.
const CLIENT_TIMEOUT: Duration = Duration::from_secs(30);

/// How long the store may take for what is still to be written when the server stops.
const FLUSH_TIMEOUT: Duration = Duration::from_secs(5);

/// The most bytes of a request's head, and of what is read ahead.
const MAX_HEAD_BYTES: u16 = u16::MAX;

/// The configuration of the development server. Its origin is not the folder, but the sample images.
const DEVELOPMENT: &str = r#"
environment = "development"

[transform]
auto_format = ["webp"]

[origin]
files = "."
"#;

/// Serves as a configuration file says, or imagor's environment variables, or sample images where there is neither.
pub(crate) fn run(path: Option<&Path>, imagor_env: bool, listen: Option<SocketAddr>) -> Outcome {
    let config = match path {
        Some(path) => Config::read(path)?,
        None if imagor_env => Config::from_imagor_env(std::env::vars_os())?,
        None => Config::parse(DEVELOPMENT, Path::new("development"))?,
    };
    let listen = listen.unwrap_or(config.listen);
    let caches = Caches::default();
    let development = path.is_none() && !imagor_env;
    let stack = if !development {
        stack::build(&config, &caches)?
    } else if listen.ip().is_loopback() {
        stack::build_over_samples(&config, &caches)?
    } else {
        return Err(format!(
            "without a configuration everybody is let in, so {listen} must be a loopback address"
        )
        .into());
    };
    log::init(config.log);
    warn(&config);
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(async {
        let listener = bind(listen).await?;
        let mut stop = Stop::new()?;
        let stack = Arc::new(ArcSwap::from_pointee(stack));
        #[cfg(unix)]
        if let Some(path) = path {
            let reload = crate::reload::Reload {
                path: path.to_owned(),
                listen: config.listen,
                stack: Arc::clone(&stack),
                caches: caches.clone(),
            };
            reload.at_hangup()?;
        }
        announce(&listener.local_addr()?, development);
        serve(listener, stack, &mut stop, config.shutdown_timeout).await;
        // What the store does not take in time is made again.
        let _ = tokio::time::timeout(FLUSH_TIMEOUT, caches.flush()).await;
        Ok::<_, Box<dyn Error>>(())
    })?;
    // A connection that outlived the timeout is not waited for.
    runtime.shutdown_background();
    Ok(ExitCode::SUCCESS)
}

async fn bind(listen: SocketAddr) -> Result<TcpListener, String> {
    TcpListener::bind(listen)
        .await
        .map_err(|error| match error.kind() {
            io::ErrorKind::AddrInUse => format!("the address {listen} is in use"),
            _ => format!("cannot listen on {listen}: {error}"),
        })
}

/// Tells on standard output where the server is, which port 0 leaves open. Nobody needs to listen.
fn announce(address: &SocketAddr, development: bool) {
    let mut out = io::stdout().lock();
    let _ = writeln!(out, "listening on http://{address}");
    if development {
        let url = format!("http://{address}/unsafe/300x200/coffee.jpg");
        let _ = writeln!(
            out,
            "try: curl -o coffee.webp -H 'Accept: image/webp' {url}"
        );
    }
}

/// Says what an operator could overlook.
fn warn(config: &Config) {
    for note in &config.notes {
        tracing::warn!("{note}");
    }
    for rule in Rule::ALL {
        if config.reports_only(*rule) {
            tracing::warn!("{rule} only reports its verdict, and lets every request through");
        }
    }
    if config.environment == Environment::Development {
        tracing::warn!(
            "this is a development server: URLs need no signature unless the configuration says so"
        );
    }
}

/// The signals that stop the server.
struct Stop {
    #[cfg(unix)]
    signals: [tokio::signal::unix::Signal; 2],
}

impl Stop {
    #[cfg(unix)]
    fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let signals = [
            signal(SignalKind::terminate())?,
            signal(SignalKind::interrupt())?,
        ];
        Ok(Self { signals })
    }

    #[cfg(not(unix))]
    #[expect(clippy::unnecessary_wraps, reason = "elsewhere it can fail")]
    fn new() -> io::Result<Self> {
        Ok(Self {})
    }

    #[cfg(unix)]
    async fn signal(&mut self) {
        let [terminate, interrupt] = &mut self.signals;
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    }

    #[cfg(not(unix))]
    async fn signal(&mut self) {
        let _ = tokio::signal::ctrl_c().await;
    }
}

/// Serves until the signal; then waits for the requests in flight, but not for long.
async fn serve(
    listener: TcpListener,
    stack: Arc<ArcSwap<Stack>>,
    stop: &mut Stop,
    timeout: Duration,
) {
    let graceful = GracefulShutdown::new();
    tokio::select! {
        () = accept(&listener, &stack, &graceful) => {}
        () = stop.signal() => {}
    }
    drop(listener);
    tracing::info!(connections = graceful.count(), "stopping");
    if tokio::time::timeout(timeout, graceful.shutdown())
        .await
        .is_err()
    {
        tracing::warn!("requests in flight were cut off after {timeout:?}");
    }
}

async fn accept(listener: &TcpListener, stack: &Arc<ArcSwap<Stack>>, graceful: &GracefulShutdown) {
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                tokio::spawn(connection(
                    stream,
                    peer,
                    Arc::clone(stack),
                    graceful.watcher(),
                ));
            }
            Err(error) => {
                // Most likely there are too many open files, which only time can change.
                tracing::warn!("cannot accept a connection: {error}");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    stack: Arc<ArcSwap<Stack>>,
    watcher: Watcher,
) {
    let service =
        service_fn(move |request: Request<RequestBody>| answer(Arc::clone(&stack), request));
    let service = with_request_body(with_peer_addr(service, peer));
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(CLIENT_TIMEOUT)
        .max_buf_size(MAX_HEAD_BYTES.into());
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(CLIENT_TIMEOUT)
        .max_header_list_size(MAX_HEAD_BYTES.into());
    let service = TowerToHyperService::new(service);
    let connection = builder.serve_connection(
        TokioIo::new(Deadlines::new(stream, CLIENT_TIMEOUT)),
        service,
    );
    if let Err(error) = watcher.watch(connection).await {
        tracing::debug!(%peer, "connection: {error}");
    }
}

/// Every request meets the stack that is in force when it comes.
async fn answer(
    stack: Arc<ArcSwap<Stack>>,
    request: Request<RequestBody>,
) -> Result<Response<Body>, Infallible> {
    let stack = Stack::clone(&stack.load());
    stack.oneshot(request).await
}
