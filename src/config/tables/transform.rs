use std::num::{NonZeroU32, NonZeroUsize};
use std::time::Duration;

use crate::config::table::Table;
use crate::dialect::{Dialect, Imgproxy};
use crate::engine::{Codecs, Engine, Limits};
use crate::recipe::{Format, Metadata};
use crate::transform::{TransformLayer, UnwritableFormats};

const FORMATS: [(&str, Format); 5] = [
    ("jpeg", Format::Jpeg),
    ("png", Format::Png),
    ("webp", Format::WebP),
    ("avif", Format::Avif),
    ("gif", Format::Gif),
];

const DIALECTS: [&str; 6] = [
    "imagor", "thumbor", "imgproxy", "ipx", "optstuff", "imagekit",
];

/// What `[transform]` comes to.
#[derive(Clone, Debug)]
pub(in crate::config) struct Transform {
    pub(in crate::config) dialect: Dialect,
    pub(in crate::config) layer: TransformLayer,
    #[cfg_attr(
        not(any(feature = "http-origin", feature = "object-store")),
        expect(dead_code, reason = "the layer has it")
    )]
    pub(in crate::config) load_timeout: Duration,
}

/// `[transform]`: what images may be made, and at what cost.
pub(in crate::config) fn read(table: &Table<'_>) -> Transform {
    let metadata = if table.flag("strip_metadata", true) {
        Metadata::Strip
    } else {
        Metadata::Keep
    };
    let mut dialect = dialect(table)
        .metadata(metadata)
        .allow_original(table.flag("allow_original", false));
    if let Some(frames) = table.optional_integer("animation_frames", 1..u32::MAX.into()) {
        let frames = u32::try_from(frames).ok().and_then(NonZeroU32::new);
        dialect = dialect.max_frames(frames.unwrap_or(NonZeroU32::MAX));
    }
    let engine = quality(table, Engine::new(codecs()).limits(limits(table)));
    let formats = auto_format(table);
    let max_source_bytes = table.size("max_source_bytes", 50 * 1024 * 1024);
    let memory_budget = table.size("memory_budget", 512 * 1024 * 1024);
    let queue = table.integer("queue", 0..1_000_000, 100);
    let cores = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    let concurrency = table.integer("concurrency", 1..1025, cores.get() as u64);
    let loads = table.integer("load_concurrency", 1..1_000_001, 64);
    let limit = |key, seconds| {
        let limit = table.duration(key, Duration::from_secs(seconds));
        if limit.is_zero() {
            table.error(key, "must be more than 0s");
        }
        limit
    };
    let request_timeout = limit("request_timeout", 30);
    let load_timeout = limit("load_timeout", 10);
    let process_timeout = limit("process_timeout", 20);

    let mut layer = TransformLayer::new(engine)
        .max_source_bytes(max_source_bytes)
        .memory_budget(memory_budget)
        .queue(usize::try_from(queue).unwrap_or(usize::MAX))
        .request_timeout(request_timeout)
        .load_timeout(load_timeout)
        .process_timeout(process_timeout);
    let at_least_one = |number| usize::try_from(number).ok().and_then(NonZeroUsize::new);
    if let Some(jobs) = at_least_one(concurrency) {
        layer = layer.concurrency(jobs);
    }
    if let Some(loads) = at_least_one(loads) {
        layer = layer.load_concurrency(loads);
    }
    match layer.clone().auto_format(formats) {
        Ok(with_formats) => layer = with_formats,
        Err(error) => {
            let error: UnwritableFormats = error;
            table.error("auto_format", error.to_string());
        }
    }
    Transform {
        dialect,
        layer,
        load_timeout,
    }
}

/// What URLs mean.
fn dialect(table: &Table<'_>) -> Dialect {
    let strict = table.flag("strict", false);
    let name = table.text_or("dialect", "imagor");
    table.one_of("dialect", &DIALECTS);
    let imgproxy = imgproxy(table, &name);
    let client_hints = table.flag("client_hints", false);
    if client_hints && name != "imagekit" {
        table.error("client_hints", "only ImageKit's URLs ask for them");
    }
    match &*name {
        "imagor" | "thumbor" => {}
        "imgproxy" => return imgproxy.into(),
        "ipx" => return Dialect::ipx().strict(strict),
        "optstuff" => return Dialect::ipx().optstuff(true).strict(strict),
        "imagekit" => return imagekit(table).strict(strict).client_hints(client_hints),
        other => {
            let names = DIALECTS.map(|name| format!("{name:?}")).join(", ");
            table.error("dialect", format!("{other:?} is not one of {names}"));
        }
    }
    Dialect::imagor()
        .thumbor(&*name == "thumbor")
        .strict(strict)
}

/// ImageKit's URLs, with their named transformations.
fn imagekit(table: &Table<'_>) -> Dialect {
    let mut dialect = Dialect::imagekit();
    let presets = if table.has("presets") {
        table.texts("presets")
    } else {
        Vec::new()
    };
    for (name, chain) in presets {
        match dialect.clone().preset(&name, &chain.text) {
            Ok(with_preset) => dialect = with_preset,
            Err(error) => table.document().error(&chain.spot, error.reason()),
        }
    }
    dialect.only_presets(table.flag("only_presets", false))
}

/// What only imgproxy's URLs need, as far as it is written.
fn imgproxy(table: &Table<'_>, dialect: &str) -> Imgproxy {
    let only_presets = table.flag("only_presets", false);
    let watermark = table.text("watermark").filter(|name| !name.text.is_empty());
    let presets = if table.has("presets") {
        table.texts("presets")
    } else {
        Vec::new()
    };
    if dialect == "imagekit" {
        return Imgproxy::new();
    }
    if dialect != "imgproxy" {
        for (key, written) in [
            ("only_presets", only_presets),
            ("watermark", watermark.is_some()),
            ("presets", !presets.is_empty()),
        ] {
            if written {
                table.error(key, "not supported in this dialect by this version");
            }
        }
        return Imgproxy::new();
    }
    let mut imgproxy = Imgproxy::new().only_presets(only_presets);
    if let Some(name) = watermark {
        match imgproxy.clone().watermark(&name.text) {
            Ok(with_watermark) => imgproxy = with_watermark,
            Err(error) => table.error("watermark", error.why()),
        }
    }
    let pairs = presets
        .iter()
        .map(|(name, options)| (&**name, &*options.text));
    match imgproxy.clone().presets(pairs) {
        Ok(with_presets) => imgproxy = with_presets,
        Err(error) => {
            let wrong = presets
                .iter()
                .find(|(name, _)| Some(&**name) == error.preset());
            match wrong {
                Some((_, options)) => table.document().error(&options.spot, error.why()),
                None => table.error("presets", error.why()),
            }
        }
    }
    imgproxy
}

/// All that this build has.
fn codecs() -> Codecs {
    let codecs = Codecs::new();
    #[cfg(feature = "webp")]
    let codecs = codecs.with(crate::engine::LossyWebP);
    #[cfg(feature = "avif")]
    let codecs = codecs.with(crate::engine::Avif);
    #[cfg(feature = "svg")]
    let codecs = codecs.with(crate::engine::Svg);
    #[cfg(feature = "tiff")]
    let codecs = codecs.with(crate::engine::Tiff);
    #[cfg(feature = "bmp")]
    let codecs = codecs.with(crate::engine::Bmp);
    #[cfg(feature = "ico")]
    let codecs = codecs.with(crate::engine::Ico);
    #[cfg(feature = "jxl")]
    let codecs = codecs.with(crate::engine::Jxl);
    codecs
}

fn limits(table: &Table<'_>) -> Limits {
    let mut limits = Limits::default();
    let pixels = 1..u64::MAX;
    limits.max_source_pixels = table.integer(
        "max_source_pixels",
        pixels.clone(),
        limits.max_source_pixels,
    );
    limits.max_output_pixels = table.integer("max_output_pixels", pixels, limits.max_output_pixels);
    for (key, limit) in [
        ("max_source_width", &mut limits.max_source_width),
        ("max_source_height", &mut limits.max_source_height),
        ("max_frames", &mut limits.max_frames),
    ] {
        let number = table.integer(key, 1..u64::from(u32::MAX), (*limit).into());
        *limit = u32::try_from(number).unwrap_or(u32::MAX);
    }
    limits
}

fn quality(parent: &Table<'_>, mut engine: Engine) -> Engine {
    let table = parent.table("quality");
    for (key, format, default) in [
        ("jpeg", Format::Jpeg, 80),
        ("webp", Format::WebP, 79),
        ("avif", Format::Avif, 50),
    ] {
        let quality = table.integer(key, 1..101, default);
        engine = engine.quality(format, u8::try_from(quality).unwrap_or(100));
    }
    parent.note_inline("quality", table);
    engine
}

fn auto_format(table: &Table<'_>) -> Vec<Format> {
    let entries = table.list("auto_format");
    table.one_of("auto_format", &FORMATS.map(|(name, _)| name));
    let formats = entries.iter().filter_map(|entry| {
        let format = FORMATS.iter().find(|(name, _)| *name == entry.text);
        if format.is_none() {
            let names = FORMATS.map(|(name, _)| format!("{name:?}")).join(", ");
            let message = format!("{:?} is not one of {names}", entry.text);
            table.document().error(&entry.spot, message);
        }
        format.map(|&(_, format)| format)
    });
    formats.collect()
}
