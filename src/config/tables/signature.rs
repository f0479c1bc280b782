use crate::config::Environment;
use crate::config::document::{Document, Spot};
use crate::config::secret::SecretText;
use crate::config::table::Table;
use crate::dialect::Dialect;
use crate::mount::MountPath;
use crate::signature::{
    Algorithm, Key, Keyring, Scheme, SignatureConfigError, SignatureProblem, Signer, UnknownScheme,
    Verifier,
};

/// What `[signature]` comes to.
#[derive(Clone, Debug)]
pub(in crate::config) struct Signature {
    scheme: Scheme,
    /// `None` where a signature is required and there is no key to verify it with.
    verifier: Option<Verifier>,
    /// `None` where there is no key to sign with.
    signer: Option<Signer>,
}

impl Signature {
    /// The name of the scheme in force.
    pub(in crate::config) fn scheme(&self) -> &'static str {
        self.scheme.name()
    }

    /// The verifier and the signer of a mount. That no key is there is a mistake of the mount, for the table may well be
    /// absent.
    pub(in crate::config) fn at(
        &self,
        mount: &MountPath,
        dialect: &Dialect,
        document: &Document<'_>,
        spot: &Spot,
    ) -> Option<(Verifier, Option<Signer>)> {
        let Some(verifier) = self.verifier.clone() else {
            let message = "signatures are required, and there is neither a secret nor a key (required = false lets unsigned URLs pass)";
            document.error(spot, message);
            return None;
        };
        if dialect.reads_query() && !self.scheme.signs_query() {
            let message = format!(
                "the scheme {} does not sign the query, which the dialect reads: {} and query do",
                self.scheme.name(),
                dialect.scheme().name()
            );
            document.error(spot, message);
        }
        let signer = self.signer.clone().map(|signer| signer.at(mount.clone()));
        // The dialect's, whatever the scheme is.
        let verifier = match dialect.path_expiry() {
            Some(grammar) => verifier.path_expiry(grammar),
            None => verifier,
        };
        Some((verifier.at(mount.clone()), signer))
    }
}

/// `[signature]`: which URLs are valid.
pub(in crate::config) fn read(
    table: &Table<'_>,
    environment: Environment,
    dialect: &Dialect,
) -> Signature {
    let scheme = scheme(table, dialect);
    let required = table.flag("required", environment == Environment::Production);
    let secrets = table.secrets("secrets");
    let salts = table.secrets("salts");
    let keys = keys(table);
    let require_expiry = table.flag("require_expiry", false);
    let max_lifetime = table.optional_duration("max_lifetime");
    let leeway = table.duration("leeway", std::time::Duration::ZERO);

    let unsigned = Signature {
        scheme,
        verifier: Some(Verifier::unsigned(scheme)),
        signer: None,
    };
    let (Some(secrets), Some(salts), Some(keys)) = (secrets, salts, keys) else {
        return unsigned;
    };
    if secrets.is_empty() && salts.is_empty() && keys.is_empty() {
        let verifier = unsigned.verifier.filter(|_| !required);
        return Signature {
            verifier,
            ..unsigned
        };
    }
    let mut keyring = Keyring::of_secrets(secrets.iter().map(SecretText::expose));
    for salt in &salts {
        keyring = keyring.salt(salt.expose());
    }
    for (id, key) in keys {
        keyring = keyring.key(id, key);
    }
    let verifier = match Verifier::new(scheme, keyring.clone()) {
        Ok(verifier) => verifier,
        Err(error) => {
            report(table, &secrets, &salts, &error);
            return unsigned;
        }
    };
    let mut verifier = verifier
        .required(required)
        .require_expiry(require_expiry)
        .leeway(leeway);
    if let Some(max_lifetime) = max_lifetime {
        verifier = verifier.max_lifetime(max_lifetime);
    }
    Signature {
        scheme,
        verifier: Some(verifier),
        signer: Signer::new(scheme, keyring).ok(),
    }
}

fn scheme(table: &Table<'_>, dialect: &Dialect) -> Scheme {
    let scheme = table.text_or("scheme", dialect.scheme().name());
    let mut scheme = scheme.parse().unwrap_or_else(|error: UnknownScheme| {
        table.error("scheme", error.to_string());
        dialect.scheme()
    });
    let algorithms = [
        ("sha1", Algorithm::Sha1),
        ("sha256", Algorithm::Sha256),
        ("sha512", Algorithm::Sha512),
    ];
    if let Some(algorithm) = table.optional_choice("algorithm", &algorithms) {
        scheme = scheme.algorithm(algorithm);
    }
    match table.optional_integer("truncate", 1..1000) {
        Some(characters) => scheme.truncate(usize::try_from(characters).unwrap_or(usize::MAX)),
        None => scheme,
    }
}

/// The key pairs. `None` where one is wrong.
fn keys(table: &Table<'_>) -> Option<Vec<(String, Key)>> {
    let tables = table.tables("keys");
    let keys = tables.iter().map(|table| {
        let id = table.text("id");
        let secret = table.secret("secret");
        let expires = table.value("expires").map(|value| value.unix_seconds());
        for (key, missing) in [("id", id.is_none()), ("secret", secret.is_none())] {
            if missing && table.value(key).is_none() {
                table.error(key, "a key needs an id and a secret");
            }
        }
        let key = Key::new(secret?.expose());
        let key = match expires {
            Some(seconds) => key.expires_at(seconds?),
            None => key,
        };
        Some((id?.text.into_owned(), key))
    });
    let keys = keys.collect::<Vec<_>>().into_iter().collect();
    table.note_tables("keys", tables);
    keys
}

fn report(
    table: &Table<'_>,
    secrets: &[SecretText],
    salts: &[SecretText],
    error: &SignatureConfigError,
) {
    for problem in error.problems() {
        let of_list = |list: &[SecretText], index: usize, message: &str| match list.get(index) {
            Some(secret) => table.document().error(secret.spot(), message),
            None => table.error("secrets", message),
        };
        match problem {
            SignatureProblem::SecretNotHex(index) => of_list(secrets, *index, "not hexadecimal"),
            SignatureProblem::SaltNotHex(index) => of_list(salts, *index, "not hexadecimal"),
            SignatureProblem::EmptySecret(index) => of_list(secrets, *index, "empty"),
            SignatureProblem::EmptySalt(index) => of_list(salts, *index, "empty"),
            SignatureProblem::UnknownAlgorithm(_) => table.error("algorithm", problem.to_string()),
            SignatureProblem::TruncationTooShort(_) | SignatureProblem::NoTruncation => {
                table.error("truncate", problem.to_string());
            }
            SignatureProblem::NoKeys
            | SignatureProblem::EmptyKeySecret(_)
            | SignatureProblem::InvalidKeyId(_)
            | SignatureProblem::DuplicateKeyId(_) => table.error("keys", problem.to_string()),
            SignatureProblem::NoSalts | SignatureProblem::UnequalSalts { .. } => {
                table.error("salts", problem.to_string());
            }
            problem => table.error("secrets", problem.to_string()),
        }
    }
}
