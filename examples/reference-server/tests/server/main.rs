//! The real binary, over real sockets.
#![allow(
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "these are tests"
)]

mod admin;
mod answers;
mod browser;
mod cache;
mod check;
mod clients;
mod config;
mod connections;
mod cors;
mod imagekit;
mod images;
mod imgproxy;
mod ipx;
mod otel;
mod playground;
mod reload;
mod rules;
mod sources;
mod stop;
mod support;
mod tls;
