//! Which options tell results apart: each is in the table, so that one that is added has to be thought about.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::thread;

use http::Request;
use imgward::config::Config;
use imgward::guard::Rejection;
use imgward_hyper::RequestBody;
use tower::ServiceExt as _;

use crate::kept::Kept;
use crate::stack;

const IMAGES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/images");

/// What becomes of an image that was kept, where one option is another.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Then {
    /// It is made anew.
    Another,
    /// It is what it was, and here is why it may be.
    Same(&'static str),
    /// Nothing of it is handed out.
    Refused(&'static str),
}
use Then::{Another, Refused, Same};

/// The same request, whose recipe and sources are the key.
const IN_THE_REQUEST: &str =
    "the recipe and the sources are in the key, however they were asked for";
const WHETHER: &str = "it decides whether there is an image, and its refusal is not remembered";
const WHEN: &str = "it decides when an image is made";
const HOW_LONG: &str = "it decides how long an image is used, each time that it is";
const AHEAD: &str = "a source is judged ahead of the cache";

/// A table and a key; a line for it, if it needs one, and another; more lines that both have, by their table; a target.
struct Case(
    &'static str,
    &'static str,
    [&'static str; 2],
    &'static [(&'static str, &'static str)],
    &'static str,
    Then,
);

const FILE: &[(&str, &str)] = &[("origin", "files = 'IMAGES'")];
const IMGPROXY: &[(&str, &str)] = &[
    ("origin", "files = 'IMAGES'"),
    ("transform", "dialect = 'imgproxy'"),
];
const IMGPROXY_THUMB: &[(&str, &str)] = &[
    ("origin", "files = 'IMAGES'"),
    (
        "transform",
        "dialect = 'imgproxy'\npresets = { thumb = 'rs:fill:30:20' }",
    ),
];
const IMAGEKIT: &[(&str, &str)] = &[
    ("origin", "files = 'IMAGES'"),
    ("transform", "dialect = 'imagekit'"),
];
const HTTP: &[(&str, &str)] = &[
    ("origin", "http = true"),
    (
        "source",
        "allow = ['127.0.0.1']\nallow_private_networks = true",
    ),
];
const BASE: &[(&str, &str)] = &[
    ("origin", "http = true"),
    ("source", "allow_private_networks = true"),
];
const PHOTO: &str = "/unsafe/30x20/cat.jpg";
const URL: &str = "/unsafe/30x20/http://127.0.0.1:PORT/a.png";

#[expect(clippy::too_many_lines, reason = "it is a table")]
fn cases() -> Vec<Case> {
    let transform = |key, lines, then| Case("transform", key, lines, FILE, PHOTO, then);
    let limit = |key, line| transform(key, ["", line], Another);
    let when = |key, line| transform(key, ["", line], Same(WHEN));
    let cache = |key, line, then| Case("cache", key, ["", line], FILE, PHOTO, then);
    let source = |key, line, then| Case("source", key, ["", line], HTTP, URL, then);
    vec![
        transform("dialect", ["", "dialect = 'thumbor'"], Same(IN_THE_REQUEST)),
        transform("auto_format", ["", "auto_format = ['webp']"], Another),
        transform(
            "auto_format",
            ["auto_format = ['webp']", "auto_format = ['avif', 'webp']"],
            Same("the format that Accept chose is in the key"),
        ),
        transform("quality", ["", "quality = { jpeg = 10 }"], Another),
        transform("strip_metadata", ["", "strip_metadata = false"], Another),
        transform("strict", ["", "strict = true"], Same(WHETHER)),
        transform(
            "allow_original",
            ["", "allow_original = true"],
            Same(WHETHER),
        ),
        transform("animation_frames", ["", "animation_frames = 3"], Another),
        Case(
            "transform",
            "watermark",
            ["watermark = 'shield.png'", "watermark = 'coffee.jpg'"],
            IMGPROXY,
            "/insecure/wm:1/rs:fit:30:20/plain/local:///cat.jpg",
            Another,
        ),
        Case(
            "transform",
            "presets",
            [
                "presets = { thumb = 'rs:fill:30:20' }",
                "presets = { thumb = 'rs:fill:20:20' }",
            ],
            IMGPROXY,
            "/insecure/pr:thumb/plain/local:///cat.jpg",
            Another,
        ),
        Case(
            "transform",
            "presets",
            ["", "presets = { thumb = 'rs:fill:20:20' }"],
            IMGPROXY,
            "/insecure/rs:fill:30:20/plain/local:///cat.jpg",
            Same(IN_THE_REQUEST),
        ),
        Case(
            "transform",
            "only_presets",
            ["", "only_presets = true"],
            IMGPROXY_THUMB,
            "/insecure/pr:thumb/plain/local:///cat.jpg",
            Refused("bad_request"),
        ),
        Case(
            "transform",
            "client_hints",
            ["", "client_hints = true"],
            IMAGEKIT,
            "/tr:w-30/cat.jpg",
            Same(IN_THE_REQUEST),
        ),
        // An SVG is drawn as large as they let a source be.
        limit("max_source_pixels", "max_source_pixels = 15_000_000"),
        limit("max_source_width", "max_source_width = 9_000"),
        limit("max_source_height", "max_source_height = 9_000"),
        // What is too large is remembered, and may not be for another mount.
        limit("max_output_pixels", "max_output_pixels = 15_000_000"),
        limit("max_frames", "max_frames = 7"),
        transform(
            "max_source_bytes",
            ["", "max_source_bytes = '1KiB'"],
            Same(WHETHER),
        ),
        transform(
            "memory_budget",
            ["", "memory_budget = '1KiB'"],
            Same(WHETHER),
        ),
        when("queue", "queue = 0"),
        when("concurrency", "concurrency = 1"),
        when("load_concurrency", "load_concurrency = 1"),
        when("request_timeout", "request_timeout = '1s'"),
        when("load_timeout", "load_timeout = '1s'"),
        when("process_timeout", "process_timeout = '1s'"),
        Case(
            "origin",
            "files",
            ["files = 'IMAGES'", "files = 'COPY'"],
            &[],
            PHOTO,
            Another,
        ),
        Case(
            "origin",
            "bucket",
            ["files = 'IMAGES'", "bucket = 'file://IMAGES'"],
            &[],
            PHOTO,
            Same("a bucket that is a folder is that folder; of others, a test of theirs tells"),
        ),
        Case(
            "origin",
            "on_error",
            ["", "on_error = { not_found = 'IMAGES/shield.png' }"],
            FILE,
            PHOTO,
            Same("what is shown instead is made apart, and is no answer of the cache"),
        ),
        Case(
            "origin",
            "http",
            ["http = true", "files = 'IMAGES'"],
            &[("source", "allow_private_networks = true")],
            URL,
            Refused("not_found"),
        ),
        Case(
            "origin",
            "base_url",
            [
                "base_url = 'http://127.0.0.1:PORT/x'",
                "base_url = 'http://127.0.0.1:PORT/y'",
            ],
            BASE,
            "/unsafe/30x20/a.png",
            Another,
        ),
        Case(
            "origin",
            "https_only",
            ["", "https_only = true"],
            HTTP,
            URL,
            Refused("source_denied"),
        ),
        Case(
            "origin",
            "forward_headers",
            ["", "forward_headers = ['x-test']"],
            HTTP,
            URL,
            Another,
        ),
        Case(
            "source",
            "allow",
            ["", "allow = ['127.0.0.1', 'other.example']"],
            &[
                ("origin", "http = true"),
                ("source", "allow_private_networks = true"),
            ],
            URL,
            Same(AHEAD),
        ),
        source("allow_regex", "allow_regex = 'other'", Same(AHEAD)),
        source("subdomains", "subdomains = true", Same(AHEAD)),
        source(
            "block_networks",
            "block_networks = ['192.0.2.0/24']",
            Another,
        ),
        source(
            "allow_networks",
            "allow_networks = ['192.0.2.0/24']",
            Another,
        ),
        Case(
            "source",
            "allow_private_networks",
            [
                "allow_private_networks = true",
                "allow_private_networks = false",
            ],
            &[
                ("origin", "http = true"),
                ("source", "allow = ['127.0.0.1']"),
            ],
            URL,
            Refused("source_denied"),
        ),
        source("max_redirects", "max_redirects = 0", Same(WHETHER)),
        cache(
            "memory",
            "memory = '20MiB'",
            Same("the memory stays, of whatever size it is"),
        ),
        cache("store", "store = 'file://STORE'", Another),
        cache("ttl", "ttl = '1h'", Same(HOW_LONG)),
        cache(
            "stale_while_revalidate",
            "stale_while_revalidate = '1h'",
            Same(HOW_LONG),
        ),
        cache("negative_ttl", "negative_ttl = '1s'", Same(HOW_LONG)),
        // It is said to clients, and what is said is kept with the image.
        cache("browser_ttl", "browser_ttl = '1h'", Another),
        cache(
            "shared",
            "shared = true",
            Same("guards say it of each answer anew"),
        ),
        cache(
            "no_store",
            "no_store = true",
            Same("it is said of each answer anew"),
        ),
    ]
}

/// A configuration with the lines of a case.
fn config(case: &Case, line: &str, port: u16, folder: &Path) -> Config {
    let Case(own, key, _, more, ..) = case;
    let mut text = String::from("environment = 'development'\n");
    for table in ["transform", "origin", "source", "cache"] {
        let mut lines: Vec<&str> = more
            .iter()
            .filter(|(other, _)| *other == table)
            .map(|(_, lines)| *lines)
            .collect();
        let is_own = table == *own;
        if table == "cache" && !(is_own && *key == "memory" && !line.is_empty()) {
            lines.push("memory = '16MiB'");
        }
        if is_own {
            lines.push(line);
        }
        if !lines.is_empty() {
            text.extend(["[", table, "]\n", &lines.join("\n"), "\n"]);
        }
    }
    text += "[[mount]]\npath = '/'\n";
    let text = text
        .replace("IMAGES", IMAGES)
        .replace("PORT", &port.to_string())
        .replace("COPY", folder.join("copy").to_str().unwrap())
        .replace("STORE", folder.join("store").to_str().unwrap());
    Config::parse(&text, Path::new("imgward.toml")).unwrap_or_else(|error| panic!("{text}{error}"))
}

/// Answers with one image, whatever it is asked for.
fn origin() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        let image = std::fs::read(Path::new(IMAGES).join("shield.png")).unwrap();
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let lines = BufReader::new(stream.try_clone().unwrap()).lines();
            let head = lines
                .map_while(Result::ok)
                .take_while(|line| !line.is_empty());
            head.for_each(drop);
            let head = format!(
                "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                image.len()
            );
            let _ = stream.write_all(&[head.as_bytes(), &image].concat());
        }
    });
    port
}

#[tokio::test]
async fn every_option_is_in_the_key_or_changes_no_byte() {
    let folder = std::env::temp_dir().join(format!("imgward-keys-{}", std::process::id()));
    std::fs::create_dir_all(folder.join("copy")).unwrap();
    std::fs::create_dir_all(folder.join("store")).unwrap();
    std::fs::copy(
        Path::new(IMAGES).join("cat.jpg"),
        folder.join("copy/cat.jpg"),
    )
    .unwrap();
    let port = origin();
    let cases = cases();
    for case in &cases {
        let Case(table, key, [before, after], _, target, then) = case;
        let kept = Kept::default();
        let mut states = Vec::new();
        for line in [before, before, after, after] {
            let stack = stack::build(&config(case, line, port, &folder), &kept).unwrap();
            let request = Request::get(target.replace("PORT", &port.to_string()))
                .header("accept", "image/webp,*/*")
                .header("x-test", "a value")
                .header("host", "localhost")
                .body(RequestBody::default())
                .unwrap();
            let Ok(answer) = stack.oneshot(request).await;
            let why = answer.extensions().get::<Rejection>();
            states.push(match (why, answer.headers().get("x-cache")) {
                (Some(why), _) => why.code().to_owned(),
                (None, Some(state)) => state.to_str().unwrap().to_owned(),
                (None, None) => answer.status().to_string(),
            });
        }
        // Whatever it is, it is kept in its turn.
        let last = match then {
            Another => ["miss", "hit"],
            Same(_) => ["hit"; 2],
            Refused(code) => [*code; 2],
        };
        assert_eq!(
            states,
            [["miss", "hit"], last].concat(),
            "{table}.{key}: {after:?} {then:?}"
        );
    }

    // Those that there are.
    let schema: serde_json::Value = serde_json::from_str(&Config::json_schema()).unwrap();
    for table in ["transform", "origin", "source", "cache"] {
        let keys = schema["properties"][table]["properties"]
            .as_object()
            .unwrap();
        let keys: BTreeSet<&str> = keys.keys().map(String::as_str).collect();
        let tried = cases.iter().filter(|case| case.0 == table);
        let tried: BTreeSet<&str> = tried.map(|case| case.1).collect();
        assert_eq!(tried, keys, "{table}");
    }
    std::fs::remove_dir_all(&folder).unwrap();
}

#[tokio::test]
async fn what_no_mount_uses_any_more_is_let_go_of() {
    let folder = std::env::temp_dir().join(format!("imgward-left-{}", std::process::id()));
    for store in ["one", "two"] {
        std::fs::create_dir_all(folder.join(store)).unwrap();
    }
    let kept = Kept::default();
    let one = "memory = '1MiB'\nstore = 'file://STORE/one'";
    let two = "memory = '1MiB'\nstore = 'file://STORE/two'";
    let memory = "memory = '1MiB'";
    // What two mounts say, how many caches they have, and where their images come from.
    for (mounts, caches, states) in [
        ([one, two], 2, ["miss", "miss"]),
        (["", ""], 0, [""; 2]),
        // What they were about to write was waited for.
        ([two, one], 2, ["hit", "hit"]),
        ([one, one], 1, ["hit", "hit"]),
        ([memory, one], 2, ["miss", "hit"]),
        ([memory, memory], 1, ["hit", "hit"]),
        ([two, ""], 1, ["hit", ""]),
        // What only the memory had is gone.
        ([two, memory], 2, ["hit", "miss"]),
    ] {
        let mut text = String::from("environment = 'development'\n[origin]\nfiles = 'IMAGES'\n");
        for (path, cache) in ["/a", "/b"].into_iter().zip(mounts) {
            text.extend([
                "[[mount]]\npath = '",
                path,
                "'\n[mount.cache]\n",
                cache,
                "\n",
            ]);
        }
        let text = text
            .replace("IMAGES", IMAGES)
            .replace("STORE", folder.to_str().unwrap());
        let config = Config::parse(&text, Path::new("imgward.toml")).unwrap();
        let stack = stack::build(&config, &kept).unwrap();
        kept.caches.keep_those_of(&config.mounts);
        kept.caches.flush().await;
        assert_eq!(kept.caches.lock().known.len(), caches, "{mounts:?}");
        let asked = ["/a", "/b"].into_iter().zip(states);
        for (path, expected) in asked.filter(|(_, expected)| !expected.is_empty()) {
            let request = Request::get(format!("{path}{PHOTO}"))
                .header("host", "localhost")
                .body(RequestBody::default())
                .unwrap();
            let Ok(answer) = stack.clone().oneshot(request).await;
            let state = answer.headers().get("x-cache").unwrap();
            assert_eq!(state, expected, "{path} {mounts:?}");
        }
    }
    std::fs::remove_dir_all(&folder).unwrap();
}
