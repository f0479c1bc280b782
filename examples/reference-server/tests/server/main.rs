//! The real binary, over real sockets.
#![allow(clippy::panic, clippy::unwrap_used, reason = "these are tests")]

mod bombs;
mod cache;
mod check;
mod config;
mod files;
mod imagekit;
mod images;
mod imgproxy;
mod ipx;
mod kept;
mod overload;
mod peers;
mod placeholder;
mod reload;
mod rules;
mod sources;
mod stop;
mod support;
