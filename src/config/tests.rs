//! The text of a file on one side, what is said about it on the other.

use std::path::PathBuf;

use super::*;
use crate::guard::Guard as _;

mod damage;

/// A folder with the files that the configurations name, gone when it is dropped.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path =
            std::env::temp_dir().join(format!("imgward-config-{name}-{}", std::process::id()));
        std::fs::create_dir_all(path.join("images")).unwrap();
        Self(path)
    }

    fn file(&self, name: &str, text: &str) {
        std::fs::write(self.0.join(name), text).unwrap();
    }

    fn parse(&self, text: &str) -> Result<Config, ConfigErrors> {
        Config::parse(text, &self.0.join("imgward.toml"))
    }

    /// What is wrong with a text: `line: key: message`.
    fn errors(&self, text: &str) -> Vec<String> {
        let Err(errors) = self.parse(text) else {
            return Vec::new();
        };
        let prefix = format!("{}:", self.0.join("imgward.toml").display());
        let lines = errors.to_string();
        let lines = lines.lines().map(|line| {
            let line = line.strip_prefix(&prefix).unwrap_or(line);
            line.replace(&*self.0.to_string_lossy(), "DIR")
        });
        lines.collect()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The last lines of a file that is otherwise right.
const ORIGIN: &str = "\n[origin]\nfiles = 'images'\n";

/// The first lines.
const DEVELOPMENT: &str = "environment = 'development'\n";

/// A text after the first lines, and what is wrong with it: `line: key: message`.
const MISTAKES: &[(&str, &[&str])] = &[
    (
        "[signature]\ntruncate = 16\nsecrets = ['env:IMGWARD_NOT_SET']",
        &[
            "3: signature.truncate: a signature of 16 characters is too short: 17 are the least",
            "4: signature.secrets[0]: the environment has no variable \"IMGWARD_NOT_SET\"",
        ],
    ),
    (
        "[transform]\ndialect = 'imgprox'\nauto_format = ['webp', 'heic']",
        &[
            "3: transform.dialect: \"imgprox\" is not one of \"imagor\", \"thumbor\", \"imgproxy\", \"ipx\", \"optstuff\", \"imagekit\"",
            "4: transform.auto_format[1]: \"heic\" is not one of \"jpeg\", \"png\", \"webp\", \"avif\", \"gif\"",
        ],
    ),
    (
        "client_timeout = '0s'",
        &["2: client_timeout: must be more than 0s"],
    ),
    ("client_timeout = '5s'", &[]),
    (
        "\"\\u001b[31m\\n1: ip\" = 1",
        &["2: \\u{1b}[31m\\n1: ip: unknown key"],
    ),
    (
        "[transform]\nmax_source_bytes = 0\nmemory_budget = '0MiB'",
        &[
            "3: transform.max_source_bytes: 0 is not from 1 to 18446744073709551614",
            "4: transform.memory_budget: \"0MiB\" is not a size such as \"256MiB\"",
        ],
    ),
    (
        "[transform]\nload_concurrency = 0\nrequest_timeout = '0s'\nload_timeout = 10\nprocess_timeout = '20'",
        &[
            "3: transform.load_concurrency: 0 is not from 1 to 1000000",
            "4: transform.request_timeout: must be more than 0s",
            "5: transform.load_timeout: must be a time such as \"30s\", not an integer",
            "6: transform.process_timeout: \"20\" is not a time such as \"30s\"",
        ],
    ),
    (
        "[transform]\nload_concurrency = 1\nrequest_timeout = '1m'\nload_timeout = '1s'\nprocess_timeout = '1ms'",
        &[],
    ),
    ("[transform]\ndialect = 'imagekit'", &[]),
    (
        "[transform]\ndialect = 'imagekit'\nclient_hints = true\nallow_original = true\nstrip_metadata = false",
        &[],
    ),
    (
        "[transform]\ndialect = 'thumbor'\nclient_hints = true\nallow_original = 1",
        &[
            "4: transform.client_hints: only ImageKit's URLs ask for them",
            "5: transform.allow_original: must be true or false, not an integer",
        ],
    ),
    (
        "[transform]\ndialect = 'imagekit'\nonly_presets = true\npresets = { a = 'w-100', 'b-c' = 'n-a', c = 1, d = 'w' }",
        &[
            "5: transform.presets.b-c: n is for images, and not for presets and layers",
            "5: transform.presets.c: must be a string, not an integer",
            "5: transform.presets.d: there is no parameter \"w\"",
        ],
    ),
    (
        "[transform]\npresets = { a = 'w-100' }\nonly_presets = true",
        &[
            "3: transform.presets: not supported in this dialect by this version",
            "4: transform.only_presets: not supported in this dialect by this version",
        ],
    ),
    (
        "[transform]\npresets = 'a'",
        &["3: transform.presets: must be a table, not a string"],
    ),
    (
        "[transform]\ndialect = 'imagekit'\n[signature]\nscheme = 'imagor'",
        &[
            "4: signature: the scheme imagor does not sign the query, which the dialect reads: imagekit and query do",
        ],
    ),
    (
        "[transform]\ndialect = 'imagekit'\n[signature]\nscheme = 'query'",
        &[],
    ),
    (
        "[transform]\ndialect = 'imagekit'\n[signature]\nrequired = false",
        &[],
    ),
    (
        "[[mount]]\npath = '/a'\n[mount.transform]\ndialect = 'imagekit'\n[[mount]]\npath = '/b'",
        &[],
    ),
    ("listen = '127.0.0.1:0'", &[]),
    (
        "listen = 'localhost'",
        &[
            "2: listen: \"localhost\" is not an address and port such as \"127.0.0.1:8000\" or \"[::1]:8000\"",
        ],
    ),
    (
        "listen = 8000",
        &["2: listen: must be a string, not an integer"],
    ),
    (
        "lisen = '127.0.0.1:0'",
        &["2: lisen: unknown key (did you mean \"listen\"?)"],
    ),
    ("colour = 'red'", &["2: colour: unknown key"]),
    (
        "shutdown_timeout = 30",
        &["2: shutdown_timeout: must be a time such as \"30s\", not an integer"],
    ),
    (
        "shutdown_timeout = '30'",
        &["2: shutdown_timeout: \"30\" is not a time such as \"30s\""],
    ),
    (
        "report_only = ['ip', 'ips']",
        &["2: report_only[1]: \"ips\" is not one of ip, geo, user_agent_block, referer, signature"],
    ),
    ("playground = false", &[]),
    ("playground = true", &[]),
    (
        "playground = true\n[[mount]]\npath = '/_imgward/a'\n[[mount]]\npath = '/_imgwards'",
        &["4: mount[0].path: /_imgward/a is where the playground is"],
    ),
    (
        "listen = '127.0.0.1:1'\nadmin_listen = '127.0.0.1:1'\nclient_timeout = '0s'\nmax_connections = 0",
        &[
            "3: admin_listen: the server itself listens there",
            "4: client_timeout: must be more than 0s",
            "5: max_connections: 0 is not from 1 to 1000000",
        ],
    ),
    (
        "admin_listen = 'localhost'\n[tls]\ncert = ''",
        &[
            "2: admin_listen: \"localhost\" is not an address and port such as \"127.0.0.1:8000\" or \"[::1]:8000\"",
            "3: tls.key: TLS needs a certificate and its key",
            "4: tls.cert: the path is empty",
        ],
    ),
    (
        "[cors]\nallow_origins = [\n'https://a.example',\n'a.example',\n'https://*.a.example',\n'https://a.example/b', 'null', '*', 'https:a.example', 'https:// a.example', 'file:///']",
        &[
            "5: cors.allow_origins[1]: \"a.example\" is not an origin such as \"https://app.example.com\"",
            "6: cors.allow_origins[2]: \"https://*.a.example\" has a wildcard: \"*\" stands alone, for every origin, or not at all",
            "7: cors.allow_origins[3]: \"https://a.example/b\" is more than an origin: a scheme, a host and maybe a port",
            "7: cors.allow_origins[4]: \"null\" is the origin of everybody's sandboxed pages and local files",
            "7: cors.allow_origins[5]: \"*\" has a wildcard: \"*\" stands alone, for every origin, or not at all",
            "7: cors.allow_origins[6]: \"https:a.example\" is not an origin such as \"https://app.example.com\"",
            "7: cors.allow_origins[7]: \"https:// a.example\" is not an origin such as \"https://app.example.com\"",
            "7: cors.allow_origins[8]: \"file:///\" is not an origin such as \"https://app.example.com\"",
        ],
    ),
    (
        "[log]\nlevel = 'loud'",
        &[
            "3: log.level: \"loud\" is not one of \"error\", \"warn\", \"info\", \"debug\", \"trace\"",
        ],
    ),
    (
        "[client_ip]\ntrusted_proxies = ['10.0.0.0/8', 'proxy']\nheader = 'a b'",
        &[
            "3: client_ip.trusted_proxies[1]: \"proxy\" is not an IPv4 or IPv6 address or CIDR range",
            "4: client_ip.header: \"a b\" is not the name of a header",
        ],
    ),
    ("[ip]\nblock = ['10.0.0.0/8']\nallow = []", &[]),
    (
        "[ip]\nblock = ['10.0.0.0/8', 7]",
        &["3: ip.block[1]: must be a string, not an integer"],
    ),
    (
        "[ip]\nblock = true",
        &["3: ip.block: must be a list, not a boolean"],
    ),
    (
        "[ip]\nblock = [\n  '10.0.0.0/8',\n  '10.0.0.0/33',\n  '10.0.0.5/24',\n]\nalow = []",
        &[
            "5: ip.block[1]: \"10.0.0.0/33\" is not an IPv4 or IPv6 address or CIDR range",
            "6: ip.block[2]: \"10.0.0.5/24\" has host bits set; the network is 10.0.0.0/24",
            "8: ip.alow: unknown key (did you mean \"allow\"?)",
        ],
    ),
    (
        "[ip]\nblock = '''\n# an office\n10.0.0.0/8\n\n10.0.0.0/33 # wrong\n'''",
        &["7: ip.block[1]: \"10.0.0.0/33\" is not an IPv4 or IPv6 address or CIDR range"],
    ),
    (
        "[ip]\nblock = \"\"\"10.0.0.0/33\n10.0.0.0/8\"\"\"",
        &["3: ip.block[0]: \"10.0.0.0/33\" is not an IPv4 or IPv6 address or CIDR range"],
    ),
    (
        "[ip]\nblock = \"10.0.0.0/8\\n10.0.0.0/33\"",
        &["3: ip.block[1]: \"10.0.0.0/33\" is not an IPv4 or IPv6 address or CIDR range"],
    ),
    (
        "[ip]\nblock_file = 'list.txt'",
        &[
            "3: ip.block_file: DIR/list.txt: line 3: \"localhost\" is not an IPv4 or IPv6 address or CIDR range",
        ],
    ),
    (
        "[ip]\nallow_file = 'empty.txt'",
        &["3: ip.allow_file: the allow list of addresses is empty"],
    ),
    (
        "[ip]\nallow_file = 'none.txt'",
        &["3: ip.allow_file: DIR/none.txt cannot be read: No such file or directory (os error 2)"],
    ),
    (
        "[referer]\nmode = 'allow'",
        &["3: referer.mode: \"allow\" is not one of \"allowlist\", \"blocklist\", \"off\""],
    ),
    ("[referer]\nmode = 'allowlist'", &[]),
    ("[referer]\nmode = 'blocklist'\nmissing = 'block'", &[]),
    (
        "[referer]\nsites = ['https://a.com', 'b.com']",
        &[
            "3: referer.sites[1]: \"b.com\" is no site: it does not begin with http:// or https://, as in \"https://b.com\"",
        ],
    ),
    (
        "[[mount]]\npath = 'img'",
        &["3: mount[0].path: \"img\" is no mount path: it does not start with a slash"],
    ),
    ("[[mount]]", &["2: mount[0].path: a mount needs a path"]),
    (
        "[[mount]]\npath = '/a'\n[[mount]]\npath = '/a/'\n[mount.ip]\nblock = ['x']",
        &[
            "5: mount[1].path: there is a mount at /a already",
            "7: mount[1].ip.block[0]: \"x\" is not an IPv4 or IPv6 address or CIDR range",
        ],
    ),
    (
        "[mount]\npath = '/'",
        &["2: mount: must be a list, not a table"],
    ),
    ("ip = 7", &["2: ip: must be a table"]),
];

#[test]
fn mistakes_are_named() {
    let folder = Folder::new("mistakes");
    folder.file("list.txt", "10.0.0.0/8\n; a comment\nlocalhost # here\n");
    folder.file("empty.txt", "# nobody\n");
    folder.file("empty", "\n");
    for (text, errors) in MISTAKES {
        let text = format!("{DEVELOPMENT}{text}{ORIGIN}");
        assert_eq!(folder.errors(&text), *errors, "{text}");
    }
}

#[test]
fn what_is_no_toml_is_named() {
    let folder = Folder::new("toml");
    let cases: &[(&str, &[&str])] = &[
        (
            "listen = \n[ip\n",
            &[
                "1: string values must be quoted, expected literal string",
                "2: unclosed table, expected `]`",
            ],
        ),
        ("[ip]\nblock = []\nblock = []", &["3: duplicate key"]),
    ];
    for (text, errors) in cases {
        assert_eq!(folder.errors(text), *errors, "{text}");
    }
}

#[test]
fn a_country_header_that_nobody_is_believed_in_is_noted() {
    let folder = Folder::new("unheard");
    let geo = "[geo]\nmode = 'blocklist'\ncountries = ['KP']\ncountry_header = 'x-country'\n";
    for (client_ip, noted) in [
        ("", true),
        ("[client_ip]\ntrusted_proxies = []\n", true),
        ("[client_ip]\ntrusted_proxies = ['10.0.0.0/8']\n", false),
    ] {
        let text = format!("{DEVELOPMENT}{client_ip}{geo}{ORIGIN}");
        let notes = folder.parse(&text).unwrap().notes;
        let found = notes
            .iter()
            .any(|note| note.contains("geo.country_header is never believed"));
        assert_eq!(found, noted, "{client_ip:?} {notes:?}");
    }
}

#[test]
fn production_has_no_playground() {
    let folder = Folder::new("playground");
    let unsigned = format!("[signature]\nrequired = false{ORIGIN}");
    let errors = folder.errors(&format!("playground = true\n{unsigned}"));
    let expected = "1: playground: needs environment = \"development\", for it signs any URL";
    assert_eq!(errors, [expected]);
    for (head, playground) in [
        ("", false),
        ("playground = false\n", false),
        (DEVELOPMENT, false),
        ("environment = 'development'\nplayground = true\n", true),
    ] {
        let config = folder.parse(&format!("{head}{unsigned}")).unwrap();
        assert_eq!(config.playground, playground, "{head}");
    }
}

#[test]
fn an_origin_is_needed() {
    let folder = Folder::new("origin");
    folder.file("photo.jpg", "");
    let cases = [
        ("", "1: origin: an origin is needed: files, http or bucket"),
        (
            "[origin]\n",
            "2: origin: an origin is needed: files, http or bucket",
        ),
        ("[origin]\nfiles = ''", "3: origin.files: the path is empty"),
        (
            "[origin]\nfiles = 'photo.jpg'",
            "3: origin.files: DIR/photo.jpg is no folder",
        ),
        (
            "[origin]\nfiles = 'none'",
            "3: origin.files: DIR/none cannot be read: No such file or directory (os error 2)",
        ),
        (
            "[origin]\nbucket = 'photos'",
            "3: origin.bucket: \"photos\" is no bucket: relative URL without a base",
        ),
        (
            "[origin]\nfiles = 'images'\non_error = { not_found = 'none.png' }",
            "4: origin.on_error.not_found: DIR/none.png cannot be read: No such file or directory (os error 2)",
        ),
        (
            "[origin]\nfiles = 'images'\non_error = { timeout = 'images' }",
            "4: origin.on_error.timeout: DIR/images is no file",
        ),
        (
            "[origin]\nfiles = 'images'\non_error = { timeout = 'photo.jpg' }",
            "4: origin.on_error.timeout: no placeholder can be made of it: the source is not an image of a known format",
        ),
        (
            "[origin]\nfiles = 'images'\non_error = { source_denied = 'photo.jpg' }",
            "4: origin.on_error.source_denied: \"source_denied\" is not one of \"not_found\", \"unsupported_format\", \"source_too_large\", \"image_too_large\", \"image_corrupt\", \"origin_failed\", \"timeout\"",
        ),
        (
            "[origin]\nfiles = 'images'\non_error = ['photo.jpg']",
            "4: origin.on_error: must be a table, not a list",
        ),
        (
            "[[mount]]\npath = '/'",
            "1: origin: an origin is needed: files, http or bucket",
        ),
    ];
    for (text, error) in cases {
        assert_eq!(
            folder.errors(&format!("{DEVELOPMENT}{text}")),
            [error],
            "{text}"
        );
    }
}

#[test]
fn an_http_origin_has_rules_over_its_sources() {
    let folder = Folder::new("http");
    let cases: &[(&str, &[&str])] = &[
        ("[origin]\nhttp = true", &[]),
        (
            "[origin]\nhttp = true\nfiles = 'images'",
            &["4: origin.files: there is one origin, files, http or bucket"],
        ),
        (
            "[origin]\nfiles = 'images'\nhttps_only = true\nbase_url = 'https://a.com'",
            &[
                "5: origin.base_url: means nothing without http = true",
                "4: origin.https_only: means nothing without http = true",
            ],
        ),
        (
            "[origin]\nhttp = true\nbase_url = 'a.com'",
            &[
                "4: origin.base_url: \"a.com\" is no http or https URL without user, query, fragment and dot segments",
            ],
        ),
        (
            "[origin]\nhttp = true\nbase_url = 'http://a.com'\nhttps_only = true",
            &["4: origin.base_url: an http URL, where https_only = true"],
        ),
        (
            "[origin]\nhttp = true\nforward_headers = ['x-a', 'Host', 'a b']",
            &[
                "4: origin.forward_headers[1]: \"Host\" is no header that can be forwarded",
                "4: origin.forward_headers[2]: \"a b\" is no header that can be forwarded",
            ],
        ),
        (
            "[origin]\nhttp = true\n[source]\nallow = ['a.com', 'ftp://b.com']\nallow_regex = '('\nblock_networks = ['10.0.0.1/8']\nmax_redirects = -1",
            &[
                "5: source.allow[1]: \"ftp://b.com\" is no source: a URL begins with http:// or https://, and a host has no path",
                "7: source.block_networks[0]: \"10.0.0.1/8\" has host bits set; the network is 10.0.0.0/8",
                "8: source.max_redirects: -1 is not from 0 to 100",
            ],
        ),
    ];
    for (text, expected) in cases {
        let errors = folder.errors(&format!("{DEVELOPMENT}{text}")).into_iter();
        let is_regex = |error: &String| error.contains("source.allow_regex: no regular");
        let (regex, mut errors): (Vec<_>, Vec<_>) = errors.partition(is_regex);
        assert_eq!(regex.len(), text.matches("'('").count(), "{text}");
        errors.sort();
        let mut expected = expected.to_vec();
        expected.sort_unstable();
        assert_eq!(errors, expected, "{text}");
    }
}

#[test]
fn nothing_listed_is_nothing_in_production_and_everything_in_development() {
    let folder = Folder::new("listed");
    let unsigned = "[signature]\nrequired = false\n[origin]\nhttp = true\n";
    let lists = [
        "",
        "[source]\nallow = ['a.com']",
        "[source]\nallow_regex = 'a[.]com'",
    ];
    let cases = [
        ("production", ["", "https://a.com/", "https://a.com/"]),
        (
            "development",
            [
                "https://a.com/ https://b.com:8443/",
                "https://a.com/",
                "https://a.com/",
            ],
        ),
    ];
    for (environment, expected) in cases {
        for (list, expected) in lists.into_iter().zip(expected) {
            let text = format!("environment = '{environment}'\n{unsigned}{list}");
            let config = folder.parse(&text).unwrap();
            let policy = config.mounts[0].source.as_ref().unwrap();
            let allowed = ["https://a.com/", "https://b.com:8443/"].into_iter();
            let allowed: Vec<_> = allowed.filter(|url| policy.resolve(url).is_ok()).collect();
            assert_eq!(allowed.join(" "), expected, "{text}");
            let noted = config
                .notes
                .iter()
                .any(|note| note.contains("every source is refused"));
            assert_eq!(noted, expected.is_empty(), "{text}");
        }
    }
    let text = format!("{unsigned}[source]\nallow = ['127.0.0.1']");
    let notes = folder.parse(&text).unwrap().notes;
    assert!(
        notes
            .iter()
            .any(|note| note.contains("127.0.0.1, which is never")),
        "{notes:?}"
    );
}

#[test]
fn production_requires_signatures() {
    let folder = Folder::new("production");
    folder.file("secret", "from a file\r\n");
    let missing = "signatures are required, and there is neither a secret nor a key (required = false lets unsigned URLs pass)";
    let cases = [
        ("", Some("1: signature")),
        ("[signature]\nscheme = 'query'", Some("5: signature")),
        (
            "[[mount]]\npath = '/a'\n[mount.signature]\nsecrets = ['s']\n[[mount]]\npath = '/b'",
            Some("1: signature"),
        ),
        (
            "[[mount]]\npath = '/a'\n[mount.signature]\nsecrets = ['s']",
            None,
        ),
        (
            "[signature]\nsecrets = ['s']\n[[mount]]\npath = '/a'\n[mount.signature]\nleeway = '1s'",
            Some("9: mount[0].signature"),
        ),
        ("[signature]\nrequired = false", None),
        ("[signature]\nsecrets = ['file:secret']", None),
        (
            "[signature]\nscheme = 'query'\nkeys = [{ id = 'a', secret = 's', expires = 2027-01-01T00:00:00Z }]",
            None,
        ),
    ];
    for (text, error) in cases {
        let expected: Vec<_> = error.iter().map(|at| format!("{at}: {missing}")).collect();
        assert_eq!(
            folder.errors(&format!("{ORIGIN}\n{text}")),
            expected,
            "{text}"
        );
    }
}

#[test]
fn production_has_no_rules_that_know_nothing() {
    let folder = Folder::new("know-nothing");
    let rules = format!(
        "{ORIGIN}[signature]\nrequired = false\n[referer]\nmode = 'allowlist'\n[geo]\nmode = 'blocklist'\ncountries = ['KP']"
    );
    assert_eq!(
        folder.errors(&rules),
        [
            "6: referer.sites: the list of sites is empty",
            "8: geo.database: there is neither a database nor a header to know countries from",
        ]
    );
    let none: [&str; 0] = [];
    assert_eq!(folder.errors(&format!("{DEVELOPMENT}{rules}")), none);
}

#[test]
fn secrets_are_read_and_never_printed() {
    let folder = Folder::new("secrets");
    folder.file("secret", "hidden-in-a-file\r\n");
    let text = format!(
        "{ORIGIN}[signature]\nscheme = 'query'\nsecrets = ['file:secret', 'hidden-in-the-text', 'env:PATH']
keys = [{{ id = 'pk', secret = 'hidden-in-a-key' }}]"
    );
    let config = folder.parse(&text).unwrap();
    let path = std::env::var("PATH").unwrap();
    for shown in [config.to_string(), format!("{config:?}")] {
        assert!(
            !shown.contains("hidden") && !shown.contains(&path),
            "{shown}"
        );
    }
    let printed = config.to_string();
    for shown in [
        "secrets = [\"file:secret\", \"(redacted)\", \"env:PATH\"]",
        "{ id = \"pk\", secret = \"(redacted)\" }",
    ] {
        assert!(printed.contains(shown), "{shown} in {printed}");
    }
    let signed = |signer: &crate::signature::Signer| signer.sign("/a.jpg", None).unwrap();
    let same = crate::signature::Keyring::of_secrets(["hidden-in-a-file"]);
    let same = crate::signature::Signer::new(crate::signature::Scheme::query(), same).unwrap();
    assert_eq!(
        signed(config.mounts[0].signer.as_ref().unwrap()),
        signed(&same)
    );
}

#[test]
fn a_mounts_table_replaces_the_one_at_the_top() {
    let folder = Folder::new("mounts");
    let text = format!(
        "{DEVELOPMENT}{ORIGIN}
[referer]
mode = 'allowlist'
sites = ['https://a.com']
missing = 'block'
[ip]
block = ['192.0.2.1']

[[mount]]
path = '/own'
[mount.referer]
mode = 'allowlist'
sites = ['https://b.com']

[[mount]]
path = '/inherited/'
"
    );
    let config = folder.parse(&text).unwrap();
    assert_eq!(
        config.notes,
        [
            "line 15: mount[0].referer.missing is back to its default, for the table replaces the one at the top"
        ]
    );
    let [own, inherited] = &config.mounts[..] else {
        panic!("{:?}", config.mounts);
    };
    assert_eq!(inherited.path.to_string(), "/inherited");
    assert!(own.ip.is_some() && inherited.ip.is_some());
    let printed = config.to_string();
    let at = |text: &str| {
        printed
            .find(text)
            .unwrap_or_else(|| panic!("{text} in {printed}"))
    };
    assert!(at("\"https://b.com\"") < at("path = \"/inherited\""));
    assert!(at("path = \"/inherited\"") < at("\"https://a.com\""));
    assert!(at("missing = \"allow\"") < at("missing = \"block\""));
}

#[test]
fn what_is_printed_is_a_configuration_of_the_same_effect() {
    let folder = Folder::new("print");
    let text = format!(
        "{DEVELOPMENT}shutdown_timeout = '1500ms'\nreport_only = ['ip']{ORIGIN}[ip]\nblock = ['192.0.2.1']"
    );
    let config = folder.parse(&text).unwrap();
    let printed = config.to_string();
    let again = folder.parse(&printed).unwrap();
    assert_eq!(again.to_string(), printed);
    assert!(again.reports_only(Rule::Ip) && !again.reports_only(Rule::Referer));
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let error = Config::read(Path::new("/nowhere/imgward.toml")).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("/nowhere/imgward.toml: cannot be read: "),
        "{error}"
    );
}

#[test]
fn a_path_may_state_an_expiry_under_every_scheme() {
    let folder = Folder::new("path-expiry");
    let cases = [
        ("imagor", "/unsafe/filters:expire(1000)/a.jpg"),
        ("imgproxy", "/insecure/filters:expire(1000)/a.jpg"),
        ("imagekit", "/filters:expire(1000)/a.jpg"),
        ("optstuff", "/filters:expire(1000)/a.jpg"),
        ("query", "/filters:expire(1000)/a.jpg"),
    ];
    for (scheme, path) in cases {
        let text = format!("{ORIGIN}[signature]\nscheme = '{scheme}'\nrequired = false");
        let config = folder.parse(&text).unwrap();
        let (head, ()) = http::Request::get(path).body(()).unwrap().into_parts();
        let why = config.mounts[0].signature.check(&head).unwrap_err();
        assert_eq!(why.code(), "url_expired", "{scheme}");
    }
}

#[test]
fn the_scheme_is_that_of_the_dialect_unless_it_is_written() {
    let folder = Folder::new("dialect-scheme");
    let keys = "keys = [{ id = 'pk_a', secret = 'sk_a' }]";
    let cases = [
        ("ipx", "", "/w_8/a.jpg?key=pk_a&sig="),
        ("optstuff", "", "/w_8/a.jpg?key=pk_a&sig="),
        ("ipx", "scheme = 'query'", "/w_8/a.jpg?kid=pk_a&sig="),
    ];
    for (dialect, scheme, beginning) in cases {
        let text = format!(
            "[origin]\nfiles = '.'\n[signature]\n{scheme}\n{keys}\n[transform]\ndialect = '{dialect}'"
        );
        let config = folder.parse(&text).unwrap();
        let signer = config.mounts[0].signer.clone().unwrap();
        let url = signer.sign("w_8/a.jpg", None).unwrap();
        assert!(url.starts_with(beginning), "{url}");
    }
    // The table of the file, for the dialect of each mount.
    let text = format!(
        "[origin]\nfiles = '.'\n[signature]\n{keys}\n[[mount]]\npath = '/a'\n[mount.transform]\ndialect = 'ipx'"
    );
    assert!(
        folder
            .parse(&format!("[transform]\ndialect = 'optstuff'\n{text}"))
            .is_ok()
    );
    // imagor's paths may state an expiry, IPX's may not.
    let text = "[origin]\nfiles = '.'\n[signature]\nrequired = false\n[transform]\ndialect = 'ipx'";
    let config = folder.parse(text).unwrap();
    let request = http::Request::get("/_/filters:expire(1000)/a.jpg").body(());
    let (head, ()) = request.unwrap().into_parts();
    assert!(config.mounts[0].signature.check(&head).is_ok());
}

#[test]
fn a_mount_has_the_scheme_of_its_dialect() {
    let folder = Folder::new("dialects");
    let text = format!(
        "{ORIGIN}
[signature]
secrets = ['6162']
salts = ['6364']

[transform]
dialect = 'imgproxy'

[[mount]]
path = '/a'

[[mount]]
path = '/b'
[mount.transform]
dialect = 'imgproxy'
presets = {{ thumb = 'rs:fill:30:20', other = 'pr:thumb/q:5' }}
only_presets = true
watermark = 'local:///logo.png'

[[mount]]
path = '/c'
[mount.signature]
scheme = 'query'
secrets = ['ab']
"
    );
    let config = folder.parse(&text).unwrap();
    let scheme_of = |printed: &str| -> Vec<String> {
        let lines = printed.lines().filter(|line| line.starts_with("scheme ="));
        lines.map(str::to_owned).collect()
    };
    let printed = config.to_string();
    let expected = ["imgproxy", "imgproxy", "query"].map(|name| format!("scheme = {name:?}"));
    assert_eq!(scheme_of(&printed), expected);
    let preset = "presets = { \"other\" = \"pr:thumb/q:5\", \"thumb\" = \"rs:fill:30:20\" }";
    assert!(printed.contains(preset), "{printed}");

    let [a, b, _] = &config.mounts[..] else {
        panic!("{:?}", config.mounts);
    };
    for (mount, target, passes) in [
        (a, "rs:fill:30:20/plain/a.jpg", true),
        (b, "thumb/plain/a.jpg", true),
        (b, "rs:fill:30:20/plain/a.jpg", false),
    ] {
        let url = mount.signer.as_ref().unwrap().sign(target, None).unwrap();
        let (mut head, ()) = http::Request::get(&url).body(()).unwrap().into_parts();
        let mut verified = mount.signature.check(&head).unwrap();
        mount.signature.apply(&mut head, &mut verified);
        assert_eq!(mount.dialect.check(&head).is_ok(), passes, "{url}");
    }

    // The table is the file's, and the dialect the mount's.
    let text = format!(
        "{ORIGIN}[signature]\nrequired = false\n[[mount]]\npath = '/a'\n[[mount]]\npath = '/b'\n[mount.transform]\ndialect = 'imgproxy'"
    );
    let config = folder.parse(&text).unwrap();
    let printed = config.to_string();
    let expected = ["imagor", "imgproxy"].map(|name| format!("scheme = {name:?}"));
    assert_eq!(scheme_of(&printed), expected);
    assert_eq!(folder.parse(&printed).unwrap().to_string(), printed);
    let (head, ()) = http::Request::get("/b/_/exp:1/plain/a.jpg")
        .body(())
        .unwrap()
        .into_parts();
    let why = config.mounts[1].signature.check(&head).unwrap_err();
    assert_eq!(why.code(), "url_expired");
}

#[test]
fn what_only_imgproxy_has_is_checked() {
    let folder = Folder::new("imgproxy");
    let imgproxy = "[transform]\ndialect = 'imgproxy'\n";
    for (text, errors) in [
        (format!("{imgproxy}presets = {{}}\nwatermark = ''"), &[][..]),
        (
            format!("{imgproxy}presets = {{ a = 'w:x' }}"),
            &["4: transform.presets.a: the option w cannot have the arguments \"x\""],
        ),
        (
            format!("{imgproxy}presets = {{ a = 1 }}\nwatermark = '../a.png'"),
            &[
                "4: transform.presets.a: must be a string, not an integer",
                "5: transform.watermark: the name of the image has a dot segment",
            ],
        ),
        (
            format!("{imgproxy}presets = 'a'"),
            &["4: transform.presets: must be a table, not a string"],
        ),
        (
            format!("{imgproxy}[transform.presets]\na = 'pr:b'\nb = 'pr:a'"),
            &["5: transform.presets.a: a preset lies in itself"],
        ),
        (
            "[transform]\npresets = { a = 'w:1' }\nonly_presets = true\nwatermark = 'a'".into(),
            &[
                "3: transform.presets: not supported in this dialect by this version",
                "4: transform.only_presets: not supported in this dialect by this version",
                "5: transform.watermark: not supported in this dialect by this version",
            ],
        ),
    ] {
        let text = format!("{DEVELOPMENT}{text}{ORIGIN}");
        assert_eq!(folder.errors(&text), errors, "{text}");
    }
}

#[test]
fn a_cache_is_on_where_it_is_told_to_keep_something() {
    let folder = Folder::new("cache");
    let parse = |table: &str| {
        let text = format!("{DEVELOPMENT}{ORIGIN}[ip]\nblock = ['192.0.2.1']\n[cache]\n{table}");
        let config = folder.parse(&text).unwrap();
        let printed = folder.parse(&config.to_string()).unwrap();
        assert_eq!(printed.mounts[0].cache, config.mounts[0].cache, "{table}");
        config.mounts[0].cache.clone()
    };
    for table in ["", "ttl = '1h'", "browser_ttl = '1h'\nshared = true"] {
        assert_eq!(parse(table), None, "{table}");
    }
    let cache = parse("memory = '1MiB'\nstale_while_revalidate = '1m'").unwrap();
    assert_eq!(cache.memory, 1024 * 1024);
    #[cfg(feature = "object-store")]
    assert!(cache.store.is_none());
    assert_eq!(cache.ttl, Duration::from_secs(30 * 24 * 60 * 60));
    assert_eq!(cache.stale_while_revalidate, Duration::from_secs(60));
    assert_eq!(cache.negative_ttl, Duration::from_secs(10));
    assert!(!cache.no_store);
    assert!(parse("no_store = true").unwrap().no_store);
}

#[cfg(feature = "object-store")]
#[test]
fn a_store_is_the_url_of_a_folder_or_a_bucket() {
    let folder = Folder::new("store");
    for (store, message) in [
        ("file:///var/cache/imgward", None),
        ("file://cache", Some("a folder is written file:///folder")),
        ("cache", Some("relative URL without a base")),
    ] {
        let errors = folder.errors(&format!("{DEVELOPMENT}{ORIGIN}[cache]\nstore = '{store}'"));
        let expected =
            message.map(|message| format!("6: cache.store: {store:?} is no bucket: {message}"));
        assert_eq!(errors, Vec::from_iter(expected), "{store}");
    }
}

#[test]
fn origins_are_written_as_browsers_send_them() {
    let folder = Folder::new("cors");
    let cases = [
        ("[]", None),
        ("''", None),
        ("['*']", Some(Cors::Any)),
        (
            "['HTTPS://App.Example.com:443/', 'http://localhost:3000', 'https://b\u{fc}cher.example', 'http://[::1]:80', 'capacitor://localhost']",
            Some(Cors::Origins(
                [
                    "https://app.example.com",
                    "http://localhost:3000",
                    "https://xn--bcher-kva.example",
                    "http://[::1]",
                    "capacitor://localhost",
                ]
                .map(http::HeaderValue::from_static)
                .into(),
            )),
        ),
    ];
    for (origins, cors) in cases {
        let text = format!("{DEVELOPMENT}[cors]\nallow_origins = {origins}{ORIGIN}");
        assert_eq!(
            folder.parse(&text).unwrap().mounts[0].cors,
            cors,
            "{origins}"
        );
    }
}

#[test]
fn the_files_of_a_configuration_are_known() {
    let folder = Folder::new("files");
    folder.file("secret", "abc\n");
    folder.file("block", "192.0.2.1\n");
    let path = folder.0.join("imgward.toml");
    let text = "[signature]\nsecrets = ['file:secret', 'file:secret']\n[ip]\nblock_file = 'block'\nallow_file = 'none'";
    std::fs::write(&path, format!("{text}{ORIGIN}")).unwrap();
    let paths = |files: &[ConfigFile]| -> Vec<_> {
        let files = files.iter().map(|file| file.path().file_name().unwrap());
        files
            .map(|name| name.to_string_lossy().into_owned())
            .collect()
    };
    let errors = Config::read(&path).unwrap_err();
    let mut files = paths(errors.files());
    files.sort();
    // One that is not there may come, and make it right.
    assert_eq!(files, ["block", "imgward.toml", "none", "secret"]);
    folder.file("none", "192.0.2.2\n");
    let changed = errors.files().iter().filter(|file| file.now() != **file);
    assert_eq!(changed.count(), 1);
    let config = Config::read(&path).unwrap();
    assert_eq!(paths(&config.files).len(), 4);
    let errors = Config::read(&folder.0.join("elsewhere.toml")).unwrap_err();
    assert_eq!(paths(errors.files()), ["elsewhere.toml"]);
}
