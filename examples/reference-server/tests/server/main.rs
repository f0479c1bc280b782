//! The real binary, over real sockets.
#![allow(
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "these are tests"
)]

mod admin;
mod agents;
mod agreement;
mod answers;
mod bombs;
mod browser;
mod buckets;
mod cache;
mod check;
mod clients;
mod clouds;
mod config;
mod connections;
mod cors;
mod deploy;
mod files;
mod fixtures;
mod guides;
mod imagekit;
mod images;
mod imagor_env;
mod imgproxy;
mod ipx;
mod isolation;
mod kept;
mod metadata;
mod names;
mod options;
mod otel;
mod overload;
mod peers;
mod placeholder;
mod playground;
mod reload;
mod revalidation;
mod rules;
mod s3;
mod schema;
mod sources;
mod stop;
mod support;
mod tls;
mod warm;
