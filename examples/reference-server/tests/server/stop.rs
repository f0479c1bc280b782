//! SIGTERM.
#![cfg(unix)]

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::support::{Answer, Folder, Server, ask};

fn development() -> Server {
    Server::with(&["serve", "--listen", "127.0.0.1:0"])
}

#[test]
fn requests_in_flight_are_finished() {
    let mut server = development();
    let mut stream = server.connect();
    // It takes long enough to be in flight when the signal comes.
    let target = "/unsafe/full-fit-in/1000x1000/filters:format(png)/galaxies.jpg";
    ask(&mut stream, "GET", target, &[]);
    std::thread::sleep(Duration::from_millis(100));
    server.signal("TERM");
    assert_eq!(Answer::read(&mut stream).image(), ("png", 1147, 1000));
    assert_eq!(server.wait(), Some(0));
    assert!(TcpStream::connect(server.address()).is_err());
}

#[test]
fn idle_connections_do_not_hold_the_server_up() {
    let mut server = development();
    let _silent = server.connect();
    let mut kept = server.connect();
    let request = b"GET /unsafe/8x8/none.jpg HTTP/1.1\r\nHost: localhost\r\n\r\n";
    kept.write_all(request).unwrap();
    let _ = kept.read(&mut [0; 1024]).unwrap();
    let began = Instant::now();
    server.signal("TERM");
    assert_eq!(server.wait(), Some(0));
    assert!(
        began.elapsed() < Duration::from_secs(10),
        "{:?}",
        began.elapsed()
    );
}

#[test]
fn requests_in_flight_are_waited_for_as_long_as_the_file_says() {
    let folder = Folder::new("shutdown");
    let text = |limit: &str| {
        format!(
            "environment = 'development'
shutdown_timeout = '{limit}'
[cache]
memory = '16MiB'
[origin]
files = 'IMAGES'"
        )
    };
    let mut server = Server::start(&folder.config(&text("10m")));
    // Together, more than the system takes for a client that does not read.
    let target = "/unsafe/full-fit-in/1000x1000/filters:format(png)/galaxies.jpg";
    let count = 32 * 1024 * 1024 / server.get(target, &[]).body.len();
    let mut stream = server.connect();
    let request = format!("GET {target} HTTP/1.1\r\nHost: x\r\n\r\n").repeat(count);
    stream.write_all(request.as_bytes()).unwrap();
    assert!(stream.read(&mut [0; 64]).unwrap() > 0);
    folder.config(&text("500ms"));
    server.logged("reloaded");
    server.signal("TERM");
    assert_eq!(server.wait(), Some(0));
    server.logged("were cut off after 500ms");
}
