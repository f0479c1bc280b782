//! The reference server of imgward: every layer of the library, composed.

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use imgward::config::Config;

mod caches;
mod check;
mod deadlines;
mod files;
mod gate;
mod log;
mod origin;
mod purge;
mod reload;
mod samples;
mod serve;
mod sign;
mod stack;
mod target;
mod warm;

/// What a command comes to: its exit status, or what went wrong (exit status 2).
type Outcome = Result<ExitCode, Box<dyn std::error::Error>>;

/// Serves images, transformed on the fly, to those who may have them.
#[derive(Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serves. Without a configuration: sample images, for development.
    Serve {
        /// The configuration file.
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
        /// Where to listen, instead of where the configuration says.
        #[arg(long, value_name = "ADDR")]
        listen: Option<SocketAddr>,
    },
    /// Prints the signed URL path (and query) for a target.
    Sign(sign::Sign),
    /// Tells what each layer says of a request, without sending anything to an origin.
    Check(check::Check),
    /// Removes results from the store.
    Purge(purge::Purge),
    /// Makes the images of a list, and keeps them in the store.
    Warm(warm::Warm),
    /// Checks the configuration, and prints what is in force, without secrets.
    Config {
        /// The configuration file.
        #[arg(long, value_name = "FILE")]
        config: PathBuf,
    },
}

fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Serve { config, listen } => serve::run(config.as_deref(), listen),
        Command::Sign(command) => command.run(),
        Command::Check(command) => command.run(),
        Command::Purge(command) => command.run(),
        Command::Warm(command) => command.run(),
        Command::Config { config } => print_config(&config),
    };
    outcome.unwrap_or_else(|error| {
        // There is nobody left to tell where this fails.
        let _ = writeln!(std::io::stderr(), "{error}");
        ExitCode::from(2)
    })
}

fn print_config(path: &Path) -> Outcome {
    let config = Config::read(path)?;
    let mut out = std::io::stdout().lock();
    for note in &config.notes {
        writeln!(out, "# {note}")?;
    }
    write!(out, "{config}")?;
    Ok(ExitCode::SUCCESS)
}
