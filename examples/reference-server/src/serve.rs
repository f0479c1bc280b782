//! The server: connections in, answers out, until a signal says stop.

use std::convert::Infallible;
use std::error::Error;
use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use http::{Request, Response};
use imgward::config::{Config, Environment, Rule};
use imgward_hyper::RequestBody;
use tokio::net::{TcpListener, TcpSocket};
use tower::{ServiceExt as _, service_fn};

use crate::admin::Admin;
use crate::connections::{Connections, Terms};
use crate::exchange::Exchange;
use crate::held::Held;
use crate::in_force::InForce;
use crate::kept::Kept;
use crate::playground::{self, Playground};
use crate::reload::{self, Reload};
use crate::stack::{self, Body};
use crate::traces::Export;
use crate::{Outcome, log, metrics};

/// How many connections the system may accept ahead of us, as far as it lets us. Of the usual 128, clients that come all at
/// once find none left: the system drops what they send, and they try again a second later.
const BACKLOG: u32 = 4096;

/// How long the store may take for what is still to be written when the server stops.
const FLUSH_TIMEOUT: Duration = Duration::from_secs(5);

/// The configuration of the development server. Its origin is not the folder, but the sample images.
const DEVELOPMENT: &str = r#"
environment = "development"
playground = true

[transform]
auto_format = ["webp"]

[origin]
files = "."
"#;

/// Serves as a configuration file says, or imagor's environment variables, or sample images where there is neither.
pub(crate) fn run(
    path: Option<&Path>,
    imagor_env: bool,
    listen: Option<SocketAddr>,
    open: bool,
) -> Outcome {
    let config = match path {
        Some(path) => Config::read(path)?,
        None if imagor_env => Config::from_imagor_env(std::env::vars_os())?,
        None => Config::parse(DEVELOPMENT, Path::new("development"))?,
    };
    let listen = listen.unwrap_or(config.listen);
    let kept = Kept::default();
    let development = path.is_none() && !imagor_env;
    let stack = if !development {
        stack::build(&config, &kept)?
    } else if listen.ip().is_loopback() {
        stack::build_over_samples(&config, &kept)?
    } else {
        return Err(format!(
            "without a configuration everybody is let in, so {listen} must be a loopback address"
        )
        .into());
    };
    if open && !config.playground {
        return Err("there is no playground to open: it needs playground = true".into());
    }
    let playground = Playground::new()?;
    let in_force = Arc::new(ArcSwap::from_pointee(InForce {
        stack: playground.around(stack, &config)?,
        terms: InForce::terms(&config)?,
        shutdown_timeout: config.shutdown_timeout,
    }));
    let log = log::init(config.log);
    warn(&config);
    allow_files(config.max_connections);
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(async {
        let listener = bind(listen)?;
        let admin = match config.admin_listen {
            Some(address) => Some((bind(address)?, metrics::install()?)),
            None => None,
        };
        let traces = config.otel.as_ref().map(Export::begin).transpose()?;
        let mut stop = Stop::new()?;
        let connections = Arc::new(Connections::new());
        // Whoever reads where it listens may send any signal.
        if let Some(path) = path {
            let reload = Reload {
                path: path.to_owned(),
                listen: config.listen,
                admin_listen: config.admin_listen,
                otel: config.otel,
                in_force: Arc::clone(&in_force),
                kept: kept.clone(),
                connections: Arc::clone(&connections),
                log,
                playground,
            };
            reload.at_changes_of(config.files)?;
        } else {
            reload::refuse()?;
        }
        let scheme = config.tls.as_ref().map_or("http", |_| "https");
        announce("listening on", scheme, &listener)?;
        let address = listener.local_addr()?;
        let page = playground::address(scheme, address);
        if config.playground {
            let _ = writeln!(io::stdout(), "playground: {page}");
        }
        if development {
            invite(&address);
        }
        if let Some((listener, handle)) = admin {
            announce("admin on", "http", &listener)?;
            tokio::spawn(metrics::keep_up(handle.clone()));
            let admin = Admin {
                handle,
                pools: kept.pools.clone(),
                connections: Arc::clone(&connections),
            };
            tokio::spawn(admin.serve(listener));
        }
        if open {
            playground::open(&page);
        }
        serve(listener, in_force, &connections, &mut stop).await;
        // What the store does not take in time is made again.
        let _ = tokio::time::timeout(FLUSH_TIMEOUT, kept.caches.flush()).await;
        if let Some(traces) = traces {
            traces.end().await;
        }
        Ok::<_, Box<dyn Error>>(())
    })?;
    // A connection that outlived the timeout is not waited for.
    runtime.shutdown_background();
    Ok(ExitCode::SUCCESS)
}

fn bind(address: SocketAddr) -> Result<TcpListener, String> {
    listen(address).map_err(|error| match error.kind() {
        io::ErrorKind::AddrInUse => format!("the address {address} is in use"),
        _ => format!("cannot listen on {address}: {error}"),
    })
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() {
        TcpSocket::new_v4()
    } else {
        TcpSocket::new_v6()
    }?;
    // Elsewhere it would mean that others may listen there, too.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Tells on standard output where the server is, which port 0 leaves open. Nobody needs to listen.
fn announce(what: &str, scheme: &str, listener: &TcpListener) -> io::Result<()> {
    let address = listener.local_addr()?;
    let _ = writeln!(io::stdout(), "{what} {scheme}://{address}");
    Ok(())
}

/// Tells what to try first.
fn invite(address: &SocketAddr) {
    let url = format!("http://{address}/unsafe/300x200/coffee.jpg");
    let _ = writeln!(
        io::stdout(),
        "try: curl -o coffee.webp -H 'Accept: image/webp' {url}"
    );
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

/// Each connection is an open file, of which a process may have few unless it asks for more.
fn allow_files(connections: NonZeroUsize) {
    let allowed = rlimit::increase_nofile_limit(u64::MAX).unwrap_or(u64::MAX);
    // Originals, results and the connections to other servers are files too.
    let needed = u64::try_from(connections.get())
        .unwrap_or(u64::MAX)
        .saturating_add(256);
    if allowed < needed {
        tracing::warn!(
            "the system allows {allowed} open files, too few for {connections} connections (max_connections)"
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
    in_force: Arc<ArcSwap<InForce>>,
    connections: &Connections,
    stop: &mut Stop,
) {
    let rules = Arc::clone(&in_force);
    let service = service_fn(move |request| answer(Arc::clone(&rules), request));
    let terms = || Terms::clone(&in_force.load().terms);
    tokio::select! {
        () = connections.accept(&listener, &service, terms) => {}
        () = stop.signal() => {}
    }
    tracing::info!(connections = connections.open(), "stopping");
    let limit = in_force.load().shutdown_timeout;
    let stopped = connections.stop(listener, &service, terms);
    if tokio::time::timeout(limit, stopped).await.is_err() {
        tracing::warn!("requests in flight were cut off after {limit:?}");
    }
}

/// Every request meets the stack that is in force when it comes.
async fn answer(
    in_force: Arc<ArcSwap<InForce>>,
    mut request: Request<RequestBody>,
) -> Result<Response<Held<Body, Exchange>>, Infallible> {
    let mut exchange = Exchange::begin(&mut request);
    let stack = in_force.load().stack.clone();
    let response = stack.oneshot(request).await?;
    exchange.answered(&response);
    Ok(response.map(|body| Held::new(body, exchange)))
}
