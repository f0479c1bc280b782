//! A server that takes its configuration from imagor's environment variables.

mod answers;
mod commands;
mod limits;
mod origins;

use std::net::TcpListener;
use std::process::Command;

use crate::support::{IMAGES, Server, imgward};

type Variables<'a> = &'a [(&'a str, &'a str)];

const UNSAFE: (&str, &str) = ("IMAGOR_UNSAFE", "1");

const FILES: (&str, &str) = ("FILE_LOADER_BASE_DIR", IMAGES);

const LOOPBACK: (&str, &str) = ("HTTP_LOADER_BLOCK_LOOPBACK_NETWORKS", "0");

/// A path, and what signs it with the secret `mysecret` (SHA-256, 40 characters): imagor's own example.
const SIGNED: (&str, &str) = (
    "IGEn3TxngivD0jy4uuiZim2bdUCvhcnVi1Nm0xGy",
    "500x500/top/raw.githubusercontent.com/cshum/imagor/master/testdata/gopher.png",
);

/// A command with these variables of imagor's, and none of the environment's.
fn command(arguments: &[&str], variables: Variables<'_>) -> Command {
    let mut command = imgward(arguments);
    command.env_clear().envs(variables.iter().copied());
    command
}

fn start(variables: Variables<'_>) -> Server {
    let arguments = ["serve", "--imagor-env", "--listen", "127.0.0.1:0"];
    Server::run(&mut command(&arguments, variables))
}

/// Starts with these variables, files and unsigned URLs.
fn start_open(variables: Variables<'_>) -> Server {
    start(&[&[UNSAFE, FILES], variables].concat())
}

/// Starts with these variables and images of this host.
fn start_http(variables: Variables<'_>) -> Server {
    start(&[&[UNSAFE, LOOPBACK], variables].concat())
}

fn code(server: &Server, target: &str) -> (u16, String) {
    let answer = server.get(target, &[]);
    (answer.status, answer.code())
}

/// Exit status, standard output and standard error of a command that ends.
fn run(arguments: &[&str], variables: Variables<'_>) -> (Option<i32>, String, String) {
    let output = command(arguments, variables).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}

/// imagor's compose file for production, with the values that it recommends.
const PRODUCTION: Variables<'_> = &[
    ("PORT", "0"),
    ("IMAGOR_SECRET", "mysecret"),
    ("IMAGOR_SIGNER_TYPE", "sha256"),
    ("IMAGOR_SIGNER_TRUNCATE", "40"),
    ("IMAGOR_AUTO_WEBP", "1"),
    ("IMAGOR_AUTO_AVIF", "1"),
    (
        "HTTP_LOADER_ALLOWED_SOURCES",
        "*.example.com,assets.example.org",
    ),
    ("HTTP_LOADER_HTTPS_ONLY", "1"),
    ("HTTP_LOADER_MAX_ALLOWED_SIZE", "33554432"),
    ("VIPS_MAX_RESOLUTION", "16800000"),
    ("VIPS_MAX_WIDTH", "5000"),
    ("VIPS_MAX_HEIGHT", "5000"),
    ("VIPS_MAX_ANIMATION_FRAMES", "200"),
    ("VIPS_MOZJPEG", "1"),
    ("IMAGOR_REQUEST_TIMEOUT", "30s"),
    ("IMAGOR_LOAD_TIMEOUT", "10s"),
    ("IMAGOR_SAVE_TIMEOUT", "10s"),
    ("IMAGOR_PROCESS_TIMEOUT", "20s"),
    ("IMAGOR_PROCESS_CONCURRENCY", "4"),
    ("IMAGOR_PROCESS_QUEUE_SIZE", "100"),
    ("IMAGOR_CACHE_HEADER_TTL", "24h"),
];

#[test]
fn a_production_deployment_starts_unchanged() {
    let mut command = command(&["serve", "--imagor-env"], PRODUCTION);
    let server = Server::run(&mut command);
    assert!(server.address().ip().is_unspecified());
    let (signature, path) = SIGNED;
    // Signed as imagor signs it, and refused for where it comes from alone.
    let signed = server.get(&format!("/{signature}/{path}"), &[]);
    assert_eq!((signed.status, &*signed.code()), (403, "source_denied"));
    for target in [
        format!("/{signature}x/{path}"),
        format!("/unsafe/{path}"),
        format!("/{path}"),
    ] {
        let refused = server.get(&target, &[]);
        assert_eq!(refused.status, 403, "{target}");
        let body = String::from_utf8(refused.body).unwrap();
        assert!(
            body.contains(r#""message":"url signature mismatch""#),
            "{body}"
        );
    }
    for words in [
        "IMAGOR_SAVE_TIMEOUT is not known here",
        "VIPS_MOZJPEG is not known here",
        "HTTP_LOADER_HTTPS_ONLY does nothing in imagor",
        "HTTP_LOADER_MAX_ALLOWED_SIZE is held against the length",
        "HTTP_LOADER_BLOCK_LOOPBACK_NETWORKS",
    ] {
        server.logged(words);
    }
    let log = server.log().join("\n");
    assert!(!log.contains("mysecret"), "{log}");
}

#[test]
fn mistakes_are_named_at_once_and_nothing_is_served() {
    let variables = [
        ("PORT", "x"),
        ("IMAGOR_SIGNER_TRUNCATE", "10"),
        ("HTTP_LOADER_ALLOWED_SOURCES", "a b"),
    ];
    let expected = "environment: HTTP_LOADER_ALLOWED_SOURCES: \"a b\" is no source: it has a character that no host has
environment: IMAGOR_SECRET: not set, and IMAGOR_UNSAFE is not either: no URL would be valid
environment: IMAGOR_SIGNER_TRUNCATE: a signature of 10 characters is too short: 17 are the least
environment: PORT: \"x\" is not a whole number
";
    for command in ["serve", "config"] {
        let (status, out, error) = run(&[command, "--imagor-env"], &variables);
        assert_eq!(
            (status, &*out, &*error),
            (Some(2), "", expected),
            "{command}"
        );
    }
    let both = ["serve", "--imagor-env", "--config", "imgward.toml"];
    assert_eq!(run(&both, &[UNSAFE]).0, Some(2));
}

#[test]
fn what_is_in_force_is_printed() {
    let (status, out, error) = run(&["config", "--imagor-env"], PRODUCTION);
    assert_eq!((status, &*error), (Some(0), ""));
    for line in [
        "truncate = 40",
        "max_source_pixels = 16800000",
        "https_only = true",
        "# VIPS_MOZJPEG is not known here, and has no effect",
    ] {
        assert!(out.lines().any(|found| found == line), "{line} in {out}");
    }
    assert!(!out.contains("mysecret"), "{out}");
}

#[test]
fn the_port_is_imagors() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    let port_text = port.to_string();
    let variables = [UNSAFE, FILES, ("PORT", &*port_text)];
    let mut command = command(&["serve", "--imagor-env"], &variables);
    let server = Server::run(&mut command);
    assert_eq!(server.address().port(), port);
}

#[test]
fn signatures_follow_their_variables() {
    let (signature, path) = SIGNED;
    let target = format!("/{signature}/{path}");
    let settings = [
        ("IMAGOR_SECRET", "mysecret"),
        ("IMAGOR_SIGNER_TYPE", "sha256"),
        ("IMAGOR_SIGNER_TRUNCATE", "40"),
    ];
    let with = |variables: Variables<'_>| code(&start(&[&[FILES], variables].concat()), &target);
    assert_eq!(with(&settings), (404, "not_found".into()));
    let refused = (403, "signature_invalid".into());
    for index in 0..settings.len() {
        let mut other = settings;
        other[index].1 = ["another", "sha512", "30"][index];
        assert_eq!(with(&other), refused, "{other:?}");
    }
    let server = start_open(&settings[..1]);
    assert_eq!(
        server.get("/unsafe/30x20/shield.png", &[]).image(),
        ("png", 30, 20)
    );
}

#[cfg(unix)]
#[test]
fn a_hangup_does_not_end_the_server() {
    let server = start_open(&[]);
    server.signal("HUP");
    server.logged("nothing is reloaded");
    assert_eq!(server.get("/healthcheck", &[]).status, 200);
}
