//! A configuration file. It names no file and no variable, so that the fuzzer reads none.

#![no_main]

use std::path::Path;

use imgward::config::Config;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if ["file", "env:", "database"].iter().any(|word| text.contains(word)) {
        return;
    }
    if let Err(errors) = Config::parse(text, Path::new("imgward.toml")) {
        assert!(!errors.to_string().is_empty());
    }
});
