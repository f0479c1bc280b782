//! The files of the page. They are part of the binary, so that it needs neither a network nor a folder.

/// A file of the page, and its type.
pub(super) fn find(path: &str) -> Option<(&'static str, &'static str)> {
    Some(match path {
        "/" => (include_str!("page/index.html"), "text/html; charset=utf-8"),
        "/style.css" => (include_str!("page/style.css"), "text/css; charset=utf-8"),
        "/app.js" => (
            include_str!("page/app.js"),
            "text/javascript; charset=utf-8",
        ),
        "/compare.js" => (
            include_str!("page/compare.js"),
            "text/javascript; charset=utf-8",
        ),
        "/policy.js" => (
            include_str!("page/policy.js"),
            "text/javascript; charset=utf-8",
        ),
        "/icon.svg" => (include_str!("page/icon.svg"), "image/svg+xml"),
        _ => return None,
    })
}
