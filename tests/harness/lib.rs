//! A test harness for stacks of imgward's layers: real servers, real clients, and the things they serve.
//!
//! 1. [`Server`] starts axum, hyper or tonic on a free port of the loopback address, around any stack and any origin,
//!    and [`every_host!`] starts all three around the same. A server stops when it is dropped.
//! 2. [`Client`] sends a request byte for byte as it is written, so malformed targets, repeated headers and bytes of
//!    0x80 and above reach the server; it speaks gRPC too, to the health service.
//! 3. [`MemoryOrigin`] and [`DirOrigin`] serve originals, and [`photo`] makes them; [`CountryDatabase`] writes a
//!    country database; [`ManualClock`] stands still until it is moved.
//!
//! It panics where a test would: when a server cannot be started, or a file cannot be written.
//!
//! ```
//! use imgward::referer::RefererLayer;
//! use imgward_harness::{MemoryOrigin, every_host, photo};
//!
//! let origin = MemoryOrigin::new().with("/photo.jpg", "image/jpeg", photo::jpeg(64, 48));
//! let stack = RefererLayer::block(["https://*.example.net"]).unwrap();
//!
//! for (host, server) in every_host!(stack, origin) {
//!     let request = server.client().get("/photo.jpg");
//!     let allowed = request.clone().header("Referer", "https://example.com/").send().unwrap();
//!     assert_eq!(allowed.status(), 200, "{host}");
//!
//!     let refused = request.header("Referer", "https://www.example.net/").send().unwrap();
//!     assert_eq!(refused.status(), 403, "{host}");
//! }
//! ```
#![expect(clippy::expect_used, reason = "this is test code")]

mod answer;
mod client;
mod country;
mod host;
mod origin;
pub mod photo;
mod responder;
mod temp_dir;

pub use imgward::clock::ManualClock;

pub use self::answer::Answer;
pub use self::client::{Client, ClientRequest};
pub use self::country::{CountryDatabase, Shape};
pub use self::host::{Server, with_health};
pub use self::origin::{DirOrigin, MemoryOrigin};
pub use self::responder::CodeInHeader;
pub use self::temp_dir::TempDir;
