//! The rules that the requests are made for.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use imgward::config::Config;
use imgward::signature::Signer;

/// Networks of `[ip]`: their first and last address.
pub(super) const NETWORKS: [(&str, &str); 4] = [
    ("192.0.2.64", "192.0.2.127"),
    ("198.51.100.7", "198.51.100.7"),
    ("192.0.2.100", "192.0.2.103"),
    ("2001:db8:40::", "2001:db8:7f:ffff:ffff:ffff:ffff:ffff"),
];

pub(super) const COUNTRIES: [&str; 3] = ["KP", "IR", "DE"];

pub(super) const AGENTS: [&str; 3] = ["BadBot", "scraper/1", "Android 11"];

/// Hosts that `[referer]` has, and whether those below them count.
pub(super) const SITES: [(&str, bool); 4] = [
    ("ik.imagekit.io", false),
    ("example.com", true),
    ("shop.example", false),
    ("xn--bcher-kva.example", true),
];

/// Hosts that `[source]` has.
pub(super) const SOURCES: [&str; 5] = [
    "a.img.invalid",
    "cdn-7.shop.invalid",
    "site.invalid",
    "www.mydomain.invalid",
    "127.0.0.1",
];

/// The mounts with keys, a target of each, and whether its URLs say so where they are not signed.
pub(super) const SIGNED: [(&str, &str); 6] = [
    ("/imagor", "8x8/cat.jpg"),
    ("/thumbor", "8x8/cat.jpg"),
    ("/imgproxy", "rs:fill:8:8/plain/cat.jpg"),
    ("/imagekit", "tr:w-8,h-8/cat.jpg"),
    ("/optstuff", "w_8,h_8/cat.jpg"),
    ("/query", "8x8/cat.jpg"),
];

/// The mounts without, and how their URLs begin.
pub(super) const OPEN: [(&str, &str); 4] = [
    ("/strict", "unsafe/"),
    ("/open-imgproxy", "insecure/"),
    ("/open-imagekit", ""),
    ("/open-ipx", ""),
];

const CONFIG: &str = r#"
[client_ip]
trusted_proxies = ["127.0.0.1", "10.0.0.0/8"]

[signature]
secrets = ["FIRST", "SECOND"]

[transform]
max_output_pixels = 10_000
load_timeout = "2s"
auto_format = ["webp"]

[origin]
files = "IMAGES"

[cache]
memory = "64MiB"

[[mount]]
path = "/ip-block"
signature = { required = false }
[mount.ip]
block = ["192.0.2.64/26", "198.51.100.7", "2001:db8:40::/42"]

[[mount]]
path = "/ip-allow"
signature = { required = false }
[mount.ip]
allow = ["192.0.2.64/26", "198.51.100.7", "2001:db8:40::/42"]
block = ["192.0.2.100/30"]

[[mount]]
path = "/geo-block"
signature = { required = false }
[mount.geo]
mode = "blocklist"
countries = ["KP", "IR", "DE"]
country_header = "x-country"

[[mount]]
path = "/geo-allow"
signature = { required = false }
[mount.geo]
mode = "allowlist"
countries = ["KP", "IR", "DE"]
country_header = "x-country"
status = 451

[[mount]]
path = "/agent"
signature = { required = false }
[mount.user_agent_block]
contains = ["BadBot", "scraper/1"]
[[mount.user_agent]]
contains = ["Android 11"]
accept = "image/jpeg"

[[mount]]
path = "/referer-block"
signature = { required = false }
[mount.referer]
mode = "blocklist"
sites = ["https://ik.imagekit.io", "https://*.example.com", "http://shop.example:8080", "https://*.bücher.example"]
cross_site = "block"

[[mount]]
path = "/referer-allow"
signature = { required = false }
[mount.referer]
mode = "allowlist"
sites = ["https://ik.imagekit.io", "https://*.example.com", "http://shop.example:8080", "https://*.bücher.example"]

[[mount]]
path = "/referer-strict"
signature = { required = false }
[mount.referer]
mode = "allowlist"
sites = ["https://ik.imagekit.io", "https://*.example.com", "http://shop.example:8080", "https://*.bücher.example"]
match_scheme = true
missing = "block"

[[mount]]
path = "/imagor"
[mount.signature]
secrets = ["FIRST", "SECOND"]
algorithm = "sha256"
truncate = 40
leeway = "30s"

[[mount]]
path = "/thumbor"
transform = { dialect = "thumbor", max_output_pixels = 10_000 }
[mount.signature]
secrets = ["FIRST", "SECOND"]
max_lifetime = "1h"

[[mount]]
path = "/imgproxy"
transform = { dialect = "imgproxy", max_output_pixels = 10_000 }
[mount.signature]
secrets = ["FIRST", "SECOND"]
salts = ["00ff", "ff00"]
require_expiry = true

[[mount]]
path = "/imagekit"
transform = { dialect = "imagekit", max_output_pixels = 10_000 }
[mount.signature]
secrets = ["FIRST", "SECOND"]
max_lifetime = "1h"

[[mount]]
path = "/optstuff"
transform = { dialect = "optstuff", max_output_pixels = 10_000 }
[mount.signature]
max_lifetime = "1h"
keys = [
    { id = "pk_a", secret = "FIRST" },
    { id = "pk_b", secret = "SECOND" },
    { id = "pk_old", secret = "SECOND", expires = "2020-01-01T00:00:00Z" },
]

[[mount]]
path = "/query"
[mount.signature]
scheme = "query"
secrets = ["FIRST", "SECOND"]
keys = [{ id = "k", secret = "SECOND" }]
max_lifetime = "1h"

[[mount]]
path = "/strict"
signature = { required = false }
transform = { strict = true, max_output_pixels = 10_000 }

[[mount]]
path = "/open-imgproxy"
signature = { required = false }
transform = { dialect = "imgproxy", max_output_pixels = 10_000 }

[[mount]]
path = "/open-imagekit"
signature = { required = false }
transform = { dialect = "imagekit", max_output_pixels = 10_000 }

[[mount]]
path = "/open-ipx"
signature = { required = false }
transform = { dialect = "ipx", max_output_pixels = 10_000 }

[[mount]]
path = "/http"
signature = { required = false }
origin = { http = true }
[mount.source]
allow = ["*.img.invalid", "cdn-*.shop.invalid", "https://site.invalid/shop", "127.0.0.1", "127.0.0.4"]
allow_regex = '([\w-]+\.)?mydomain\.invalid'
allow_networks = ["127.0.0.0/30"]

[[mount]]
path = "/below"
signature = { required = false }
[mount.source]
allow_private_networks = true
[mount.origin]
http = true
base_url = "http://127.0.0.1:PORT/shop/"

[[mount]]
path = "/all"
[mount.ip]
block = ["192.0.2.64/26", "198.51.100.7", "2001:db8:40::/42"]
[mount.geo]
mode = "blocklist"
countries = ["KP", "IR", "DE"]
country_header = "x-country"
[mount.user_agent_block]
contains = ["BadBot", "scraper/1"]
[mount.referer]
mode = "allowlist"
sites = ["https://ik.imagekit.io", "https://*.example.com", "http://shop.example:8080", "https://*.bücher.example"]
"#;

/// A configuration, and what signs for it: the first of its secrets, the second, and one that it has not.
pub(super) struct World {
    pub(super) config: String,
    /// imagor's variables instead.
    pub(super) variables: Vec<(&'static str, String)>,
    /// Where originals come from that a URL names.
    pub(super) port: u16,
    signers: [Config; 3],
}

impl World {
    pub(super) fn new(port: u16) -> Self {
        let config = CONFIG.replace("PORT", &port.to_string());
        // Every scheme takes what is hexadecimal.
        let (first, second, other) = ("6669727374", "7365636f6e64", "6f74686572");
        let with = |one: &str, two: &str| {
            let text = config.replace("FIRST", one).replace("SECOND", two);
            text.replace("IMAGES", crate::support::IMAGES)
        };
        let read = |one, two| Config::parse(&with(one, two), Path::new("imgward.toml")).unwrap();
        Self {
            config: with(first, second),
            variables: Vec::new(),
            port,
            signers: [read(first, second), read(second, first), read(other, other)],
        }
    }

    /// Of a server that stands in for imagor.
    pub(super) fn imagor(port: u16) -> Self {
        let with = |secret: &str| {
            let variables = [
                ("IMAGOR_SECRET", secret),
                ("IMAGOR_SIGNER_TYPE", "sha256"),
                ("IMAGOR_SIGNER_TRUNCATE", "40"),
                ("FILE_LOADER_BASE_DIR", crate::support::IMAGES),
                ("HTTP_LOADER_ALLOWED_SOURCES", "*.img.invalid,127.0.0.1"),
                ("HTTP_LOADER_BLOCK_LOOPBACK_NETWORKS", "0"),
                ("IMAGOR_LOAD_TIMEOUT", "2s"),
            ];
            Vec::from(variables.map(|(name, value)| (name, String::from(value))))
        };
        let read = |secret| {
            let variables = with(secret).into_iter();
            Config::from_imagor_env(variables.map(|(name, value)| (name.into(), value.into())))
                .unwrap()
        };
        Self {
            config: String::new(),
            variables: with("first"),
            port,
            signers: [read("first"), read("first"), read("other")],
        }
    }

    /// What signs for a mount.
    pub(super) fn signer(&self, mount: &str, secret: usize) -> &Signer {
        let mounts = &self.signers[secret].mounts;
        let mount = mounts.iter().find(|found| found.path.prefix() == mount);
        mount.unwrap().signer.as_ref().unwrap()
    }
}

pub(super) fn now() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.unwrap().as_secs()
}
