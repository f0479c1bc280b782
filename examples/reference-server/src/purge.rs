//! `imgward purge`

use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::Args;

use crate::caches::{self, Caches};
use crate::settings::Settings;
use crate::{Outcome, target};

#[derive(Args)]
pub(crate) struct Purge {
    #[command(flatten)]
    settings: Settings,
    /// The path of the mount. It may be left out where there is one mount, or one at the root.
    #[arg(long, value_name = "PATH")]
    mount: Option<String>,
    /// An image whose results are removed, all of them.
    #[arg(
        long = "source",
        value_name = "NAME",
        required_unless_present = "targets"
    )]
    sources: Vec<String>,
    /// The images whose results are removed: unsigned paths (and queries) below the mount, or whole signed ones.
    #[arg(value_name = "TARGET")]
    targets: Vec<String>,
}

impl Purge {
    pub(crate) fn run(&self) -> Outcome {
        let config = self.settings.read()?;
        let mount = caches::with_store(&config.mounts, self.mount.as_deref())?;
        let layer = Caches::default().layer(mount)?;
        let layer = layer.ok_or("nothing is kept")?;
        let targets = self
            .targets
            .iter()
            .map(|text| match target::parse(mount, text) {
                Ok((_, image)) => Ok(image),
                Err(why) => Err(format!("{text:?} is no target: {why}")),
            });
        let targets: Vec<_> = targets.collect::<Result<_, _>>()?;
        let runtime = tokio::runtime::Runtime::new()?;
        let removed = runtime.block_on(async {
            let mut removed = 0;
            for source in &self.sources {
                removed += layer.purge_source(source).await?;
            }
            for target in &targets {
                removed += layer.purge(target).await?;
            }
            Ok::<_, imgward::cache::StoreError>(removed)
        })?;
        let noun = if removed == 1 { "result" } else { "results" };
        writeln!(io::stdout(), "removed {removed} {noun}")?;
        Ok(ExitCode::SUCCESS)
    }
}
