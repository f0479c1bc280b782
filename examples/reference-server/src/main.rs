//! The reference server of imgward: every layer of the library, composed.

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use imgward::config::Config;

mod admin;
mod caches;
mod check;
mod connection;
mod connections;
mod cors;
mod deadlines;
mod exchange;
mod files;
mod gate;
mod head;
mod held;
mod imagor;
mod in_force;
mod kept;
mod log;
mod metrics;
mod origin;
mod playground;
mod pools;
mod preface;
mod purge;
mod reload;
mod samples;
mod serve;
mod settings;
mod sign;
mod stack;
mod target;
mod tls;
mod traces;
mod warm;
mod watch;

/// What a command comes to: its exit status, or what went wrong (exit status 2).
type Outcome = Result<ExitCode, Box<dyn std::error::Error>>;

/// Serves images, transformed on the fly, to those who may have them.
#[derive(Parser)]
#[command(name = "imgward", version)]
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
        /// Takes the configuration from imagor's environment variables.
        #[arg(long, conflicts_with = "config")]
        imagor_env: bool,
        /// Where to listen, instead of where the configuration says.
        #[arg(long, value_name = "ADDR")]
        listen: Option<SocketAddr>,
        /// Opens the playground in a browser.
        #[arg(long)]
        open: bool,
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
        #[arg(long, value_name = "FILE", required_unless_present_any = ["imagor_env", "schema"])]
        config: Option<PathBuf>,
        /// Takes the configuration from imagor's environment variables.
        #[arg(long, conflicts_with = "config")]
        imagor_env: bool,
        /// Prints a JSON Schema of the file instead.
        #[arg(long, conflicts_with_all = ["config", "imagor_env"])]
        schema: bool,
    },
}

fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Serve {
            config,
            imagor_env,
            listen,
            open,
        } => serve::run(config.as_deref(), imagor_env, listen, open),
        Command::Sign(command) => command.run(),
        Command::Check(command) => command.run(),
        Command::Purge(command) => command.run(),
        Command::Warm(command) => command.run(),
        Command::Config { schema: true, .. } => print_schema(),
        Command::Config { config, .. } => print_config(config.as_deref()),
    };
    outcome.unwrap_or_else(|error| {
        // There is nobody left to tell where this fails.
        let _ = writeln!(std::io::stderr(), "{error}");
        ExitCode::from(2)
    })
}

fn print_schema() -> Outcome {
    write!(std::io::stdout(), "{}", Config::json_schema())?;
    Ok(ExitCode::SUCCESS)
}

/// `None`: of imagor's environment variables.
fn print_config(path: Option<&Path>) -> Outcome {
    let config = match path {
        Some(path) => Config::read(path)?,
        None => Config::from_imagor_env(std::env::vars_os())?,
    };
    let mut out = std::io::stdout().lock();
    for note in &config.notes {
        writeln!(out, "# {note}")?;
    }
    write!(out, "{config}")?;
    Ok(ExitCode::SUCCESS)
}
