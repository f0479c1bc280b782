//! The real binary, over real sockets.
#![allow(clippy::panic, clippy::unwrap_used, reason = "these are tests")]

mod buckets;
mod cache;
mod check;
mod config;
mod imagekit;
mod images;
mod imgproxy;
mod ipx;
mod reload;
mod revalidation;
mod rules;
mod s3;
mod sources;
mod stop;
mod support;
mod warm;
