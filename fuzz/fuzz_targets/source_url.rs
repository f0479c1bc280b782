//! The name of a source, and the entries of a list of them.

#![no_main]

use imgward::source::SourcePolicy;
use libfuzzer_sys::fuzz_target;

const ENTRIES: [&str; 3] = ["allowed.example", "*.below.example", "https://prefix.example/img"];

fuzz_target!(|text: &str| {
    // Any text may be an entry, or the beginning of a redirect.
    if let Ok(policy) = SourcePolicy::allow([text]) {
        let _ = policy.resolve(text);
    }
    let policy = SourcePolicy::allow(ENTRIES).expect("entries");
    let redirected = policy.redirect(&policy.resolve("allowed.example").expect("allowed"), text);
    for url in policy.resolve(text).into_iter().chain(redirected) {
        let rest = url.as_str().split_once("://").expect("a URL").1;
        let (host, path) = rest.split_once('/').expect("a path");
        assert!(
            host == "allowed.example"
                || host.ends_with(".below.example")
                || (host == "prefix.example" && (path == "img" || path.starts_with("img/") || path.starts_with("img?"))),
            "{text:?}: {url}"
        );
        // What is allowed stays what it is.
        assert_eq!(policy.resolve(url.as_str()).ok(), Some(url));
    }
    let base = SourcePolicy::any().base_url("https://base.example/dir").expect("a base");
    if let Ok(url) = base.resolve(text) {
        assert!(url.as_str().starts_with("https://base.example/dir/"), "{text:?}: {url}");
    }
    if let Ok(url) = SourcePolicy::any().resolve(text) {
        assert_eq!(SourcePolicy::any().resolve(url.as_str()).ok(), Some(url));
    }
});
