//! Where in an application the images live.

use std::fmt;

/// A path prefix, matched at a `/` boundary on the path as received: `/img` matches `/img` and `/img/photo.jpg`, and
/// neither `/images` nor `/IMG/photo.jpg`. The root, `/`, matches every path.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct MountPath {
    /// Without the trailing slash, so the root is the empty string.
    prefix: Box<str>,
}

impl MountPath {
    /// Parses a mount path. A trailing slash means nothing.
    ///
    /// # Errors
    ///
    /// [`InvalidMountPath`] where the text does not start with a slash, has empty or dot segments, or characters that
    /// a URL's path cannot have, so that no request would ever match.
    pub fn new(path: &str) -> Result<Self, InvalidMountPath> {
        let invalid = |why| InvalidMountPath {
            path: path.into(),
            why,
        };
        let Some(below) = path.strip_prefix('/') else {
            return Err(invalid("it does not start with a slash"));
        };
        let prefix = below.strip_suffix('/').unwrap_or(below);
        if !below.is_empty() {
            if prefix.split('/').any(str::is_empty) {
                return Err(invalid("it has an empty segment"));
            }
            if has_dot_segment(prefix) {
                return Err(invalid("it has a dot segment"));
            }
        }
        if !prefix.bytes().all(is_path_byte) {
            return Err(invalid(
                "it has a character that must be percent-encoded in a path",
            ));
        }
        Ok(Self {
            prefix: match prefix {
                "" => "".into(),
                prefix => format!("/{prefix}").into(),
            },
        })
    }

    /// The root, which matches every path.
    pub fn root() -> Self {
        Self { prefix: "".into() }
    }

    /// What is below the mount: the path without the prefix, with its leading slash (empty where the path is the
    /// mount's own, without a slash). `None` where the path is not below the mount.
    pub fn strip<'a>(&self, path: &'a str) -> Option<&'a str> {
        let below = path.strip_prefix(&*self.prefix)?;
        (below.is_empty() || below.starts_with('/')).then_some(below)
    }

    /// The prefix without a trailing slash: empty for the root.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }
}

/// Whether a path has a segment that is `.` or `..`. Dots may be percent-encoded, and so may the slashes or backslashes
/// between segments, as some file servers read them.
pub fn has_dot_segment(path: &str) -> bool {
    let mut rest = path.as_bytes();
    // How many dots the segment has, while it has nothing else.
    let mut dots = Some(0);
    loop {
        let (byte, after) = match rest {
            [b'%', b'2', b'e' | b'E', after @ ..] => (b'.', after),
            [b'%', b'2', b'f' | b'F', after @ ..] => (b'/', after),
            [b'%', b'5', b'c' | b'C', after @ ..] => (b'\\', after),
            [byte, after @ ..] => (*byte, after),
            [] => return matches!(dots, Some(1 | 2)),
        };
        rest = after;
        dots = match (byte, dots) {
            (b'/' | b'\\', Some(1 | 2)) => return true,
            (b'/' | b'\\', _) => Some(0),
            (b'.', Some(dots)) => Some(dots + 1),
            _ => None,
        };
    }
}

/// The bytes of `pchar` (RFC 3986, section 3.3), `/` and `%`.
fn is_path_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/%".contains(&byte)
}

impl Default for MountPath {
    fn default() -> Self {
        Self::root()
    }
}

impl fmt::Display for MountPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match &*self.prefix {
            "" => "/",
            prefix => prefix,
        })
    }
}

impl fmt::Debug for MountPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MountPath({self})")
    }
}

/// A text is no mount path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidMountPath {
    path: Box<str>,
    why: &'static str,
}

impl fmt::Display for InvalidMountPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} is no mount path: {}", self.path, self.why)
    }
}

impl std::error::Error for InvalidMountPath {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mount_matches_at_a_slash() {
        let cases = [
            ("/img", "/img", Some("")),
            ("/img", "/img/", Some("/")),
            ("/img/", "/img/a.jpg", Some("/a.jpg")),
            ("/img", "/images/a.jpg", None),
            ("/img", "/IMG/a.jpg", None),
            ("/img", "/im", None),
            ("/img", "/%69mg/a.jpg", None),
            ("/", "/a.jpg", Some("/a.jpg")),
            ("/", "/", Some("/")),
            ("/a/b", "/a/b/c", Some("/c")),
        ];
        for (mount, path, below) in cases {
            assert_eq!(
                MountPath::new(mount).unwrap().strip(path),
                below,
                "{mount} {path}"
            );
        }
    }

    #[test]
    fn what_can_never_match_is_an_error() {
        for path in [
            "", "img", "//", "/a//b", "/a/../b", "/%2e", "/a b", "/é", "/a?b",
        ] {
            let error = MountPath::new(path).unwrap_err();
            assert!(error.to_string().contains(&format!("{path:?}")), "{error}");
        }
    }

    #[test]
    fn dot_segments_are_seen_in_any_encoding() {
        let cases = [
            ("/a/../b", true),
            ("/a/./b", true),
            ("/..", true),
            ("/.", true),
            ("..", true),
            ("/%2e%2E/b", true),
            ("/.%2e", true),
            ("/a%2f..%2Fb", true),
            ("/a\\..\\b", true),
            ("/a%5C.%5cb", true),
            ("", false),
            ("/", false),
            ("/a//b", false),
            ("/...", false),
            ("/a..b/.c/d.", false),
            ("/%252e%252e/b", false),
            ("/..%", false),
            ("/%2", false),
        ];
        for (path, seen) in cases {
            assert_eq!(has_dot_segment(path), seen, "{path}");
        }
    }

    #[test]
    fn it_prints_as_it_is_written() {
        for (written, printed) in [("/", "/"), ("/img/", "/img"), ("/a/b", "/a/b")] {
            assert_eq!(MountPath::new(written).unwrap().to_string(), printed);
        }
    }
}
