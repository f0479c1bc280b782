//! The recipe as URLs.

use std::time::Duration;

use super::{ask, server, text};
use crate::support::IMAGES;

/// Recipes of the page, and the size of what they make of `coffee.jpg` (600 x 400).
const RECIPES: &[(&str, (u32, u32))] = &[
    ("", (600, 400)),
    ("w=300", (300, 200)),
    ("w=90&h=90", (90, 60)),
    ("w=90&h=90&fit=fill&keep=smart", (90, 90)),
    (
        "w=90&h=60&fit=fill&keep=top_left&rotate=90&flip_h=1",
        (90, 60),
    ),
    ("w=90&h=90&fit=pad&background=%23ff0000", (90, 90)),
    ("w=50&h=90&fit=stretch&enlarge=1", (50, 90)),
    (
        "h=60&blur=2&sharpen=1&brightness=10&contrast=-10&saturation=20",
        (90, 60),
    ),
    (
        "w=90&grayscale=1&rotate=180&radius=9&background=00ff00",
        (90, 60),
    ),
    (
        "w=90&text=H%C3%A9+%2C%2F%28%29%3A&text_size=12&text_place=top&quality=50",
        (90, 60),
    ),
    ("rotate=270&w=60", (60, 90)),
];

#[test]
fn every_url_answers_an_image() {
    let server = server();
    for (recipe, (width, height)) in RECIPES {
        for lifetime in ["", "&lifetime=300"] {
            let answer = ask(
                &server,
                &format!("urls?image=coffee.jpg&{recipe}&format=png{lifetime}"),
            );
            let entries = answer["urls"].as_array().unwrap();
            let dialects: Vec<&str> = entries.iter().map(|entry| text(entry, "dialect")).collect();
            assert_eq!(dialects, ["imagor", "imagekit", "imgproxy", "ipx"]);
            for entry in entries {
                let url = text(entry, "url");
                let made = server.get(url, &[]);
                assert_eq!(made.image(), ("png", *width, *height), "{url}");
                assert_eq!(made.header("cache-control"), "no-store");
                assert!(
                    made.header("server-timing").contains("decode;dur="),
                    "{url}"
                );
                // Nobody else's.
                let other = url.replacen("coffee", "cat", 1);
                let code = server.get(&other, &[]).code();
                assert_eq!(code, "signature_invalid", "{other}");
            }
            // The server's own mount has the samples, too.
            let mount = &answer["mounts"][0];
            assert_eq!(server.get(text(mount, "url"), &[]).status, 200, "{mount}");
        }
    }
}

#[test]
fn every_sample_is_an_image() {
    let server = server();
    let state = ask(&server, "state");
    let samples = state["samples"].as_array().unwrap();
    assert!(samples.len() >= 5);
    let mut files: Vec<String> = std::fs::read_dir(IMAGES)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name != "README.md")
        .collect();
    files.sort();
    let mut names: Vec<&str> = samples.iter().map(|sample| text(sample, "name")).collect();
    names.sort_unstable();
    assert_eq!(names, files);
    for sample in samples {
        let thumbnail = server.get(text(sample, "thumbnail"), &[]);
        assert_eq!(thumbnail.image(), ("webp", 160, 120), "{sample}");
    }
}

#[test]
fn urls_expire_and_bad_settings_are_named() {
    let server = server();
    let answer = ask(&server, "urls?image=cat.jpg&w=9&lifetime=1");
    std::thread::sleep(Duration::from_millis(2100));
    for entry in answer["urls"].as_array().unwrap() {
        assert_eq!(
            server.get(text(entry, "url"), &[]).code(),
            "url_expired",
            "{entry}"
        );
    }
    for (query, code, detail) in [
        ("image=none.jpg", "not_found", ""),
        ("image=cat.jpg&w=wide", "bad_request", "w cannot be"),
        ("image=cat.jpg&lifetime=0", "bad_request", "lifetime"),
        (
            "image=cat.jpg&lifetime=9999999999",
            "bad_request",
            "lifetime",
        ),
    ] {
        let answer = server.get(&format!("/_imgward/api/urls?{query}"), &[]);
        assert_eq!(answer.code(), code, "{query}");
        assert!(
            String::from_utf8_lossy(&answer.body).contains(detail),
            "{query}"
        );
    }
}
