//! The policy panel's verdicts.

use super::{ask, server, text};
use crate::support::{Folder, Server, run};

const RULES: &str = "environment = 'development'
playground = true
report_only = ['user_agent_block']
[client_ip]
trusted_proxies = ['127.0.0.1']
[ip]
block = ['192.0.2.0/28']
[geo]
mode = 'blocklist'
countries = ['KP']
country_header = 'x-country'
[user_agent_block]
contains = ['BadBot']
[referer]
mode = 'allowlist'
sites = ['https://example.com']
[[user_agent]]
contains = ['Old']
accept = 'image/webp'
[signature]
required = true
secrets = ['env:IMGWARD_TEST_SECRET']
[origin]
files = 'IMAGES'
[[mount]]
path = '/'
[[mount]]
path = '/proxy'
[mount.transform]
dialect = 'imgproxy'
[mount.signature]
required = false
";

/// Clients: an address, a country, headers.
const CLIENTS: [(&str, &str, &[&str]); 10] = [
    ("203.0.113.7", "", &[]),
    ("192.0.2.15", "", &[]),
    ("192.0.2.16", "", &[]),
    ("2001:db8::1", "KP", &[]),
    (
        "203.0.113.7",
        "de",
        &["User-Agent: BadBot/1", "Accept: image/avif"],
    ),
    (
        "203.0.113.7",
        "",
        &["Referer: https://example.com/a", "User-Agent: Old"],
    ),
    (
        "203.0.113.7",
        "",
        &["Referer: https://example.com.evil.example/"],
    ),
    ("127.0.0.1", "", &["X-Forwarded-For: 192.0.2.1"]),
    (
        "127.0.0.1",
        "",
        &["X-Forwarded-For: 198.51.100.1", "X-Country: KP"],
    ),
    (
        "127.0.0.1",
        "CH",
        &["X-Forwarded-For: 198.51.100.1", "X-Country: KP"],
    ),
];

#[test]
fn verdicts_are_those_of_check() {
    let folder = Folder::new("playground-check");
    let config = folder.config(RULES);
    let server = Server::start(&config);
    let urls = ask(&server, "urls?image=cat.jpg&w=8&lifetime=3600");
    let mounts = urls["mounts"].as_array().unwrap();
    let signed = text(&mounts[0], "url");
    assert_eq!(server.get(signed, &[]).code(), "ok");
    let free = text(&mounts[1], "url");
    assert_eq!(free, "/proxy/insecure/rs:fit:8:0/plain/cat.jpg");
    assert_eq!(server.get(free, &[]).code(), "ok");

    let tampered = signed.replace("8x0", "9x0");
    let targets = [
        signed,
        &tampered,
        free,
        "/unsafe/8x8/cat.jpg",
        "/a/../b",
        "/proxy/insecure/w:x/plain/a",
    ];
    let encode =
        |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let mut codes = std::collections::BTreeSet::new();
    for target in targets {
        for (ip, country, headers) in CLIENTS {
            let mut arguments = vec!["check", "--config", &config, "--ip", ip];
            let mut query = format!(
                "check?rules=server&target={}&ip={ip}&country={country}",
                encode(target)
            );
            if !country.is_empty() {
                arguments.extend(["--country", country]);
            }
            for header in headers {
                arguments.extend(["--header", header]);
                query += "&header=";
                query += &encode(header);
            }
            arguments.push(target);
            let (status, out, error) = run(&arguments);
            assert_eq!(error, "", "{arguments:?}");
            let answer = ask(&server, &query);
            assert_eq!(answer["admitted"], status == Some(0), "{query}");
            let lines = answer["verdicts"]
                .as_array()
                .unwrap()
                .iter()
                .map(|verdict| {
                    let [layer, verdict, why] =
                        ["layer", "verdict", "why"].map(|key| text(verdict, key));
                    codes.insert(verdict.to_owned());
                    format!("{layer:<17} {verdict:<18} {why}")
                        .trim_end()
                        .to_owned()
                });
            assert_eq!(
                lines.collect::<Vec<_>>(),
                out.lines().collect::<Vec<_>>(),
                "{query}"
            );
        }
    }
    let expected = [
        "bad_request",
        "country_blocked",
        "ip_blocked",
        "pass",
        "referer_denied",
        "report user_agent_blocked",
        "signature_invalid",
        "signature_missing",
    ];
    assert_eq!(
        codes.iter().map(String::as_str).collect::<Vec<_>>(),
        expected
    );

    // No secret is told.
    let state = server.get("/_imgward/api/state", &[]);
    assert!(!String::from_utf8_lossy(&state.body).contains(crate::support::SECRET));
}

#[test]
fn the_example_has_a_rule_for_each_try() {
    let server = server();
    let urls = ask(&server, "urls?image=cat.jpg&w=800&lifetime=3600");
    let url = text(&urls["urls"][0], "url");
    let check = |rest: &str| {
        let target: String = url::form_urlencoded::byte_serialize(url.as_bytes()).collect();
        let answer = ask(
            &server,
            &format!("check?rules=example&target={target}&{rest}"),
        );
        let last = answer["verdicts"]
            .as_array()
            .unwrap()
            .last()
            .unwrap()
            .clone();
        text(&last, "verdict").to_owned()
    };
    assert_eq!(check("ip=203.0.113.7"), "pass");
    assert_eq!(
        check("ip=203.0.113.7&header=Referer:https://www.shop.example/"),
        "pass"
    );
    assert_eq!(check("ip=198.51.100.7"), "ip_blocked");
    assert_eq!(check("ip=203.0.113.7&country=kp"), "country_blocked");
    assert_eq!(
        check("ip=203.0.113.7&header=User-Agent:BadBot"),
        "user_agent_blocked"
    );
    assert_eq!(
        check("ip=203.0.113.7&header=Referer:https://elsewhere.example/"),
        "referer_denied"
    );
    for rest in ["ip=x", "ip=1.2.3.4&country=XXX", "ip=1.2.3.4&header=x", ""] {
        let target = format!("/_imgward/api/check?rules=example&target=/a&{rest}");
        assert_eq!(server.get(&target, &[]).code(), "bad_request", "{rest}");
    }
}
