//! The rules of every layer, read from a TOML file.
//!
//! [`Config::read`] checks the whole file before it gives anything: it reports every mistake at once, with its line and
//! the path of its key, and an unknown key is a mistake.
//!
//! 1. Tables at the top are the defaults of every `[[mount]]`. The same table inside a mount replaces it whole. What
//!    falls back to its default by that is in [`Config::notes`]. A file without `[[mount]]` has one, at `/`.
//! 2. A list of texts may also be one text with an entry a line, where `#` begins a comment.
//! 3. A secret is `env:NAME`, `file:PATH` or the text itself. It is never printed.
//! 4. A size is a number of bytes, or such as `256MiB`. A time is such as `500ms`, `30s`, `5m`, `12h`, `7d`.
//! 5. Paths are relative to the file.
//! 6. What this version does not support is a mistake, too: a rule is never ignored.
//! 7. In production, which is the default, URLs must be signed unless `required = false` says otherwise.
//!
//! # Deployment caveat
//!
//! Keep secrets out of the file with `env:` and `file:`; else let nobody but the server read it.
//!
//! # Example
//!
//! ```
//! use http::Request;
//! use imgward::config::Config;
//! use imgward::guard::Guard;
//! use imgward::request_facts::RequestFacts;
//!
//! # let folder = std::env::temp_dir();
//! # let path = folder.join("imgward.toml");
//! let text = r#"
//! environment = "development"
//!
//! [ip]
//! block = ["163.120.4.15", "10.0.0.0/24"]
//!
//! [origin]
//! files = "."
//! "#;
//! let config = Config::parse(text, &path)?;
//! let rules = config.mounts[0].ip.as_ref().unwrap();
//! let check = |client: &str| {
//!     let facts = RequestFacts::from_client_ip(client.parse().unwrap());
//!     let request = Request::builder().extension(facts).body(()).unwrap();
//!     rules.check(&request.into_parts().0)
//! };
//! assert!(check("198.51.100.7").is_ok());
//! assert!(check("10.0.0.99").is_err());
//!
//! let errors = Config::parse("[ip]\nblock = ['10.0.0.0/33']\nalow = []", &path).unwrap_err();
//! let errors: Vec<_> = errors.iter().map(|error| (error.line(), error.key())).collect();
//! let expected = [(1, "origin"), (1, "signature"), (2, "ip.block[0]"), (3, "ip.alow")];
//! assert_eq!(errors, expected.map(|(line, key)| (Some(line), key)));
//! # Ok::<(), imgward::config::ConfigErrors>(())
//! ```

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroUsize;
use std::path::Path;
use std::time::Duration;

use toml::de::DeTable;

mod document;
mod effective;
mod error;
mod file;
mod imagor;
mod mount;
mod schema;
mod secret;
mod table;
mod tables;
mod units;
mod value;

#[cfg(test)]
mod tests;

pub use self::error::{ConfigError, ConfigErrors};
pub use self::file::ConfigFile;
pub use self::imagor::ImagorAnswers;
pub use self::mount::Mount;
pub use self::tables::cache::Cache;
pub use self::tables::cors::Cors;
pub use self::tables::log::{Log, LogFormat, LogLevel};
pub use self::tables::origin::Origin;
pub use self::tables::otel::Otel;
pub use self::tables::tls::Tls;
pub use self::units::parse_duration;

use self::document::{Document, Spot};
use self::mount::{Reader, Tables, effective_head};
use self::table::Table;
use crate::mount::MountPath;

/// Where the server has its playground, if it has one.
pub const PLAYGROUND: &str = "/_imgward";

/// A configuration that has been checked. `Display` prints what is in force as TOML, without secrets.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Config {
    /// Where the server listens.
    pub listen: SocketAddr,
    /// Where it tells how it is. `None`: nowhere.
    pub admin_listen: Option<SocketAddr>,
    /// With what it speaks TLS where it listens. `None`: it does not.
    pub tls: Option<Tls>,
    /// How many connections may be open at a time; more wait to be accepted.
    pub max_connections: NonZeroUsize,
    /// How long a client may take to send the head of a request, or to take some bytes of an answer, and how long a
    /// connection stays open without a request.
    pub client_timeout: Duration,
    /// How much is asked of the rules.
    pub environment: Environment,
    /// Whether the server has its playground. Never in production.
    pub playground: bool,
    /// The rules that only report their verdict.
    pub report_only: Vec<Rule>,
    /// How long requests in flight may take when the server stops.
    pub shutdown_timeout: Duration,
    /// How the server logs.
    pub log: Log,
    /// Where it sends traces. `None`: nowhere.
    pub otel: Option<Otel>,
    /// The images, in the order of the file.
    pub mounts: Vec<Mount>,
    /// How the server answers where it stands in for imagor: where the configuration is that of imagor's environment.
    pub imagor: Option<ImagorAnswers>,
    /// What the operator should know, a sentence each: keys that fell back to their default because a mount has a table
    /// of its own, rules that only report.
    pub notes: Vec<String>,
    /// What was read: the file, and those that it names.
    pub files: Vec<ConfigFile>,
    effective: String,
}

/// How much is asked of the rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Environment {
    /// Signatures are required unless the file says otherwise.
    Production,
    /// Signatures are not required unless the file says so.
    Development,
}

/// A rule that may be told to only report its verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Rule {
    /// `[ip]`
    Ip,
    /// `[geo]`
    Geo,
    /// `[user_agent_block]`
    UserAgentBlock,
    /// `[referer]`
    Referer,
    /// `[signature]`
    Signature,
}

impl Rule {
    /// Every rule.
    pub const ALL: &[Self] = &[
        Self::Ip,
        Self::Geo,
        Self::UserAgentBlock,
        Self::Referer,
        Self::Signature,
    ];

    /// The name of its table.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ip => "ip",
            Self::Geo => "geo",
            Self::UserAgentBlock => "user_agent_block",
            Self::Referer => "referer",
            Self::Signature => "signature",
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Config {
    /// Reads a file.
    ///
    /// # Errors
    ///
    /// [`ConfigErrors`] with every mistake, or that the file cannot be read.
    pub fn read(path: &Path) -> Result<Self, ConfigErrors> {
        let file = ConfigFile::at(path);
        let read = file.read_text().map_err(|error| {
            let message = format!("cannot be read: {error}");
            let error = ConfigError::of_file(&path.to_string_lossy(), &message);
            ConfigErrors::new(vec![error], Vec::new())
        });
        match read.and_then(|text| Self::parse(&text, path)) {
            Ok(mut config) => {
                config.files.insert(0, file);
                Ok(config)
            }
            Err(errors) => Err(errors.with_file(file)),
        }
    }

    /// Reads the text of a file at `path`, which errors name and to which paths are relative.
    ///
    /// # Errors
    ///
    /// [`ConfigErrors`] with every mistake.
    pub fn parse(text: &str, path: &Path) -> Result<Self, ConfigErrors> {
        let name = path.to_string_lossy();
        let directory = path.parent().unwrap_or(Path::new(""));
        Self::of_document(text, Document::new(text, &name, directory))
    }

    fn of_document(text: &str, document: Document<'_>) -> Result<Self, ConfigErrors> {
        let (root, errors) = DeTable::parse_recoverable(text);
        if errors.is_empty() {
            let config = read(&document, Table::root(&document, root.get_ref()));
            return document.finish(config);
        }
        for error in errors {
            let offset = error.span().map_or(text.len(), |span| span.start);
            let line = document.line(offset);
            let key = String::new();
            document.error(&Spot { line, key }, error.message());
        }
        Err(document.into_errors())
    }

    /// A [JSON Schema] (draft 2020-12) of the file, by which editors complete keys and mark mistakes. It is made of what
    /// is read, so it names what this build supports.
    ///
    /// [JSON Schema]: https://json-schema.org/draft/2020-12
    pub fn json_schema() -> String {
        let (root, _) = DeTable::parse_recoverable(schema::EVERYTHING);
        let document = Document::new(schema::EVERYTHING, "schema", Path::new("")).recording();
        // What is wrong with it does not matter.
        let _ = read(&document, Table::root(&document, root.get_ref()));
        document.into_keys().to_schema()
    }

    /// Whether a rule only reports its verdict.
    pub fn reports_only(&self, rule: Rule) -> bool {
        self.report_only.contains(&rule)
    }
}

impl fmt::Display for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.effective)
    }
}

/// Reads a whole document. What comes of one with mistakes is not to be used.
fn read(document: &Document<'_>, root: Table<'_>) -> Config {
    let listen = address(&root, "listen", Some("127.0.0.1:8000"));
    let listen = listen.unwrap_or(SocketAddr::from((Ipv4Addr::LOCALHOST, 8000)));
    let admin_listen = address(&root, "admin_listen", None);
    if admin_listen == Some(listen) && listen.port() != 0 {
        root.error("admin_listen", "the server itself listens there");
    }
    let environments = [
        ("production", Environment::Production),
        ("development", Environment::Development),
    ];
    let environment = root.choice("environment", &environments, Environment::Production);
    let report_only = report_only(&root);
    let shutdown_timeout = root.duration("shutdown_timeout", Duration::from_secs(30));
    let client_timeout = root.duration("client_timeout", Duration::from_secs(30));
    if client_timeout.is_zero() {
        root.error("client_timeout", "must be more than 0s");
    }
    let max_connections = root.integer("max_connections", 1..1_000_001, 8192);
    let max_connections = usize::try_from(max_connections).unwrap_or(usize::MAX);
    let tls = root.table("tls");
    let tls_settings = tables::tls::read(&tls);
    let otel = root.table("otel");
    let otel_settings = tables::otel::read(&otel);
    let playground = playground(&root, environment);
    let log = root.table("log");
    let log_settings = tables::log::read(&log);

    let mut notes = Vec::new();
    let mut tables = |parent: &Table<'_>, top: Option<&Tables>| {
        let reader = Reader {
            parent,
            top,
            environment,
            notes: &mut notes,
        };
        reader.read()
    };
    let top = tables(&root, None);
    let mut mounts = Vec::new();
    let mut printed = String::new();
    let mut unheard = Vec::new();
    let mut add = |path: MountPath, tables: &Tables| {
        printed += &effective_head(&path);
        printed += &tables.effective();
        unheard.extend(tables.note_unheard_header(&path));
        if let Some(mount) = tables.build(document, path) {
            unheard.extend(tables.note_sources(&mount.path, mount.source.as_ref()));
            mounts.push(mount);
        }
    };
    let written = root.tables("mount");
    if written.is_empty() {
        add(MountPath::root(), &top);
    }
    let mut paths: Vec<MountPath> = Vec::new();
    for mount in written {
        let path = mount_path(&mount);
        if paths.contains(&path) {
            mount.error("path", format!("there is a mount at {path} already"));
        }
        if playground && is_below_playground(&path) {
            let message = format!("{path} is where the playground is");
            mount.error("path", message);
        }
        add(path.clone(), &tables(&mount, Some(&top)));
        paths.push(path);
        mount.finish();
    }
    notes.append(&mut unheard);
    let mut effective = String::new();
    for (name, table, is_printed) in [
        ("tls", tls, tls_settings.is_some()),
        ("otel", otel, otel_settings.is_some()),
        ("log", log, true),
    ] {
        let lines = table.finish().lines();
        if is_printed {
            effective.extend(["\n[", name, "]\n", &lines]);
        }
    }
    effective += &printed;
    Config {
        listen,
        admin_listen,
        tls: tls_settings,
        max_connections: NonZeroUsize::new(max_connections).unwrap_or(NonZeroUsize::MIN),
        client_timeout,
        environment,
        playground,
        report_only,
        shutdown_timeout,
        log: log_settings,
        otel: otel_settings,
        mounts,
        imagor: None,
        notes,
        files: document.files(),
        effective: root.finish().lines() + &effective,
    }
}

fn playground(root: &Table<'_>, environment: Environment) -> bool {
    let playground = root.flag("playground", false);
    if playground && environment == Environment::Production {
        let message = "needs environment = \"development\", for it signs any URL";
        root.error("playground", message);
    }
    playground
}

fn is_below_playground(path: &MountPath) -> bool {
    let rest = path.prefix().strip_prefix(PLAYGROUND);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn address(
    root: &Table<'_>,
    key: &'static str,
    default: Option<&'static str>,
) -> Option<SocketAddr> {
    let text = match default {
        Some(default) => root.text_or(key, default),
        None => root.text(key)?.text,
    };
    let address = text.parse().ok();
    if address.is_none() {
        let example = "\"127.0.0.1:8000\" or \"[::1]:8000\"";
        root.error(
            key,
            format!("{text:?} is not an address and port such as {example}"),
        );
    }
    address
}

fn report_only(root: &Table<'_>) -> Vec<Rule> {
    let entries = root.list("report_only");
    let names: Vec<_> = Rule::ALL.iter().map(|rule| rule.name()).collect();
    root.one_of("report_only", &names);
    let rules = entries.iter().filter_map(|entry| {
        let rule = Rule::ALL.iter().find(|rule| rule.name() == entry.text);
        if rule.is_none() {
            let names = Rule::ALL.iter().map(|rule| rule.name());
            let names = names.collect::<Vec<_>>().join(", ");
            let message = format!("{:?} is not one of {names}", entry.text);
            root.document().error(&entry.spot, message);
        }
        rule.copied()
    });
    rules.collect()
}

fn mount_path(mount: &Table<'_>) -> MountPath {
    let Some(path) = mount.text("path") else {
        if mount.value("path").is_none() {
            mount.error("path", "a mount needs a path");
        }
        return MountPath::root();
    };
    MountPath::new(&path.text).unwrap_or_else(|error| {
        mount.error("path", error.to_string());
        MountPath::root()
    })
}
