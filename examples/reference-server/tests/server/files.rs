//! Images of a folder.
#![cfg(unix)]

use std::fs::{self, File};
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use crate::support::{Folder, IMAGES, Server};

const CONFIG: &str = "environment = \"development\"\n[origin]\nfiles = \"images\"\n";

#[test]
fn rows_83_and_98_nothing_but_files_of_the_folder_is_opened() {
    let folder = Folder::new("jail");
    let images = folder.path().join("images");
    fs::create_dir_all(images.join("below")).unwrap();
    let cat = Path::new(IMAGES).join("cat.jpg");
    for copy in ["images/cat.jpg", "images/below/cat.jpg", "outside.jpg"] {
        fs::copy(&cat, folder.path().join(copy)).unwrap();
    }
    for (link, to) in [
        ("inside.jpg", "below/cat.jpg".into()),
        ("absolute.jpg", images.join("cat.jpg")),
        ("outside.jpg", "../outside.jpg".into()),
        ("absolutely-outside.jpg", folder.path().join("outside.jpg")),
        ("up", "..".into()),
        ("environ", "/proc/self/environ".into()),
        ("own-exe", "/proc/self/exe".into()),
        ("root", "/".into()),
        ("zero", "/dev/zero".into()),
        ("loop", "loop".into()),
    ] {
        std::os::unix::fs::symlink(to, images.join(link)).unwrap();
    }
    let pipe = Command::new("mkfifo").arg(images.join("pipe")).status();
    assert!(pipe.unwrap().success());
    // A terabyte of nothing.
    let sparse = File::create(images.join("sparse.jpg")).unwrap();
    if sparse.set_len(1 << 40).is_err() {
        println!("not tried: a file of a terabyte, which this file system has not");
        sparse.set_len(60 << 20).unwrap();
    }
    let server = Server::start(&folder.config(CONFIG));
    for (name, status, code) in [
        ("cat.jpg", 200, "ok"),
        ("below/cat.jpg", 200, "ok"),
        ("inside.jpg", 200, "ok"),
        ("absolute.jpg", 200, "ok"),
        ("CAT.JPG", 404, "not_found"),
        ("cat.jpg%3A%3A$DATA", 404, "not_found"),
        ("outside.jpg", 404, "not_found"),
        ("absolutely-outside.jpg", 404, "not_found"),
        ("up/outside.jpg", 404, "not_found"),
        ("environ", 404, "not_found"),
        ("own-exe", 404, "not_found"),
        ("root/etc/hostname", 404, "not_found"),
        ("root/proc/self/environ", 404, "not_found"),
        ("zero", 404, "not_found"),
        ("pipe", 404, "not_found"),
        ("below", 404, "not_found"),
        ("loop", 502, "origin_failed"),
        ("sparse.jpg", 413, "source_too_large"),
    ] {
        let answer = server.get(&format!("/unsafe/8x8/{name}"), &[]);
        assert_eq!((answer.status, &*answer.code()), (status, code), "{name}");
        // Nobody learns where the folder is.
        let body = String::from_utf8_lossy(&answer.body);
        assert!(!body.contains("images") && !body.contains(name), "{body}");
    }
}

#[test]
fn row_98_a_name_that_becomes_a_link_leads_nowhere() {
    let folder = Folder::new("race");
    let images = folder.path().join("images");
    fs::create_dir_all(&images).unwrap();
    let cat = Path::new(IMAGES).join("cat.jpg");
    // What must not come out is another picture.
    fs::copy(
        Path::new(IMAGES).join("shield.png"),
        folder.path().join("secret"),
    )
    .unwrap();
    fs::copy(&cat, images.join("cat.jpg")).unwrap();
    std::os::unix::fs::symlink("../secret", images.join("link")).unwrap();
    let server = Server::start(&folder.config(CONFIG));
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !over.load(Ordering::Relaxed) {
                // One name, twice a turn another thing.
                let name = images.join("now.jpg");
                let next = images.join("next");
                fs::copy(&cat, &next).unwrap();
                fs::rename(&next, &name).unwrap();
                std::os::unix::fs::symlink("../secret", &next).unwrap();
                fs::rename(&next, &name).unwrap();
            }
        });
        for _ in 0..200 {
            let answer = server.get("/unsafe/8x8/now.jpg", &[]);
            // A file that was still being copied may be half a picture.
            if answer.status == 200 {
                assert_eq!(answer.image().0, "jpeg");
            }
        }
        over.store(true, Ordering::Relaxed);
    });
}
