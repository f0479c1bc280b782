//! The clouds, by the scheme of their URLs.

use std::sync::Arc;
use std::time::Duration;

use object_store::{BackoffConfig, ClientConfigKey, ObjectStore, RetryConfig};
use url::Url;

use super::BucketOptions;
use super::client::Connector;

/// A bucket, and the server that it is on, where that is not the cloud's own.
type Opened = (Arc<dyn ObjectStore>, Option<String>);

/// Whoever asks has less patience than a batch.
fn retries() -> RetryConfig {
    RetryConfig {
        backoff: BackoffConfig {
            init_backoff: Duration::from_millis(50),
            max_backoff: Duration::from_secs(1),
            base: 2.,
        },
        max_retries: 2,
        retry_timeout: Duration::from_secs(10),
    }
}

pub(super) fn open(scheme: &str, bucket: &str, options: &BucketOptions) -> Result<Opened, String> {
    match scheme {
        #[cfg(feature = "s3")]
        "s3" => s3(bucket, options),
        #[cfg(feature = "gcs")]
        "gs" => gcs(bucket, options),
        #[cfg(feature = "azure")]
        "az" => azure(bucket, options),
        _ => Err(super::not_built(scheme)),
    }
}

/// A builder with what the options say of a cloud. A name that means nothing is some other tool's.
macro_rules! builder {
    ($builder:ty, $key:ty, $prefix:literal, $options:expr, $endpoint:expr) => {{
        let mut builder = <$builder>::new()
            .with_retry(retries())
            .with_http_connector(Connector {
                takes_gzip: $prefix == "google_",
            });
        if is_http($endpoint) {
            let allow = <$key>::Client(ClientConfigKey::AllowHttp);
            builder = builder.with_config(allow, "true");
        }
        for (name, value) in $options.of($prefix) {
            if let Ok(key) = name.parse::<$key>() {
                builder = builder.with_config(key, value);
            }
        }
        builder
    }};
}

fn is_http(endpoint: Option<&str>) -> bool {
    endpoint.is_some_and(|endpoint| endpoint.starts_with("http://"))
}

/// The server that the first of these options names.
fn endpoint(options: &BucketOptions, names: &[&str]) -> Result<Option<String>, String> {
    let Some(text) = names.iter().find_map(|name| options.get(name)) else {
        return Ok(None);
    };
    let url = Url::parse(text).ok().filter(|url| {
        matches!(url.scheme(), "http" | "https")
            && url.has_host()
            && url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none()
    });
    match url {
        Some(_) => Ok(Some(text.trim_end_matches('/').into())),
        // It may hold what is none of an error's business.
        None => Err("its endpoint is no http or https URL".into()),
    }
}

fn opened(
    built: object_store::Result<impl ObjectStore>,
    endpoint: Option<String>,
) -> Result<Opened, String> {
    let store = built.map_err(|error| error.to_string())?;
    Ok((Arc::new(store), endpoint))
}

#[cfg(feature = "s3")]
fn s3(bucket: &str, options: &BucketOptions) -> Result<Opened, String> {
    use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};

    let names = ["aws_endpoint_url_s3", "aws_endpoint_url", "aws_endpoint"];
    let endpoint = endpoint(options, &names)?;
    let builder = builder!(
        AmazonS3Builder,
        AmazonS3ConfigKey,
        "aws_",
        options,
        endpoint.as_deref()
    );
    opened(builder.with_bucket_name(bucket).build(), endpoint)
}

#[cfg(feature = "gcs")]
fn gcs(bucket: &str, options: &BucketOptions) -> Result<Opened, String> {
    use object_store::gcp::{GoogleCloudStorageBuilder, GoogleConfigKey};

    let endpoint = endpoint(options, &["google_base_url"])?;
    let builder = builder!(
        GoogleCloudStorageBuilder,
        GoogleConfigKey,
        "google_",
        options,
        endpoint.as_deref()
    );
    opened(builder.with_bucket_name(bucket).build(), endpoint)
}

#[cfg(feature = "azure")]
fn azure(container: &str, options: &BucketOptions) -> Result<Opened, String> {
    use object_store::azure::{AzureConfigKey, MicrosoftAzureBuilder};

    let names = ["azure_storage_endpoint", "azure_endpoint"];
    let mut endpoint = endpoint(options, &names)?;
    let builder = builder!(
        MicrosoftAzureBuilder,
        AzureConfigKey,
        "azure_",
        options,
        endpoint.as_deref()
    );
    if endpoint.is_none() {
        // Containers of two accounts may have one name.
        endpoint = builder.get_config_value(&AzureConfigKey::AccountName);
    }
    opened(builder.with_container_name(container).build(), endpoint)
}
