//! Rules over the `User-Agent`: clients that are refused, and clients whose `Accept` says too much or too little.
//!
//! A rule looks for texts in the header, anywhere in it and with ASCII letters in any case. The header is read as the
//! bytes that it is, in one pass however many texts there are; nothing is allocated for one of up to 1024 bytes. Where
//! there are several lines, it is enough that one contains a text.
//!
//! [`UserAgentBlockLayer`] refuses:
//!
//! 1. A request whose User-Agent contains one of the texts is refused as
//!    [`UserAgentBlocked`](crate::guard::RejectionKind::UserAgentBlocked), status 403.
//! 2. A request without a User-Agent passes.
//! 3. An answer that shared caches may keep gets `Vary: User-Agent`, so that they do not serve it to those refused.
//!
//! [`AcceptRewriteLayer`] rewrites:
//!
//! 1. The first rule of which the User-Agent contains a text decides: its value replaces all `Accept` lines of the
//!    request. Nothing is ever rewritten but by a rule; what a browser is said to support is not guessed.
//! 2. An answer that varies on `Accept` gets `Vary: User-Agent` too, whether a rule matched this request or not.
//!
//! # Deployment caveat
//!
//! A client says of itself what it likes. A block list keeps honest robots out, not attackers. And a User-Agent has
//! thousands of values: a cache in front that honours `Vary` keeps a copy for each of them.
//!
//! # Example
//!
//! ```
//! use http::{Request, Response, StatusCode};
//! use imgward::user_agent::{AcceptRewriteLayer, UserAgentBlockLayer};
//! use tower::{ServiceBuilder, ServiceExt, service_fn};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let service = ServiceBuilder::new()
//!     .layer(UserAgentBlockLayer::containing(["BadBot"])?)
//!     .layer(AcceptRewriteLayer::from_rules([(["Android 11", "MyApp/"], "image/webp,*/*;q=0.8")])?)
//!     .service(service_fn(async |request: Request<String>| {
//!         // Answers with the Accept that it was asked with.
//!         let accept = request.headers()["accept"].to_str().unwrap_or_default().to_owned();
//!         Ok::<_, std::convert::Infallible>(Response::new(accept))
//!     }));
//!
//! let request = |user_agent: &str| {
//!     Request::get("/photo.jpg")
//!         .header("user-agent", user_agent)
//!         .header("accept", "*/*")
//!         .body(String::new())
//!         .unwrap()
//! };
//! let allowed = service.clone().oneshot(request("myapp/2.1")).await?;
//! assert_eq!(allowed.body(), "image/webp,*/*;q=0.8");
//!
//! let refused = service.oneshot(request("Mozilla/5.0 (compatible; badbot/1.0)")).await?;
//! assert_eq!(refused.status(), StatusCode::FORBIDDEN);
//! # Ok(())
//! # }
//! ```

mod accept_rewrite;
mod block;
mod texts;

pub use self::accept_rewrite::{
    AcceptRewrite, AcceptRewriteLayer, InvalidAcceptRule, InvalidAcceptRules,
};
pub use self::block::{UserAgentBlock, UserAgentBlockLayer};
pub use self::texts::{InvalidText, InvalidTexts};

#[cfg(test)]
mod tests;
