use std::net::TcpListener;

use crate::support::{Folder, SECRET, run};

#[test]
fn every_mistake_is_reported_at_once() {
    let folder = Folder::new("mistakes");
    let config = folder.config(
        "[ip]
block = [
  \"10.0.0.0/8\",
  \"10.0.0.0/33\",
]
[referrer]
mode = \"allowlist\"
[signature]
secrets = [\"env:IMGWARD_NOT_SET\"]
[geo]
countries = [\"UK\"]
",
    );
    let expected = format!(
        "{config}:1: origin: an origin is needed: files, http or bucket
{config}:4: ip.block[1]: \"10.0.0.0/33\" is not an IPv4 or IPv6 address or CIDR range
{config}:6: referrer: unknown key (did you mean \"referer\"?)
{config}:9: signature.secrets[0]: the environment has no variable \"IMGWARD_NOT_SET\"
{config}:11: geo.countries[0]: \"UK\" is not an assigned ISO 3166-1 alpha-2 country code (the United Kingdom is GB)
"
    );
    for command in ["serve", "config"] {
        let (status, out, error) = run(&[command, "--config", &config]);
        assert_eq!(
            (status, &*out, error),
            (Some(2), "", expected.clone()),
            "{command}"
        );
    }
    for command in ["sign", "check"] {
        let (status, out, error) = run(&[command, "--config", &config, "/a.jpg"]);
        assert_eq!(
            (status, &*out, error),
            (Some(2), "", expected.clone()),
            "{command}"
        );
    }
}

#[test]
fn a_file_that_is_not_there_is_an_error() {
    let (status, _, error) = run(&["serve", "--config", "/nowhere/imgward.toml"]);
    assert_eq!(status, Some(2));
    assert!(
        error.starts_with("/nowhere/imgward.toml: cannot be read: "),
        "{error}"
    );
}

#[test]
fn an_address_in_use_is_an_error() {
    let folder = Folder::new("in-use");
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let config = folder.config(&format!(
        "listen = \"{address}\"\n[signature]\nrequired = false\n[log]\nlevel = \"error\"\n[origin]\nfiles = \"IMAGES\""
    ));
    let (status, out, error) = run(&["serve", "--config", &config]);
    assert_eq!((status, &*out), (Some(2), ""));
    assert_eq!(error, format!("the address {address} is in use\n"));
}

#[test]
fn the_development_server_stays_at_home() {
    let (status, _, error) = run(&["serve", "--listen", "0.0.0.0:0"]);
    assert_eq!(status, Some(2));
    assert!(error.contains("loopback"), "{error}");
}

#[test]
fn what_is_in_force_is_printed_without_secrets() {
    let folder = Folder::new("printed");
    let config = folder.config(
        "[signature]
secrets = [\"env:IMGWARD_TEST_SECRET\", \"hidden\"]
max_lifetime = \"7d\"
[origin]
files = \"IMAGES\"
[[mount]]
path = \"/a\"
[[mount]]
path = \"/b\"
[mount.signature]
secrets = [\"env:IMGWARD_TEST_SECRET\"]
",
    );
    let (status, out, error) = run(&["config", "--config", &config]);
    assert_eq!((status, &*error), (Some(0), ""));
    assert!(!out.contains(SECRET) && !out.contains("hidden"), "{out}");
    for line in [
        "# line 10: mount[1].signature.max_lifetime is back to its default, for the table replaces the one at the top",
        "secrets = [\"env:IMGWARD_TEST_SECRET\", \"(redacted)\"]",
        "max_lifetime = \"7d\"",
        "path = \"/b\"",
    ] {
        assert!(
            out.lines().any(|printed| printed == line),
            "{line} in {out}"
        );
    }
    assert_eq!(out.matches("[mount.signature]").count(), 2, "{out}");
    assert_eq!(out.matches("max_lifetime = ").count(), 1, "{out}");
}
