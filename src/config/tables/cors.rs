use http::HeaderValue;
use url::Url;

use crate::config::table::Table;
use crate::config::value::Entry;

/// Which pages may read the answers (CORS, <https://fetch.spec.whatwg.org/#http-cors-protocol>).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Cors {
    /// Those of every site.
    Any,
    /// Those of these origins, written as browsers send them in `Origin`.
    Origins(Vec<HeaderValue>),
}

/// `[cors]`: which pages may read the answers. `None`: those of the server's own origin alone.
pub(in crate::config) fn read(table: &Table<'_>) -> Option<Cors> {
    let entries = table.list("allow_origins");
    if let [entry] = &*entries
        && entry.text == "*"
    {
        return Some(Cors::Any);
    }
    let origins: Vec<_> = entries
        .iter()
        .filter_map(|entry| match origin(entry) {
            Ok(origin) => Some(origin),
            Err(why) => {
                let message = format!("{:?} {why}", entry.text);
                table.document().error(&entry.spot, message);
                None
            }
        })
        .collect();
    (!origins.is_empty()).then_some(Cors::Origins(origins))
}

/// An origin in the one spelling that browsers send: lower case, A-label, without the scheme's own port.
fn origin(entry: &Entry<'_>) -> Result<HeaderValue, &'static str> {
    const EXAMPLE: &str = "is not an origin such as \"https://app.example.com\"";
    let text = &*entry.text;
    if text == "null" {
        return Err("is the origin of everybody's sandboxed pages and local files");
    }
    if text.contains('*') {
        return Err("has a wildcard: \"*\" stands alone, for every origin, or not at all");
    }
    // The parser of URLs forgives more than is meant to be written here.
    let is_plain = |c: char| !(c.is_whitespace() || c.is_control() || c == '\\');
    if !text.contains("://") || !text.chars().all(is_plain) {
        return Err(EXAMPLE);
    }
    let url = Url::parse(text).map_err(|_| EXAMPLE)?;
    let is_bare = matches!(url.path(), "" | "/")
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    if !is_bare {
        return Err("is more than an origin: a scheme, a host and maybe a port");
    }
    let host = url
        .host_str()
        .filter(|host| !host.is_empty())
        .ok_or(EXAMPLE)?;
    // Of a scheme that browsers do not know, such as an app's own, `Url::origin` knows none either.
    let port = url
        .port()
        .map_or_else(String::new, |port| format!(":{port}"));
    let origin = format!("{}://{host}{port}", url.scheme());
    HeaderValue::try_from(origin).map_err(|_| EXAMPLE)
}
