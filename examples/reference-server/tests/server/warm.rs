//! `imgward warm`, and `imgward purge` in every dialect.
#![cfg(unix)]

use std::io::Write as _;
use std::process::Stdio;

use crate::support::{Folder, IMAGES, Server, imgward, run};

const CONFIG: &str = r#"
[signature]
secrets = ["env:IMGWARD_TEST_SECRET"]

[transform]
auto_format = ["webp"]

[origin]
files = "IMAGES"

[cache]
store = "file://STORE"
"#;

fn config(folder: &Folder) -> String {
    let store = folder.path().join("store");
    std::fs::create_dir_all(&store).unwrap();
    folder.config(&CONFIG.replace("STORE", store.to_str().unwrap()))
}

fn list(folder: &Folder, text: &str) -> String {
    let path = folder.path().join("list.txt");
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().into()
}

/// The summary but for the time and the rate.
fn counts(out: &str) -> &str {
    out.split(';').next().unwrap()
}

fn sign(config: &str, target: &str) -> String {
    let (status, out, error) = run(&["sign", "--config", config, target]);
    assert_eq!((status, &*error), (Some(0), ""));
    out.trim().into()
}

#[test]
fn a_list_is_made_before_anybody_asks() {
    let folder = Folder::new("warm");
    let config = config(&folder);
    let signed = sign(&config, "60x40/coffee.jpg");
    let list = list(
        &folder,
        &format!(
            "# what the front page shows\n\n  30x20/coffee.jpg\n{signed}\n\
             unsafe/30x20/filters:format(png)/cat.jpg\n"
        ),
    );
    let (status, out, _) = run(&["warm", "--config", &config, &list]);
    // Where the format is open, in WebP and as it is.
    assert_eq!(
        (status, counts(&out)),
        (Some(0), "5 made, 0 kept before, 0 failed")
    );
    let (status, out, _) = run(&["warm", "--config", &config, &list]);
    assert_eq!(
        (status, counts(&out)),
        (Some(0), "0 made, 5 kept before, 0 failed")
    );

    let server = Server::start(&config);
    for (target, accept, state) in [
        (
            sign(&config, "30x20/coffee.jpg"),
            "Accept: image/webp",
            "hit",
        ),
        (sign(&config, "30x20/coffee.jpg"), "Accept: */*", "hit"),
        (signed, "Accept: image/webp", "hit"),
        (
            sign(&config, "30x20/filters:format(png)/cat.jpg"),
            "Accept: image/webp",
            "hit",
        ),
        (sign(&config, "31x20/coffee.jpg"), "Accept: */*", "miss"),
    ] {
        let answer = server.get(&target, &[accept]);
        assert_eq!(
            (answer.status, &*answer.header("x-cache")),
            (200, state),
            "{target}"
        );
    }
}

#[test]
fn what_fails_is_told_by_code_and_target() {
    let folder = Folder::new("warm-fails");
    let config = config(&folder);
    let list = list(
        &folder,
        "30x20/cat.jpg\n30x20/none.jpg\n30x20/none.png\nunsafe/a b\n30x20/README.md\n",
    );
    let (status, out, error) = run(&["warm", "--config", &config, "--accept", "*/*", &list]);
    assert_eq!(status, Some(1), "{error}");
    assert_eq!(counts(&out), "1 made, 0 kept before, 4 failed");
    let lines: Vec<&str> = out.lines().skip(1).collect();
    let mut not_found = vec![lines[3], lines[4]];
    not_found.sort_unstable();
    assert_eq!(lines[..2], ["bad_request (1):", "  unsafe/a b"]);
    assert_eq!(not_found, ["  30x20/none.jpg", "  30x20/none.png"], "{out}");
}

#[test]
fn a_list_may_come_by_standard_input() {
    let folder = Folder::new("warm-stdin");
    let config = config(&folder);
    let arguments = ["warm", "--config", &config, "--concurrency", "1", "-"];
    let mut child = imgward(&arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    for width in 10..90 {
        writeln!(input, "{width}x20/filters:format(jpeg)/cat.jpg").unwrap();
    }
    drop(input);
    let output = child.wait_with_output().unwrap();
    let out = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(counts(&out), "80 made, 0 kept before, 0 failed");
}

#[test]
fn a_mount_without_a_store_cannot_be_warmed() {
    let folder = Folder::new("warm-none");
    let config = folder.config("environment = 'development'\n[origin]\nfiles = 'IMAGES'\n");
    let list = list(&folder, "30x20/cat.jpg\n");
    let (status, _, error) = run(&["warm", "--config", &config, &list]);
    assert_eq!((status, &*error), (Some(2), "the mount / has no store\n"));
}

#[test]
fn a_store_that_takes_nothing_fails_the_command() {
    let folder = Folder::new("warm-full");
    let config = config(&folder);
    let store = folder.path().join("store");
    std::fs::remove_dir(&store).unwrap();
    // No folder can be made below a file.
    std::fs::write(&store, "").unwrap();
    let list = list(&folder, "30x20/filters:format(jpeg)/cat.jpg\n");
    let (status, out, _) = run(&["warm", "--config", &config, &list]);
    assert_eq!(status, Some(1), "{out}");
    assert!(
        out.contains("store (1):\n  1 images that the store did not take"),
        "{out}"
    );
}

#[test]
fn targets_are_purged_and_warmed_in_every_dialect() {
    for (dialect, target) in [
        ("imagor", "30x20/cat.jpg"),
        ("imagekit", "cat.jpg?tr=w-30,h-20"),
        ("imagekit", "tr:w-30,h-20/cat.jpg"),
        ("imgproxy", "rs:fit:30:20/plain/cat.jpg"),
        ("ipx", "w_30,h_20/cat.jpg"),
    ] {
        let folder = Folder::new(&format!("purge-{dialect}"));
        let store = folder.path().join("store");
        std::fs::create_dir(&store).unwrap();
        let keys = match dialect {
            "imgproxy" => "secrets = ['6b6579']\nsalts = ['73616c74']",
            "ipx" => "keys = [{ id = 'pk', secret = 'env:IMGWARD_TEST_SECRET' }]",
            _ => "secrets = ['env:IMGWARD_TEST_SECRET']",
        };
        let config = folder.config(&format!(
            "[origin]\nfiles = {IMAGES:?}\n[cache]\nstore = 'file://{}'\n\
             [[mount]]\npath = '/img'\n[mount.transform]\ndialect = '{dialect}'\n\
             [mount.signature]\n{keys}\n",
            store.display()
        ));
        let signed = sign(&config, target);
        let list = list(&folder, &format!("{target}\n"));
        for purged in [target, &signed] {
            let (status, out, error) = run(&["warm", "--config", &config, &list]);
            assert_eq!(status, Some(0), "{dialect} {out} {error}");
            assert_eq!(counts(&out), "1 made, 0 kept before, 0 failed", "{dialect}");
            let (status, out, error) = run(&["purge", "--config", &config, purged]);
            assert_eq!((status, &*error), (Some(0), ""), "{dialect} {purged}");
            assert_eq!(out, "removed 1 result\n", "{dialect} {purged}");
        }
    }
}
