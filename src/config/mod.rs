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
use std::path::Path;
use std::time::Duration;

use toml::de::DeTable;

mod document;
mod effective;
mod error;
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
pub use self::imagor::ImagorAnswers;
pub use self::mount::Mount;
pub use self::tables::cache::Cache;
pub use self::tables::log::{Log, LogFormat, LogLevel};
pub use self::tables::origin::Origin;
pub use self::units::parse_duration;

use self::document::{Document, Spot};
use self::mount::{Reader, Tables, effective_head};
use self::table::Table;
use crate::mount::MountPath;

/// A configuration that has been checked. `Display` prints what is in force as TOML, without secrets.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Config {
    /// Where the server listens.
    pub listen: SocketAddr,
    /// How much is asked of the rules.
    pub environment: Environment,
    /// The rules that only report their verdict.
    pub report_only: Vec<Rule>,
    /// How long requests in flight may take when the server stops.
    pub shutdown_timeout: Duration,
    /// How the server logs.
    pub log: Log,
    /// The images, in the order of the file.
    pub mounts: Vec<Mount>,
    /// How the server answers where it stands in for imagor: where the configuration is that of imagor's environment.
    pub imagor: Option<ImagorAnswers>,
    /// What the operator should know, a sentence each: keys that fell back to their default because a mount has a table
    /// of its own, rules that only report.
    pub notes: Vec<String>,
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
        match std::fs::read_to_string(path) {
            Ok(text) => Self::parse(&text, path),
            Err(error) => {
                let message = format!("cannot be read: {error}");
                let error = ConfigError::of_file(&path.to_string_lossy(), &message);
                Err(ConfigErrors::new(vec![error]))
            }
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
    root.not_supported(&["admin_listen"]);
    root.not_supported(tables::NOT_SUPPORTED);
    let listen = listen(&root);
    let environments = [
        ("production", Environment::Production),
        ("development", Environment::Development),
    ];
    let environment = root.choice("environment", &environments, Environment::Production);
    let report_only = report_only(&root);
    let shutdown_timeout = root.duration("shutdown_timeout", Duration::from_secs(30));
    if root.flag("playground", false) {
        root.error("playground", "not supported by this version");
    }
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
        mount.not_supported(tables::NOT_SUPPORTED);
        let path = mount_path(&mount);
        if paths.contains(&path) {
            mount.error("path", format!("there is a mount at {path} already"));
        }
        add(path.clone(), &tables(&mount, Some(&top)));
        paths.push(path);
        mount.finish();
    }
    notes.append(&mut unheard);
    let effective = format!("[log]\n{}{printed}", log.finish().lines());
    Config {
        listen,
        environment,
        report_only,
        shutdown_timeout,
        log: log_settings,
        mounts,
        imagor: None,
        notes,
        effective: format!("{}\n{effective}", root.finish().lines()),
    }
}

fn listen(root: &Table<'_>) -> SocketAddr {
    let text = root.text_or("listen", "127.0.0.1:8000");
    text.parse().unwrap_or_else(|_| {
        let example = "\"127.0.0.1:8000\" or \"[::1]:8000\"";
        root.error(
            "listen",
            format!("{text:?} is not an address and port such as {example}"),
        );
        SocketAddr::from((Ipv4Addr::LOCALHOST, 8000))
    })
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
