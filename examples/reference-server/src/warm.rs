//! `imgward warm`

mod list;
mod progress;

use std::collections::BTreeMap;
use std::io::{self, Write as _};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::process::ExitCode;
use std::thread::available_parallelism;
use std::time::{Duration, Instant};

use clap::Args;
use http::header::{ACCEPT, HeaderValue};
use http::request::Parts;
use http::{Request, StatusCode};
use http_body_util::BodyExt as _;
use imgward::config::Mount;
use imgward::guard::{Rejection, RejectionKind};
use imgward_hyper::RequestBody;
use tokio::task::{JoinError, JoinSet};
use tower::ServiceExt as _;

use self::list::Lines;
use self::progress::Progress;
use crate::caches::{self, Caches};
use crate::settings::Settings;
use crate::stack::{self, Stack};
use crate::{Outcome, target};

/// After how many images the store gets the time to take them.
const BATCH: usize = 64;

/// How often an image is asked for that there is no room for, and how long it waits each time.
const TRIES: usize = 100;
const PAUSE: Duration = Duration::from_millis(100);

/// How long it gets.
const FLUSH_TIMEOUT: Duration = Duration::from_secs(60);

#[derive(Args)]
pub(crate) struct Warm {
    #[command(flatten)]
    settings: Settings,
    /// The path of the mount. It may be left out where there is one mount, or one at the root.
    #[arg(long, value_name = "PATH")]
    mount: Option<String>,
    /// An Accept header that clients send. By default, images whose format is left open are made in each format of
    /// `auto_format`, and in none of them.
    #[arg(long = "accept", value_name = "VALUE")]
    accepts: Vec<HeaderValue>,
    /// How many images are made at a time. By default twice as many as there are cores.
    #[arg(long, value_name = "NUMBER")]
    concurrency: Option<NonZeroUsize>,
    /// A file with a target a line: an unsigned path (and query) below the mount, or a whole signed one. `-` is standard
    /// input. Empty lines and those that begin with `#` are skipped.
    list: PathBuf,
}

/// What became of an image.
#[derive(Clone, Copy)]
enum Made {
    New,
    /// It was kept already.
    Kept,
    Failed(&'static str),
}

/// A target, and what became of its images.
type Finished = (String, Vec<Made>);

/// What became of all of them.
#[derive(Default)]
struct Summary {
    made: u64,
    kept: u64,
    /// The targets, by code.
    failed: BTreeMap<&'static str, Vec<String>>,
}

impl Warm {
    pub(crate) fn run(&self) -> Outcome {
        let config = self.settings.read()?;
        let mount = caches::with_store(&config.mounts, self.mount.as_deref())?;
        let lines = Lines::open(&self.list)
            .map_err(|error| format!("{} cannot be read: {error}", self.list.display()))?;
        let caches = Caches::default();
        let stack = stack::build_unguarded(mount, &caches)?;
        let runtime = tokio::runtime::Runtime::new()?;
        let began = Instant::now();
        let summary = runtime.block_on(self.all(mount, &caches, &stack, lines))?;
        summary.print(began.elapsed())?;
        Ok(if summary.failed.is_empty() {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
    }

    async fn all(
        &self,
        mount: &Mount,
        caches: &Caches,
        stack: &Stack,
        lines: Lines,
    ) -> io::Result<Summary> {
        let cores = available_parallelism().map_or(1, NonZeroUsize::get);
        let most = self.concurrency.map_or(cores * 2, NonZeroUsize::get);
        let mut progress = Progress::new(lines.total());
        let mut summary = Summary::default();
        let mut running = JoinSet::new();
        let mut begun = 0;
        for line in lines {
            let line = line?;
            let heads = match self.heads(mount, &line) {
                Ok(heads) => heads,
                Err(why) => {
                    progress.note(&format!("{line}: {why}"));
                    summary.add(&line, Made::Failed("bad_request"));
                    progress.add();
                    continue;
                }
            };
            if running.len() >= most
                && let Some(joined) = running.join_next().await
            {
                summary.take(joined, &mut progress);
            }
            begun += heads.len();
            let stack = stack.clone();
            running.spawn(async move {
                let mut made = Vec::new();
                for head in heads {
                    made.push(make(&stack, head).await);
                }
                (line, made)
            });
            if begun >= BATCH {
                begun = 0;
                summary.finish(&mut running, caches, &mut progress).await;
            }
        }
        summary.finish(&mut running, caches, &mut progress).await;
        progress.finish();
        let unwritten = caches.unwritten();
        if unwritten > 0 {
            let what = format!("{unwritten} images that the store did not take");
            summary.failed.insert("store", vec![what]);
        }
        Ok(summary)
    }

    /// The requests for a target.
    fn heads(
        &self,
        mount: &Mount,
        line: &str,
    ) -> Result<Vec<Parts>, Box<dyn std::error::Error + Send + Sync>> {
        let (head, image) = target::parse(mount, line)?;
        let output = &image.recipe.output;
        let is_open = output.format.is_none() && !output.keep_format;
        let formats = mount.transform.auto_formats().iter();
        let accepts = if !is_open {
            vec![None]
        } else if self.accepts.is_empty() {
            let formats = formats.map(|format| HeaderValue::from_static(format.media_type()));
            formats.map(Some).chain([None]).collect()
        } else {
            self.accepts.iter().cloned().map(Some).collect()
        };
        let heads = accepts.into_iter().map(|accept| {
            let mut head = head.clone();
            head.headers.extend(accept.map(|accept| (ACCEPT, accept)));
            head
        });
        Ok(heads.collect())
    }
}

/// Makes an image. Where there is no room for it, it waits.
async fn make(stack: &Stack, head: Parts) -> Made {
    for _ in 0..TRIES {
        match make_once(stack, head.clone()).await {
            Made::Failed(code) if code == RejectionKind::Overloaded.code() => {
                tokio::time::sleep(PAUSE).await;
            }
            made => return made,
        }
    }
    Made::Failed(RejectionKind::Overloaded.code())
}

async fn make_once(stack: &Stack, head: Parts) -> Made {
    let request = Request::from_parts(head, RequestBody::default());
    let Ok(answer) = stack.clone().oneshot(request).await;
    if let Some(why) = answer.extensions().get::<Rejection>() {
        return Made::Failed(why.code());
    }
    if answer.status() != StatusCode::OK {
        return Made::Failed("internal");
    }
    let is_kept = answer
        .headers()
        .get("x-cache")
        .is_some_and(|state| state == "hit");
    match answer.into_body().collect().await {
        Ok(_) if is_kept => Made::Kept,
        Ok(_) => Made::New,
        Err(_) => Made::Failed("origin_failed"),
    }
}

impl Summary {
    fn add(&mut self, line: &str, made: Made) {
        match made {
            Made::New => self.made += 1,
            Made::Kept => self.kept += 1,
            Made::Failed(code) => {
                // In whatever format, it is one target.
                if !self.has_failed(line, code) {
                    self.failed.entry(code).or_default().push(line.into());
                }
            }
        }
    }

    /// Whether it is this target that failed so last.
    fn has_failed(&self, line: &str, code: &str) -> bool {
        let lines = self.failed.get(code);
        lines
            .and_then(|lines| lines.last())
            .is_some_and(|last| last == line)
    }

    fn take(&mut self, joined: Result<Finished, JoinError>, progress: &mut Progress) {
        match joined {
            Ok((line, all)) => {
                for made in all {
                    if let Made::Failed(code) = made
                        && !self.has_failed(&line, code)
                    {
                        progress.note(&format!("{line}: {code}"));
                    }
                    self.add(&line, made);
                }
            }
            Err(_) => self.add("a task that panicked", Made::Failed("internal")),
        }
        progress.add();
    }

    /// Waits for what is running, and for the store.
    async fn finish(
        &mut self,
        running: &mut JoinSet<Finished>,
        caches: &Caches,
        progress: &mut Progress,
    ) {
        while let Some(joined) = running.join_next().await {
            self.take(joined, progress);
        }
        // What is still not written then is counted as such.
        let _ = tokio::time::timeout(FLUSH_TIMEOUT, caches.flush()).await;
    }

    fn print(&self, took: Duration) -> io::Result<()> {
        let mut out = io::stdout().lock();
        let failed: usize = self.failed.values().map(Vec::len).sum();
        let all = self.made + self.kept;
        #[expect(clippy::cast_precision_loss, reason = "for people to read")]
        let rate = all as f64 / took.as_secs_f64().max(1e-3);
        writeln!(
            out,
            "{} made, {} kept before, {failed} failed; {:.1} s, {rate:.1} images/s",
            self.made,
            self.kept,
            took.as_secs_f64(),
        )?;
        for (code, targets) in &self.failed {
            writeln!(out, "{code} ({}):", targets.len())?;
            for target in targets {
                writeln!(out, "  {target}")?;
            }
        }
        Ok(())
    }
}
