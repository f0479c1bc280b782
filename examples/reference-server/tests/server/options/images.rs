use super::{COFFEE, Case, code, content_type, quality};

const JPEG: &str = "/unsafe/120x80/filters:format(jpeg)/coffee.jpg";
const WEBP: &str = "/unsafe/120x80/filters:format(webp)/coffee.jpg";
const AVIF: &str = "/unsafe/120x80/filters:format(avif)/coffee.jpg";

/// What images are made, and what they may cost.
pub(super) const CASES: &[Case] = &[
    Case {
        key: "transform.dialect",
        config: "[transform]\n+ dialect = 'ipx'",
        target: "/w_30,f_png/coffee.jpg",
        headers: &[],
        look: content_type,
        without: "application/problem+json",
        with: "image/png",
    },
    Case {
        key: "transform.auto_format",
        config: "[transform]\n+ auto_format = ['webp']",
        target: COFFEE,
        headers: &["Accept: image/webp"],
        look: content_type,
        without: "image/jpeg",
        with: "image/webp",
    },
    Case {
        key: "transform.quality.jpeg",
        config: "[transform.quality]\n+ jpeg = 1",
        target: JPEG,
        headers: &[],
        look: quality,
        without: "high",
        with: "low",
    },
    Case {
        key: "transform.quality.webp",
        config: "[transform.quality]\n+ webp = 1",
        target: WEBP,
        headers: &[],
        look: quality,
        without: "high",
        with: "low",
    },
    Case {
        key: "transform.quality.avif",
        config: "[transform.quality]\n+ avif = 1",
        target: AVIF,
        headers: &[],
        look: quality,
        without: "high",
        with: "low",
    },
    Case {
        key: "transform.strip_metadata",
        config: "[transform]\n+ strip_metadata = false",
        target: "/unsafe/30x40/astronaut.jpg",
        headers: &[],
        look: |answer| {
            let mut words = answer.body.windows(4);
            words.any(|word| word == b"Exif").to_string()
        },
        without: "false",
        with: "true",
    },
    Case {
        key: "transform.strict",
        config: "[transform]\n+ strict = true",
        target: "/unsafe/30x20/filters:nothing(1)/coffee.jpg",
        headers: &[],
        look: code,
        without: "ok",
        with: "bad_request",
    },
    Case {
        key: "transform.allow_original",
        config: "[transform]\n+ allow_original = true",
        target: "/unsafe/filters:raw()/coffee.jpg",
        headers: &[],
        look: |answer| {
            let original = std::fs::read(format!("{}/coffee.jpg", crate::support::IMAGES));
            (answer.body == original.unwrap()).to_string()
        },
        without: "false",
        with: "true",
    },
    Case {
        key: "transform.presets",
        config: "[transform]\ndialect = 'imgproxy'\n- presets = { other = 's:30:20' }\n+ presets = { thumb = 's:30:20' }",
        target: "/insecure/pr:thumb/plain/coffee.jpg",
        headers: &[],
        look: code,
        without: "bad_request",
        with: "ok",
    },
    Case {
        key: "transform.max_source_bytes",
        config: "[transform]\n+ max_source_bytes = 1000",
        target: COFFEE,
        headers: &[],
        look: code,
        without: "ok",
        with: "source_too_large",
    },
    Case {
        key: "transform.max_source_pixels",
        config: "[transform]\n+ max_source_pixels = 1000",
        target: COFFEE,
        headers: &[],
        look: code,
        without: "ok",
        with: "image_too_large",
    },
    Case {
        key: "transform.max_source_width",
        config: "[transform]\n+ max_source_width = 599",
        target: COFFEE,
        headers: &[],
        look: code,
        without: "ok",
        with: "image_too_large",
    },
    Case {
        key: "transform.max_source_height",
        config: "[transform]\n+ max_source_height = 399",
        target: COFFEE,
        headers: &[],
        look: code,
        without: "ok",
        with: "image_too_large",
    },
    Case {
        key: "transform.max_output_pixels",
        config: "[transform]\n+ max_output_pixels = 599",
        target: COFFEE,
        headers: &[],
        look: code,
        without: "ok",
        with: "image_too_large",
    },
    Case {
        key: "transform.max_frames",
        config: "[transform]\n+ max_frames = 1",
        target: "/unsafe/a.gif",
        headers: &[],
        look: code,
        without: "ok",
        with: "image_too_large",
    },
    Case {
        key: "transform.animation_frames",
        config: "[transform]\n+ animation_frames = 1",
        target: "/unsafe/a.gif",
        headers: &[],
        look: |answer| {
            let controls = answer.body.windows(3);
            let controls = controls.filter(|bytes| bytes == b"\x21\xf9\x04");
            (controls.count() > 1).to_string()
        },
        without: "true",
        with: "false",
    },
    Case {
        key: "transform.memory_budget",
        config: "[transform]\n+ memory_budget = '20KiB'",
        target: COFFEE,
        headers: &[],
        look: code,
        without: "ok",
        with: "overloaded",
    },
    Case {
        key: "transform.process_timeout",
        config: "[transform]\n+ process_timeout = '1ms'",
        target: AVIF,
        headers: &[],
        look: code,
        without: "ok",
        with: "timeout",
    },
    Case {
        key: "transform.load_timeout",
        config: "[transform]\n+ load_timeout = '100ms'\n[origin]\nhttp = true\n[source]\nallow_private_networks = true",
        target: "/unsafe/30x20/http://127.0.0.1:PORT/slow.png",
        headers: &[],
        look: code,
        without: "ok",
        with: "timeout",
    },
    Case {
        key: "transform.request_timeout",
        config: "[transform]\n+ request_timeout = '100ms'\n[origin]\nhttp = true\n[source]\nallow_private_networks = true",
        target: "/unsafe/30x20/http://127.0.0.1:PORT/slow.png",
        headers: &[],
        look: code,
        without: "ok",
        with: "timeout",
    },
];
