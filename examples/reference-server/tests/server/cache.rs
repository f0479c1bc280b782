//! What is kept, here and for all instances.
#![cfg(unix)]

use crate::support::{Folder, Server, run};

const CONFIG: &str = r#"
environment = "development"

[transform]
auto_format = ["webp"]

[origin]
files = "IMAGES"

[cache]
memory = "16MiB"
store = "file://STORE"
browser_ttl = "1h"
"#;

const TARGET: &str = "/unsafe/300x200/coffee.jpg";

fn states(server: &Server, targets: &[&str]) -> Vec<String> {
    let answers = targets.iter().map(|target| server.get(target, &[]));
    answers.map(|answer| answer.header("x-cache")).collect()
}

#[test]
fn an_image_is_made_once_for_all_servers_over_one_store() {
    let folder = Folder::new("cache");
    let store = folder.path().join("store");
    std::fs::create_dir(&store).unwrap();
    let config = folder.config(&CONFIG.replace("STORE", store.to_str().unwrap()));
    let mut server = Server::start(&config);
    let made = server.get(TARGET, &[]);
    assert_eq!((made.status, &*made.header("x-cache")), (200, "miss"));
    assert_eq!(made.header("cache-control"), "public, max-age=3600");
    assert_eq!(made.image(), ("jpeg", 300, 200));

    let hit = server.get(&format!("{TARGET}?utm_source=x"), &["User-Agent: x"]);
    assert_eq!((hit.status, &*hit.header("x-cache")), (200, "hit"));
    assert_eq!(hit.body, made.body);
    assert_eq!(hit.header("server-timing"), "cache");

    let etag = made.header("etag");
    let unchanged = server.get(TARGET, &[&format!("If-None-Match: \"x\", W/{etag}")]);
    assert_eq!(
        (unchanged.status, &*unchanged.header("x-cache")),
        (304, "hit")
    );
    for name in ["etag", "vary", "cache-control"] {
        assert_eq!(unchanged.header(name), made.header(name), "{name}");
    }
    let head = server.send("HEAD", TARGET, &[]);
    assert_eq!((head.status, &*head.header("x-cache")), (200, "hit"));
    assert_eq!(head.header("content-length"), made.body.len().to_string());
    assert!(head.body.is_empty());

    let webp = server.get(
        TARGET,
        &["Accept: image/webp", &format!("If-None-Match: {etag}")],
    );
    assert_eq!((webp.status, &*webp.header("x-cache")), (200, "miss"));
    assert_ne!(webp.header("etag"), etag);

    for expected in ["miss", "hit"] {
        let missing = server.get("/unsafe/300x200/nowhere.jpg", &[]);
        assert_eq!(
            (missing.status, &*missing.header("x-cache")),
            (404, expected)
        );
        assert_eq!(missing.code(), "not_found");
    }

    // The memory outlives a reload, and the store is written to before the server has stopped.
    server.signal("TERM");
    assert_eq!(server.wait(), Some(0));
    let second = Server::start(&config);
    let found = second.get(TARGET, &[]);
    assert_eq!((found.status, &*found.header("x-cache")), (200, "hit"));
    assert_eq!(found.header("etag"), etag);
    assert_eq!(found.body, made.body);
}

#[test]
fn results_are_purged_by_source_and_by_target() {
    let folder = Folder::new("purge");
    let store = folder.path().join("store");
    std::fs::create_dir(&store).unwrap();
    let config = folder.config(&CONFIG.replace("STORE", store.to_str().unwrap()));
    let targets = [
        "/unsafe/30x20/coffee.jpg",
        "/unsafe/60x40/coffee.jpg",
        "/unsafe/30x20/cat.jpg",
    ];
    let serve = |expected: [&str; 3]| {
        let mut server = Server::start(&config);
        assert_eq!(states(&server, &targets), expected);
        server.signal("TERM");
        assert_eq!(server.wait(), Some(0));
    };
    let purge = |arguments: &[&str], expected: &str| {
        let (status, out, error) = run(&[&["purge", "--config", &config], arguments].concat());
        assert_eq!((status, &*error), (Some(0), ""), "{arguments:?}");
        assert_eq!(out, expected, "{arguments:?}");
    };
    serve(["miss"; 3]);
    serve(["hit"; 3]);
    purge(&["30x20/cat.jpg"], "removed 1 result\n");
    serve(["hit", "hit", "miss"]);
    purge(&["--source", "coffee.jpg"], "removed 2 results\n");
    serve(["miss", "miss", "hit"]);
    purge(
        &["/unsafe/30x20/cat.jpg", "--source", "coffee.jpg"],
        "removed 3 results\n",
    );
    purge(&["--source", "coffee.jpg"], "removed 0 results\n");

    let none = folder.config(&CONFIG.replace("store = \"file://STORE\"\n", ""));
    let (status, _, error) = run(&["purge", "--config", &none, "--source", "cat.jpg"]);
    assert_eq!(status, Some(2));
    assert_eq!(error, "the mount / has no store\n");
}

#[test]
fn requests_at_the_same_time_are_answered_together() {
    let folder = Folder::new("together");
    let config = folder.config(&CONFIG.replace("store = \"file://STORE\"\n", ""));
    let server = Server::start(&config);
    let mut states: Vec<String> = std::thread::scope(|scope| {
        let asked: Vec<_> = (0..16)
            .map(|_| scope.spawn(|| server.get("/unsafe/1000x0/galaxies.jpg", &[])))
            .collect();
        let answers = asked.into_iter().map(|answer| answer.join().unwrap());
        answers.map(|answer| answer.header("x-cache")).collect()
    });
    states.sort_unstable();
    let misses = states.iter().filter(|state| *state == "miss").count();
    assert_eq!(misses, 1, "{states:?}");
}

#[test]
fn a_reload_keeps_what_is_in_memory() {
    let folder = Folder::new("keep");
    let text = CONFIG.replace("store = \"file://STORE\"\n", "");
    let config = folder.config(&text);
    let server = Server::start(&config);
    server.get(TARGET, &[]);
    folder.config(&text.replace("1h", "2h"));
    server.signal("HUP");
    // Another lifetime for browsers makes other answers, the old rules find the old ones.
    while server.get(TARGET, &[]).header("cache-control") != "public, max-age=7200" {
        std::thread::yield_now();
    }
    folder.config(&text);
    server.signal("HUP");
    let answer = loop {
        let answer = server.get(TARGET, &[]);
        if answer.header("cache-control") == "public, max-age=3600" {
            break answer;
        }
    };
    assert_eq!(answer.header("x-cache"), "hit");
}
