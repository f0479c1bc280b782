//! From imagor's variables to the text of a configuration file.

use std::collections::BTreeMap;
use std::time::Duration;

use http::HeaderValue;
use url::Url;

use super::ImagorAnswers;
use super::values;
use crate::config::effective::{list, quoted};
use crate::config::error::ConfigError;
use crate::config::units::print_duration;
use crate::signature::MIN_TRUNCATION;

/// The variables that have an effect here.
pub(super) const KNOWN: &[&str] = &[
    "AWS_ACCESS_KEY_ID",
    "AWS_REGION",
    "AWS_SECRET_ACCESS_KEY",
    "FILE_LOADER_BASE_DIR",
    "FILE_RESULT_STORAGE_BASE_DIR",
    "HTTP_LOADER_ALLOWED_SOURCES",
    "HTTP_LOADER_ALLOWED_SOURCE_REGEXP",
    "HTTP_LOADER_BASE_URL",
    "HTTP_LOADER_BLOCK_LINK_LOCAL_NETWORKS",
    "HTTP_LOADER_BLOCK_LOOPBACK_NETWORKS",
    "HTTP_LOADER_BLOCK_NETWORKS",
    "HTTP_LOADER_BLOCK_PRIVATE_NETWORKS",
    "HTTP_LOADER_DISABLE",
    "HTTP_LOADER_FORWARD_HEADERS",
    "HTTP_LOADER_HTTPS_ONLY",
    "HTTP_LOADER_MAX_ALLOWED_SIZE",
    "IMAGOR_AUTO_AVIF",
    "IMAGOR_AUTO_WEBP",
    "IMAGOR_BASE_PATH_REDIRECT",
    "IMAGOR_CACHE_HEADER_NO_CACHE",
    "IMAGOR_CACHE_HEADER_TTL",
    "IMAGOR_DISABLE_ERROR_BODY",
    "IMAGOR_LOAD_TIMEOUT",
    "IMAGOR_PROCESS_CONCURRENCY",
    "IMAGOR_PROCESS_QUEUE_SIZE",
    "IMAGOR_PROCESS_TIMEOUT",
    "IMAGOR_REQUEST_TIMEOUT",
    "IMAGOR_SECRET",
    "IMAGOR_SIGNER_TRUNCATE",
    "IMAGOR_SIGNER_TYPE",
    "IMAGOR_UNSAFE",
    "PORT",
    "S3_ENDPOINT",
    "S3_FORCE_PATH_STYLE",
    "S3_LOADER_BASE_DIR",
    "S3_LOADER_BUCKET",
    "S3_RESULT_STORAGE_BASE_DIR",
    "S3_RESULT_STORAGE_BUCKET",
    "SERVER_CORS",
    "SERVER_PATH_PREFIX",
    "VIPS_MAX_ANIMATION_FRAMES",
    "VIPS_MAX_HEIGHT",
    "VIPS_MAX_RESOLUTION",
    "VIPS_MAX_WIDTH",
    "VIPS_STRIP_METADATA",
];

/// How the names of imagor's variables begin.
const FAMILIES: &[&str] = &[
    "AWS_",
    "FILE_",
    "GCLOUD_",
    "HTTP_LOADER_",
    "IMAGOR_",
    "PROMETHEUS_",
    "S3_",
    "SENTRY_",
    "SERVER_",
    "VIPS_",
];

/// Whether a variable has an effect here.
pub(super) fn is_known(name: &str) -> bool {
    KNOWN.contains(&name)
}

fn is_of_imagor(name: &str) -> bool {
    name == "BIND" || FAMILIES.iter().any(|family| name.starts_with(family))
}

/// Lines of TOML, and the variable that each is there for.
#[derive(Debug, Default)]
pub(super) struct Lines {
    pub(super) lines: Vec<(&'static str, String)>,
}

impl Lines {
    pub(super) fn push(&mut self, variable: &'static str, line: impl Into<String>) {
        self.lines.push((variable, line.into()));
    }

    /// The text of these lines and others, and the variable of each.
    pub(super) fn with(&self, others: &Self) -> (String, Vec<&'static str>) {
        let lines = || self.lines.iter().chain(&others.lines);
        let text = lines().flat_map(|(_, line)| [&**line, "\n"]).collect();
        (text, lines().map(|(variable, _)| *variable).collect())
    }
}

/// What variables come to.
#[derive(Debug)]
pub(super) struct Translated {
    /// All but the origin.
    pub(super) rules: Lines,
    /// Where originals are looked for, in this order.
    pub(super) origins: Vec<Lines>,
    pub(super) answers: ImagorAnswers,
    /// What an operator should know.
    pub(super) notes: Vec<String>,
    pub(super) errors: Vec<ConfigError>,
}

/// Translates what is imagor's of some variables. One that is empty is not set.
pub(super) fn translate(variables: &BTreeMap<String, String>) -> Translated {
    let mut translator = Translator {
        variables,
        notes: Vec::new(),
        errors: Vec::new(),
    };
    translator.note_unknown();
    let mut rules = Lines::default();
    let port = translator.integer("PORT").unwrap_or(8000);
    if u16::try_from(port).is_err() {
        translator.error("PORT", format!("{port} is no port"));
    } else {
        rules.push("PORT", format!("listen = \"0.0.0.0:{port}\""));
    }
    translator.signature(&mut rules);
    translator.transform(&mut rules);
    translator.cache(&mut rules);
    translator.cors(&mut rules);
    let answers = translator.answers();
    let origins = translator.origins();
    Translated {
        rules,
        origins,
        answers,
        notes: translator.notes,
        errors: translator.errors,
    }
}

pub(super) struct Translator<'v> {
    variables: &'v BTreeMap<String, String>,
    pub(super) notes: Vec<String>,
    errors: Vec<ConfigError>,
}

impl<'v> Translator<'v> {
    pub(super) fn get(&self, name: &str) -> Option<&'v str> {
        debug_assert!(is_known(name), "{name} is read, and not known");
        let value = self.variables.get(name)?;
        Some(&**value).filter(|value| !value.is_empty())
    }

    pub(super) fn error(&mut self, name: &str, message: impl AsRef<str>) {
        self.errors
            .push(ConfigError::of_variable(name, message.as_ref()));
    }

    pub(super) fn note(&mut self, note: impl Into<String>) {
        self.notes.push(note.into());
    }

    fn read<T>(&mut self, name: &str, read: impl Fn(&str) -> Result<T, String>) -> Option<T> {
        let value = read(self.get(name)?);
        value.map_err(|message| self.error(name, message)).ok()
    }

    pub(super) fn flag(&mut self, name: &str) -> Option<bool> {
        self.read(name, values::flag)
    }

    fn integer(&mut self, name: &str) -> Option<i64> {
        self.read(name, values::integer)
    }

    /// A number that imagor takes no notice of where it is not positive.
    fn positive(&mut self, name: &str) -> Option<i64> {
        self.integer(name).filter(|&number| number > 0)
    }

    fn note_unknown(&mut self) {
        let unknown = self.variables.keys();
        let unknown = unknown.filter(|name| is_of_imagor(name) && !is_known(name));
        self.notes
            .extend(unknown.map(|name| format!("{name} is not known here, and has no effect")));
    }

    fn signature(&mut self, rules: &mut Lines) {
        let secret = self.get("IMAGOR_SECRET").is_some();
        let is_unsafe = self.flag("IMAGOR_UNSAFE").unwrap_or(false);
        if !secret && !is_unsafe {
            self.error(
                "IMAGOR_SECRET",
                "not set, and IMAGOR_UNSAFE is not either: no URL would be valid",
            );
        }
        if is_unsafe {
            self.note("IMAGOR_UNSAFE is set: URLs without a signature are served");
        }
        let required = secret && !is_unsafe;
        rules.push("IMAGOR_SECRET", "[signature]");
        rules.push("IMAGOR_UNSAFE", format!("required = {required}"));
        if secret {
            rules.push("IMAGOR_SECRET", "secrets = [\"env:IMAGOR_SECRET\"]");
        }
        let algorithm = self.get("IMAGOR_SIGNER_TYPE").unwrap_or("sha1");
        let algorithm = algorithm.to_ascii_lowercase();
        rules.push(
            "IMAGOR_SIGNER_TYPE",
            format!("algorithm = {}", quoted(&algorithm)),
        );
        if let Some(characters) = self.positive("IMAGOR_SIGNER_TRUNCATE") {
            if usize::try_from(characters).is_ok_and(|characters| characters < MIN_TRUNCATION) {
                self.error(
                    "IMAGOR_SIGNER_TRUNCATE",
                    format!(
                        "a signature of {characters} characters is too short: {MIN_TRUNCATION} are the least"
                    ),
                );
            } else {
                rules.push("IMAGOR_SIGNER_TRUNCATE", format!("truncate = {characters}"));
            }
        }
    }

    fn transform(&mut self, rules: &mut Lines) {
        rules.push("", "[transform]");
        // imagor takes AVIF where a client takes both.
        let formats = [("IMAGOR_AUTO_AVIF", "avif"), ("IMAGOR_AUTO_WEBP", "webp")];
        let formats =
            formats.map(|(name, format)| self.flag(name).unwrap_or(false).then_some(format));
        rules.push(
            "IMAGOR_AUTO_AVIF",
            format!(
                "auto_format = {}",
                list(formats.into_iter().flatten().map(quoted))
            ),
        );
        self.metadata(rules);
        self.limits(rules);
        for (name, key, default) in [
            ("IMAGOR_REQUEST_TIMEOUT", "request_timeout", 30),
            ("IMAGOR_LOAD_TIMEOUT", "load_timeout", 20),
            ("IMAGOR_PROCESS_TIMEOUT", "process_timeout", 20),
        ] {
            // imagor takes none for its default, too.
            let limit = self.read(name, values::duration);
            let limit = limit.filter(|limit| !limit.is_zero());
            let limit = limit.unwrap_or(Duration::from_secs(default));
            rules.push(name, format!("{key} = {}", quoted(&print_duration(limit))));
        }
        match self.integer("IMAGOR_PROCESS_CONCURRENCY") {
            Some(jobs) if jobs > 0 => {
                rules.push("IMAGOR_PROCESS_CONCURRENCY", format!("concurrency = {jobs}"));
            }
            Some(_) => self.note(
                "IMAGOR_PROCESS_CONCURRENCY means no limit in imagor; here as many images are made at a time as there are cores",
            ),
            None => {}
        }
        let queue = self.integer("IMAGOR_PROCESS_QUEUE_SIZE").unwrap_or(100);
        rules.push(
            "IMAGOR_PROCESS_QUEUE_SIZE",
            format!("queue = {}", queue.max(0)),
        );
    }

    /// imagor keeps metadata unless it is told not to.
    fn metadata(&mut self, rules: &mut Lines) {
        let strip = self.flag("VIPS_STRIP_METADATA");
        rules.push(
            "VIPS_STRIP_METADATA",
            format!("strip_metadata = {}", strip.unwrap_or(true)),
        );
        if strip.is_none() {
            self.note(
                "VIPS_STRIP_METADATA is not set: imagor keeps EXIF and XMP then; here they are left out unless it is 0",
            );
        }
    }

    /// What images may cost.
    fn limits(&mut self, rules: &mut Lines) {
        let pixels = self.positive("VIPS_MAX_RESOLUTION");
        let width = self.positive("VIPS_MAX_WIDTH");
        let height = self.positive("VIPS_MAX_HEIGHT");
        if pixels.or(width).or(height).is_some() {
            self.note(
                "VIPS_MAX_RESOLUTION, VIPS_MAX_WIDTH and VIPS_MAX_HEIGHT let imagor shrink JPEG, GIF, WebP and AVIF sources beyond them; here they are refused (422)",
            );
        }
        let pixels = pixels.unwrap_or(81_000_000);
        for (name, key, limit) in [
            ("VIPS_MAX_RESOLUTION", "max_source_pixels", pixels),
            ("VIPS_MAX_RESOLUTION", "max_output_pixels", pixels),
            ("VIPS_MAX_WIDTH", "max_source_width", width.unwrap_or(9_999)),
            (
                "VIPS_MAX_HEIGHT",
                "max_source_height",
                height.unwrap_or(9_999),
            ),
        ] {
            rules.push(name, format!("{key} = {limit}"));
        }
        // Where imagor has no limit, that on pixels counts frames too.
        rules.push("VIPS_MAX_ANIMATION_FRAMES", "max_frames = 10000");
        if let Some(frames) = self.positive("VIPS_MAX_ANIMATION_FRAMES") {
            rules.push(
                "VIPS_MAX_ANIMATION_FRAMES",
                format!("animation_frames = {frames}"),
            );
        }
        let most = self.positive("HTTP_LOADER_MAX_ALLOWED_SIZE");
        if let Some(most) = most {
            rules.push(
                "HTTP_LOADER_MAX_ALLOWED_SIZE",
                format!("max_source_bytes = {most}"),
            );
        }
        self.note(match most {
            Some(_) => {
                "HTTP_LOADER_MAX_ALLOWED_SIZE is held against the length that a server announces by imagor, and here against the bytes that come, of files too"
            }
            None => {
                "HTTP_LOADER_MAX_ALLOWED_SIZE is not set: imagor has no limit then; here a source of more than 50MiB is refused"
            }
        });
    }

    fn cache(&mut self, rules: &mut Lines) {
        rules.push("", "[cache]");
        let ttl = self.read("IMAGOR_CACHE_HEADER_TTL", values::duration);
        if ttl.is_some_and(|ttl| ttl.is_zero()) {
            self.note("IMAGOR_CACHE_HEADER_TTL of 0 means seven days in imagor; here it means 0");
        }
        let ttl = ttl.unwrap_or(Duration::from_secs(7 * 24 * 60 * 60));
        rules.push(
            "IMAGOR_CACHE_HEADER_TTL",
            format!("browser_ttl = {}", quoted(&print_duration(ttl))),
        );
        if self.flag("IMAGOR_CACHE_HEADER_NO_CACHE").unwrap_or(false) {
            rules.push("IMAGOR_CACHE_HEADER_NO_CACHE", "no_store = true");
        }
        let folder = self.get("FILE_RESULT_STORAGE_BASE_DIR");
        let bucket = self.bucket_url("S3_RESULT_STORAGE_BUCKET", "S3_RESULT_STORAGE_BASE_DIR");
        if folder.is_some() && bucket.is_some() {
            self.error(
                "S3_RESULT_STORAGE_BUCKET",
                "results are kept in one place, and FILE_RESULT_STORAGE_BASE_DIR is set too",
            );
        } else if let Some(folder) = folder {
            let url = std::path::absolute(folder).ok();
            match url.and_then(|path| Url::from_file_path(path).ok()) {
                Some(url) => rules.push(
                    "FILE_RESULT_STORAGE_BASE_DIR",
                    format!("store = {}", quoted(url.as_str())),
                ),
                None => self.error("FILE_RESULT_STORAGE_BASE_DIR", "is no path"),
            }
        } else if let Some(url) = &bucket {
            rules.push(
                "S3_RESULT_STORAGE_BUCKET",
                format!("store = {}", quoted(url)),
            );
        }
        if folder.is_some() || bucket.is_some() {
            self.note(
                "results that imagor has stored are not read: they are made anew, next to them",
            );
        }
    }

    fn cors(&mut self, rules: &mut Lines) {
        if self.flag("SERVER_CORS").unwrap_or(false) {
            self.note("SERVER_CORS is set: the pages of every origin may read the images");
            rules.push("SERVER_CORS", "[cors]");
            rules.push("SERVER_CORS", "allow_origins = [\"*\"]");
        }
    }

    fn answers(&mut self) -> ImagorAnswers {
        let to = self.get("IMAGOR_BASE_PATH_REDIRECT");
        if to.is_some_and(|to| HeaderValue::from_str(to).is_err()) {
            self.error("IMAGOR_BASE_PATH_REDIRECT", "is no URL");
        }
        ImagorAnswers {
            base_path_redirect: to.map(String::from),
            error_body: !self.flag("IMAGOR_DISABLE_ERROR_BODY").unwrap_or(false),
        }
    }
}
