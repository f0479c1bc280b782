//! Secrets, which a configuration file may hold, or only point to.

use std::fmt;

use super::document::Spot;
use super::effective;
use super::value::Value;

/// A secret, and how the file writes it.
pub(super) struct SecretText {
    secret: String,
    /// `env:NAME` or `file:PATH`. `None`: the file holds the secret itself.
    reference: Option<String>,
    spot: Spot,
}

impl SecretText {
    pub(super) fn expose(&self) -> &str {
        &self.secret
    }

    pub(super) fn spot(&self) -> &Spot {
        &self.spot
    }

    /// What may be printed of it, as TOML.
    pub(super) fn redacted(&self) -> String {
        effective::quoted(self.reference.as_deref().unwrap_or("(redacted)"))
    }
}

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.redacted())
    }
}

/// Reads a secret: `env:NAME`, `file:PATH` (its last line break does not count), or the text itself.
pub(super) fn read(value: &Value<'_>) -> Option<SecretText> {
    let text = value.text()?;
    let secret = if let Some(name) = text.strip_prefix("env:") {
        value.document.variable(name).map_err(|error| match error {
            std::env::VarError::NotPresent => format!("the environment has no variable {name:?}"),
            std::env::VarError::NotUnicode(_) => format!("the variable {name:?} is not UTF-8"),
        })
    } else if let Some(path) = text.strip_prefix("file:") {
        let file = value.document.file(value.document.resolve(path));
        file.read_text()
            .map(without_last_line_break)
            .map_err(|error| format!("{} cannot be read: {error}", file.path().display()))
    } else {
        Ok(text.to_owned())
    };
    match secret {
        Ok(secret) if secret.is_empty() => value.error("the secret is empty"),
        Ok(secret) => {
            let is_reference = text.starts_with("env:") || text.starts_with("file:");
            let reference = is_reference.then(|| text.to_owned());
            let spot = value.spot.clone();
            return Some(SecretText {
                secret,
                reference,
                spot,
            });
        }
        Err(message) => value.error(message),
    }
    None
}

fn without_last_line_break(mut text: String) -> String {
    if text.ends_with('\n') {
        text.pop();
        if text.ends_with('\r') {
            text.pop();
        }
    }
    text
}
