//! The real binary, over real sockets.
#![allow(
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "these are tests"
)]

mod cache;
mod check;
mod config;
mod deploy;
mod guides;
mod imagekit;
mod images;
mod imagor_env;
mod imgproxy;
mod ipx;
mod reload;
mod rules;
mod schema;
mod sources;
mod stop;
mod support;
