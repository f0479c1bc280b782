use url::Url;

use crate::config::table::Table;

/// Where the server tells of each request, to a collector of OpenTelemetry.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Otel {
    /// The URL that takes OTLP over gRPC, such as `http://127.0.0.1:4317`.
    pub endpoint: String,
}

/// `[otel]`: `None` where nothing is told.
pub(in crate::config) fn read(table: &Table<'_>) -> Option<Otel> {
    let Some(endpoint) = table.text("endpoint") else {
        if table.is_written() && !table.has("endpoint") {
            table.error("endpoint", "where is the collector?");
        }
        return None;
    };
    let url = Url::parse(&endpoint.text).ok();
    let is_right = url.is_some_and(|url| {
        url.scheme() == "http"
            && url.has_host()
            && url.path() == "/"
            && url.query().is_none()
            && url.username().is_empty()
            && url.password().is_none()
    });
    if !is_right {
        let message = format!(
            "{:?} is not the URL of a collector such as \"http://127.0.0.1:4317\"",
            endpoint.text
        );
        table.document().error(&endpoint.spot, message);
    }
    Some(Otel {
        endpoint: endpoint.text.into_owned(),
    })
}
