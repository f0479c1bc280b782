//! Who may use the playground: a browser on this machine that shows the playground itself. It signs, so nobody else.

use std::net::SocketAddr;

use http::header::{HOST, HeaderMap, HeaderName, ORIGIN};
use http::request::Parts;
use http::uri::Authority;
use imgward::request_facts::PeerAddr;

const SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");

/// Whether a request comes from this machine, and for a name of this machine. Another name that leads here (DNS
/// rebinding) is one that a page out there has made up. What forwarded a request has no say.
pub(super) fn is_local(head: &Parts) -> bool {
    let peer = head.extensions.get::<PeerAddr>();
    let from_here =
        peer.is_some_and(|PeerAddr(peer)| SocketAddr::ip(peer).to_canonical().is_loopback());
    from_here && host(head).is_some_and(|host| is_name_of_this_machine(&host))
}

/// The host that a request is for, with its port.
fn host(head: &Parts) -> Option<Authority> {
    if let Some(authority) = head.uri.authority() {
        return Some(authority.clone());
    }
    the_only(&head.headers, &HOST)?.parse().ok()
}

fn is_name_of_this_machine(host: &Authority) -> bool {
    let name = host.host();
    let plain = !host.as_str().contains('@');
    plain && (matches!(name, "127.0.0.1" | "[::1]") || name.eq_ignore_ascii_case("localhost"))
}

/// Whether a request comes from the playground's own page, or from no page at all: `Sec-Fetch-Site` says so, and
/// `Origin`, where they are there. A page on another port of this machine is another page.
pub(super) fn is_own(head: &Parts) -> bool {
    let by_own_page = match lines(&head.headers, &SITE) {
        Lines::None => true,
        Lines::One(site) => matches!(site, "same-origin" | "none"),
        Lines::Unreadable => false,
    };
    let by_own_origin = match lines(&head.headers, &ORIGIN) {
        Lines::None => true,
        Lines::One(origin) => is_origin_of(origin, head),
        Lines::Unreadable => false,
    };
    by_own_page && by_own_origin
}

/// Whether somebody followed a link, so that what comes is shown on a page of its own. That reads nothing.
pub(super) fn is_followed_link(head: &Parts) -> bool {
    let navigates = matches!(lines(&head.headers, &MODE), Lines::One("navigate"));
    navigates && !head.headers.contains_key(ORIGIN)
}

fn is_origin_of(origin: &str, head: &Parts) -> bool {
    let authority = ["http://", "https://"]
        .iter()
        .find_map(|scheme| origin.strip_prefix(scheme));
    authority
        .zip(host(head))
        .is_some_and(|(origin, host)| host == *origin)
}

/// What the lines of a header come to.
enum Lines<'a> {
    None,
    One(&'a str),
    /// Several, or no text.
    Unreadable,
}

fn lines<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Lines<'a> {
    if headers.contains_key(name) {
        the_only(headers, name).map_or(Lines::Unreadable, Lines::One)
    } else {
        Lines::None
    }
}

fn the_only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?;
    values.next().is_none().then(|| value.to_str().ok())?
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn head(peer: &str, target: &str, headers: &[(&str, &str)]) -> Parts {
        let peer: SocketAddr = peer.parse().unwrap();
        let mut request = Request::get(target).extension(PeerAddr(peer));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(()).unwrap().into_parts().0
    }

    #[test]
    fn only_this_machine_is_local() {
        let page = "/_imgward/";
        let cases = [
            ("127.0.0.1:9", page, "localhost", true),
            ("127.0.0.1:9", page, "LOCALHOST:8000", true),
            ("127.3.2.1:9", page, "127.0.0.1:8000", true),
            ("[::1]:9", page, "[::1]:8000", true),
            ("[::1]:9", page, "[::1]", true),
            ("[::ffff:127.0.0.1]:9", page, "localhost", true),
            (
                "127.0.0.1:9",
                "http://localhost/_imgward/",
                "localhost",
                true,
            ),
            ("192.0.2.1:9", page, "localhost", false),
            ("[::ffff:192.0.2.1]:9", page, "localhost", false),
            ("[2001:db8::1]:9", page, "localhost", false),
            ("127.0.0.1:9", page, "evil.example", false),
            ("127.0.0.1:9", page, "evil.example:8000", false),
            ("127.0.0.1:9", page, "localhost.evil.example", false),
            ("127.0.0.1:9", page, "localhost@evil.example", false),
            ("127.0.0.1:9", page, "evil@localhost", false),
            ("127.0.0.1:9", page, "127.0.0.2", false),
            ("127.0.0.1:9", page, "127.0.0.1.nip.example", false),
            ("127.0.0.1:9", page, "0.0.0.0:8000", false),
            ("127.0.0.1:9", page, "2130706433", false),
            ("127.0.0.1:9", page, "[::ffff:127.0.0.1]", false),
            ("127.0.0.1:9", page, "localhost.", false),
            ("127.0.0.1:9", page, "", false),
            (
                "127.0.0.1:9",
                "http://evil.example/_imgward/",
                "localhost",
                false,
            ),
        ];
        for (peer, target, host, local) in cases {
            let head = head(
                peer,
                target,
                &[("host", host), ("x-forwarded-for", "192.0.2.9")],
            );
            assert_eq!(is_local(&head), local, "{peer} {target} {host}");
        }
        assert!(!is_local(&head("127.0.0.1:9", page, &[])));
        let twice = [("host", "localhost"), ("host", "localhost")];
        assert!(!is_local(&head("127.0.0.1:9", page, &twice)));
        let forwarded = [("host", "localhost"), ("x-forwarded-for", "127.0.0.1")];
        assert!(!is_local(&head("192.0.2.1:9", page, &forwarded)));
        let (unknown, ()) = Request::get(page)
            .header(HOST, "localhost")
            .body(())
            .unwrap()
            .into_parts();
        assert!(!is_local(&unknown));
    }

    #[test]
    fn other_pages_are_not_our_own() {
        let own = "http://localhost:8000";
        let cases: [(&[(&str, &str)], bool); 14] = [
            (&[], true),
            (&[("sec-fetch-site", "same-origin")], true),
            (&[("sec-fetch-site", "none")], true),
            (&[("sec-fetch-site", "same-site")], false),
            (&[("sec-fetch-site", "cross-site")], false),
            (&[("sec-fetch-site", "Same-Origin")], false),
            (
                &[("sec-fetch-site", "none"), ("sec-fetch-site", "none")],
                false,
            ),
            (&[("origin", own)], true),
            (&[("origin", own), ("sec-fetch-site", "same-origin")], true),
            (&[("origin", own), ("sec-fetch-site", "cross-site")], false),
            (
                &[
                    ("origin", "http://localhost:3000"),
                    ("sec-fetch-site", "same-origin"),
                ],
                false,
            ),
            (&[("origin", "http://localhost")], false),
            (&[("origin", "null")], false),
            (&[("origin", "")], false),
        ];
        for (headers, expected) in cases {
            let all = [&[("host", "localhost:8000")], headers].concat();
            let head = head("127.0.0.1:9", "/_imgward/", &all);
            assert_eq!(is_own(&head), expected, "{headers:?}");
        }
    }

    #[test]
    fn a_followed_link_is_no_subresource() {
        let link = |headers: &[_]| is_followed_link(&head("127.0.0.1:9", "/_imgward/", headers));
        assert!(link(&[
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-mode", "navigate")
        ]));
        assert!(!link(&[
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-mode", "no-cors")
        ]));
        assert!(!link(&[
            ("sec-fetch-mode", "navigate"),
            ("origin", "https://a.example")
        ]));
        assert!(!link(&[]));
    }
}
