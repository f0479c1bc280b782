//! Where a command takes its configuration from.

use std::path::PathBuf;

use clap::Args;
use imgward::config::{Config, ConfigErrors};

#[derive(Args)]
pub(crate) struct Settings {
    /// The configuration file.
    #[arg(long, value_name = "FILE", required_unless_present = "imagor_env")]
    config: Option<PathBuf>,
    /// Takes the configuration from imagor's environment variables.
    #[arg(long, conflicts_with = "config")]
    imagor_env: bool,
}

impl Settings {
    pub(crate) fn read(&self) -> Result<Config, ConfigErrors> {
        match &self.config {
            Some(path) => Config::read(path),
            None => Config::from_imagor_env(std::env::vars_os()),
        }
    }
}
