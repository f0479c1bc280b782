//! `admin_listen`, and what is logged.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::support::{Folder, Server};

const IMAGE: &str = "/img/unsafe/8x8/coffee.jpg";

const CONFIG: &str = "environment = 'development'
admin_listen = '127.0.0.1:0'
[client_ip]
trusted_proxies = ['127.0.0.1']
[user_agent_block]
contains = ['BadBot']
[cache]
memory = '16MiB'
[origin]
files = 'IMAGES'
[[mount]]
path = '/img'
";

/// The samples of a page in Prometheus' text format, each checked for its form.
fn samples(page: &str) -> BTreeMap<String, f64> {
    let is_name = |name: &str| {
        let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        !name.is_empty() && name.chars().all(is_word)
    };
    let mut typed = Vec::new();
    let mut samples = BTreeMap::new();
    for line in page.lines().filter(|line| !line.is_empty()) {
        if let Some(comment) = line.strip_prefix("# ") {
            let words: Vec<_> = comment.split(' ').collect();
            if let ["TYPE", name, kind] = words[..] {
                assert!(is_name(name), "{line}");
                assert!(["counter", "gauge", "histogram"].contains(&kind), "{line}");
                typed.push((name.to_owned(), kind.to_owned()));
            } else {
                assert_eq!(words[0], "HELP", "{line}");
            }
            continue;
        }
        let (key, value) = line.rsplit_once(' ').unwrap();
        let name = key.split('{').next().unwrap();
        assert!(is_name(name), "{line}");
        let is_of = |(typed, kind): &(String, String)| match &**kind {
            "histogram" => ["_bucket", "_sum", "_count"]
                .iter()
                .any(|suffix| name == format!("{typed}{suffix}")),
            "counter" => name == *typed && name.ends_with("_total"),
            _ => name == *typed,
        };
        assert!(typed.iter().any(is_of), "{line} has no type");
        let value = value.parse().unwrap_or_else(|_| panic!("{line}"));
        assert_eq!(samples.insert(key.to_owned(), value), None, "{line}");
    }
    samples
}

/// Waits until it is so.
fn eventually(mut is_so: impl FnMut() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < Duration::from_secs(60));
    }
}

#[test]
fn the_metrics_tell_what_happened() {
    let folder = Folder::new("admin");
    let server = Server::start(&folder.config(CONFIG));
    assert_eq!(server.admin("/healthz").status, 200);
    assert_eq!(server.admin("/readyz").status, 200);
    assert_eq!(server.admin("/").status, 404);
    // The images are not there, and what is asked for here is counted.
    assert_eq!(server.admin(IMAGE).status, 404);
    assert_eq!(server.get("/metrics", &[]).code(), "not_found");
    assert_eq!(server.get("/healthz", &[]).code(), "not_found");

    for _ in 0..3 {
        assert_eq!(server.get(IMAGE, &[]).status, 200);
    }
    assert_eq!(server.send("HEAD", IMAGE, &[]).status, 200);
    assert_eq!(server.get("/img/unsafe/none.jpg", &[]).status, 404);
    let bot = server.get(IMAGE, &["User-Agent: BadBot/1.0"]);
    assert_eq!(bot.code(), "user_agent_blocked");
    assert_eq!(server.send("DELETE", IMAGE, &[]).status, 405);
    assert_eq!(server.send("PURGE-7", IMAGE, &[]).status, 405);

    let page = server.admin("/metrics");
    assert_eq!(
        page.header("content-type"),
        "text/plain; version=0.0.4; charset=utf-8"
    );
    assert_eq!(page.header("cache-control"), "no-store");
    let samples = samples(&String::from_utf8(page.body).unwrap());
    let requests = |method: &str, status: u16, code: &str| {
        format!(
            "imgward_http_requests_total{{method=\"{method}\",status=\"{status}\",code=\"{code}\"}}"
        )
    };
    for (key, value) in [
        (requests("GET", 200, ""), 3.0),
        (requests("HEAD", 200, ""), 1.0),
        (requests("GET", 404, "not_found"), 3.0),
        (requests("GET", 403, "user_agent_blocked"), 1.0),
        // A client cannot make labels of its own.
        (requests("other", 405, "method_not_allowed"), 2.0),
        ("imgward_http_request_duration_seconds_count".into(), 10.0),
        ("imgward_cache_requests_total{result=\"miss\"}".into(), 2.0),
        ("imgward_cache_requests_total{result=\"hit\"}".into(), 3.0),
        (
            "imgward_rejections_total{code=\"user_agent_blocked\",mode=\"enforced\"}".into(),
            1.0,
        ),
        (
            "imgward_stage_duration_seconds_count{stage=\"load\"}".into(),
            1.0,
        ),
        (
            "imgward_stage_duration_seconds_count{stage=\"decode\"}".into(),
            1.0,
        ),
        (
            "imgward_stage_duration_seconds_count{stage=\"process\"}".into(),
            1.0,
        ),
        (
            "imgward_stage_duration_seconds_count{stage=\"encode\"}".into(),
            1.0,
        ),
        ("imgward_jobs_running".into(), 0.0),
        ("imgward_jobs_waiting".into(), 0.0),
        ("imgward_loads_running".into(), 0.0),
        ("imgward_memory_used_bytes".into(), 0.0),
        ("imgward_memory_budget_bytes".into(), 536_870_912.0),
        ("imgward_config_last_reload_successful".into(), 1.0),
        (
            format!(
                "imgward_build_info{{version=\"{}\"}}",
                env!("CARGO_PKG_VERSION")
            ),
            1.0,
        ),
    ] {
        assert_eq!(samples.get(&key), Some(&value), "{key} in {samples:#?}");
    }
    let at_least = |key: &str, least: f64| {
        let value = samples.get(key);
        assert!(
            value.is_some_and(|&value| value >= least),
            "{key}: {value:?}"
        );
    };
    at_least("imgward_stage_duration_seconds_count{stage=\"cache\"}", 3.0);
    at_least("process_start_time_seconds", 1.7e9);
    if cfg!(target_os = "linux") {
        at_least("process_resident_memory_bytes", 1e6);
    }
}

#[test]
fn connections_and_jobs_are_counted_while_they_are() {
    let folder = Folder::new("admin-gauges");
    let config = CONFIG.replace(
        "[origin]",
        "[transform]\nconcurrency = 1\nprocess_timeout = '10m'\nrequest_timeout = '10m'\n[origin]",
    );
    let server = Server::start(&folder.config(&config));
    let value = |key: &str| {
        let page = String::from_utf8(server.admin("/metrics").body).unwrap();
        // What never happened is not there.
        samples(&page).get(key).copied().unwrap_or_default()
    };
    assert!(value("imgward_connections_open") < 0.5);
    let mut clients = [server.connect(), server.connect(), server.connect()];
    for (client, width) in clients.iter_mut().zip([1500, 1499]) {
        let target =
            format!("/img/unsafe/full-fit-in/{width}x1500/filters:format(png)/galaxies.jpg");
        crate::support::ask(client, "GET", &target, &[]);
    }
    for (key, expected) in [
        ("imgward_connections_open", 3.0),
        ("imgward_jobs_running", 1.0),
        ("imgward_jobs_waiting", 1.0),
    ] {
        eventually(|| value(key) >= expected);
    }
    eventually(|| value("imgward_memory_used_bytes") > 1e6);
    assert!(value("imgward_connections_open") < 3.5);
    drop(clients);
    eventually(|| value("imgward_connections_open") < 0.5);
    let given_up = "imgward_http_requests_given_up_total{method=\"GET\"}";
    eventually(|| value(given_up) > 0.5);
}

#[cfg(unix)]
#[test]
fn a_server_that_stops_is_alive_and_not_ready() {
    let folder = Folder::new("admin-stop");
    let times = "[transform]\nprocess_timeout = '10m'\nrequest_timeout = '10m'\n[origin]";
    let mut server = Server::start(&folder.config(&CONFIG.replace("[origin]", times)));
    let mut slow = server.connect();
    let large = "/img/unsafe/full-fit-in/1500x1500/filters:format(png)/galaxies.jpg";
    crate::support::ask(&mut slow, "GET", large, &[]);
    let running = |server: &Server| {
        let page = String::from_utf8(server.admin("/metrics").body).unwrap();
        samples(&page)["imgward_jobs_running"] > 0.5
    };
    eventually(|| running(&server));
    server.signal("TERM");
    server.logged("stopping");
    eventually(|| server.admin("/readyz").status == 503);
    assert_eq!(server.admin("/healthz").status, 200);
    assert_eq!(crate::support::Answer::read(&mut slow).status, 200);
    assert_eq!(server.wait(), Some(0));
}

#[test]
fn without_the_key_there_is_no_admin_listener() {
    let folder = Folder::new("admin-off");
    let config = CONFIG.replace("admin_listen = '127.0.0.1:0'\n", "");
    let server = Server::start(&folder.config(&config));
    server.get(IMAGE, &[]);
    server.logged("answered");
    assert!(!server.out().iter().any(|line| line.contains("admin")));
}

#[test]
fn each_request_is_a_line_of_json_that_gives_nothing_away() {
    let folder = Folder::new("access-log");
    let more = "[signature]
required = true
secrets = ['a key of these tests']
[log]
format = 'json'
level = 'trace'
[origin]";
    let config = folder.config(&CONFIG.replace("[origin]", more));
    let (_, out, error) = crate::support::run(&["sign", "--config", &config, "8x8/coffee.jpg"]);
    assert_eq!(error, "");
    let signed = out.trim();
    let server = Server::start(&config);
    let asked = format!("{signed}?token=abc123");
    let headers = [
        "X-Forwarded-For: 203.0.113.9",
        "User-Agent: agent\"bond007",
        "Referer: https://example.com/?session=xyz789",
    ];
    assert_eq!(server.get(&asked, &headers).status, 200);
    assert_eq!(server.get(&asked, &headers).header("x-cache"), "hit");
    assert_eq!(
        server
            .get("/img/bad/8x8/coffee.jpg?token=abc123", &[])
            .status,
        403
    );
    assert_eq!(server.get("/elsewhere?token=abc123", &headers).status, 404);
    server.logged("\"status\":404");

    let log = server.log();
    for line in &log {
        let parsed = serde_json::from_str::<serde_json::Value>(line);
        assert!(
            parsed.is_ok_and(|line| line["timestamp"].is_string()),
            "{line}"
        );
    }
    let whole = log.join("\n");
    let signature = signed.split('/').nth(2).unwrap();
    for secret in [
        "a key of these tests",
        "abc123",
        "xyz789",
        "bond007",
        signature,
    ] {
        assert!(!whole.contains(secret), "{secret} in {whole}");
    }
    let lines: Vec<serde_json::Value> = log
        .iter()
        .map(|line| serde_json::from_str(line).unwrap())
        .filter(|line: &serde_json::Value| line["target"] == "imgward::access")
        .collect();
    let of = |line: &serde_json::Value| {
        let text = |key: &str| line[key].as_str().unwrap_or_default().to_owned();
        assert_eq!(text("method"), "GET");
        assert!(line["ms"].as_f64().is_some_and(|ms| ms >= 0.0), "{line}");
        assert!(
            line["bytes"].as_u64().is_some_and(|bytes| bytes > 0),
            "{line}"
        );
        (
            line["status"].as_u64().unwrap(),
            text("code"),
            text("mount"),
            text("client"),
            text("cache"),
        )
    };
    let expected = [
        (200, "", "/img", "203.0.113.9", "miss"),
        (200, "", "/img", "203.0.113.9", "hit"),
        (403, "signature_missing", "/img", "127.0.0.1", ""),
        (404, "not_found", "", "127.0.0.1", ""),
    ];
    let expected = expected.map(|(status, code, mount, client, cache)| {
        (
            status,
            code.into(),
            mount.into(),
            client.into(),
            cache.into(),
        )
    });
    assert_eq!(lines.iter().map(of).collect::<Vec<_>>(), expected);
}

#[test]
fn the_log_may_be_text() {
    let folder = Folder::new("text-log");
    let server = Server::start(&folder.config(CONFIG));
    server.get(IMAGE, &[]);
    let line = server.logged("answered");
    for field in [
        "INFO",
        "method=\"GET\"",
        "status=200",
        "mount=\"/img\"",
        "client=127.0.0.1",
    ] {
        assert!(line.contains(field), "{field} in {line}");
    }
}

#[test]
fn the_query_of_a_source_is_not_logged() {
    let folder = Folder::new("source-log");
    let config = folder.config(
        "environment = 'development'
[log]
level = 'trace'
[origin]
http = true
[source]
allow_private_networks = true",
    );
    let server = Server::start(&config);
    // Nobody listens there; and nobody may listen there.
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    drop(taken);
    for (source, code) in [
        (
            format!("http%3A%2F%2F{address}%2Fa.jpg%3Ftoken%3Dabc123"),
            "origin_failed",
        ),
        (
            "http%3A%2F%2Fu%40a.example%2Fa.jpg%3Ftoken%3Dabc123".into(),
            "source_denied",
        ),
    ] {
        assert_eq!(server.get(&format!("/unsafe/{source}"), &[]).code(), code);
        let line = server.logged(&format!("refused code=\"{code}\""));
        assert!(line.contains("reason="), "{line}");
    }
    assert!(
        !server.log().join("\n").contains("abc123"),
        "{:#?}",
        server.log()
    );
}
