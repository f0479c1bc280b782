//! What a configuration comes to, swapped all at once.

use std::time::Duration;

use imgward::config::Config;

use crate::connections::Terms;
use crate::stack::Stack;
use crate::tls;

/// Everything that a reload changes.
#[derive(Debug)]
pub(crate) struct InForce {
    pub(crate) stack: Stack,
    pub(crate) terms: Terms,
    pub(crate) shutdown_timeout: Duration,
}

impl InForce {
    /// What connections are held to.
    pub(crate) fn terms(config: &Config) -> Result<Terms, String> {
        let tls = config.tls.as_ref();
        Ok(Terms {
            limit: config.max_connections.get(),
            timeout: config.client_timeout,
            tls: tls.map(tls::Acceptor::new).transpose()?,
        })
    }
}
