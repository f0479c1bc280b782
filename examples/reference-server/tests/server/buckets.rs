//! Originals and results in a bucket of a real S3-compatible server.
#![cfg(unix)]

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use crate::s3::{Fault, S3, faulty};
use crate::support::{Folder, IMAGES, Server, run, run_over_s3};

const ORIGIN: &str = r#"
environment = "development"

[origin]
bucket = "s3://photos/originals"
"#;

const STORE: &str = r#"
environment = "development"

[transform]
auto_format = ["webp"]

[origin]
files = "FILES"

[cache]
memory = "16MiB"
store = "s3://photos/results"
"#;

fn image(name: &str) -> Vec<u8> {
    std::fs::read(format!("{IMAGES}/{name}")).unwrap()
}

/// A folder with a server's root and the originals.
fn with_originals(folder: &Folder, names: &[&str]) -> String {
    let files = folder.path().join("files");
    std::fs::create_dir_all(&files).unwrap();
    for name in names {
        std::fs::write(files.join(name), image(name)).unwrap();
    }
    folder.config(&STORE.replace("FILES", files.to_str().unwrap()))
}

#[test]
fn originals_are_in_a_bucket() {
    let folder = Folder::new("bucket-origin");
    let s3 = S3::start(&folder.path().join("s3"));
    s3.put("originals/shield.png", &image("shield.png"));
    s3.put("originals/a b/c+d.png", &image("shield.png"));
    s3.put("originals/text.png", b"<html>");
    s3.put("secret.png", &image("shield.png"));
    let config = folder.config(ORIGIN);
    let server = Server::over_s3(&config, s3.address());
    for (target, code) in [
        ("shield.png", "ok"),
        ("a%20b%2Fc%2Bd.png", "ok"),
        ("text.png", "unsupported_format"),
        ("none.png", "not_found"),
        ("..%252Fsecret.png", "bad_request"),
        ("%252e%252e/secret.png", "bad_request"),
        ("..%2Fsecret.png", "bad_request"),
        ("shield.png%00", "bad_request"),
        ("shield.png%0d%0a", "bad_request"),
    ] {
        let answer = server.get(&format!("/unsafe/30x20/{target}"), &[]);
        assert_eq!(answer.code(), code, "{target}");
        if code == "ok" {
            assert_eq!(answer.image(), ("png", 30, 20), "{target}");
        }
    }
    let (status, printed, error) = run_over_s3(&["config", "--config", &config], s3.address());
    assert_eq!((status, &*error), (Some(0), ""));
    assert!(
        printed.contains("bucket = \"s3://photos/originals\""),
        "{printed}"
    );
    assert!(!printed.contains("secret key"), "{printed}");

    // Nothing of what is wrong with the bucket is for clients.
    let mut command = crate::support::imgward(&[]);
    let strangers = crate::s3::reach(&mut command, s3.address())
        .env("AWS_SECRET_ACCESS_KEY", "another")
        .args(["serve", "--config", &config, "--listen", "127.0.0.1:0"]);
    let denied = Server::run(strangers).get("/unsafe/30x20/shield.png", &[]);
    assert_eq!((denied.status, &*denied.code()), (502, "origin_failed"));
    let body = String::from_utf8_lossy(&denied.body);
    assert!(
        !body.contains("AKTEST") && !body.contains("photos"),
        "{body}"
    );
}

#[test]
fn a_bucket_may_be_slow_or_break_off() {
    let folder = Folder::new("bucket-faults");
    let mut s3 = S3::start(&folder.path().join("s3"));
    let large = image("galaxies.jpg");
    s3.put("originals/galaxies.jpg", &large);
    let config = folder.config(&format!("{ORIGIN}[transform]\nload_timeout = '2s'\n"));
    // Less than what is left after two more tries.
    let part = large.len() / 5;
    for (fault, times, expected) in [
        // What is missing is asked for again.
        (Fault::Cut, 1, "ok"),
        (Fault::Cut, usize::MAX, "origin_failed"),
        (Fault::Stall, usize::MAX, "timeout"),
    ] {
        let address = faulty(s3.address(), fault, part, times);
        let server = Server::over_s3(&config, address);
        let answer = server.get("/unsafe/300x0/galaxies.jpg", &[]);
        assert_eq!(answer.code(), expected);
    }
    let server = Server::over_s3(&config, s3.address());
    assert_eq!(server.get("/unsafe/30x0/galaxies.jpg", &[]).code(), "ok");
    s3.kill();
    assert_eq!(
        server.get("/unsafe/40x0/galaxies.jpg", &[]).code(),
        "origin_failed"
    );
    s3.restart();
    assert_eq!(server.get("/unsafe/40x0/galaxies.jpg", &[]).code(), "ok");
}

#[test]
fn two_servers_over_one_bucket_share_results() {
    let folder = Folder::new("bucket-store");
    let s3 = S3::start(&folder.path().join("s3"));
    let config = with_originals(&folder, &["coffee.jpg", "cat.jpg"]);
    let target = "/unsafe/300x200/coffee.jpg";
    let mut first = Server::over_s3(&config, s3.address());
    let made = first.get(target, &[]);
    assert_eq!((made.status, &*made.header("x-cache")), (200, "miss"));
    first.get("/unsafe/30x20/coffee.jpg", &[]);
    first.signal("TERM");
    assert_eq!(first.wait(), Some(0));
    assert_eq!(s3.objects("results").len(), 2);

    // The second could not make it.
    std::fs::remove_file(folder.path().join("files/coffee.jpg")).unwrap();
    let second = Server::over_s3(&config, s3.address());
    let found = second.get(target, &[]);
    assert_eq!((found.status, &*found.header("x-cache")), (200, "hit"));
    assert_eq!(found.header("etag"), made.header("etag"));
    assert_eq!(found.body, made.body);
    std::fs::write(folder.path().join("files/coffee.jpg"), image("coffee.jpg")).unwrap();

    // What is damaged is made anew, and written over.
    for object in s3.objects("results") {
        let mut record = std::fs::read(&object).unwrap();
        let last = record.len() - 1;
        record[last] ^= 1;
        std::fs::write(&object, record).unwrap();
    }
    for expected in ["miss", "hit"] {
        let mut server = Server::over_s3(&config, s3.address());
        let answer = server.get(target, &[]);
        assert_eq!((answer.status, &*answer.header("x-cache")), (200, expected));
        assert_eq!(answer.body, made.body);
        server.signal("TERM");
        assert_eq!(server.wait(), Some(0));
    }
}

#[test]
fn a_bucket_that_dies_loses_no_request() {
    let folder = Folder::new("bucket-dies");
    let mut s3 = S3::start(&folder.path().join("s3"));
    let config = with_originals(&folder, &["shield.png"]);
    let server = Server::over_s3(&config, s3.address());
    let stop = AtomicBool::new(false);
    let asked = thread::scope(|scope| {
        let clients: Vec<_> = (0..4)
            .map(|client| {
                let (server, stop) = (&server, &stop);
                scope.spawn(move || {
                    let mut asked = 0;
                    while !stop.load(Ordering::SeqCst) || asked < 20 {
                        let width = 10 + asked % 100;
                        let target = format!("/unsafe/{width}x{}/shield.png", 10 + client);
                        let answer = server.get(&target, &[]);
                        assert_eq!(answer.status, 200, "{target}");
                        asked += 1;
                    }
                    asked
                })
            })
            .collect();
        // Results are being written.
        while s3.objects("results").is_empty() {
            thread::yield_now();
        }
        s3.kill();
        for _ in 0..10 {
            assert_eq!(server.get("/unsafe/99x9/shield.png", &[]).status, 200);
        }
        s3.restart();
        for _ in 0..10 {
            assert_eq!(server.get("/unsafe/98x9/shield.png", &[]).status, 200);
        }
        stop.store(true, Ordering::SeqCst);
        clients
            .into_iter()
            .map(|client| client.join().unwrap())
            .sum::<u32>()
    });
    assert!(asked >= 80);
}

#[test]
fn results_in_a_bucket_are_purged() {
    let folder = Folder::new("bucket-purge");
    let s3 = S3::start(&folder.path().join("s3"));
    let config = with_originals(&folder, &["coffee.jpg", "cat.jpg"]);
    let mut server = Server::over_s3(&config, s3.address());
    for target in ["30x20/coffee.jpg", "60x40/coffee.jpg", "30x20/cat.jpg"] {
        assert_eq!(server.get(&format!("/unsafe/{target}"), &[]).status, 200);
    }
    server.signal("TERM");
    assert_eq!(server.wait(), Some(0));
    assert_eq!(s3.objects("results").len(), 3);
    for (arguments, printed, left) in [
        (&["/unsafe/30x20/cat.jpg"][..], "removed 1 result\n", 2),
        (&["--source", "coffee.jpg"], "removed 2 results\n", 0),
        (&["--source", "coffee.jpg"], "removed 0 results\n", 0),
    ] {
        let command = [&["purge", "--config", &config], arguments].concat();
        let (status, out, error) = run_over_s3(&command, s3.address());
        assert_eq!(
            (status, &*out, &*error),
            (Some(0), printed, ""),
            "{arguments:?}"
        );
        assert_eq!(s3.objects("results").len(), left);
    }
}

#[test]
fn a_bucket_of_no_cloud_is_a_configuration_error() {
    let folder = Folder::new("bucket-config");
    for (url, why) in [
        (
            "s3:photos",
            "a bucket is written s3://bucket/prefix, gs:// and az:// likewise",
        ),
        ("s3://photos/a/../b", "it has a dot segment"),
        (
            "ftp://photos",
            "it is none of s3://, gs://, az:// and file:///",
        ),
    ] {
        let text = ORIGIN.replace("s3://photos/originals", url);
        let config = folder.config(&format!("{text}[cache]\nstore = {url:?}\n"));
        let (status, _, error) = run(&["config", "--config", &config]);
        assert_eq!(status, Some(2));
        assert_eq!(
            error,
            format!(
                "{config}:5: origin.bucket: {url:?} is no bucket: {why}\n\
                 {config}:7: cache.store: {url:?} is no bucket: {why}\n"
            )
        );
    }
    let both = folder.config(&format!("{ORIGIN}http = true\n"));
    let (status, _, error) = run(&["config", "--config", &both]);
    assert_eq!(status, Some(2));
    assert!(
        error.contains("there is one origin, files, http or bucket"),
        "{error}"
    );

    // A folder is guarded as one.
    let root = folder.path().join("images");
    std::fs::create_dir(&root).unwrap();
    std::fs::write(root.join("shield.png"), image("shield.png")).unwrap();
    std::os::unix::fs::symlink(format!("{IMAGES}/cat.jpg"), root.join("cat.jpg")).unwrap();
    let url = format!("file://{}", root.display());
    let config = folder.config(&ORIGIN.replace("s3://photos/originals", &url));
    let server = Server::start(&config);
    assert_eq!(server.get("/unsafe/30x20/shield.png", &[]).code(), "ok");
    assert_eq!(server.get("/unsafe/30x20/cat.jpg", &[]).code(), "not_found");
}
