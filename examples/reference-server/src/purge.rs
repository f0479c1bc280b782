//! `imgward purge`

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;
use http::{Request, Uri};
use imgward::config::{Config, Mount};
use imgward::guard::Guard as _;
use imgward::recipe::ImageRequest;
use imgward::signature::{Scheme, Verifier};

use crate::caches::Caches;
use crate::{Outcome, sign};

#[derive(Args)]
pub(crate) struct Purge {
    /// The configuration file.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
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
    /// The unsigned paths below the mount whose results are removed.
    #[arg(value_name = "TARGET")]
    targets: Vec<String>,
}

impl Purge {
    pub(crate) fn run(&self) -> Outcome {
        let config = Config::read(&self.config)?;
        let mount = sign::find(&config.mounts, self.mount.as_deref())?;
        let has_store = mount
            .cache
            .as_ref()
            .is_some_and(|cache| cache.store.is_some());
        let layer = Caches::default().layer(mount)?.filter(|_| has_store);
        let Some(layer) = layer else {
            return Err(format!("the mount {} has no store", mount.path).into());
        };
        let targets = self.targets.iter().map(|target| parse(mount, target));
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

/// What a target asks for.
fn parse(mount: &Mount, target: &str) -> Result<Arc<ImageRequest>, Box<dyn std::error::Error>> {
    let below = target.trim_start_matches('/');
    let below = below.strip_prefix("unsafe/").unwrap_or(below);
    let uri: Uri = format!("{}/unsafe/{below}", mount.path.prefix()).parse()?;
    let (mut head, ()) = Request::get(uri).body(())?.into_parts();
    let verifier = Verifier::unsigned(Scheme::imagor()).at(mount.path.clone());
    let mut pass = verifier.check(&head)?;
    verifier.apply(&mut head, &mut pass);
    let parsed = mount.dialect.check(&head)?;
    parsed.ok_or_else(|| format!("{target} is no target").into())
}
