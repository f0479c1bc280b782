//! How far it is: a bar on a terminal, a line now and then elsewhere. On standard error, so that the summary is alone on
//! standard output.

use std::fmt;
use std::io::{self, IsTerminal as _, Write as _};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressState, ProgressStyle};

/// How long there is no line.
const PAUSE: Duration = Duration::from_secs(5);

pub(super) enum Progress {
    Bar(ProgressBar),
    Lines {
        done: u64,
        total: Option<u64>,
        began: Instant,
        last: Instant,
    },
}

impl Progress {
    /// Over so many targets, if that is known.
    pub(super) fn new(total: Option<u64>) -> Self {
        if !io::stderr().is_terminal() {
            let now = Instant::now();
            return Self::Lines {
                done: 0,
                total,
                began: now,
                last: now,
            };
        }
        let bar = match total {
            Some(total) => ProgressBar::new(total),
            None => ProgressBar::new_spinner(),
        };
        let template = match total {
            Some(_) => "{wide_bar} {pos} of {len} targets, {rate}/s, {eta} left",
            None => "{spinner} {pos} targets, {rate}/s",
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.with_key("rate", rate));
        }
        Self::Bar(bar)
    }

    /// One target more.
    pub(super) fn add(&mut self) {
        match self {
            Self::Bar(bar) => bar.inc(1),
            Self::Lines {
                done,
                total,
                began,
                last,
            } => {
                *done += 1;
                if last.elapsed() < PAUSE {
                    return;
                }
                *last = Instant::now();
                let of = total.map_or(String::new(), |total| format!(" of {total}"));
                #[expect(clippy::cast_precision_loss, reason = "for people to read")]
                let rate = *done as f64 / began.elapsed().as_secs_f64();
                let _ = writeln!(io::stderr(), "{done}{of} targets, {rate:.1}/s");
            }
        }
    }

    /// Something to know at once.
    pub(super) fn note(&self, text: &str) {
        match self {
            Self::Bar(bar) => bar.println(text),
            Self::Lines { .. } => {
                let _ = writeln!(io::stderr(), "{text}");
            }
        }
    }

    pub(super) fn finish(&self) {
        if let Self::Bar(bar) = self {
            bar.finish_and_clear();
        }
    }
}

/// How fast it is.
fn rate(state: &ProgressState, to: &mut dyn fmt::Write) {
    let _ = write!(to, "{:.1}", state.per_sec());
}
