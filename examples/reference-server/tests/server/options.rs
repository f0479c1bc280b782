//! Every key of the configuration has a test of the server that fails where the key is ignored: a case here, which asks
//! for the same with and without it, or a test elsewhere.

mod images;
mod origins;
mod rules;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use maxminddb_writer::Database;
use maxminddb_writer::metadata::IpVersion;
use maxminddb_writer::paths::IpAddrWithMask;
use serde_json::Value;

use crate::fixtures::{animation, image_server};
use crate::support::{Answer, Folder, IMAGES, Server, run};

/// What is looked at of an answer.
type Look = fn(&Answer) -> String;

/// A key, and what it changes.
struct Case {
    /// Its path in the file, without `mount`.
    key: &'static str,
    /// A line that begins with `+` is there with the key alone, and one with `-` without it alone.
    config: &'static str,
    /// What is asked for, twice. `SIGN` before it: as the configuration with the key signs it. `LATER`: the second time
    /// when what is fresh for a second is not any more.
    target: &'static str,
    headers: &'static [&'static str],
    look: Look,
    without: &'static str,
    with: &'static str,
}

const COFFEE: &str = "/unsafe/30x20/coffee.jpg";

/// Keys that a case cannot be made for, and the test of each.
const ELSEWHERE: [(&str, &str); 21] = [
    (
        "admin_listen",
        "admin::a_server_that_stops_is_alive_and_not_ready",
    ),
    (
        "cache.ttl",
        "revalidation::an_unchanged_original_is_not_made_anew_and_a_changed_one_is",
    ),
    (
        "client_timeout",
        "peers::row_93_a_slow_reader_holds_no_thread_and_is_closed",
    ),
    ("environment", "cors::a_mount_has_rules_of_its_own"),
    ("listen", "config::an_address_in_use_is_an_error"),
    (
        "log.format",
        "admin::each_request_is_a_line_of_json_that_gives_nothing_away",
    ),
    (
        "log.level",
        "reload::the_level_of_the_log_and_the_times_are_those_of_the_file",
    ),
    (
        "max_connections",
        "connections::no_more_connections_are_open_than_may_be",
    ),
    ("mount.path", "rules::every_table_does_what_it_says"),
    ("origin.bucket", "buckets::originals_are_in_a_bucket"),
    (
        "origin.on_error",
        "placeholder::a_missing_image_is_shown_as_another_with_its_status",
    ),
    ("otel.endpoint", "otel::a_build_without_it_does_not_pretend"),
    (
        "shutdown_timeout",
        "stop::requests_in_flight_are_waited_for_as_long_as_the_file_says",
    ),
    (
        "tls.cert",
        "tls::images_come_over_tls_in_either_version_of_http",
    ),
    (
        "tls.key",
        "tls::images_come_over_tls_in_either_version_of_http",
    ),
    (
        "transform.client_hints",
        "answers::the_client_says_how_wide_an_image_is",
    ),
    (
        "transform.concurrency",
        "imagor_env::limits::jobs_wait_as_their_variables_say",
    ),
    (
        "transform.load_concurrency",
        "overload::no_more_loads_than_may_be_are_under_way",
    ),
    (
        "transform.only_presets",
        "imagekit::transformations_come_from_the_path_and_the_query",
    ),
    (
        "transform.queue",
        "overload::row_94_past_the_queue_it_is_429_and_who_leaves_makes_room",
    ),
    (
        "transform.watermark",
        "imgproxy::a_url_is_answered_with_the_image",
    ),
];

fn code(answer: &Answer) -> String {
    answer.code()
}

fn status(answer: &Answer) -> String {
    answer.status.to_string()
}

fn content_type(answer: &Answer) -> String {
    answer.header("content-type")
}

fn caching(answer: &Answer) -> String {
    answer.header("cache-control")
}

fn cached(answer: &Answer) -> String {
    answer.header("x-cache")
}

/// Whether a small image is of a high or of a low quality.
fn quality(answer: &Answer) -> String {
    let bytes = answer.body.len();
    let says = match answer.status {
        200 if bytes < 1000 => "low",
        200 => "high",
        _ => "none",
    };
    says.into()
}

/// The files that the cases are about.
fn fill(folder: &Path) {
    for name in ["astronaut.jpg", "coffee.jpg", "shield.png"] {
        std::fs::copy(format!("{IMAGES}/{name}"), folder.join(name)).unwrap();
    }
    std::fs::write(folder.join("a.gif"), animation()).unwrap();
    std::fs::write(folder.join("own.txt"), "127.0.0.1\n").unwrap();
    std::fs::write(folder.join("other.txt"), "192.0.2.1\n").unwrap();
    let mut database = Database::default();
    database.metadata.ip_version = IpVersion::V4;
    database.metadata.binary_format_major_version = 2;
    database.metadata.database_type = "Test-Country".into();
    database.metadata.description = [("en".into(), "a test".into())].into();
    let record = database.insert_value(BTreeMap::from([("country_code", "KP")]));
    let network: IpAddrWithMask = "127.0.0.0/8".parse().unwrap();
    database.insert_node(network, record.unwrap());
    let bytes = database.write_to(Vec::new()).unwrap();
    std::fs::write(folder.join("country.mmdb"), bytes).unwrap();
}

/// The text of a case's configuration, with its key or without.
fn text(case: &Case, with: bool) -> String {
    let left_out = if with { "- " } else { "+ " };
    let kept = if with { "+ " } else { "- " };
    let lines = case
        .config
        .lines()
        .filter(|line| !line.starts_with(left_out));
    let lines = lines.map(|line| line.strip_prefix(kept).unwrap_or(line));
    let mut text = lines.collect::<Vec<_>>().join("\n");
    for (table, default) in [
        ("[origin]", "files = '.'"),
        ("[client_ip]", "trusted_proxies = ['127.0.0.1']"),
    ] {
        if !text.contains(table) {
            text = format!("{text}\n{table}\n{default}\n");
        }
    }
    format!("environment = 'development'\n{text}")
}

/// What is seen of a case, with its key or without.
fn seen(case: &Case, folder: &Path, port: u16, with: bool) -> String {
    let config = |with: bool| {
        let path = folder.join(if with { "with.toml" } else { "without.toml" });
        let store = folder.join("store");
        std::fs::create_dir_all(&store).unwrap();
        let text = text(case, with).replace("PORT", &port.to_string());
        std::fs::write(&path, text.replace("STORE", store.to_str().unwrap())).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let past = (now.as_secs() - 1000) * 1000;
    let target = case.target.replace("PAST", &past.to_string());
    let target = target.replace("PORT", &port.to_string());
    let (target, pause) = match target.strip_prefix("LATER ") {
        Some(target) => (target.into(), Duration::from_millis(2100)),
        None => (target, Duration::ZERO),
    };
    let target = match target.strip_prefix("SIGN ") {
        Some(target) => {
            let (status, out, error) = run(&["sign", "--config", &config(true), target]);
            assert_eq!((status, &*error), (Some(0), ""), "{}", case.key);
            out.trim_end().into()
        }
        None => target,
    };
    let config = config(with);
    let (status, _, error) = run(&["config", "--config", &config]);
    assert_eq!((status, &*error), (Some(0), ""), "{}", case.key);
    let server = Server::start(&config);
    server.get(&target, case.headers);
    std::thread::sleep(pause);
    (case.look)(&server.get(&target, case.headers))
}

fn try_all(name: &str, cases: &[Case]) {
    let folder = Folder::new(name);
    fill(folder.path());
    let port = image_server();
    for case in cases {
        let seen = [false, true].map(|with| seen(case, folder.path(), port, with));
        assert_eq!(
            seen,
            [case.without, case.with],
            "{}: {}",
            case.key,
            case.target
        );
    }
}

#[test]
fn rules_are_in_force() {
    try_all("options-rules", rules::CASES);
}

#[test]
fn keys_are_in_force() {
    try_all("options-keys", rules::KEYS);
}

#[test]
fn what_is_said_of_images_is_in_force() {
    try_all("options-images", images::CASES);
}

#[test]
fn what_is_said_of_origins_and_caches_is_in_force() {
    try_all("options-origins", origins::CASES);
}

/// The keys of the schema, by path. Where a table is anything, its name is the key.
fn keys(schema: &Value, path: &str, found: &mut BTreeSet<String>) {
    // A list of tables, or a list that may be a text too.
    for part in ["anyOf", "items"] {
        match &schema[part] {
            Value::Array(parts) => parts.iter().for_each(|part| keys(part, path, found)),
            part => {
                if part.is_object() {
                    keys(part, path, found);
                }
            }
        }
    }
    let Some(properties) = schema["properties"].as_object() else {
        return;
    };
    found.remove(path);
    for (name, schema) in properties {
        // A mount has the tables of the file.
        if schema["$ref"].is_string() {
            continue;
        }
        let path = if path.is_empty() {
            name.clone()
        } else {
            format!("{path}.{name}")
        };
        found.insert(path.clone());
        keys(schema, &path, found);
    }
}

#[test]
fn every_key_is_tested() {
    let schema: Value = serde_json::from_str(include_str!("../../imgward.schema.json")).unwrap();
    let mut all = BTreeSet::new();
    keys(&schema, "", &mut all);
    let here = [rules::CASES, rules::KEYS, images::CASES, origins::CASES];
    let here = here.into_iter().flatten().map(|case| case.key);
    let tested: BTreeSet<String> = here
        .chain(ELSEWHERE.iter().map(|(key, _)| *key))
        .map(String::from)
        .collect();
    assert_eq!(tested, all);
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/server");
    for (key, test) in ELSEWHERE {
        let (module, name) = test.rsplit_once("::").unwrap();
        let file = format!("{folder}/{}.rs", module.replace("::", "/"));
        let source = std::fs::read_to_string(file).unwrap();
        assert!(source.contains(&format!("fn {name}()")), "{key}: {test}");
    }
}
