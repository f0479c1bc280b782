use std::collections::BTreeMap;
use std::fmt;

/// How buckets are reached: their credentials, their region, their server. See the [module docs](super) for what there is.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct BucketOptions {
    /// By the name of the environment variable that says the same, in lower case.
    values: BTreeMap<String, String>,
}

/// What the variables that are read begin with.
const PREFIXES: [&str; 3] = ["aws_", "google_", "azure_"];

/// Where a server that speaks S3 is named.
const ENDPOINTS: [&str; 3] = ["aws_endpoint", "aws_endpoint_url", "aws_endpoint_url_s3"];

impl BucketOptions {
    /// None at all: no credentials but those of the machine, and the clouds' own servers.
    pub fn new() -> Self {
        Self::default()
    }

    /// Those of the environment.
    pub fn from_env() -> Self {
        let variables = std::env::vars_os().filter_map(|(name, value)| {
            let name = name.into_string().ok()?;
            Some((name, value.into_string().ok()?))
        });
        Self::from_variables(variables)
    }

    /// Those of variables, as [`from_env`](Self::from_env) reads those of the environment.
    pub fn from_variables(variables: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut values = BTreeMap::new();
        let mut s3_endpoint = None;
        for (name, value) in variables {
            let name = name.to_ascii_lowercase();
            // Many a tool takes an empty one for none.
            if value.is_empty() {
                continue;
            }
            if name == "s3_endpoint" {
                s3_endpoint = Some(value);
            } else if PREFIXES.iter().any(|prefix| name.starts_with(prefix)) {
                values.insert(name, value);
            }
        }
        if let Some(endpoint) = s3_endpoint
            && !ENDPOINTS.iter().any(|name| values.contains_key(*name))
        {
            values.insert("aws_endpoint".into(), endpoint);
        }
        Self { values }
    }

    /// A server that speaks S3, by its URL, instead of Amazon's.
    pub fn endpoint(mut self, url: impl Into<String>) -> Self {
        for name in ENDPOINTS {
            self.values.remove(name);
        }
        self.with("aws_endpoint", url)
    }

    /// The region of S3. `us-east-1` by default.
    pub fn region(self, region: impl Into<String>) -> Self {
        self.with("aws_region", region)
    }

    /// The credentials for S3.
    pub fn access_key(self, id: impl Into<String>, secret: impl Into<String>) -> Self {
        self.with("aws_access_key_id", id)
            .with("aws_secret_access_key", secret)
    }

    fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.values.insert(name.into(), value.into());
        self
    }

    #[cfg(any(feature = "azure", feature = "gcs", feature = "s3"))]
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    /// Those of a cloud, by names that begin so.
    #[cfg(any(feature = "azure", feature = "gcs", feature = "s3"))]
    pub(super) fn of<'a>(
        &'a self,
        prefix: &'static str,
    ) -> impl Iterator<Item = (&'a str, &'a str)> {
        let all = self.values.iter();
        all.map(|(name, value)| (name.as_str(), value.as_str()))
            .filter(move |(name, _)| name.starts_with(prefix))
    }
}

impl fmt::Debug for BucketOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Any of the values may be a secret.
        f.debug_set().entries(self.values.keys()).finish()
    }
}
