//! Texts looked for in a User-Agent, and the list of media ranges that a rule sets.

#![no_main]

use http::Request;
use http::header::{HeaderValue, USER_AGENT};
use imgward::guard::Guard;
use imgward::user_agent::{AcceptRewrite, UserAgentBlock};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: (&str, &str, &[u8])| {
    let (text, accept, user_agent) = data;
    let _ = AcceptRewrite::from_rules([([text], accept)]);
    let (Ok(block), Ok(value)) = (
        UserAgentBlock::containing([text]),
        HeaderValue::from_bytes(user_agent),
    ) else {
        return;
    };
    let (mut head, ()) = Request::new(()).into_parts();
    head.headers.insert(USER_AGENT, value);
    let text = text.to_ascii_lowercase();
    let contains = user_agent
        .to_ascii_lowercase()
        .windows(text.len())
        .any(|window| window == text.as_bytes());
    assert_eq!(block.check(&head).is_err(), contains);
});
