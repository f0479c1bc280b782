//! A BMP that anybody may have made.

#![no_main]

mod common;

use imgward::engine::Bmp;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| -> libfuzzer_sys::Corpus { common::render(data, Some(&Bmp)) });
