//! Originals that may have changed, on a server of this host.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use crate::support::{Folder, IMAGES, Server};

const CONFIG: &str = r#"
environment = "development"

[origin]
http = true
base_url = "http://127.0.0.1:PORT"
forward_headers = ["x-key"]

[source]
allow_private_networks = true

[cache]
memory = "16MiB"
ttl = "TTL"
"#;

/// A server of one image for each name, and what it was asked.
#[derive(Clone)]
struct Origin {
    port: u16,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    /// The name of the sample that it answers with. Empty: it has none.
    sample: &'static str,
    headers: &'static str,
    /// How often it sent an image, and how often none.
    sent: u32,
    unchanged: u32,
}

impl Origin {
    fn start(sample: &'static str, headers: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let origin = Self {
            port: listener.local_addr().unwrap().port(),
            state: Arc::default(),
        };
        origin.change(sample, headers);
        let shared = origin.clone();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (stream, origin) = (stream.unwrap(), shared.clone());
                thread::spawn(move || origin.answer(stream));
            }
        });
        origin
    }

    fn change(&self, sample: &'static str, headers: &'static str) {
        let mut state = self.state.lock().unwrap();
        state.sample = sample;
        state.headers = headers;
    }

    /// How often it sent an image, and how often none, since this was asked last.
    fn counts(&self) -> (u32, u32) {
        let mut state = self.state.lock().unwrap();
        let counts = (state.sent, state.unchanged);
        (state.sent, state.unchanged) = (0, 0);
        counts
    }

    fn answer(&self, mut stream: TcpStream) {
        let lines = BufReader::new(stream.try_clone().unwrap()).lines();
        let head: Vec<String> = lines
            .map_while(|line| line.ok().filter(|line| !line.is_empty()))
            .collect();
        let mut state = self.state.lock().unwrap();
        let etag = format!("\"{}\"", state.sample);
        let asked = head
            .iter()
            .find_map(|line| line.strip_prefix("if-none-match: "));
        let headers = state.headers;
        let answer = if state.sample.is_empty() {
            state.sent += 1;
            b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".to_vec()
        } else if asked == Some(&etag) {
            state.unchanged += 1;
            format!(
                "HTTP/1.1 304 Not Modified\r\nETag: {etag}\r\n{headers}Connection: close\r\n\r\n"
            )
            .into_bytes()
        } else {
            state.sent += 1;
            let image = std::fs::read(format!("{IMAGES}/{}", state.sample)).unwrap();
            let length = image.len();
            let head = format!(
                "HTTP/1.1 200 OK\r\nETag: {etag}\r\nContent-Length: {length}\r\n{headers}Connection: close\r\n\r\n"
            );
            [head.into_bytes(), image].concat()
        };
        drop(state);
        let _ = stream.write_all(&answer);
    }
}

fn config(folder: &Folder, origin: &Origin, ttl: &str) -> String {
    let text = CONFIG.replace("PORT", &origin.port.to_string());
    folder.config(&text.replace("TTL", ttl))
}

#[test]
fn an_unchanged_original_is_not_made_anew_and_a_changed_one_is() {
    let folder = Folder::new("revalidation");
    let origin = Origin::start("coffee.jpg", "");
    let server = Server::start(&config(&folder, &origin, "1s"));
    let get = |target: &str| {
        let answer = server.get(target, &[]);
        assert_eq!(answer.status, 200, "{target}");
        (answer.header("x-cache"), answer.body)
    };
    let target = "/unsafe/30x20/a.jpg";
    let (state, first) = get(target);
    assert_eq!((&*state, origin.counts()), ("miss", (1, 0)));

    thread::sleep(Duration::from_millis(2100));
    let (state, same) = get(target);
    assert_eq!((&*state, origin.counts()), ("hit", (0, 1)));
    assert_eq!(same, first);

    origin.change("cat.jpg", "");
    thread::sleep(Duration::from_millis(2100));
    let (state, other) = get(target);
    assert_eq!((&*state, origin.counts()), ("miss", (1, 0)));
    assert_ne!(other, first);

    // Of several originals, one has changed, and the other is needed all the same.
    let marked = "/unsafe/30x20/filters:watermark(b.jpg)/c.jpg";
    get(marked);
    assert_eq!(origin.counts(), (2, 0));
    thread::sleep(Duration::from_millis(2100));
    assert_eq!((&*get(marked).0, origin.counts()), ("hit", (0, 2)));
}

#[test]
fn what_the_origin_says_of_its_originals_counts() {
    for (headers, states, counts) in [
        // It is never stored.
        ("Cache-Control: no-store\r\n", ["miss", "miss"], (2, 0)),
        (
            "Cache-Control: private, max-age=60\r\n",
            ["miss", "miss"],
            (2, 0),
        ),
        // It says itself that it answers by a header: one that is handed on keeps nothing from being kept else.
        ("Vary: X-Key\r\n", ["miss", "miss"], (2, 0)),
        ("Vary: Accept-Encoding\r\n", ["miss", "hit"], (1, 0)),
        // It is asked each time.
        ("Cache-Control: no-cache\r\n", ["miss", "hit"], (1, 1)),
        ("Cache-Control: max-age=0\r\n", ["miss", "hit"], (1, 1)),
        ("Cache-Control: max-age=60\r\n", ["miss", "hit"], (1, 0)),
        (
            "Cache-Control: max-age=60\r\nAge: 60\r\n",
            ["miss", "hit"],
            (1, 1),
        ),
        ("Expires: 0\r\n", ["miss", "hit"], (1, 1)),
        ("", ["miss", "hit"], (1, 0)),
    ] {
        let folder = Folder::new("said");
        let origin = Origin::start("shield.png", headers);
        let server = Server::start(&config(&folder, &origin, "1h"));
        for expected in states {
            let answer = server.get("/unsafe/30x20/a.png", &[]);
            assert_eq!(
                (answer.status, &*answer.header("x-cache")),
                (200, expected),
                "{headers}"
            );
        }
        assert_eq!(origin.counts(), counts, "{headers}");
    }
}

#[test]
fn what_is_stale_is_answered_with_while_another_is_made() {
    let folder = Folder::new("stale");
    let origin = Origin::start("coffee.jpg", "");
    let path = config(&folder, &origin, "1s\"\nstale_while_revalidate = \"1h");
    let server = Server::start(&path);
    let get = || {
        let answer = server.get("/unsafe/30x20/a.jpg", &[]);
        assert_eq!(answer.status, 200);
        (answer.header("x-cache"), answer.body)
    };
    let (state, old) = get();
    assert_eq!(state, "miss");
    origin.change("cat.jpg", "");
    thread::sleep(Duration::from_millis(2100));
    // Nobody waits for the other.
    assert_eq!(get(), (String::from("hit"), old.clone()));
    loop {
        let (state, body) = get();
        assert_eq!(state, "hit");
        if body != old {
            break;
        }
        thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn that_there_is_no_image_is_remembered_for_a_while() {
    let folder = Folder::new("negative");
    let origin = Origin::start("", "");
    let path = config(&folder, &origin, "1h\"\nnegative_ttl = \"2s");
    let server = Server::start(&path);
    let get = || server.get("/unsafe/30x20/a.jpg", &[]);
    // By whole seconds, so that the second may just be in the next.
    for _ in 0..2 {
        assert_eq!(get().code(), "not_found");
    }
    assert_eq!(origin.counts(), (1, 0));
    origin.change("cat.jpg", "");
    thread::sleep(Duration::from_millis(3100));
    let answer = get();
    assert_eq!((answer.status, &*answer.header("x-cache")), (200, "miss"));
}

#[test]
fn a_file_is_known_again_by_its_tag() {
    let folder = Folder::new("revalidated-file");
    let file = folder.path().join("a.jpg");
    let put = |name: &str| std::fs::copy(format!("{IMAGES}/{name}"), &file).unwrap();
    put("coffee.jpg");
    let config =
        "environment = 'development'\n[origin]\nfiles = '.'\n[cache]\nmemory = '1MiB'\nttl = '1s'";
    let server = Server::start(&folder.config(config));
    let state = || {
        let answer = server.get("/unsafe/30x20/a.jpg", &[]);
        assert_eq!(answer.status, 200);
        answer.header("x-cache")
    };
    assert_eq!(state(), "miss");
    thread::sleep(Duration::from_millis(2100));
    assert_eq!(state(), "hit");
    put("cat.jpg");
    thread::sleep(Duration::from_millis(2100));
    assert_eq!(state(), "miss");
}
