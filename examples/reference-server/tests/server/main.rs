//! The real binary, over real sockets.
#![allow(clippy::panic, clippy::unwrap_used, reason = "these are tests")]

mod cache;
mod check;
mod config;
mod images;
mod reload;
mod rules;
mod stop;
mod support;
