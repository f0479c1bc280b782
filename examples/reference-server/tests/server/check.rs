use crate::rules::{CASES, CONFIG};
use crate::support::{Folder, run};

/// What `imgward check` says: its exit status, and its lines split in words.
fn check(config: &str, target: &str, headers: &[&str]) -> (Option<i32>, Vec<Vec<String>>) {
    let mut arguments = vec!["check", "--config", config, "--ip", "127.0.0.1"];
    for header in headers {
        arguments.extend(["--header", header]);
    }
    arguments.push(target);
    let (status, out, error) = run(&arguments);
    assert_eq!(error, "", "{target}");
    let words = |line: &str| line.split_whitespace().map(String::from).collect();
    (status, out.lines().map(words).collect())
}

#[test]
fn check_says_what_the_server_does() {
    let folder = Folder::new("check");
    let config = folder.config(CONFIG);
    for (target, headers, code) in CASES {
        let (status, lines) = check(&config, target, headers);
        let verdict = &lines.last().unwrap()[1];
        let expected = if *code == "ok" {
            (Some(0), "pass")
        } else {
            (Some(1), *code)
        };
        assert_eq!(
            (status, &**verdict),
            expected,
            "{target} {headers:?} {lines:?}"
        );
        let others = &lines[..lines.len() - 1];
        assert!(
            others.iter().all(|line| line[1] == "pass"),
            "{target} {lines:?}"
        );
    }
}

#[test]
fn layers_come_in_the_order_of_the_server() {
    let folder = Folder::new("order");
    let config = folder.config(
        "report_only = ['referer']
[client_ip]
trusted_proxies = ['127.0.0.1']
[ip]
block = ['192.0.2.1']
[geo]
mode = 'blocklist'
countries = ['KP']
country_header = 'x-country'
[user_agent_block]
contains = ['BadBot']
[referer]
mode = 'allowlist'
sites = ['https://example.com']
missing = 'block'
[[user_agent]]
contains = ['Old']
accept = 'image/webp'
[signature]
required = false
[origin]
files = 'IMAGES'
",
    );
    let (status, lines) = check(
        &config,
        "/unsafe/8x8/cat.jpg",
        &[
            "X-Forwarded-For: 198.51.100.7",
            "X-Country: DE",
            "User-Agent: Old",
        ],
    );
    assert_eq!(status, Some(0));
    let lines: Vec<_> = lines.iter().map(|words| words.join(" ")).collect();
    assert_eq!(
        lines,
        [
            "mount pass",
            "client_ip pass the client is 198.51.100.7",
            "ip pass",
            "geo pass the country is DE",
            "user_agent_block pass",
            "referer report referer_denied there is no Referer",
            "user_agent pass Accept is \"image/webp\"",
            "signature pass the URL is not signed",
            "transform pass made of [\"cat.jpg\"]",
        ]
    );
}

#[test]
fn a_whole_url_is_a_target_too() {
    let folder = Folder::new("whole");
    let config = folder.config("[signature]\nrequired = false\n[origin]\nfiles = 'IMAGES'");
    let (status, _) = check(&config, "https://example.com/unsafe/8x8/cat.jpg", &[]);
    assert_eq!(status, Some(0));
    let (status, _, error) = run(&["check", "--config", &config, "cat.jpg"]);
    assert_eq!(status, Some(2));
    assert!(error.contains("a path begins with a slash"), "{error}");
}

/// Lines of a header, bytes that are no ASCII, and what the transform refuses before it asks for anything.
#[test]
fn a_request_is_judged_as_it_is_sent() {
    let folder = Folder::new("as-sent");
    let config = folder.config(
        "[signature]
required = false
[referer]
mode = 'allowlist'
sites = ['https://b\u{fc}cher.example']
[origin]
files = 'IMAGES'
",
    );
    let referer = "Referer: https://b\u{fc}cher.example/";
    let (tiff, image) = (
        "/unsafe/8x8/filters:format(tiff)/cat.jpg",
        "/unsafe/8x8/cat.jpg",
    );
    for (target, headers, expected) in [
        (image, &[referer][..], ["transform", "pass"]),
        (image, &[referer, referer], ["referer", "referer_denied"]),
        (tiff, &[referer], ["transform", "unsupported_format"]),
    ] {
        let (_, lines) = check(&config, target, headers);
        assert_eq!(lines.last().unwrap()[..2], expected, "{target} {headers:?}");
    }
    let (status, _, error) = run(&["check", "--config", &config, "--header", "A: \u{1}", image]);
    assert!(
        status == Some(2) && error.contains("control characters"),
        "{error}"
    );
}
