use std::path::PathBuf;

use crate::config::table::Table;

/// With what the server speaks TLS: files in PEM.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Tls {
    /// The certificate, and behind it those that it was issued with.
    pub cert: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

/// `[tls]`: `None` where the server does not speak it.
pub(in crate::config) fn read(table: &Table<'_>) -> Option<Tls> {
    let file = |key| {
        if table.is_written() && !table.has(key) {
            table.error(key, "TLS needs a certificate and its key");
        }
        let file = table.file(key)?;
        let path = file.path();
        if let Err(error) = file.read() {
            table.error(key, format!("{} cannot be read: {error}", path.display()));
        }
        Some(path.to_owned())
    };
    let (cert, key) = (file("cert"), file("key"));
    Some(Tls {
        cert: cert?,
        key: key?,
    })
}
