//! The files in `deploy/`.

use std::process::Command;

use crate::support::{Folder, imgward};

const CONFIG: &str = include_str!("../../../../deploy/imgward.toml");
const COMPOSE: &str = include_str!("../../../../deploy/compose.yaml");
const UNIT: &str = include_str!("../../../../deploy/imgward.service");

#[test]
fn the_unit_verifies() {
    let folder = Folder::new("unit");
    let path = folder.path().join("imgward.service");
    let unit = UNIT.replace("/usr/local/bin/imgward", env!("CARGO_BIN_EXE_imgward"));
    std::fs::write(&path, unit).unwrap();
    let output = Command::new("systemd-analyze")
        .arg("verify")
        .arg(path)
        .output();
    let Ok(output) = output else {
        eprintln!("skipped: there is no systemd-analyze");
        return;
    };
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success() && error.is_empty(), "{error}");
}

#[test]
fn the_compose_file_is_one_and_its_proxy_is_the_one_that_is_believed() {
    let config: toml::Table = CONFIG.parse().unwrap();
    let trusted = config["client_ip"]["trusted_proxies"].as_array().unwrap();
    let [proxy] = &trusted[..] else {
        panic!("{trusted:?}");
    };
    let address = format!("ipv4_address: {}\n", proxy.as_str().unwrap());
    assert!(COMPOSE.contains(&address), "{address}");

    let folder = Folder::new("compose");
    let path = folder.path().join("compose.yaml");
    std::fs::write(&path, COMPOSE).unwrap();
    let program = "import sys, yaml
services = yaml.safe_load(open(sys.argv[1]))['services']
assert list(services) == ['proxy', 'imgward', 'store'], services
assert [name for name in services if 'ports' in services[name]] == ['proxy']";
    let has_yaml = Command::new("python3").args(["-c", "import yaml"]).output();
    if !has_yaml.is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: there is no python3 with yaml");
        return;
    }
    let output = Command::new("python3")
        .args(["-c", program])
        .arg(path)
        .output()
        .unwrap();
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{error}");
}

#[test]
fn the_configuration_has_no_mistake_but_buckets() {
    let folder = Folder::new("deployed");
    let config = folder.config(CONFIG);
    let output = imgward(&["config", "--config", &config])
        .env("IMAGE_SECRET", "a secret")
        .env("AWS_REGION", "us-east-1")
        .output()
        .unwrap();
    let error = String::from_utf8(output.stderr).unwrap();
    let of_bucket =
        |line: &str| line.contains(": origin.bucket: ") || line.contains(": cache.store: ");
    assert!(error.lines().all(of_bucket), "{error}");
}
