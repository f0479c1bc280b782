use super::*;

mod builder;
mod draw;
mod errors;
mod imagekit;
mod imagor;
mod imgproxy;
mod ipx;
mod round_trip;
