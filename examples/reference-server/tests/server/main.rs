//! The real binary, over real sockets.
#![allow(
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "these are tests"
)]

mod browser;
mod cache;
mod check;
mod config;
mod imagekit;
mod images;
mod imgproxy;
mod ipx;
mod playground;
mod reload;
mod rules;
mod sources;
mod stop;
mod support;
