use std::path::PathBuf;

use crate::config::table::Table;

/// Where the originals come from.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Origin {
    /// The files of a folder.
    Files(PathBuf),
}

/// `[origin]`: where the originals come from.
pub(in crate::config) fn read(table: &Table<'_>) -> Option<Origin> {
    table.not_supported(&[
        "http",
        "bucket",
        "base_url",
        "https_only",
        "forward_headers",
        "on_error",
    ]);
    let files = table.path("files")?;
    match std::fs::metadata(&files) {
        Ok(metadata) if metadata.is_dir() => return Some(Origin::Files(files)),
        Ok(_) => table.error("files", format!("{} is no folder", files.display())),
        Err(error) => {
            table.error(
                "files",
                format!("{} cannot be read: {error}", files.display()),
            );
        }
    }
    None
}
