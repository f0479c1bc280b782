//! `imgward sign`

use std::io::{self, Write as _};
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use imgward::clock::{Clock as _, SystemClock};
use imgward::config::{Mount, parse_duration};

use crate::Outcome;
use crate::settings::Settings;

#[derive(Args)]
pub(crate) struct Sign {
    #[command(flatten)]
    settings: Settings,
    /// The path of the mount. It may be left out where there is one mount, or one at the root.
    #[arg(long, value_name = "PATH")]
    mount: Option<String>,
    /// How long the URL is good for, such as 5m.
    #[arg(long, value_name = "TIME", value_parser = duration)]
    expires_in: Option<Duration>,
    /// The unsigned path (and query) below the mount.
    target: String,
}

fn duration(text: &str) -> Result<Duration, &'static str> {
    parse_duration(text).ok_or("not a time such as 500ms, 30s, 5m, 12h or 7d")
}

impl Sign {
    pub(crate) fn run(&self) -> Outcome {
        let config = self.settings.read()?;
        let mount = find(&config.mounts, self.mount.as_deref())?;
        let Some(signer) = &mount.signer else {
            return Err(format!("the mount {} has no key to sign with", mount.path).into());
        };
        let expires = self
            .expires_in
            .map(|lifetime| SystemClock.now().saturating_add(lifetime.as_secs()));
        writeln!(io::stdout(), "{}", signer.sign(&self.target, expires)?)?;
        Ok(ExitCode::SUCCESS)
    }
}

pub(crate) fn find<'c>(mounts: &'c [Mount], path: Option<&str>) -> Result<&'c Mount, String> {
    let mount = match (mounts, path) {
        ([mount], None) => Some(mount),
        (mounts, path) => {
            let prefix = path.unwrap_or("/").trim_end_matches('/');
            mounts.iter().find(|mount| mount.path.prefix() == prefix)
        }
    };
    mount.ok_or_else(|| {
        let paths: Vec<_> = mounts.iter().map(|mount| mount.path.to_string()).collect();
        let wanted = path.unwrap_or("/");
        format!(
            "there is no mount at {wanted}; --mount is one of {}",
            paths.join(", ")
        )
    })
}
