//! An AVIF that anybody may have made.

#![no_main]

use imgward::engine::{Avif, Codec, Limits, RenderErrorKind};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let mut limits = Limits::default();
    limits.max_source_pixels = 1 << 14;
    let probe = Avif.probe(data, &limits);
    match Avif.decode(data, &limits) {
        Ok(picture) => {
            let probe = probe.expect("what decodes has a header");
            assert_eq!((picture.width(), picture.height()), (probe.width, probe.height));
        }
        Err(why) => assert_ne!(why.kind(), RenderErrorKind::Internal, "{why}"),
    }
});
