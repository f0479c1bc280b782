//! The first layers: which mount a request is for, and whether images are asked for so.

use http::header::HOST;
use http::request::Parts;
use http::uri::Authority;
use http::{Method, Version};
use imgward::guard::{Guard, Rejection, RejectionKind};
use imgward::mount::{MountPath, has_dot_segment};

/// Finds the mount of a request. Refuses requests for no host or more than one, dot segments, and paths under no mount, in
/// this order.
#[derive(Clone, Debug)]
pub(crate) struct Gate {
    mounts: Vec<MountPath>,
}

/// The index of a request's mount: an extension.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Route(pub(crate) usize);

impl Gate {
    pub(crate) fn new(mounts: impl IntoIterator<Item = MountPath>) -> Self {
        let mounts = mounts.into_iter().collect();
        Self { mounts }
    }

    /// The mount with the longest path that matches.
    pub(crate) fn route(&self, path: &str) -> Option<usize> {
        let mounts = self.mounts.iter().enumerate();
        mounts
            .filter(|(_, mount)| mount.strip(path).is_some())
            .max_by_key(|(_, mount)| mount.prefix().len())
            .map(|(index, _)| index)
    }
}

impl Guard for Gate {
    type Pass = Route;

    fn check(&self, head: &Parts) -> Result<Route, Rejection> {
        if !(agrees_on_host(head) && names_host(head)) {
            return Err(Rejection::bad_request(
                "The request does not name one host.",
            ));
        }
        let path = head.uri.path();
        if has_dot_segment(path) {
            return Err(Rejection::bad_request("The path has a dot segment."));
        }
        self.route(path)
            .map(Route)
            .ok_or_else(|| Rejection::new(RejectionKind::NotFound, "the path is under no mount"))
    }

    fn apply(&self, head: &mut Parts, route: &mut Route) {
        head.extensions.insert(*route);
    }
}

/// Refuses methods that images are not asked for with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Methods;

impl Guard for Methods {
    type Pass = ();

    fn check(&self, head: &Parts) -> Result<(), Rejection> {
        if head.method != Method::GET && head.method != Method::HEAD {
            let reason = "an image is asked for with GET or HEAD";
            return Err(Rejection::new(RejectionKind::MethodNotAllowed, reason));
        }
        Ok(())
    }
}

/// Whether a request's target (absolute, or of HTTP/2) and its `Host` lines agree on a host, without a user. Where they
/// do not, whatever is in front may have routed by one what would be served for the other (RFC 9112, section 3.2).
pub(crate) fn agrees_on_host(head: &Parts) -> bool {
    let mut hosts = head.headers.get_all(HOST).iter();
    let host = hosts.next();
    if hosts.next().is_some() {
        return false;
    }
    head.uri.authority().is_none_or(|authority| {
        let authority = authority.as_str().as_bytes();
        !authority.contains(&b'@')
            && host.is_none_or(|host| host.as_bytes().eq_ignore_ascii_case(authority))
    })
}

/// Whether the `Host` line names one, or is empty. HTTP/1.1 has to have that line (the same section).
fn names_host(head: &Parts) -> bool {
    match head.headers.get(HOST) {
        None => head.version != Version::HTTP_11,
        Some(host) if host.is_empty() => true,
        Some(host) => {
            let host = host.as_bytes();
            !host.contains(&b'@') && Authority::try_from(host).is_ok()
        }
    }
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    /// Requests of these tests name a host in their target, if at all.
    fn request(method: &str, target: &str) -> Parts {
        let request = Request::builder().method(method).uri(target);
        let request = request.version(Version::HTTP_2).body(());
        request.unwrap().into_parts().0
    }

    #[test]
    fn requests_find_their_mount() {
        let mounts = ["/", "/img", "/img/deep", "/other"];
        let gate = Gate::new(mounts.map(|path| MountPath::new(path).unwrap()));
        let cases = [
            ("GET", "/a.jpg", Ok("/")),
            ("HEAD", "/img", Ok("/img")),
            ("GET", "/img/a.jpg", Ok("/img")),
            ("GET", "/img/deeper", Ok("/img")),
            ("GET", "/img/deep/a.jpg", Ok("/img/deep")),
            ("GET", "/IMG/a.jpg", Ok("/")),
            ("GET", "/img/../a.jpg", Err("bad_request")),
            ("POST", "/img/%2e%2E/a.jpg", Err("bad_request")),
            ("GET", "/img/..%2fa.jpg", Err("bad_request")),
            ("GET", "/img/..%5Ca.jpg", Err("bad_request")),
            ("POST", "/a.jpg", Err("method_not_allowed")),
            ("OPTIONS", "/a.jpg", Err("method_not_allowed")),
        ];
        for (method, path, expected) in cases {
            let head = request(method, path);
            let route = gate.check(&head);
            let route = route.and_then(|route| Methods.check(&head).map(|()| route));
            let route = route.map(|Route(index)| mounts[index]);
            let route = route.map_err(|why| why.code());
            assert_eq!(route, expected, "{method} {path}");
        }
    }

    #[test]
    fn row_96_a_request_is_for_one_host() {
        let gate = Gate::new([MountPath::root()]);
        let (old, new, h2) = (Version::HTTP_10, Version::HTTP_11, Version::HTTP_2);
        let cases: [(Version, &str, &[&str], bool); 22] = [
            (new, "/a.jpg", &[], false),
            (old, "/a.jpg", &[], true),
            (h2, "/a.jpg", &[], true),
            (new, "/a.jpg", &["x"], true),
            (new, "/a.jpg", &[""], true),
            (new, "/a.jpg", &["x:80"], true),
            (new, "/a.jpg", &["[::1]:80"], true),
            (new, "/a.jpg", &["x y"], false),
            (new, "/a.jpg", &["x/y"], false),
            (new, "/a.jpg", &["u@x"], false),
            (old, "/a.jpg", &["x y"], false),
            (new, "/a.jpg", &["x", "y"], false),
            (new, "/a.jpg", &["x", "x"], false),
            (old, "/a.jpg", &["x", "x"], false),
            (new, "http://x/a.jpg", &[], false),
            (h2, "http://x/a.jpg", &[], true),
            (new, "http://x:80/a.jpg", &["X:80"], true),
            (new, "http://x/a.jpg", &["y"], false),
            (new, "http://x/a.jpg", &[""], false),
            (h2, "http://x/a.jpg", &["y"], false),
            (h2, "http://u@x/a.jpg", &[], false),
            (new, "http://u@x/a.jpg", &["u@x"], false),
        ];
        for (version, target, hosts, passes) in cases {
            let mut head = request("GET", target);
            head.version = version;
            for host in hosts {
                head.headers.append(HOST, host.parse().unwrap());
            }
            let why = gate.check(&head).err().map(|why| why.code());
            let expected = (!passes).then_some("bad_request");
            assert_eq!(why, expected, "{version:?} {target} {hosts:?}");
        }
    }

    #[test]
    fn a_path_under_no_mount_is_not_found() {
        let gate = Gate::new([MountPath::new("/img").unwrap()]);
        for (method, path) in [("GET", "/a.jpg"), ("POST", "/images"), ("GET", "/")] {
            let why = gate.check(&request(method, path)).unwrap_err();
            assert_eq!(why.code(), "not_found", "{method} {path}");
        }
    }
}
