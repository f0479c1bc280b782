//! Images that are dropped.

use std::time::Duration;

use serde_json::Value;

use super::{ask, drop_image, json, sample, server, text};
use crate::support::{Folder, Server};

#[test]
fn an_image_is_dropped() {
    let server = server();
    let bytes = sample("astronaut.jpg");
    let posted = drop_image(&server, &bytes);
    assert_eq!(posted.status, 201, "{posted:?}");
    let posted = json(&posted);
    let name = text(&posted, "name").to_owned();
    assert_eq!(posted["bytes"], bytes.len());
    assert_eq!(
        server.get(text(&posted, "thumbnail"), &[]).image(),
        ("webp", 160, 120)
    );
    let original = server.get(&format!("/_imgward/originals/{name}"), &[]);
    assert_eq!(original.header("content-type"), "application/octet-stream");
    assert_eq!(original.body, bytes);
    assert_eq!(text(&ask(&server, "state")["dropped"][0], "name"), name);

    let urls = ask(&server, &format!("urls?image={name}&w=90&h=90&format=png"));
    for entry in urls["urls"].as_array().unwrap() {
        // It is upright.
        assert_eq!(
            server.get(text(entry, "url"), &[]).image(),
            ("png", 68, 90),
            "{entry}"
        );
    }
    // The server's own mounts have no such image.
    let own = server.get(&format!("/unsafe/9x9/{name}"), &[]);
    assert_eq!(own.code(), "not_found");
}

#[test]
fn what_is_no_image_is_not_kept() {
    let server = server();
    let mut broken = sample("shield.png");
    broken.truncate(broken.len() / 2);
    let too_large = vec![0; 16 * 1024 * 1024 + 1];
    for (bytes, code) in [
        (&b"<html>"[..], "unsupported_format"),
        (&broken, "image_corrupt"),
        (&too_large, "source_too_large"),
    ] {
        assert_eq!(drop_image(&server, bytes).code(), code);
    }
    assert_eq!(ask(&server, "state")["dropped"], Value::Array(Vec::new()));
}

#[test]
fn the_oldest_image_makes_room() {
    let server = server();
    let bytes = sample("shield.png");
    let names: Vec<String> = (0..9)
        .map(|_| text(&json(&drop_image(&server, &bytes)), "name").to_owned())
        .collect();
    let original = |name: &str| server.get(&format!("/_imgward/originals/{name}"), &[]);
    assert_eq!(original(&names[0]).code(), "not_found");
    assert_eq!(original(&names[1]).body, bytes);
    assert_eq!(original(&names[8]).body, bytes);
    assert_eq!(
        ask(&server, "state")["dropped"].as_array().unwrap().len(),
        8
    );
}

#[test]
fn post_is_for_images_alone() {
    let server = server();
    for (method, target, allow) in [
        ("PUT", "/_imgward/", "GET, HEAD, POST"),
        ("DELETE", "/_imgward/originals/cat.jpg", "GET, HEAD"),
        ("POST", "/_imgward/api/state", "GET, HEAD"),
        ("POST", "/_imgward/imagor/x/cat.jpg", "GET, HEAD"),
        ("POST", "/_imgward", "GET, HEAD"),
        ("POST", "/unsafe/9x9/cat.jpg", "GET, HEAD"),
        ("POST", "/", "GET, HEAD"),
        ("OPTIONS", "/_imgward/", "GET, HEAD, POST"),
    ] {
        let answer = server.send(method, target, &[]);
        assert_eq!(answer.code(), "method_not_allowed", "{method} {target}");
        assert_eq!(answer.header("allow"), allow, "{method} {target}");
        assert_eq!(answer.header("access-control-allow-origin"), "");
    }
}

#[cfg(unix)]
#[test]
fn a_reload_keeps_images_and_takes_rules() {
    let folder = Folder::new("playground-reload");
    let base = "environment = 'development'\nplayground = true\n[origin]\nfiles = 'IMAGES'\n";
    let server = Server::start(&folder.config(base));
    let dropped = json(&drop_image(&server, &sample("shield.png")));
    let thumbnail = text(&dropped, "thumbnail");
    let blocked = || {
        let target = "check?rules=server&ip=192.0.2.1&target=/unsafe/8x8/cat.jpg";
        ask(&server, target)["admitted"] == false
    };
    assert!(!blocked());
    folder.config(&format!("{base}[ip]\nblock = ['192.0.2.1']\n"));
    server.signal("HUP");
    while !blocked() {
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(server.get(thumbnail, &[]).image(), ("webp", 160, 120));
    folder.config(&base.replace("playground = true", "playground = false"));
    server.signal("HUP");
    while server.get("/_imgward/", &[]).status == 200 {
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(server.get(thumbnail, &[]).code(), "not_found");
}
