//! A trace for each request, for a collector of OpenTelemetry.

use std::net::IpAddr;
use std::time::Duration;

use http::HeaderValue;

#[cfg(feature = "otel")]
pub(crate) use self::with::{Export, Parent, record};
#[cfg(not(feature = "otel"))]
pub(crate) use self::without::{Export, Parent, record};

/// A request that is over.
#[derive(Debug)]
#[cfg_attr(
    not(feature = "otel"),
    expect(dead_code, reason = "a span has more than a line of the log")
)]
pub(crate) struct Finished<'a> {
    pub(crate) method: &'static str,
    /// `None`: the client did not wait for the answer.
    pub(crate) status: Option<u16>,
    pub(crate) code: Option<&'static str>,
    pub(crate) cache: Option<&'static str>,
    pub(crate) mount: Option<&'a str>,
    pub(crate) client: Option<IpAddr>,
    pub(crate) bytes: Option<u64>,
    pub(crate) time: Duration,
    /// The `Server-Timing` of the answer.
    pub(crate) stages: Option<&'a HeaderValue>,
    /// What a trusted proxy says that it is a part of.
    pub(crate) parent: Option<&'a Parent>,
}

#[cfg(feature = "otel")]
mod with {
    use std::time::SystemTime;

    use http::{HeaderMap, HeaderValue};
    use imgward::config::Otel;
    use opentelemetry::propagation::{Extractor, TextMapPropagator as _};
    use opentelemetry::trace::{Span as _, SpanKind, Status, Tracer as _};
    use opentelemetry::{Context, KeyValue, global};
    use opentelemetry_otlp::{SpanExporter, WithExportConfig as _};
    use opentelemetry_sdk::Resource;
    use opentelemetry_sdk::propagation::TraceContextPropagator;
    use opentelemetry_sdk::trace::SdkTracerProvider;

    use super::{Duration, Finished};

    /// How long the collector may take for what it is sent, and for what is left when the server stops.
    const TIMEOUT: Duration = Duration::from_secs(5);

    /// The headers of a trace that began elsewhere (<https://www.w3.org/TR/trace-context/>).
    const HEADERS: [&str; 2] = ["traceparent", "tracestate"];

    /// Where a trace began.
    #[derive(Debug)]
    pub(crate) struct Parent([Option<HeaderValue>; 2]);

    impl Parent {
        pub(crate) fn of(headers: &HeaderMap) -> Self {
            Self(HEADERS.map(|name| headers.get(name).cloned()))
        }
    }

    impl Extractor for Parent {
        fn get(&self, key: &str) -> Option<&str> {
            let at = HEADERS.iter().position(|name| *name == key)?;
            self.0.get(at)?.as_ref()?.to_str().ok()
        }

        fn keys(&self) -> Vec<&str> {
            HEADERS.into()
        }
    }

    /// Sends traces, in the background, until it is told to end.
    #[derive(Debug)]
    pub(crate) struct Export(SdkTracerProvider);

    impl Export {
        /// Within a runtime, which the connection to the collector lives in.
        pub(crate) fn begin(otel: &Otel) -> Result<Self, String> {
            let exporter = SpanExporter::builder()
                .with_tonic()
                .with_endpoint(&*otel.endpoint)
                .with_timeout(TIMEOUT)
                .build()
                .map_err(|error| format!("otel.endpoint: {error}"))?;
            let mut resource = Resource::builder();
            if std::env::var_os("OTEL_SERVICE_NAME").is_none() {
                resource = resource.with_service_name("imgward");
            }
            let version = KeyValue::new("service.version", env!("CARGO_PKG_VERSION"));
            let provider = SdkTracerProvider::builder()
                .with_resource(resource.with_attribute(version).build())
                .with_batch_exporter(exporter)
                .build();
            global::set_tracer_provider(provider.clone());
            Ok(Self(provider))
        }

        /// Sends what is left.
        pub(crate) async fn end(self) {
            let end = move || self.0.shutdown_with_timeout(TIMEOUT);
            if let Ok(Err(error)) = tokio::task::spawn_blocking(end).await {
                tracing::warn!("otel: {error}");
            }
        }
    }

    /// By OpenTelemetry's conventions for HTTP. The path is not told: a signed one is a key.
    pub(crate) fn record(request: &Finished<'_>) {
        let parent = request.parent.map_or_else(Context::new, |parent| {
            TraceContextPropagator::new().extract_with_context(&Context::new(), parent)
        });
        let end = SystemTime::now();
        let name = match request.mount {
            Some(mount) => format!("{} {mount}", request.method),
            None => request.method.into(),
        };
        let tracer = global::tracer("imgward");
        let mut span = tracer
            .span_builder(name)
            .with_kind(SpanKind::Server)
            .with_start_time(end.checked_sub(request.time).unwrap_or(end))
            .with_attributes([KeyValue::new("http.request.method", request.method)])
            .start_with_context(&tracer, &parent);
        if !span.is_recording() {
            return;
        }
        let mut set = |name: &'static str, value: Option<opentelemetry::Value>| {
            if let Some(value) = value {
                span.set_attribute(KeyValue::new(name, value));
            }
        };
        set(
            "http.route",
            request.mount.map(|mount| mount.to_owned().into()),
        );
        set(
            "client.address",
            request.client.map(|client| client.to_string().into()),
        );
        let status = request.status.map(i64::from);
        set("http.response.status_code", status.map(Into::into));
        let bytes = request.bytes.and_then(|bytes| i64::try_from(bytes).ok());
        set("http.response.body.size", bytes.map(Into::into));
        set("imgward.cache", request.cache.map(Into::into));
        set("imgward.code", request.code.map(Into::into));
        for (stage, milliseconds) in stages(request.stages) {
            set(stage, Some(milliseconds.into()));
        }
        let failed = match (request.status, request.code) {
            (None, _) => Some("given_up"),
            (Some(500..), code) => Some(code.unwrap_or("internal")),
            _ => None,
        };
        set("error.type", failed.map(Into::into));
        if let Some(failed) = failed {
            span.set_status(Status::error(failed));
        }
        span.end_with_timestamp(end);
    }

    /// The stages that took time, in milliseconds.
    fn stages(timing: Option<&HeaderValue>) -> impl Iterator<Item = (&'static str, f64)> {
        let timing = timing.and_then(|timing| timing.to_str().ok());
        let stages = timing.into_iter().flat_map(|timing| timing.split(", "));
        stages.filter_map(|stage| {
            let (name, milliseconds) = stage.split_once(";dur=")?;
            let name = match name {
                "load" => "imgward.load_ms",
                "decode" => "imgward.decode_ms",
                "process" => "imgward.process_ms",
                "encode" => "imgward.encode_ms",
                _ => return None,
            };
            Some((name, milliseconds.parse().ok()?))
        })
    }
}

#[cfg(not(feature = "otel"))]
mod without {
    use http::HeaderMap;
    use imgward::config::Otel;

    use super::Finished;

    /// Nobody asks.
    #[derive(Debug)]
    pub(crate) struct Parent;

    impl Parent {
        pub(crate) fn of(_headers: &HeaderMap) -> Self {
            Self
        }
    }

    /// There is none.
    #[derive(Debug)]
    pub(crate) enum Export {}

    impl Export {
        pub(crate) fn begin(_otel: &Otel) -> Result<Self, String> {
            Err("otel: this build sends nothing to a collector".into())
        }

        pub(crate) fn end(self) -> std::future::Ready<()> {
            match self {}
        }
    }

    pub(crate) fn record(_request: &Finished<'_>) {}
}
