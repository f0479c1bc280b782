//! An ICO that anybody may have made.

#![no_main]

mod common;

use imgward::engine::Ico;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| -> libfuzzer_sys::Corpus { common::render(data, Some(&Ico)) });
