//! What the targets of commands ask for.

use std::error::Error;
use std::sync::Arc;

use http::Uri;
use http::request::Parts;
use imgward::config::Mount;
use imgward::guard::Guard as _;
use imgward::recipe::ImageRequest;

/// The head of a request for a target, as the layers down to the dialect leave it; and what it asks for. A whole URL
/// stands for its path and query.
pub(crate) fn parse(
    mount: &Mount,
    target: &str,
) -> Result<(Parts, Arc<ImageRequest>), Box<dyn Error + Send + Sync>> {
    let whole = target
        .parse()
        .ok()
        .filter(|uri: &Uri| uri.scheme().is_some());
    let path = whole.as_ref().and_then(Uri::path_and_query);
    let path = path.filter(|_| target.starts_with("http://") || target.starts_with("https://"));
    let mut head = mount
        .signature
        .vouch(path.map_or(target, |path| path.as_str()))?;
    let mut pass = mount.dialect.check(&head)?;
    mount.dialect.apply(&mut head, &mut pass);
    let image = head.extensions.get().cloned();
    Ok((head, image.ok_or("it asks for no image")?))
}
