//! imagor's environment variables, as a configuration.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;

use super::document::Document;
use super::error::{ConfigError, ConfigErrors};
use super::{Config, Origin};

mod origins;
mod translate;
mod values;

#[cfg(test)]
mod tests;

/// How a server answers that stands in for imagor.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ImagorAnswers {
    /// Where `/` leads. `None`: to a page that says what is running.
    pub base_path_redirect: Option<String>,
    /// Whether refusals have a body.
    pub error_body: bool,
}

impl Config {
    /// Reads imagor's environment variables, of which `variables` may have others among them:
    /// [`std::env::vars_os`]. Where a variable of imagor's is not set, what holds is imagor's default, but that private
    /// networks are not connected to. [`notes`](Self::notes) names what imagor does otherwise, and the variables that
    /// are imagor's and have no effect here.
    ///
    /// # Errors
    ///
    /// [`ConfigErrors`] with every mistake, each with the name of its variable as its key. That there is neither a secret
    /// nor `IMAGOR_UNSAFE` is one.
    ///
    /// # Example
    ///
    /// ```
    /// use imgward::config::Config;
    ///
    /// let config = |variables: &[(&str, &str)]| {
    ///     Config::from_imagor_env(variables.iter().map(|(name, value)| (name.into(), value.into())))
    /// };
    /// let served = config(&[
    ///     ("PORT", "8080"),
    ///     ("IMAGOR_SECRET", "mysecret"),
    ///     ("IMAGOR_SIGNER_TYPE", "sha256"),
    ///     ("IMAGOR_SIGNER_TRUNCATE", "40"),
    ///     ("FILE_LOADER_BASE_DIR", "."),
    /// ])?;
    /// assert_eq!(served.listen.port(), 8080);
    ///
    /// let errors = config(&[("IMAGOR_SIGNER_TRUNCATE", "10"), ("VIPS_MAX_WIDTH", "wide")]).unwrap_err();
    /// let variables: Vec<_> = errors.iter().map(|error| error.key()).collect();
    /// assert_eq!(variables, ["IMAGOR_SECRET", "IMAGOR_SIGNER_TRUNCATE", "VIPS_MAX_WIDTH"]);
    /// # Ok::<(), imgward::config::ConfigErrors>(())
    /// ```
    pub fn from_imagor_env(
        variables: impl IntoIterator<Item = (OsString, OsString)>,
    ) -> Result<Self, ConfigErrors> {
        let (variables, mut errors) = texts(variables);
        let translated = translate::translate(&variables);
        errors.extend(translated.errors);

        // The rules are the same, and each origin is a configuration of its own.
        let mut configs = Vec::new();
        for origin in &translated.origins {
            let (text, lines) = translated.rules.with(origin);
            let document = Document::new(&text, "environment", Path::new(""));
            match Self::of_document(&text, document.with_variables(&variables)) {
                Ok(config) => configs.push(config),
                Err(mistakes) => errors.extend(mistakes.iter().map(|mistake| {
                    let variable = mistake.line().and_then(|line| lines.get(line - 1));
                    ConfigError::of_variable(variable.unwrap_or(&""), mistake.message())
                })),
            }
        }
        let last = configs.pop().filter(|_| errors.is_empty());
        let mut config = last.ok_or_else(|| ConfigErrors::new(errors, Vec::new()))?;
        config.notes.extend(translated.notes);
        config.imagor = Some(translated.answers);
        let first = configs.into_iter().flat_map(|config| config.mounts);
        let first: Vec<Origin> = first.map(|mount| mount.origin).collect();
        if !first.is_empty() {
            for mount in &mut config.mounts {
                let chain = first.iter().chain([&mount.origin]).cloned().collect();
                mount.origin = Origin::Chain(chain);
                mount.source = mount.source.take().map(|source| source.urls_only(true));
            }
        }
        Ok(config)
    }
}

/// What can be read of the variables.
fn texts(
    variables: impl IntoIterator<Item = (OsString, OsString)>,
) -> (BTreeMap<String, String>, Vec<ConfigError>) {
    let mut texts = BTreeMap::new();
    let mut errors = Vec::new();
    for (name, value) in variables {
        let Ok(name) = name.into_string() else {
            continue;
        };
        match value.into_string() {
            Ok(value) => drop(texts.insert(name, value)),
            Err(_) if translate::is_known(&name) => {
                errors.push(ConfigError::of_variable(&name, "is not UTF-8"));
            }
            Err(_) => {}
        }
    }
    (texts, errors)
}
