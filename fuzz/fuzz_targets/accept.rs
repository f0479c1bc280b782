//! The Accept header, in lines that the fuzzer cuts.

#![no_main]

use http::header::{ACCEPT, HeaderMap, HeaderValue};
use imgward::negotiate;
use imgward::recipe::Format;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let mut headers = HeaderMap::new();
    for line in data.split(|&byte| byte == b'\n') {
        if let Ok(line) = HeaderValue::from_bytes(line) {
            headers.append(ACCEPT, line);
        }
    }
    if let Some(format) = negotiate::choose(&headers, &[Format::Avif, Format::WebP]) {
        // Only what is named is chosen.
        let data = data.to_ascii_lowercase();
        let name = format.media_type().as_bytes();
        assert!(data.windows(name.len()).any(|window| window == name));
    }
});
