//! Rules to try the policy panel with, where the server has none of its own.

use std::io;
use std::path::Path;

use imgward::config::Config;

use super::routes::Secret;

/// The rules, as the page shows them. They are over the playground's own URLs in imagor's dialect.
pub(super) const TEXT: &str = r#"[ip]
block = ["198.51.100.0/24", "2001:db8:bad::/48"]

[geo]
mode = "blocklist"
countries = ["KP"]
country_header = "cf-ipcountry"

[client_ip]
trusted_proxies = ["127.0.0.1"]

[user_agent_block]
contains = ["BadBot"]

[referer]
mode = "allowlist"
sites = ["https://example.com", "https://*.shop.example"]

[[user_agent]]
contains = ["Android 11"]
accept = "image/webp,image/apng,*/*;q=0.8"

[signature]
secrets = ["env:IMAGE_SECRET"]

[transform]
auto_format = ["webp"]

[origin]
files = "."

[[mount]]
path = "/_imgward/imagor"
"#;

pub(super) fn config(secret: &Secret) -> io::Result<Config> {
    let text = TEXT.replace("env:IMAGE_SECRET", secret.text());
    Config::parse(&text, Path::new("example.toml")).map_err(io::Error::other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_has_no_mistakes() {
        let config = config(&Secret::random().unwrap()).unwrap();
        assert_eq!(config.notes, [""; 0]);
    }
}
