//! libwebp's encoder (C) behind a small safe interface: a still picture in, the bytes of a WebP file out.
//!
//! Nothing here reads a file: what comes from the network is parsed by safe Rust elsewhere, and this sees pixels alone.
//! Every length is checked against the slices before a pointer is made of them, and what libwebp allocates is freed on
//! every path.
//!
//! ```
//! use imgward_libwebp::{Config, Packed, Pixels, encode};
//!
//! # fn main() -> Result<(), imgward_libwebp::Error> {
//! let red = [255, 0, 0].repeat(16 * 16);
//! let mut config = Config::default();
//! config.quality = 80.0;
//! let pixels = Pixels::Rgb(Packed { data: &red, stride: 16 * 3 });
//! let file = encode(16, 16, pixels, &config)?;
//! assert!(file.starts_with(b"RIFF"));
//! # Ok(())
//! # }
//! ```

mod config;
mod encode;
mod error;
mod picture;

pub use self::config::Config;
pub use self::encode::{MAX_SIDE, Packed, Pixels, encode};
pub use self::error::Error;
