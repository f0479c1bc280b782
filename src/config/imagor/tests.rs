use std::collections::BTreeSet;

use super::translate::KNOWN;
use super::values::{Source, duration, flag, host_of_regex, source};
use super::*;
use crate::config::Origin;

fn read(variables: &[(&str, &str)]) -> Result<Config, ConfigErrors> {
    Config::from_imagor_env(
        variables
            .iter()
            .map(|(name, value)| (name.into(), value.into())),
    )
}

type Variables = &'static [(&'static str, &'static str)];

/// Variables, with a secret, and a line of the configuration that comes of them.
const SETTINGS: &[(Variables, &str)] = &[
    (&[], "listen = \"0.0.0.0:8000\""),
    (&[("PORT", "9000")], "listen = \"0.0.0.0:9000\""),
    (&[], "environment = \"production\""),
    (&[], "secrets = [\"env:IMAGOR_SECRET\"]"),
    (&[], "required = true"),
    (&[("IMAGOR_UNSAFE", "1")], "required = false"),
    (&[("IMAGOR_UNSAFE", "false")], "required = true"),
    (&[], "algorithm = \"sha1\""),
    (
        &[("IMAGOR_SIGNER_TYPE", "SHA256")],
        "algorithm = \"sha256\"",
    ),
    (
        &[("IMAGOR_SIGNER_TYPE", "sha512")],
        "algorithm = \"sha512\"",
    ),
    (&[("IMAGOR_SIGNER_TRUNCATE", "40")], "truncate = 40"),
    (&[], "auto_format = []"),
    (&[("IMAGOR_AUTO_WEBP", "true")], "auto_format = [\"webp\"]"),
    (
        &[("IMAGOR_AUTO_WEBP", "1"), ("IMAGOR_AUTO_AVIF", "T")],
        "auto_format = [\"avif\", \"webp\"]",
    ),
    (&[], "request_timeout = \"30s\""),
    (
        &[("IMAGOR_REQUEST_TIMEOUT", "1m30s")],
        "request_timeout = \"90s\"",
    ),
    (&[], "load_timeout = \"20s\""),
    (&[("IMAGOR_LOAD_TIMEOUT", "0")], "load_timeout = \"20s\""),
    (
        &[("IMAGOR_LOAD_TIMEOUT", "2.5s")],
        "load_timeout = \"2500ms\"",
    ),
    (
        &[("IMAGOR_PROCESS_TIMEOUT", "5s")],
        "process_timeout = \"5s\"",
    ),
    (&[("IMAGOR_PROCESS_CONCURRENCY", "3")], "concurrency = 3"),
    (&[], "queue = 100"),
    (&[("IMAGOR_PROCESS_QUEUE_SIZE", "0")], "queue = 0"),
    (&[("IMAGOR_PROCESS_QUEUE_SIZE", "7")], "queue = 7"),
    (&[], "browser_ttl = \"7d\""),
    (
        &[("IMAGOR_CACHE_HEADER_TTL", "24h")],
        "browser_ttl = \"1d\"",
    ),
    (&[], "no_store = false"),
    (&[("IMAGOR_CACHE_HEADER_NO_CACHE", "1")], "no_store = true"),
    (&[], "max_source_pixels = 81000000"),
    (
        &[("VIPS_MAX_RESOLUTION", "1000000")],
        "max_source_pixels = 1000000",
    ),
    (
        &[("VIPS_MAX_RESOLUTION", "1000000")],
        "max_output_pixels = 1000000",
    ),
    (&[("VIPS_MAX_WIDTH", "5000")], "max_source_width = 5000"),
    (&[("VIPS_MAX_HEIGHT", "4000")], "max_source_height = 4000"),
    (&[("VIPS_MAX_HEIGHT", "-1")], "max_source_height = 9999"),
    (
        &[("VIPS_MAX_ANIMATION_FRAMES", "1")],
        "animation_frames = 1",
    ),
    (&[], "strip_metadata = true"),
    (&[("VIPS_STRIP_METADATA", "0")], "strip_metadata = false"),
    (&[], "allow_origins = []"),
    (&[("SERVER_CORS", "1")], "allow_origins = [\"*\"]"),
    (&[], "path = \"/\""),
    (&[("SERVER_PATH_PREFIX", "/img/")], "path = \"/img\""),
    (&[], "http = true"),
    (&[], "allow = [\"*:*\"]"),
    (
        &[(
            "HTTP_LOADER_ALLOWED_SOURCES",
            "*.example.com, cdn.example.org,localhost:8080,\\[::1\\]",
        )],
        "allow = [\"*.example.com\", \"cdn.example.org\", \"localhost:8080\", \"[::1]\"]",
    ),
    (
        &[("HTTP_LOADER_ALLOWED_SOURCES", "*example.com")],
        "allow_regex = \"(?:.*example\\\\.com)\"",
    ),
    (
        &[(
            "HTTP_LOADER_ALLOWED_SOURCE_REGEXP",
            r"^([\w-]+\.)?mydomain\.com$",
        )],
        r#"allow_regex = "(?:([\\w-]+\\.)?mydomain\\.com)""#,
    ),
    (
        &[("HTTP_LOADER_BASE_URL", "https://assets.example.com/images")],
        "base_url = \"https://assets.example.com/images\"",
    ),
    (&[], "https_only = false"),
    (&[("HTTP_LOADER_HTTPS_ONLY", "1")], "https_only = true"),
    (
        &[("HTTP_LOADER_MAX_ALLOWED_SIZE", "1048576")],
        "max_source_bytes = \"1MiB\"",
    ),
    (
        &[("HTTP_LOADER_FORWARD_HEADERS", "X-Tenant,Authorization")],
        "forward_headers = [\"X-Tenant\", \"Authorization\"]",
    ),
    (&[], "allow_private_networks = false"),
    (&[], "allow_networks = []"),
    (
        &[("HTTP_LOADER_BLOCK_LOOPBACK_NETWORKS", "0")],
        "allow_networks = [\"127.0.0.0/8\", \"0.0.0.0/32\", \"::1/128\", \"::/128\"]",
    ),
    (
        &[("HTTP_LOADER_BLOCK_PRIVATE_NETWORKS", "false")],
        "allow_networks = [\"10.0.0.0/8\", \"172.16.0.0/12\", \"192.168.0.0/16\", \"fc00::/7\"]",
    ),
    (
        &[("HTTP_LOADER_BLOCK_LINK_LOCAL_NETWORKS", "0")],
        "allow_networks = [\"169.254.0.0/16\", \"fe80::/10\", \"224.0.0.0/24\", \"ff02::/16\"]",
    ),
    (
        &[
            ("HTTP_LOADER_BLOCK_LOOPBACK_NETWORKS", "0"),
            ("HTTP_LOADER_BLOCK_PRIVATE_NETWORKS", "0"),
            ("HTTP_LOADER_BLOCK_LINK_LOCAL_NETWORKS", "0"),
        ],
        "allow_private_networks = true",
    ),
    (
        &[("HTTP_LOADER_BLOCK_NETWORKS", "203.0.113.0/24,2001:db8::/32")],
        "block_networks = [\"203.0.113.0/24\", \"2001:db8::/32\"]",
    ),
    (
        &[
            ("FILE_LOADER_BASE_DIR", "src"),
            ("HTTP_LOADER_DISABLE", "1"),
        ],
        "files = \"src\"",
    ),
    #[cfg(all(unix, feature = "object-store"))]
    (
        &[("FILE_RESULT_STORAGE_BASE_DIR", "/var/cache/a b")],
        "store = \"file:///var/cache/a%20b\"",
    ),
];

#[test]
fn each_variable_has_its_effect() {
    for (variables, line) in SETTINGS {
        let mut variables = variables.to_vec();
        variables.push(("IMAGOR_SECRET", "mysecret"));
        let config = read(&variables).unwrap();
        let text = config.to_string();
        assert!(
            text.lines().any(|found| found == *line),
            "{variables:?}: {line} in\n{text}"
        );
        assert!(!text.contains("mysecret"), "{text}");
    }
}

/// Variables, and what is wrong with them.
const MISTAKES: &[(Variables, &[&str])] = &[
    (
        &[],
        &["IMAGOR_SECRET: not set, and IMAGOR_UNSAFE is not either: no URL would be valid"],
    ),
    (
        &[
            ("IMAGOR_SECRET", ""),
            ("IMAGOR_UNSAFE", "yes"),
            ("PORT", "80000"),
        ],
        &[
            "IMAGOR_SECRET: not set, and IMAGOR_UNSAFE is not either: no URL would be valid",
            "IMAGOR_UNSAFE: \"yes\" is neither true (1) nor false (0)",
            "PORT: 80000 is no port",
        ],
    ),
    (
        &[
            ("IMAGOR_SECRET", "s"),
            ("IMAGOR_SIGNER_TYPE", "md5"),
            ("IMAGOR_SIGNER_TRUNCATE", "10"),
            ("IMAGOR_LOAD_TIMEOUT", "20"),
            ("IMAGOR_PROCESS_TIMEOUT", "-1s"),
            ("IMAGOR_PROCESS_CONCURRENCY", "5000"),
            ("IMAGOR_BASE_PATH_REDIRECT", "https://a\nb"),
            ("S3_FORCE_PATH_STYLE", "always"),
            ("VIPS_MAX_WIDTH", "wide"),
        ],
        &[
            "IMAGOR_BASE_PATH_REDIRECT: is no URL",
            "IMAGOR_LOAD_TIMEOUT: \"20\" is not a time such as 30s or 1h30m",
            "IMAGOR_PROCESS_CONCURRENCY: 5000 is not from 1 to 1024",
            "IMAGOR_PROCESS_TIMEOUT: \"-1s\" is not a time such as 30s or 1h30m",
            "IMAGOR_SIGNER_TRUNCATE: a signature of 10 characters is too short: 17 are the least",
            "IMAGOR_SIGNER_TYPE: \"md5\" is not one of \"sha1\", \"sha256\", \"sha512\"",
            "S3_FORCE_PATH_STYLE: \"always\" is neither true (1) nor false (0)",
            "VIPS_MAX_WIDTH: \"wide\" is not a whole number",
        ],
    ),
    (
        &[
            ("IMAGOR_UNSAFE", "1"),
            (
                "HTTP_LOADER_ALLOWED_SOURCES",
                "*.a.com,b c,x*y:80,a[b/c].com",
            ),
            (
                "HTTP_LOADER_ALLOWED_SOURCE_REGEXP",
                r"^https://a\.com/images/",
            ),
            ("HTTP_LOADER_BASE_URL", "http://a.com"),
            ("HTTP_LOADER_HTTPS_ONLY", "1"),
            ("HTTP_LOADER_FORWARD_HEADERS", "Host"),
            ("HTTP_LOADER_BLOCK_NETWORKS", "10.0.0.5/24,x"),
        ],
        &[
            "HTTP_LOADER_ALLOWED_SOURCES: \"a[b/c].com\": a wildcard within a host goes without a scheme and a port",
            "HTTP_LOADER_ALLOWED_SOURCES: \"b c\" is no source: it has a character that no host has",
            "HTTP_LOADER_ALLOWED_SOURCES: \"x*y:80\": a wildcard within a host goes without a scheme and a port",
            "HTTP_LOADER_ALLOWED_SOURCE_REGEXP: says something of the path, and here the host alone is matched: HTTP_LOADER_ALLOWED_SOURCES takes the beginning of a URL, such as https://cdn.example.com/shop",
            "HTTP_LOADER_BASE_URL: an http URL, and HTTP_LOADER_HTTPS_ONLY is set",
            "HTTP_LOADER_BLOCK_NETWORKS: \"10.0.0.5/24\" has host bits set; the network is 10.0.0.0/24",
            "HTTP_LOADER_BLOCK_NETWORKS: \"x\" is not an IPv4 or IPv6 address or CIDR range",
            "HTTP_LOADER_FORWARD_HEADERS: \"Host\" is no header that can be forwarded",
        ],
    ),
    (
        &[
            ("IMAGOR_UNSAFE", "1"),
            ("HTTP_LOADER_ALLOWED_SOURCE_REGEXP", "("),
        ],
        &[
            "HTTP_LOADER_ALLOWED_SOURCE_REGEXP: no regular expression: found open group without closing ')'",
        ],
    ),
    (
        &[("IMAGOR_UNSAFE", "1"), ("HTTP_LOADER_DISABLE", "1")],
        &[
            "HTTP_LOADER_DISABLE: set, and there is neither FILE_LOADER_BASE_DIR nor S3_LOADER_BUCKET: there are no images",
        ],
    ),
    (
        &[("IMAGOR_UNSAFE", "1"), ("FILE_LOADER_BASE_DIR", "/nowhere")],
        &["FILE_LOADER_BASE_DIR: /nowhere cannot be read: No such file or directory (os error 2)"],
    ),
];

#[test]
fn every_mistake_names_its_variable() {
    for (variables, expected) in MISTAKES {
        let errors = read(variables).unwrap_err();
        let errors: Vec<String> = errors.iter().map(ToString::to_string).collect();
        let expected: Vec<String> = expected
            .iter()
            .map(|error| format!("environment: {error}"))
            .collect();
        assert_eq!(errors, expected, "{variables:?}");
    }
}

/// Variables, and words of the note that they lead to.
const NOTES: &[(Variables, &str)] = &[
    (&[], "images of every public host are served"),
    (&[], "imagor connects to those networks"),
    (&[], "a source of more than 50MiB is refused"),
    (
        &[("IMAGOR_UNSAFE", "1")],
        "URLs without a signature are served",
    ),
    (
        &[("HTTP_LOADER_HTTPS_ONLY", "1")],
        "HTTP_LOADER_HTTPS_ONLY does nothing in imagor",
    ),
    (
        &[("HTTP_LOADER_MAX_ALLOWED_SIZE", "5")],
        "against the bytes that come",
    ),
    (
        &[("HTTP_LOADER_ALLOWED_SOURCE_REGEXP", "^a$")],
        "the whole host has to be \"a\"",
    ),
    (&[("VIPS_MAX_WIDTH", "5")], "here they are refused (422)"),
    (
        &[("IMAGOR_PROCESS_CONCURRENCY", "-1")],
        "as many images are made at a time",
    ),
    (&[("IMAGOR_CACHE_HEADER_TTL", "0s")], "here it means 0"),
    (
        &[("FILE_LOADER_BASE_DIR", "src")],
        "no HTTP_LOADER_ variable is set",
    ),
    (
        &[
            ("FILE_LOADER_BASE_DIR", "src"),
            ("HTTP_LOADER_HTTPS_ONLY", "1"),
        ],
        "images are looked for in files = \"src\", and then in",
    ),
    (
        &[("IMAGOR_SECRETS", "x")],
        "IMAGOR_SECRETS is not known here",
    ),
    (&[("VIPS_MOZJPEG", "1")], "VIPS_MOZJPEG is not known here"),
    (
        &[("HTTP_LOADER_PROXY_URLS", "x")],
        "HTTP_LOADER_PROXY_URLS is not known here",
    ),
    (
        &[("FILE_STORAGE_BASE_DIR", "x")],
        "FILE_STORAGE_BASE_DIR is not known here",
    ),
    (
        &[("S3_STORAGE_BUCKET", "x")],
        "S3_STORAGE_BUCKET is not known here",
    ),
    (
        &[("S3_FORCE_PATH_STYLE", "1")],
        "S3_FORCE_PATH_STYLE has no say",
    ),
    (
        &[("SERVER_ACCESS_LOG", "1")],
        "SERVER_ACCESS_LOG is not known here",
    ),
    (&[("SERVER_CORS", "1")], "SERVER_CORS is set"),
    (&[("SERVER_PATH_PREFIX", "img")], "all paths are below /img"),
    (&[], "here they are left out unless it is 0"),
    (
        &[("PROMETHEUS_BIND", ":1")],
        "PROMETHEUS_BIND is not known here",
    ),
    (
        &[("GCLOUD_LOADER_BUCKET", "b")],
        "GCLOUD_LOADER_BUCKET is not known here",
    ),
    (&[("AWS_PROFILE", "p")], "AWS_PROFILE is not known here"),
    (&[("SENTRY_DSN", "d")], "SENTRY_DSN is not known here"),
    (&[("BIND", ":80")], "BIND is not known here"),
];

#[test]
fn what_imagor_does_otherwise_is_said() {
    for (variables, words) in NOTES {
        let mut variables = variables.to_vec();
        variables.push(("IMAGOR_SECRET", "s"));
        variables.push(("HOME", "/"));
        let notes = read(&variables).unwrap().notes;
        assert!(
            notes.iter().any(|note| note.contains(words)),
            "{words} in {notes:#?}"
        );
        assert!(
            !notes.iter().any(|note| note.contains("HOME")),
            "{notes:#?}"
        );
    }
}

#[test]
fn the_answers_are_imagors() {
    let answers = |variables: &[(&str, &str)]| {
        let mut variables = variables.to_vec();
        variables.push(("IMAGOR_UNSAFE", "1"));
        read(&variables).unwrap().imagor.unwrap()
    };
    let plain = answers(&[]);
    assert_eq!((plain.base_path_redirect, plain.error_body), (None, true));
    let set = answers(&[
        ("IMAGOR_BASE_PATH_REDIRECT", "https://example.com/"),
        ("IMAGOR_DISABLE_ERROR_BODY", "1"),
    ]);
    assert_eq!(
        set.base_path_redirect.as_deref(),
        Some("https://example.com/")
    );
    assert!(!set.error_body);
}

#[test]
fn files_come_before_other_servers() {
    let both = [
        ("IMAGOR_UNSAFE", "1"),
        ("FILE_LOADER_BASE_DIR", "src"),
        ("HTTP_LOADER_ALLOWED_SOURCES", "a.example"),
    ];
    let config = read(&both).unwrap();
    let Origin::Chain(chain) = &config.mounts[0].origin else {
        panic!("{:?}", config.mounts[0].origin);
    };
    assert!(
        matches!(&**chain, [Origin::Files(_), Origin::Http(_)]),
        "{chain:?}"
    );
    let alone = read(&both[..2]).unwrap();
    assert!(matches!(alone.mounts[0].origin, Origin::Files(_)));
    let disabled = read(&[both[0], both[1], both[2], ("HTTP_LOADER_DISABLE", "1")]).unwrap();
    assert!(matches!(disabled.mounts[0].origin, Origin::Files(_)));
}

#[cfg(feature = "s3")]
#[test]
fn a_bucket_is_asked_after_files_and_before_other_servers() {
    let s3: [(&str, &str); 6] = [
        ("IMAGOR_UNSAFE", "1"),
        ("S3_LOADER_BUCKET", "photos/originals"),
        ("S3_ENDPOINT", "http://s3.example:9000"),
        ("AWS_REGION", "eu-west-1"),
        ("AWS_ACCESS_KEY_ID", "id"),
        ("AWS_SECRET_ACCESS_KEY", "a secret"),
    ];
    let alone = read(&s3).unwrap();
    let Origin::Bucket(bucket) = &alone.mounts[0].origin else {
        panic!("{:?}", alone.mounts[0].origin);
    };
    // The variables are those that were given, not those of this process.
    assert_eq!(
        bucket.identity(),
        "bucket:s3://photos/originals at http://s3.example:9000"
    );
    assert!(!format!("{alone:?}{alone}").contains("a secret"));

    let others = [
        ("FILE_LOADER_BASE_DIR", "src"),
        ("HTTP_LOADER_ALLOWED_SOURCES", "a.example"),
        ("S3_RESULT_STORAGE_BUCKET", "results"),
    ];
    let all = read(&[&s3[..], &others].concat()).unwrap();
    let Origin::Chain(chain) = &all.mounts[0].origin else {
        panic!("{:?}", all.mounts[0].origin);
    };
    assert!(
        matches!(
            &**chain,
            [Origin::Files(_), Origin::Bucket(_), Origin::Http(_)]
        ),
        "{chain:?}"
    );
    let store = all.mounts[0].cache.as_ref().unwrap().store.as_ref();
    assert_eq!(
        store.unwrap().identity(),
        "s3://results/ at http://s3.example:9000"
    );
}

#[test]
fn what_is_wrong_with_a_bucket_is_named() {
    for name in ["S3_LOADER_BUCKET", "S3_RESULT_STORAGE_BUCKET"] {
        let errors = read(&[("IMAGOR_UNSAFE", "1"), (name, "../photos")]).unwrap_err();
        assert_eq!(errors.iter().next().unwrap().key(), name, "{errors}");
    }
}

#[test]
fn every_variable_is_tested() {
    let tested: BTreeSet<&str> = SETTINGS
        .iter()
        .map(|(variables, _)| variables)
        .chain(MISTAKES.iter().map(|(variables, _)| variables))
        .flat_map(|variables| variables.iter().map(|(name, _)| *name))
        .collect();
    let not_here = [
        "AWS_ACCESS_KEY_ID",
        "AWS_REGION",
        "AWS_SECRET_ACCESS_KEY",
        "IMAGOR_DISABLE_ERROR_BODY",
        "S3_ENDPOINT",
        "S3_LOADER_BASE_DIR",
        "S3_LOADER_BUCKET",
        "S3_RESULT_STORAGE_BASE_DIR",
        "S3_RESULT_STORAGE_BUCKET",
    ];
    for name in KNOWN.iter().filter(|name| !not_here.contains(name)) {
        assert!(
            tested.contains(name) || name.starts_with("FILE_RESULT"),
            "{name}"
        );
    }
}

#[test]
fn flags_and_times_are_gos() {
    for (text, value) in [
        ("1", true),
        ("T", true),
        ("True", true),
        ("0", false),
        ("FALSE", false),
    ] {
        assert_eq!(flag(text), Ok(value), "{text}");
    }
    for text in ["yes", "on", "", "tRUE", "2"] {
        assert!(flag(text).is_err(), "{text}");
    }
    let cases = [
        ("0", Some(0)),
        ("30s", Some(30_000)),
        ("1h30m", Some(5_400_000)),
        ("1.5s", Some(1_500)),
        ("+2m", Some(120_000)),
        ("100us", Some(1)),
        ("1m0.5s", Some(60_500)),
        (".5s", Some(500)),
        ("", None),
        ("5", None),
        ("-5s", None),
        ("5 s", None),
        ("s", None),
        ("1..5s", None),
        ("1d", None),
        ("9999999999h", None),
        ("1e3s", None),
    ];
    for (text, milliseconds) in cases {
        let expected = milliseconds.map(std::time::Duration::from_millis);
        assert_eq!(duration(text).ok(), expected, "{text}");
    }
}

#[test]
fn globs_and_expressions_are_for_hosts() {
    let entry = |text: &str| Source::Entry(text.into());
    let regex = |text: &str| Source::Regex(text.into());
    let cases = [
        ("*", entry("*:*")),
        ("*.google.com", entry("*.google.com")),
        ("foo.bar:8080", entry("foo.bar:8080")),
        ("foo.bar:*", entry("foo.bar:*")),
        ("*.foo.bar:*", entry("*.foo.bar:*")),
        ("https://a.example/shop", entry("https://a.example/shop")),
        (r"\[::1\]:80", entry("[::1]:80")),
        ("img-?.Example.com", regex(r"img\-.\.example\.com")),
        ("img[0-9].example.com", regex(r"img[0-9]\.example\.com")),
        ("img[^0-9].example.com", regex(r"img[^0-9]\.example\.com")),
        ("*.*.example.com", regex(r".*\..*\.example\.com")),
        ("img[].example.com", Source::Wrong("it is no glob")),
    ];
    for (glob, expected) in cases {
        assert_eq!(source(glob), expected, "{glob}");
    }
    let cases = [
        (
            r"^([\w-]+\.)?mydomain\.com$",
            Some(r"([\w-]+\.)?mydomain\.com"),
        ),
        (r"mydomain\.com", Some(r"mydomain\.com")),
        (r"^https?://(.+\.)?a\.com/", Some(r"(.+\.)?a\.com")),
        (r"^https:\/\/a\.com\/.*$", Some(r"a\.com")),
        (r"^(http|https)://a\.com", Some(r"a\.com")),
        (r"^https://a\.com/images/", None),
        (r"^https://a\.com/|^https://b\.com/", None),
        (r"^https://", None),
        ("^$", None),
    ];
    for (regex, host) in cases {
        assert_eq!(host_of_regex(regex), host, "{regex}");
    }
}
