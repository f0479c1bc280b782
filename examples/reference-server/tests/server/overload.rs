//! More than can be made: who waits, who is refused, and what is left afterwards.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::Duration;

use crate::support::{Answer, Folder, IMAGES, Server, ask};

/// An image that takes minutes, if it is not given up.
fn slow() -> String {
    let blurs = ["blur(150)"; 60].join(":");
    format!("/unsafe/3000x3000/filters:{blurs}/galaxies.jpg")
}

const QUICK: &str = "/unsafe/8x8/cat.jpg";

/// Asks for an image on a connection of its own, and does not wait for it.
fn begin(server: &Server, target: &str) -> TcpStream {
    let mut stream = server.connect();
    ask(&mut stream, "GET", target, &[]);
    stream
}

/// Asks for what is quick until the answer has this code. One that does not come at once waits in the queue, and is left.
fn until(server: &Server, mount: &str, code: &str) -> Answer {
    for _ in 0..600 {
        let stream = &mut begin(server, &format!("{mount}{QUICK}"));
        let patience = Duration::from_millis(500);
        stream.set_read_timeout(Some(patience)).unwrap();
        if stream.peek(&mut [0]).is_ok_and(|read| read > 0) {
            let answer = Answer::read(stream);
            if answer.code() == code {
                return answer;
            }
        }
        thread::sleep(Duration::from_millis(20));
    }
    panic!("{mount}: no {code}");
}

const CONFIG: &str = r#"
environment = "development"

[transform]
max_output_pixels = 16_800_000
request_timeout = "1h"
process_timeout = "1h"
concurrency = 1
queue = 0

[origin]
files = "IMAGES"

[[mount]]
path = "/none-waits"

[[mount]]
path = "/one-waits"
[mount.transform]
max_output_pixels = 16_800_000
request_timeout = "1h"
process_timeout = "1h"
concurrency = 1
queue = 1

[[mount]]
path = "/short"
[mount.transform]
process_timeout = "300ms"

[[mount]]
path = "/impatient"
[mount.transform]
request_timeout = "300ms"

[[mount]]
path = "/poor"
[mount.transform]
memory_budget = "4MiB"

[[mount]]
path = "/poorer"
[mount.transform]
memory_budget = "20KiB"
"#;

#[test]
fn row_94_past_the_queue_it_is_429_and_who_leaves_makes_room() {
    let folder = Folder::new("queue");
    let server = Server::start(&folder.config(CONFIG));
    for (mount, waiting) in [("/none-waits", 0), ("/one-waits", 1)] {
        // The image is under way, and those that may wait do so.
        let slow = format!("{mount}{}", slow());
        let streams: Vec<_> = (0..=waiting).map(|_| begin(&server, &slow)).collect();
        let refused = until(&server, mount, "overloaded");
        assert_eq!(refused.status, 429, "{mount}");
        assert_eq!(refused.header("retry-after"), "1", "{mount}");
        // Nobody waits any more: what is under way is given up, and what is queued is not begun.
        drop(streams);
        assert_eq!(until(&server, mount, "ok").image(), ("jpeg", 8, 8));
    }
}

#[test]
fn each_stage_has_its_time() {
    let folder = Folder::new("stages");
    let server = Server::start(&folder.config(CONFIG));
    for mount in ["/short", "/impatient"] {
        let answer = server.get(&format!("{mount}{}", slow()), &[]);
        assert_eq!(
            (answer.status, &*answer.code()),
            (504, "timeout"),
            "{mount}"
        );
        // And its thread is free again.
        assert_eq!(until(&server, mount, "ok").status, 200, "{mount}");
    }
}

#[test]
fn sources_and_pixels_are_within_the_budget() {
    let folder = Folder::new("budget");
    let server = Server::start(&folder.config(CONFIG));
    for (target, code) in [
        ("/poor/unsafe/8x8/cat.jpg", "ok"),
        // The pixels of the output alone are more.
        ("/poor/unsafe/1200x1200/cat.jpg", "overloaded"),
        ("/poor/unsafe/8x8/cat.jpg", "ok"),
        // The source is.
        ("/poorer/unsafe/8x8/cat.jpg", "overloaded"),
        ("/poorer/unsafe/8x8/shield.png", "overloaded"),
    ] {
        let answer = server.get(target, &[]);
        assert_eq!(answer.code(), code, "{target}");
        if code == "overloaded" {
            assert_eq!(answer.header("retry-after"), "1", "{target}");
        }
    }
}

/// A server whose answers wait until it is opened.
struct Origin {
    port: u16,
    gate: Arc<Gate>,
}

#[derive(Default)]
struct Gate {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    open: bool,
    asked: usize,
    waiting: usize,
    most: usize,
}

impl Origin {
    fn closed() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let gate = Arc::<Gate>::default();
        let shared = Arc::clone(&gate);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let gate = Arc::clone(&shared);
                thread::spawn(move || gate.answer(stream.unwrap()));
            }
        });
        Self { port, gate }
    }

    /// Waits until so many requests have come.
    fn asked(&self, times: usize) {
        let state = self.gate.state.lock().unwrap();
        let wait = |state: &mut State| state.asked < times;
        let patience = Duration::from_secs(60);
        let waited = self.gate.changed.wait_timeout_while(state, patience, wait);
        assert!(!waited.unwrap().1.timed_out());
    }

    fn open(&self) {
        self.gate.state.lock().unwrap().open = true;
        self.gate.changed.notify_all();
    }
}

impl Gate {
    fn answer(&self, mut stream: TcpStream) {
        let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
        let _ = lines.find(|line| line.as_ref().is_ok_and(String::is_empty));
        let mut state = self.state.lock().unwrap();
        state.asked += 1;
        state.waiting += 1;
        state.most = state.most.max(state.waiting);
        self.changed.notify_all();
        let closed = |state: &mut State| !state.open;
        drop(self.changed.wait_while(state, closed).unwrap());
        // So that others would come meanwhile, if they could.
        thread::sleep(Duration::from_millis(30));
        self.state.lock().unwrap().waiting -= 1;
        let image = std::fs::read(format!("{IMAGES}/shield.png")).unwrap();
        let length = image.len();
        let head =
            format!("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n");
        let _ = stream.write_all(&[head.as_bytes(), &image].concat());
    }
}

const OF_ANOTHER: &str = r#"
environment = "development"

[origin]
http = true

[source]
allow = ["127.0.0.1"]
allow_private_networks = true

[[mount]]
path = "/few"
[mount.transform]
load_concurrency = 2

[[mount]]
path = "/kept"
[mount.cache]
memory = "16MiB"
"#;

#[test]
fn no_more_loads_than_may_be_are_under_way() {
    let folder = Folder::new("loads");
    let server = Server::start(&folder.config(OF_ANOTHER));
    let origin = Origin::closed();
    let url = |name| format!("http%3A%2F%2F127.0.0.1%3A{}%2F{name}", origin.port);
    let mut streams: Vec<_> = (0..10)
        .map(|name| begin(&server, &format!("/few/unsafe/30x20/{}", url(name))))
        .collect();
    origin.asked(2);
    origin.open();
    for stream in &mut streams {
        assert_eq!(Answer::read(stream).image(), ("png", 30, 20));
    }
    let state = origin.gate.state.lock().unwrap();
    assert_eq!((state.asked, state.most), (10, 2));
}

#[test]
fn row_90_a_thousand_cold_requests_are_one_fetch_and_one_image() {
    const REQUESTS: usize = 1_000;
    rlimit::increase_nofile_limit(u64::MAX).unwrap();
    let folder = Folder::new("stampede");
    let server = Server::start(&folder.config(OF_ANOTHER));
    let origin = Origin::closed();
    let target = format!(
        "/kept/unsafe/30x20/http%3A%2F%2F127.0.0.1%3A{}%2Fa.png",
        origin.port
    );
    let mut streams: Vec<_> = (0..REQUESTS).map(|_| begin(&server, &target)).collect();
    origin.asked(1);
    origin.open();
    let answers: Vec<_> = streams.iter_mut().map(Answer::read).collect();
    let mut misses = 0;
    for answer in &answers {
        assert_eq!(answer.image(), ("png", 30, 20));
        assert_eq!(answer.body, answers[0].body);
        misses += usize::from(answer.header("x-cache") == "miss");
    }
    assert_eq!(misses, 1);
    assert_eq!(origin.gate.state.lock().unwrap().asked, 1);
}
