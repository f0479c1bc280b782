//! Files that are no configuration never get further than a list of mistakes.

use std::path::Path;

use proptest::prelude::*;

use crate::config::Config;

/// A file with something in every table.
const EVERYTHING: &str = r#"
listen = "127.0.0.1:0"
environment = "production"
report_only = ["ip"]
shutdown_timeout = "5s"
client_timeout = "10s"
max_connections = 4096
admin_listen = "127.0.0.1:8001"
[otel]
endpoint = "http://127.0.0.1:4317"
[cors]
allow_origins = ["https://app.example.com"]
[client_ip]
trusted_proxies = ["127.0.0.1", "10.0.0.0/8"]
header = "forwarded"
[ip]
block = """
163.120.4.15
10.0.0.0/24 # a network
"""
[geo]
mode = "blocklist"
countries = ["KP"]
country_header = "x-country"
[referer]
mode = "allowlist"
sites = ["https://*.example.com"]
[signature]
scheme = "query"
keys = [{ id = "a", secret = "s", expires = 2027-01-01T00:00:00Z }]
max_lifetime = "7d"
[user_agent_block]
contains = ["BadBot"]
[[user_agent]]
contains = ["Android 11"]
accept = "image/webp"
[transform]
auto_format = ["webp"]
quality = { jpeg = 80 }
max_source_bytes = "50MiB"
max_source_pixels = 16_800_000
[origin]
files = "."
[log]
format = "json"
[[mount]]
path = "/a"
[mount.ip]
allow = ["2001:db8::/32"]
"#;

/// Either a configuration, or mistakes of lines that the text has.
fn is_read_or_refused(text: &str) {
    if let Err(errors) = Config::parse(text, Path::new("imgward.toml")) {
        assert!(errors.iter().count() > 0, "{text}");
        let lines = text.matches('\n').count() + 1;
        for error in errors.iter() {
            assert!(
                error.line().is_some_and(|line| (1..=lines).contains(&line)),
                "{error}: {text}"
            );
        }
    }
}

#[test]
fn every_table_is_read() {
    let config = Config::parse(EVERYTHING, Path::new("imgward.toml"));
    assert_eq!(config.err().map(|errors| errors.to_string()), None);
}

proptest! {
    #[test]
    fn a_damaged_file_is_read_or_refused(
        at in 0..EVERYTHING.len(),
        length in 0_usize..40,
        instead in r#"[\[\]{}a-z0-9.,='" \n#-]{0,12}"#,
    ) {
        let mut text = String::from(EVERYTHING);
        let end = (at + length).min(text.len());
        text.replace_range(at..end, &instead);
        is_read_or_refused(&text);
    }

    #[test]
    fn any_text_is_read_or_refused(text in any::<String>()) {
        is_read_or_refused(&text);
    }
}
