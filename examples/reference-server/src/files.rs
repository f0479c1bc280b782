//! The files of a folder, and nothing outside of it.

use std::io;
use std::path::{Path, PathBuf};

use percent_encoding::percent_decode_str;

/// A folder whose files may be read.
#[derive(Clone, Debug)]
pub(crate) struct Folder {
    /// Absolute, without links.
    root: PathBuf,
}

impl Folder {
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let root = path.canonicalize()?;
        Ok(Self { root })
    }

    /// The file that a URL's path names: absolute and without links, so that what is opened is what was judged. `None`
    /// where there is no such file, or where it is outside of the folder: by a dot segment in whatever encoding, or by a
    /// link on the way.
    pub(crate) fn find(&self, url_path: &str) -> Option<PathBuf> {
        let mut path = self.root.clone();
        for segment in url_path.strip_prefix('/')?.split('/') {
            let segment = percent_decode_str(segment).decode_utf8().ok()?;
            if matches!(&*segment, "" | "." | "..") || segment.contains(['/', '\\', '\0']) {
                return None;
            }
            // A drive or a stream of a file.
            if cfg!(windows) && segment.contains(':') {
                return None;
            }
            path.push(&*segment);
        }
        let path = path.canonicalize().ok()?;
        let is_ours = path.starts_with(&self.root) && path.is_file();
        is_ours.then_some(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_97_and_98_nothing_outside_of_the_folder_is_found() {
        let outside = std::env::temp_dir().join(format!("imgward-files-{}", std::process::id()));
        let root = outside.join("images");
        std::fs::create_dir_all(root.join("below")).unwrap();
        for file in [
            "secret",
            "images/a b.jpg",
            "images/below/é.jpg",
            "images-secret",
        ] {
            std::fs::write(outside.join(file), "").unwrap();
        }
        #[cfg(unix)]
        for (link, to) in [
            ("out", "../secret"),
            ("folder", ".."),
            ("in", "below/é.jpg"),
            ("loop", "loop"),
            ("null", "/dev/null"),
            ("environ", "/proc/self/environ"),
        ] {
            std::os::unix::fs::symlink(to, root.join(link)).unwrap();
        }
        #[cfg(unix)]
        {
            let mut make = std::process::Command::new("mkfifo");
            assert!(make.arg(root.join("pipe")).status().unwrap().success());
        }
        let folder = Folder::open(&root).unwrap();
        let cases = [
            ("/a%20b.jpg", true),
            ("/a b.jpg", true),
            ("/below/%C3%A9.jpg", true),
            ("/in", cfg!(unix)),
            ("", false),
            ("/", false),
            ("/below", false),
            ("/below/", false),
            ("/none.jpg", false),
            ("a%20b.jpg", false),
            ("//a%20b.jpg", false),
            ("/./a%20b.jpg", false),
            ("/below/../a%20b.jpg", false),
            ("/../secret", false),
            ("/..%2fsecret", false),
            ("/%2e%2e/secret", false),
            ("/%2E%2E%2Fsecret", false),
            ("/..\\secret", false),
            ("/../images-secret", false),
            ("/a%20b.jpg%00", false),
            ("/%FF", false),
            ("/out", false),
            ("/folder/secret", false),
            ("/loop", false),
            ("/pipe", false),
            ("/null", false),
            ("/environ", false),
            ("/in::$DATA", false),
            ("/%c0%ae%c0%ae/secret", false),
            ("/%252e%252e/secret", false),
            ("/a%20b.jpg%0d%0a", false),
        ];
        for (path, found) in cases {
            assert_eq!(folder.find(path).is_some(), found, "{path}");
        }
        std::fs::remove_dir_all(&outside).unwrap();
    }
}
