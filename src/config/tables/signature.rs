use std::time::Duration;

use crate::config::Environment;
use crate::config::document::{Document, Spot};
use crate::config::secret::SecretText;
use crate::config::table::Table;
use crate::dialect::Dialect;
use crate::mount::MountPath;
use crate::signature::{
    Algorithm, Key, Keyring, MIN_TRUNCATION, Scheme, SignatureConfigError, SignatureProblem,
    Signer, UnknownScheme, Verifier,
};

/// What `[signature]` comes to.
#[derive(Clone, Debug)]
pub(in crate::config) struct Signature {
    scheme: WrittenScheme,
    /// `None` where there are none, or they are wrong.
    keyring: Option<Keyring>,
    terms: Terms,
    /// For the dialect that the table was read for.
    built: Built,
}

/// A verifier and a signer.
#[derive(Clone, Debug)]
struct Built {
    scheme: Scheme,
    /// `None` where a signature is required and there is no key to verify it with.
    verifier: Option<Verifier>,
    /// `None` where there is no key to sign with.
    signer: Option<Signer>,
}

/// What the file says of the scheme.
#[derive(Clone, Copy, Debug)]
struct WrittenScheme {
    /// `None`: the dialect's.
    scheme: Option<Scheme>,
    algorithm: Option<Algorithm>,
    truncate: Option<usize>,
}

impl WrittenScheme {
    fn of(self, dialect: &Dialect) -> Scheme {
        let mut scheme = self.scheme.unwrap_or_else(|| dialect.scheme());
        if let Some(algorithm) = self.algorithm {
            scheme = scheme.algorithm(algorithm);
        }
        match self.truncate {
            Some(characters) => scheme.truncate(characters),
            None => scheme,
        }
    }
}

/// What is asked of signatures.
#[derive(Clone, Copy, Debug)]
struct Terms {
    required: bool,
    require_expiry: bool,
    leeway: Duration,
    max_lifetime: Option<Duration>,
}

impl Terms {
    fn verifier(self, scheme: Scheme, keyring: Keyring) -> Result<Verifier, SignatureConfigError> {
        let verifier = Verifier::new(scheme, keyring)?
            .required(self.required)
            .require_expiry(self.require_expiry)
            .leeway(self.leeway);
        Ok(match self.max_lifetime {
            Some(max_lifetime) => verifier.max_lifetime(max_lifetime),
            None => verifier,
        })
    }
}

impl Signature {
    /// The verifier and the signer of a mount. That no key is there is a mistake of the mount, for the table may well be
    /// absent.
    pub(in crate::config) fn at(
        &self,
        mount: &MountPath,
        dialect: &Dialect,
        document: &Document<'_>,
        spot: &Spot,
    ) -> Option<(Verifier, Option<Signer>)> {
        let scheme = self.scheme.of(dialect);
        if dialect.reads_query() && !scheme.signs_query() {
            let message = format!(
                "the scheme {} does not sign the query, which the dialect reads: {} and query do",
                scheme.name(),
                dialect.scheme().name()
            );
            document.error(spot, message);
        }
        let built = if scheme.name() == self.built.scheme.name() {
            self.built.clone()
        } else {
            // The table is the file's, and the dialect the mount's own.
            match self.build(scheme) {
                Ok(built) => built,
                Err(error) => {
                    document.error(spot, format!("for the dialect of the mount: {error}"));
                    return None;
                }
            }
        };
        let Some(verifier) = built.verifier else {
            let message = "signatures are required, and there is neither a secret nor a key (required = false lets unsigned URLs pass)";
            document.error(spot, message);
            return None;
        };
        let signer = built.signer.map(|signer| signer.at(mount.clone()));
        let verifier = match dialect.path_expiry() {
            Some(grammar) => verifier.path_expiry(grammar),
            None => verifier,
        };
        Some((verifier.at(mount.clone()), signer))
    }

    /// The name of the scheme that the table was read for, and that of a dialect, where they differ.
    pub(in crate::config) fn scheme_for(
        &self,
        dialect: &Dialect,
    ) -> Option<(&'static str, &'static str)> {
        let names = (self.built.scheme.name(), self.scheme.of(dialect).name());
        (names.0 != names.1).then_some(names)
    }

    fn build(&self, scheme: Scheme) -> Result<Built, SignatureConfigError> {
        let Some(keyring) = self.keyring.clone() else {
            // What expires does so without a signature, too.
            let unsigned = || Verifier::unsigned(scheme).leeway(self.terms.leeway);
            let verifier = (!self.terms.required).then(unsigned);
            return Ok(Built {
                scheme,
                verifier,
                signer: None,
            });
        };
        Ok(Built {
            scheme,
            verifier: Some(self.terms.verifier(scheme, keyring.clone())?),
            signer: Signer::new(scheme, keyring).ok(),
        })
    }
}

/// `[signature]`: which URLs are valid. Where it names no scheme, that is the dialect's.
pub(in crate::config) fn read(
    table: &Table<'_>,
    environment: Environment,
    dialect: &Dialect,
) -> Signature {
    let written = scheme(table, dialect);
    let scheme = written.of(dialect);
    let required = table.flag("required", environment == Environment::Production);
    let secrets = table.secrets("secrets");
    let salts = table.secrets("salts");
    let keys = keys(table);
    let terms = Terms {
        required,
        require_expiry: table.flag("require_expiry", false),
        max_lifetime: table.optional_duration("max_lifetime"),
        leeway: table.duration("leeway", Duration::ZERO),
    };
    let mut signature = Signature {
        scheme: written,
        keyring: None,
        terms,
        // What is wrong is reported: this is never used.
        built: Built {
            scheme,
            verifier: Some(Verifier::unsigned(scheme)),
            signer: None,
        },
    };
    let (Some(secrets), Some(salts), Some(keys)) = (secrets, salts, keys) else {
        return signature;
    };
    if !(secrets.is_empty() && salts.is_empty() && keys.is_empty()) {
        let mut keyring = Keyring::of_secrets(secrets.iter().map(SecretText::expose));
        for salt in &salts {
            keyring = keyring.salt(salt.expose());
        }
        for (id, key) in keys {
            keyring = keyring.key(id, key);
        }
        signature.keyring = Some(keyring);
    }
    match signature.build(scheme) {
        Ok(built) => signature.built = built,
        Err(error) => report(table, &secrets, &salts, &error),
    }
    signature
}

fn scheme(table: &Table<'_>, dialect: &Dialect) -> WrittenScheme {
    let name = table.text_or("scheme", dialect.scheme().name());
    table.one_of("scheme", &Scheme::names());
    let scheme = name.parse().unwrap_or_else(|error: UnknownScheme| {
        table.error("scheme", error.to_string());
        dialect.scheme()
    });
    let algorithms = [
        ("sha1", Algorithm::Sha1),
        ("sha256", Algorithm::Sha256),
        ("sha512", Algorithm::Sha512),
    ];
    let truncate = table.optional_integer("truncate", 1..1000);
    let truncate = truncate.map(|characters| usize::try_from(characters).unwrap_or(usize::MAX));
    // Whatever else is wrong, so that all is said at once.
    let too_short = truncate.filter(|&characters| characters < MIN_TRUNCATION);
    if let Some(characters) = too_short {
        let problem = SignatureProblem::TruncationTooShort(characters);
        table.error("truncate", problem.to_string());
    }
    WrittenScheme {
        scheme: table.has("scheme").then_some(scheme),
        algorithm: table.optional_choice("algorithm", &algorithms),
        truncate: truncate.filter(|_| too_short.is_none()),
    }
}

/// The key pairs. `None` where one is wrong.
fn keys(table: &Table<'_>) -> Option<Vec<(String, Key)>> {
    let tables = table.tables("keys");
    let keys = tables.iter().map(|table| {
        let id = table.text("id");
        let secret = table.secret("secret");
        let expires = table.moment("expires").map(|value| value.unix_seconds());
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
