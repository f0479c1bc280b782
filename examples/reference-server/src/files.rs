//! The files of a folder, and nothing outside of it.

use std::fs::File;
use std::io::{self, ErrorKind, Read as _};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::UNIX_EPOCH;

use bytes::Bytes;
use cap_fs_ext::OpenOptionsSyncExt as _;
use cap_std::ambient_authority;
use cap_std::fs::{Dir, OpenOptions};
use http::header::{CONTENT_LENGTH, ETAG, HeaderMap, HeaderValue, IF_NONE_MATCH};
use http::{Response, StatusCode};
use http_body::{Body, Frame, SizeHint};
use percent_encoding::percent_decode_str;
use tokio::task::{JoinHandle, spawn_blocking};

/// How many bytes of a file are read at a time: most are read at once, and then are where they are decoded from.
const PIECE: u64 = 1024 * 1024;

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

    /// Opens the file that a URL's path names. `None` where there is no such file, or where it is outside of the folder: by
    /// a dot segment in whatever encoding, or by a link on the way.
    ///
    /// # Errors
    ///
    /// What the system fails with, such as too many open files, that says nothing of whether there is one.
    pub(crate) fn find(&self, url_path: &str) -> io::Result<Option<Original>> {
        let Some(asked) = relative(url_path) else {
            return Ok(None);
        };
        match self.look_up(&asked) {
            Err(error)
                if matches!(
                    error.kind(),
                    ErrorKind::NotFound
                        | ErrorKind::PermissionDenied
                        | ErrorKind::NotADirectory
                        | ErrorKind::InvalidInput
                        | ErrorKind::InvalidFilename
                ) =>
            {
                Ok(None)
            }
            found => found,
        }
    }

    fn look_up(&self, asked: &Path) -> io::Result<Option<Original>> {
        // A link may lead anywhere within the folder, also from the root of all.
        let real = self.root.join(asked).canonicalize()?;
        let Ok(inside) = real.strip_prefix(&self.root) else {
            return Ok(None);
        };
        // A device is not even opened.
        if is_in_other_case(asked, inside) || !real.metadata()?.is_file() {
            return Ok(None);
        }
        self.open_beneath(inside)
    }

    /// What was judged may be another file by now. So the system is told not to leave the folder, and what it opened is
    /// judged again.
    fn open_beneath(&self, path: &Path) -> io::Result<Option<Original>> {
        let root = Dir::open_ambient_dir(&self.root, ambient_authority())?;
        let mut options = OpenOptions::new();
        // A pipe that nobody writes to would be waited for.
        options.read(true).nonblock(true);
        let file = root.open_with(path, &options)?.into_std();
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Ok(None);
        }
        let modified = metadata.modified().ok();
        let modified = modified.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        Ok(Some(Original {
            file,
            length: metadata.len(),
            modified: modified.map(|time| time.as_nanos()),
        }))
    }
}

/// What a URL's path names, if that may be a file below a folder.
fn relative(url_path: &str) -> Option<PathBuf> {
    let mut path = PathBuf::new();
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
    Some(path)
}

/// Whether a file has many names here, of which this is not its own: each would be made and kept anew.
fn is_in_other_case(asked: &Path, real: &Path) -> bool {
    let lower = |path: &Path| path.to_string_lossy().to_lowercase();
    cfg!(any(windows, target_vendor = "apple")) && asked != real && lower(asked) == lower(real)
}

/// A file that is open.
#[derive(Debug)]
pub(crate) struct Original {
    file: File,
    /// In bytes, when it was opened.
    length: u64,
    /// In nanoseconds since 1970.
    modified: Option<u128>,
}

impl Original {
    /// The answer to a request with these headers.
    pub(crate) fn answer(self, asked: &HeaderMap) -> Response<Option<FileBody>> {
        let mut response = Response::new(None);
        let tag = self
            .modified
            .map(|modified| format!("\"{:x}-{modified:x}\"", self.length));
        if let Some(tag) = tag.and_then(|tag| HeaderValue::try_from(tag).ok()) {
            // Who asks has the tag from here, if any.
            let unchanged = asked.get_all(IF_NONE_MATCH).iter().any(|had| had == tag);
            response.headers_mut().insert(ETAG, tag);
            if unchanged {
                *response.status_mut() = StatusCode::NOT_MODIFIED;
                return response;
            }
        }
        let headers = response.headers_mut();
        headers.insert(CONTENT_LENGTH, HeaderValue::from(self.length));
        *response.body_mut() = Some(FileBody {
            file: Arc::new(self.file),
            left: self.length,
            reading: None,
        });
        response
    }
}

/// The bytes of a file, as many as it had when it was opened.
#[derive(Debug)]
pub(crate) struct FileBody {
    file: Arc<File>,
    /// How many bytes are still to come.
    left: u64,
    reading: Option<JoinHandle<io::Result<Vec<u8>>>>,
}

/// Reads so many bytes, or as many as there are.
fn read(file: Arc<File>, size: u64) -> JoinHandle<io::Result<Vec<u8>>> {
    // On this thread: glibc keeps apart what each thread allocates, and there are many that read.
    let mut piece = Vec::with_capacity(usize::try_from(size).unwrap_or(0));
    spawn_blocking(move || {
        (&*file).take(size).read_to_end(&mut piece)?;
        Ok(piece)
    })
}

impl Body for FileBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        let (file, size) = (Arc::clone(&self.file), self.left.min(PIECE));
        let begun = self.reading.take();
        let mut reading = begun.unwrap_or_else(|| read(file, size));
        let Poll::Ready(read) = Pin::new(&mut reading).poll(cx) else {
            self.reading = Some(reading);
            return Poll::Pending;
        };
        let piece = read.map_err(io::Error::other)??;
        self.left -= piece.len() as u64;
        Poll::Ready((!piece.is_empty()).then(|| Ok(Frame::data(piece.into()))))
    }

    fn size_hint(&self) -> SizeHint {
        // It may have become shorter.
        let mut hint = SizeHint::new();
        hint.set_upper(self.left);
        hint
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt as _;

    use super::*;

    /// A folder of its own for a test, with the folder `images` in it; gone when it is dropped.
    struct Outside(PathBuf);

    impl Outside {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("imgward-{name}-{}", std::process::id()));
            std::fs::create_dir_all(path.join("images/below")).unwrap();
            Self(path)
        }

        fn write(&self, name: &str, contents: &str) {
            std::fs::write(self.0.join(name), contents).unwrap();
        }

        fn folder(&self) -> Folder {
            Folder::open(&self.0.join("images")).unwrap()
        }
    }

    impl Drop for Outside {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn rows_97_and_98_nothing_outside_of_the_folder_is_found() {
        let outside = Outside::new("files");
        for file in [
            "secret",
            "images/a b.jpg",
            "images/below/é.jpg",
            "images-secret",
        ] {
            outside.write(file, "");
        }
        let folder = outside.folder();
        #[cfg(unix)]
        {
            let absolute = folder.root.join("below/é.jpg");
            for (link, to) in [
                ("out", "../secret"),
                ("folder", ".."),
                ("in", "below/é.jpg"),
                ("absolute", absolute.to_str().unwrap()),
                ("null", "/dev/null"),
                ("environ", "/proc/self/environ"),
            ] {
                std::os::unix::fs::symlink(to, folder.root.join(link)).unwrap();
            }
            let mut make = std::process::Command::new("mkfifo");
            let pipe = make.arg(folder.root.join("pipe")).status();
            assert!(pipe.unwrap().success());
            let _ = std::os::unix::net::UnixListener::bind(folder.root.join("socket")).unwrap();
        }
        let long = format!("/{}", "a".repeat(5_000));
        let cases = [
            ("/a%20b.jpg", true),
            ("/a b.jpg", true),
            ("/below/%C3%A9.jpg", true),
            ("/in", cfg!(unix)),
            ("/absolute", cfg!(unix)),
            ("", false),
            ("/", false),
            ("/below", false),
            ("/below/", false),
            ("/none.jpg", false),
            ("/A%20B.JPG", false),
            ("/a%20b.jpg/c", false),
            ("/a%20b.jpg/", false),
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
            ("/folder/images/a%20b.jpg", cfg!(unix)),
            ("/pipe", false),
            ("/socket", false),
            ("/null", false),
            ("/environ", false),
            ("/in::$DATA", false),
            ("/a%20b.jpg::$DATA", false),
            ("/%c0%ae%c0%ae/secret", false),
            ("/%252e%252e/secret", false),
            ("/a%20b.jpg%0d%0a", false),
            (&long, false),
        ];
        for (path, found) in cases {
            assert_eq!(folder.find(path).unwrap().is_some(), found, "{path}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_link_in_a_circle_is_a_mistake_of_the_folder() {
        let outside = Outside::new("circle");
        let folder = outside.folder();
        std::os::unix::fs::symlink("loop", folder.root.join("loop")).unwrap();
        assert!(folder.find("/loop").is_err());
    }

    #[cfg(unix)]
    #[test]
    fn row_98_what_was_judged_is_what_is_opened() {
        let outside = Outside::new("beneath");
        outside.write("secret", "secret");
        outside.write("images/a.jpg", "a");
        let folder = outside.folder();
        let replace = |to: &str| {
            std::fs::remove_file(folder.root.join("a.jpg")).unwrap();
            std::os::unix::fs::symlink(to, folder.root.join("a.jpg")).unwrap();
        };
        // By the time of the second look it is something else.
        for to in ["../secret", "/etc/hostname", "/dev/null", "below"] {
            replace(to);
            let opened = folder.open_beneath(Path::new("a.jpg"));
            assert!(!matches!(opened, Ok(Some(_))), "{to}");
        }
        std::fs::remove_dir(folder.root.join("below")).unwrap();
        std::os::unix::fs::symlink("..", folder.root.join("below")).unwrap();
        let opened = folder.open_beneath(Path::new("below/secret"));
        assert!(!matches!(opened, Ok(Some(_))));
        let mut make = std::process::Command::new("mkfifo");
        let pipe = make.arg(folder.root.join("pipe")).status();
        assert!(pipe.unwrap().success());
        assert!(folder.open_beneath(Path::new("pipe")).unwrap().is_none());
    }

    #[tokio::test]
    async fn a_file_is_answered_with_in_pieces_and_once() {
        let outside = Outside::new("answer");
        let contents = "0123456789".repeat(300_000);
        outside.write("images/a.jpg", &contents);
        let folder = outside.folder();
        let found = || folder.find("/a.jpg").unwrap().unwrap();
        let mut answer = found().answer(&HeaderMap::new());
        assert_eq!(answer.headers()[CONTENT_LENGTH], "3000000");
        // What is added later was not announced.
        outside.write("images/a.jpg", &(contents.clone() + "more"));
        let mut body = answer.body_mut().take().unwrap();
        let mut read = Vec::new();
        while let Some(frame) = body.frame().await {
            let piece = frame.unwrap().into_data().unwrap();
            assert!(piece.len() as u64 <= PIECE, "{}", piece.len());
            read.extend(piece);
        }
        assert!(read == contents.as_bytes());

        let tag = answer.headers()[ETAG].clone();
        let asked = HeaderMap::from_iter([(IF_NONE_MATCH, tag)]);
        let changed = found().answer(&asked);
        assert_eq!(changed.status(), StatusCode::OK);
        let tag = changed.headers()[ETAG].clone();
        let asked = HeaderMap::from_iter([(IF_NONE_MATCH, tag)]);
        assert_eq!(found().answer(&asked).status(), StatusCode::NOT_MODIFIED);
    }
}
