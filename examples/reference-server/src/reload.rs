//! Rules that change while the server runs.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use arc_swap::ArcSwap;
use imgward::config::{Config, ConfigFile, Otel};

use crate::connections::Connections;
use crate::in_force::InForce;
use crate::kept::Kept;
use crate::playground::Playground;
use crate::{log, metrics, stack, watch};

/// What is in force, and where it comes from.
#[derive(Clone)]
pub(crate) struct Reload {
    pub(crate) path: PathBuf,
    pub(crate) listen: SocketAddr,
    pub(crate) admin_listen: Option<SocketAddr>,
    pub(crate) otel: Option<Otel>,
    pub(crate) in_force: Arc<ArcSwap<InForce>>,
    pub(crate) kept: Kept,
    pub(crate) connections: Arc<Connections>,
    pub(crate) log: log::Handle,
    pub(crate) playground: Playground,
}

impl Reload {
    /// From now on, puts the rules of the file in force at every SIGHUP, and whenever one of the files that they were read
    /// from changes.
    pub(crate) fn at_changes_of(self, mut files: Vec<ConfigFile>) -> io::Result<()> {
        let mut hangup = Hangup::new()?;
        tokio::spawn(async move {
            loop {
                tokio::select! {
                    () = hangup.comes() => {}
                    () = watch::changed(&files) => {}
                }
                let reload = self.clone();
                // Files are read, and databases checked.
                match tokio::task::spawn_blocking(move || reload.now()).await {
                    Ok(read) => files = read,
                    Err(error) => tracing::error!("the rules in force stay so: {error}"),
                }
            }
        });
        Ok(())
    }

    /// All rules are swapped at once, so that no request sees half a configuration. A file with mistakes leaves those in
    /// force that are. Gives the files to watch.
    fn now(&self) -> Vec<ConfigFile> {
        let path = self.path.display();
        let (files, reloaded) = match Config::read(&self.path) {
            Ok(config) => (config.files.clone(), self.put_in_force(&config)),
            Err(errors) => (errors.files().to_vec(), Err(errors.into())),
        };
        metrics::reloaded(reloaded.is_ok());
        match reloaded {
            Ok(()) => tracing::info!("reloaded {path}"),
            Err(error) => {
                tracing::error!("{path} is not in force, and what was before is: {error}");
            }
        }
        files
    }

    fn put_in_force(&self, config: &Config) -> Result<(), Box<dyn std::error::Error>> {
        let terms = InForce::terms(config)?;
        let stack = stack::build(config, &self.kept)?;
        let stack = self.playground.around(stack, config)?;
        for note in &config.notes {
            tracing::warn!("{note}");
        }
        for (key, is_other) in [
            ("listen", config.listen != self.listen),
            ("admin_listen", config.admin_listen != self.admin_listen),
            ("otel.endpoint", config.otel != self.otel),
        ] {
            if is_other {
                tracing::warn!("{key}: another one needs a restart; all else is in force");
            }
        }
        self.log.set(config.log);
        let in_force = InForce {
            stack,
            terms,
            shutdown_timeout: config.shutdown_timeout,
        };
        self.in_force.store(Arc::new(in_force));
        self.kept.caches.keep_those_of(&config.mounts);
        self.connections.terms_changed();
        Ok(())
    }
}

/// From now on, says at every SIGHUP that there is no file to read again, where it would else end the process.
pub(crate) fn refuse() -> io::Result<()> {
    let mut hangup = Hangup::new()?;
    tokio::spawn(async move {
        loop {
            hangup.comes().await;
            tracing::warn!(
                "nothing is reloaded: there is no configuration file, and another environment needs a restart"
            );
        }
    });
    Ok(())
}

/// The signal that asks for it. Where there is none, it never comes.
struct Hangup {
    #[cfg(unix)]
    signal: tokio::signal::unix::Signal,
}

impl Hangup {
    #[cfg(unix)]
    fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let signal = signal(SignalKind::hangup())?;
        Ok(Self { signal })
    }

    #[cfg(not(unix))]
    #[expect(clippy::unnecessary_wraps, reason = "elsewhere it can fail")]
    fn new() -> io::Result<Self> {
        Ok(Self {})
    }

    #[cfg(unix)]
    async fn comes(&mut self) {
        if self.signal.recv().await.is_none() {
            std::future::pending::<()>().await;
        }
    }

    #[cfg(not(unix))]
    async fn comes(&mut self) {
        std::future::pending().await
    }
}
