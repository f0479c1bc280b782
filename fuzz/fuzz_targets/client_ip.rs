//! The headers that name the client, in lines that the fuzzer cuts.

#![no_main]

use http::header::HeaderValue;
use http::{HeaderName, Request};
use imgward::client_ip::{ClientIp, ClientIpHeader};
use imgward::guard::Guard;
use imgward::request_facts::PeerAddr;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    for name in ["x-forwarded-for", "forwarded", "x-real-ip", "cloudfront-viewer-address"] {
        let header: ClientIpHeader = name.parse().expect("a header's name");
        let rules = ClientIp::behind(["10.0.0.0/8", "2001:db8::/32"], header).expect("networks");
        let (mut head, ()) = Request::new(()).into_parts();
        head.extensions.insert(PeerAddr(([10, 0, 0, 1], 1).into()));
        let name: HeaderName = name.parse().expect("a header's name");
        for line in data.split(|&byte| byte == b'\n') {
            if let Ok(line) = HeaderValue::from_bytes(line) {
                head.headers.append(&name, line);
            }
        }
        let mut facts = rules.check(&head).expect("it refuses nobody");
        rules.apply(&mut head, &mut facts);
        assert!(facts.via_trusted_proxy());
        if let Some(client) = facts.client_ip() {
            assert_eq!(client, client.to_canonical());
        }
    }
});
