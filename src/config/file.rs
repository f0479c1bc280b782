use std::fs::Metadata;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// A file that a configuration was read from, as it was just before: the file itself, and those that it names, of
/// secrets, lists and databases.
///
/// [`now`](Self::now) is another one when the file has changed: when it was written, replaced by another (as editors do), or
/// when a link on the way to it leads elsewhere (as in a volume of Kubernetes). So a server knows when to read its
/// configuration again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigFile {
    path: PathBuf,
    /// `None`: it is not there.
    stamp: Option<Stamp>,
}

/// What changes with a file's contents.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Stamp {
    len: u64,
    modified: Option<SystemTime>,
    /// Device, inode, and when the inode changed.
    #[cfg(unix)]
    inode: (u64, u64, i64, i64),
}

impl Stamp {
    fn of(metadata: &Metadata) -> Self {
        #[cfg(unix)]
        use std::os::unix::fs::MetadataExt as _;

        Self {
            len: metadata.len(),
            modified: metadata.modified().ok(),
            #[cfg(unix)]
            inode: (
                metadata.dev(),
                metadata.ino(),
                metadata.ctime(),
                metadata.ctime_nsec(),
            ),
        }
    }
}

impl ConfigFile {
    pub(super) fn at(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        let stamp = std::fs::metadata(&path).ok();
        Self {
            stamp: stamp.as_ref().map(Stamp::of),
            path,
        }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The file as it is now.
    pub fn now(&self) -> Self {
        Self::at(&*self.path)
    }

    /// Its contents.
    pub(super) fn read(&self) -> io::Result<Vec<u8>> {
        std::fs::read(&self.path)
    }

    /// Its contents, where they are UTF-8.
    pub(super) fn read_text(&self) -> io::Result<String> {
        std::fs::read_to_string(&self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_written_or_replaced_is_another() {
        let folder = std::env::temp_dir().join(format!("imgward-stamps-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join("list");
        let mut file = ConfigFile::at(&*path);
        let mut changed = |what| {
            assert_ne!(file.now(), file, "{what}");
            file = file.now();
            assert_eq!(file.now(), file, "{what}");
        };
        std::fs::write(&path, "a").unwrap();
        changed("made");
        std::fs::write(&path, "bc").unwrap();
        changed("written");
        // As long, and written at the same moment.
        let other = folder.join("other");
        std::fs::copy(&path, &other).unwrap();
        let modified = std::fs::metadata(&path).unwrap().modified().unwrap();
        let handle = std::fs::File::options().write(true).open(&other).unwrap();
        handle.set_modified(modified).unwrap();
        std::fs::rename(&other, &path).unwrap();
        if cfg!(unix) {
            changed("replaced");
        }
        std::fs::remove_file(&path).unwrap();
        changed("removed");
        #[cfg(unix)]
        {
            // The file is reached by a folder that is a link.
            use std::os::unix::fs::symlink;
            for version in ["1", "2"] {
                std::fs::create_dir_all(folder.join(version)).unwrap();
                std::fs::write(folder.join(version).join("list"), version).unwrap();
            }
            symlink("1", folder.join("data")).unwrap();
            symlink("data/list", &path).unwrap();
            changed("linked");
            symlink("2", folder.join("next")).unwrap();
            std::fs::rename(folder.join("next"), folder.join("data")).unwrap();
            changed("leads elsewhere");
        }
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
