//! Where imagor's variables say that originals come from.

use super::translate::{KNOWN, Lines, Translator};
use super::values::{self, Source};
use crate::config::effective::{list, quoted};
use crate::source::SourcePolicy;

/// The networks that imagor connects to unless a variable says otherwise, and ours does if one says so.
const NETWORKS: &[(&str, &[&str])] = &[
    (
        "HTTP_LOADER_BLOCK_LOOPBACK_NETWORKS",
        &["127.0.0.0/8", "0.0.0.0/32", "::1/128", "::/128"],
    ),
    (
        "HTTP_LOADER_BLOCK_PRIVATE_NETWORKS",
        &["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"],
    ),
    (
        "HTTP_LOADER_BLOCK_LINK_LOCAL_NETWORKS",
        &["169.254.0.0/16", "fe80::/10", "224.0.0.0/24", "ff02::/16"],
    ),
];

impl Translator<'_> {
    /// Files first, then a bucket, and other servers last. Those are asked where a variable of theirs is set, or nothing
    /// else is.
    pub(super) fn origins(&mut self) -> Vec<Lines> {
        let mut origins = Vec::new();
        if let Some(folder) = self.get("FILE_LOADER_BASE_DIR") {
            let mut origin = Lines::default();
            origin.push("FILE_LOADER_BASE_DIR", "[origin]");
            origin.push(
                "FILE_LOADER_BASE_DIR",
                format!("files = {}", quoted(folder)),
            );
            origins.push(origin);
        }
        if let Some(url) = self.bucket_url("S3_LOADER_BUCKET", "S3_LOADER_BASE_DIR") {
            let mut origin = Lines::default();
            origin.push("S3_LOADER_BUCKET", "[origin]");
            origin.push("S3_LOADER_BUCKET", format!("bucket = {}", quoted(&url)));
            origins.push(origin);
        }
        let disabled = self.flag("HTTP_LOADER_DISABLE").unwrap_or(false);
        let mut settings = KNOWN.iter().filter(|name| {
            name.starts_with("HTTP_LOADER_")
                && **name != "HTTP_LOADER_DISABLE"
                && self.get(name).is_some()
        });
        let configured = settings.next().is_some();
        if disabled && origins.is_empty() {
            self.error(
                "HTTP_LOADER_DISABLE",
                "set, and there is neither FILE_LOADER_BASE_DIR nor S3_LOADER_BUCKET: there are no images",
            );
        }
        // What is wrong with the variables is reported, whatever comes of them.
        let (http, notes) = self.http();
        if !disabled && (configured || origins.is_empty()) {
            self.notes.extend(notes);
            origins.push(http);
        } else if !disabled {
            self.note(
                "no HTTP_LOADER_ variable is set: imagor would fetch images from other servers too; here HTTP_LOADER_ALLOWED_SOURCES says from which",
            );
        }
        if let [first @ .., _] = &*origins
            && !first.is_empty()
        {
            let first = first.iter().filter_map(|origin| origin.lines.last());
            let first: Vec<_> = first.map(|(_, line)| &**line).collect();
            let first = first.join(", then ");
            self.note(format!(
                "images are looked for in {first}, and then in the origin of the configuration"
            ));
        }
        if self.flag("S3_FORCE_PATH_STYLE").is_some() {
            self.note("S3_FORCE_PATH_STYLE has no say: buckets are always in the path");
        }
        if let Some(prefix) = self.get("SERVER_PATH_PREFIX") {
            let path = format!("/{}", prefix.trim_matches('/'));
            self.note(format!(
                "SERVER_PATH_PREFIX is set: all paths are below {path}"
            ));
            for origin in &mut origins {
                origin.push("SERVER_PATH_PREFIX", "[[mount]]");
                origin.push("SERVER_PATH_PREFIX", format!("path = {}", quoted(&path)));
            }
        }
        origins
    }

    /// Other servers, and what should be known of them.
    fn http(&mut self) -> (Lines, Vec<String>) {
        let mut notes = Vec::new();
        let mut lines = Lines::default();
        lines.push("", "[origin]");
        lines.push("", "http = true");
        let https_only = self.flag("HTTP_LOADER_HTTPS_ONLY").unwrap_or(false);
        let base = self.get("HTTP_LOADER_BASE_URL");
        if https_only && base.is_some_and(|url| url.starts_with("http:")) {
            self.error(
                "HTTP_LOADER_BASE_URL",
                "an http URL, and HTTP_LOADER_HTTPS_ONLY is set",
            );
        } else if https_only {
            notes.push(
                "HTTP_LOADER_HTTPS_ONLY does nothing in imagor; here http URLs are refused".into(),
            );
            lines.push("HTTP_LOADER_HTTPS_ONLY", "https_only = true");
        }
        if let Some(url) = base {
            lines.push(
                "HTTP_LOADER_BASE_URL",
                format!("base_url = {}", quoted(url)),
            );
        }
        if let Some(names) = self.get("HTTP_LOADER_FORWARD_HEADERS") {
            let names = list(values::list(names).map(quoted));
            lines.push(
                "HTTP_LOADER_FORWARD_HEADERS",
                format!("forward_headers = {names}"),
            );
        }
        lines.push("", "[source]");
        self.sources(&mut lines, &mut notes);
        self.networks(&mut lines, &mut notes);
        (lines, notes)
    }

    /// What may be fetched by name.
    fn sources(&mut self, lines: &mut Lines, notes: &mut Vec<String>) {
        const GLOBS: &str = "HTTP_LOADER_ALLOWED_SOURCES";
        const REGEX: &str = "HTTP_LOADER_ALLOWED_SOURCE_REGEXP";
        let globs = self.get(GLOBS).unwrap_or_default();
        let mut entries = Vec::new();
        let mut patterns = Vec::new();
        for glob in values::list(globs) {
            match values::source(glob) {
                Source::Entry(entry) => entries.push(entry),
                Source::Regex(regex) => patterns.push((GLOBS, regex)),
                Source::Wrong(why) => self.error(GLOBS, format!("{glob:?}: {why}")),
            }
        }
        if let Some(regex) = self.get(REGEX) {
            match values::host_of_regex(regex) {
                Some(host) => {
                    notes.push(format!(
                        "{REGEX} is looked for anywhere in the URL by imagor; here the whole host has to be {host:?}, on the port of the scheme"
                    ));
                    patterns.push((REGEX, host.into()));
                }
                None => self.error(
                    REGEX,
                    "says something of the path, and here the host alone is matched: HTTP_LOADER_ALLOWED_SOURCES takes the beginning of a URL, such as https://cdn.example.com/shop",
                ),
            }
        }
        let nothing = self.get(GLOBS).or(self.get(REGEX)).is_none();
        if nothing && self.get("HTTP_LOADER_BASE_URL").is_none() {
            notes.push(format!(
                "neither {GLOBS} nor {REGEX} is set: images of every public host are served"
            ));
            entries.push("*:*".into());
        }
        patterns.retain(|(variable, regex)| {
            // By itself: of all together, nobody could tell which is wrong.
            let error = SourcePolicy::any().allow_regex(regex).err();
            if let Some(error) = &error {
                self.error(variable, error.to_string());
            }
            error.is_none()
        });
        if !patterns.is_empty() {
            let patterns = patterns.iter().map(|(_, regex)| format!("(?:{regex})"));
            let regex = patterns.collect::<Vec<_>>().join("|");
            lines.push(REGEX, format!("allow_regex = {}", quoted(&regex)));
        }
        lines.push(
            GLOBS,
            format!(
                "allow = {}",
                list(entries.iter().map(|entry| quoted(entry)))
            ),
        );
    }

    /// Which addresses are connected to.
    fn networks(&mut self, lines: &mut Lines, notes: &mut Vec<String>) {
        let mut opened = Vec::new();
        let mut unset = Vec::new();
        for (name, networks) in NETWORKS {
            match self.flag(name) {
                None => unset.push(*name),
                Some(true) => {}
                Some(false) => opened.push((*name, *networks)),
            }
        }
        if !unset.is_empty() {
            notes.push(format!(
                "not set: {}. imagor connects to those networks then; here they are refused",
                unset.join(", ")
            ));
        }
        if opened.len() == NETWORKS.len() {
            // No other network is refused by imagor either.
            lines.push("", "allow_private_networks = true");
        } else if let Some((name, _)) = opened.first() {
            let networks = opened.iter().flat_map(|(_, networks)| *networks);
            let networks = list(networks.map(|network| quoted(network)));
            lines.push(name, format!("allow_networks = {networks}"));
        }
        if let Some(networks) = self.get("HTTP_LOADER_BLOCK_NETWORKS") {
            let networks = list(values::list(networks).map(quoted));
            lines.push(
                "HTTP_LOADER_BLOCK_NETWORKS",
                format!("block_networks = {networks}"),
            );
        }
    }

    /// The bucket of a loader or of a storage, as a URL. A bucket of imagor's may name a folder, and a variable of its own
    /// another in that.
    pub(super) fn bucket_url(&self, bucket: &str, folder: &str) -> Option<String> {
        let bucket = self.get(bucket)?;
        let folder = self.get(folder).unwrap_or_default().trim_matches('/');
        Some(match folder {
            "" => format!("s3://{bucket}"),
            folder => format!("s3://{}/{folder}", bucket.trim_end_matches('/')),
        })
    }
}
