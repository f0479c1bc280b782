//! A PNG that anybody may have made, APNG included.

#![no_main]

mod common;

use imgward::engine::Png;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| -> libfuzzer_sys::Corpus { common::render(data, Some(&Png)) });
