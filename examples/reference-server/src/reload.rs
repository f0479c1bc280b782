//! Rules that change while the server runs.
#![cfg(unix)]

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use arc_swap::ArcSwap;
use imgward::config::Config;

use crate::caches::Caches;
use crate::playground::Playground;
use crate::stack::{self, Stack};

/// The stack in force, and where its rules come from.
#[derive(Clone, Debug)]
pub(crate) struct Reload {
    pub(crate) path: PathBuf,
    pub(crate) listen: SocketAddr,
    pub(crate) stack: Arc<ArcSwap<Stack>>,
    pub(crate) caches: Caches,
    pub(crate) playground: Playground,
}

impl Reload {
    /// Puts the rules of the file in force at every SIGHUP from now on.
    pub(crate) fn at_hangup(self) -> io::Result<()> {
        use tokio::signal::unix::{SignalKind, signal};

        let mut hangup = signal(SignalKind::hangup())?;
        tokio::spawn(async move {
            while hangup.recv().await.is_some() {
                let reload = self.clone();
                // Files are read, and databases checked.
                if let Err(error) = tokio::task::spawn_blocking(move || reload.now()).await {
                    tracing::error!("the rules in force stay so: {error}");
                }
            }
        });
        Ok(())
    }

    /// All rules are swapped at once, so that no request sees half a configuration. A file with mistakes leaves those in
    /// force that are.
    fn now(&self) {
        let path = self.path.display();
        match self.build() {
            Ok((config, stack)) => {
                for note in &config.notes {
                    tracing::warn!("{note}");
                }
                if config.listen != self.listen {
                    tracing::warn!("listen: another address needs a restart; all else is in force");
                }
                self.stack.store(Arc::new(stack));
                tracing::info!("reloaded {path}");
            }
            Err(error) => {
                tracing::error!("{path} is not in force, and what was before is: {error}");
            }
        }
    }

    fn build(&self) -> Result<(Config, Stack), Box<dyn std::error::Error>> {
        let config = Config::read(&self.path)?;
        let stack = stack::build(&config, &self.caches)?;
        let stack = self.playground.around(stack, &config)?;
        Ok((config, stack))
    }
}
