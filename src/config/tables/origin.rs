use std::path::{Path, PathBuf};

use http::header::{CONTENT_LENGTH, HOST, HeaderName};

#[cfg(feature = "object-store")]
use crate::bucket::Bucket;
use crate::config::document::Spot;
use crate::config::table::Table;
#[cfg(feature = "cache")]
use crate::config::tables::on_error::{self, OnError};
#[cfg(feature = "object-store")]
use crate::origin::BucketOrigin;
#[cfg(feature = "http-origin")]
use crate::origin::HttpOrigin;

/// Where the originals come from.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Origin {
    /// The files of a folder.
    Files(PathBuf),
    /// Other servers.
    #[cfg(feature = "http-origin")]
    Http(HttpOrigin),
    /// A bucket.
    #[cfg(feature = "object-store")]
    Bucket(BucketOrigin),
    /// Several, each of which is asked for what the ones before it do not have.
    Chain(Vec<Self>),
}

/// What `[origin]` comes to.
#[derive(Clone, Debug)]
pub(in crate::config) struct Originals {
    /// Where they come from. `None` where that is not said, or not as it should be.
    pub(in crate::config) from: Option<Origins>,
    #[cfg(feature = "cache")]
    pub(in crate::config) on_error: OnError,
}

/// Where originals come from, before it is built.
#[derive(Clone, Debug)]
pub(in crate::config) enum Origins {
    Files(PathBuf),
    Http(Http),
    #[cfg(feature = "object-store")]
    Bucket(Bucket),
}

/// The keys of an HTTP origin.
#[derive(Clone, Debug)]
pub(in crate::config) struct Http {
    /// And where it stands.
    pub(in crate::config) base_url: Option<(String, Spot)>,
    pub(in crate::config) https_only: bool,
    pub(in crate::config) forward_headers: Vec<HeaderName>,
}

/// `[origin]`: where the originals come from, and what is shown where there is none.
pub(in crate::config) fn read(table: &Table<'_>) -> Originals {
    #[cfg(not(feature = "cache"))]
    table.not_supported(&["on_error"]);
    Originals {
        from: origins(table),
        #[cfg(feature = "cache")]
        on_error: on_error::read(table),
    }
}

fn origins(table: &Table<'_>) -> Option<Origins> {
    #[cfg(not(feature = "object-store"))]
    table.not_supported(&["bucket"]);
    let http = table.flag("http", false);
    let keys = Http {
        base_url: table
            .text("base_url")
            .map(|entry| (entry.text.into_owned(), entry.spot)),
        https_only: table.flag("https_only", false),
        forward_headers: forward_headers(table),
    };
    if !http {
        for (key, is_set) in [
            ("base_url", keys.base_url.is_some()),
            ("https_only", keys.https_only),
            ("forward_headers", !keys.forward_headers.is_empty()),
        ] {
            if is_set {
                table.error(key, "means nothing without http = true");
            }
        }
        #[cfg(feature = "object-store")]
        if table.value("bucket").is_some() {
            if table.value("files").is_some() {
                table.error("files", ONE);
            }
            let bucket = super::cache::bucket(table, "bucket")?;
            // A folder is one, whatever it is called.
            return match bucket.as_folder() {
                Some(folder) => folder_of(table, "bucket", folder).map(Origins::Files),
                None => Some(Origins::Bucket(bucket)),
            };
        }
        let files = table.path("files")?;
        return folder_of(table, "files", &files).map(Origins::Files);
    }
    for key in ["files", "bucket"] {
        if table.value(key).is_some() {
            table.error(key, ONE);
        }
    }
    if cfg!(not(feature = "http-origin")) {
        table.error("http", "not supported by this build");
    }
    Some(Origins::Http(keys))
}

const ONE: &str = "there is one origin, files, http or bucket";

fn folder_of(table: &Table<'_>, key: &str, folder: &Path) -> Option<PathBuf> {
    match std::fs::metadata(folder) {
        Ok(metadata) if metadata.is_dir() => return Some(folder.into()),
        Ok(_) => table.error(key, format!("{} is no folder", folder.display())),
        Err(error) => {
            let message = format!("{} cannot be read: {error}", folder.display());
            table.error(key, message);
        }
    }
    None
}

fn forward_headers(table: &Table<'_>) -> Vec<HeaderName> {
    let entries = table.list("forward_headers");
    let names = entries.iter().filter_map(|entry| {
        let name: Option<HeaderName> = entry.text.parse().ok();
        let name = name.filter(|name| *name != HOST && *name != CONTENT_LENGTH);
        if name.is_none() {
            let message = format!("{:?} is no header that can be forwarded", entry.text);
            table.document().error(&entry.spot, message);
        }
        name
    });
    names.collect()
}
