//! Hosts whose names resolve to what is not to be connected to.
#![cfg(target_os = "linux")]

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::support::{Folder, IMAGES, Server};

/// Neither list names an address, and any port will do.
const CONFIG: &str = r#"
environment = "development"

[origin]
http = true

[[mount]]
path = "/public"
[mount.source]
allow = ["*.example:*", "*:*"]

[[mount]]
path = "/partly"
[mount.source]
allow = ["*.example:*"]
allow_private_networks = true
block_networks = ["127.0.0.2/32"]
"#;

/// A server of one image at an address of this host, and how many connections it has had.
fn image_server(address: &str) -> Option<(u16, Arc<AtomicUsize>)> {
    let listener = TcpListener::bind(address).ok()?;
    let port = listener.local_addr().unwrap().port();
    let accepted = Arc::<AtomicUsize>::default();
    let counter = Arc::clone(&accepted);
    thread::spawn(move || {
        let image = std::fs::read(Path::new(IMAGES).join("shield.png")).unwrap();
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            counter.fetch_add(1, Ordering::SeqCst);
            let lines = BufReader::new(stream.try_clone().unwrap()).lines();
            lines
                .map_while(Result::ok)
                .take_while(|line| !line.is_empty())
                .for_each(drop);
            let length = image.len();
            let head =
                format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
            let _ = stream.write_all(&[head.as_bytes(), &image].concat());
        }
    });
    Some((port, accepted))
}

/// Runs a program where a file lies over `/etc/hosts`.
fn with_hosts(hosts: &Path, program: &str, arguments: &[&str]) -> Command {
    let script = "mount --bind \"$1\" /etc/hosts && shift && exec \"$@\"";
    let mut command = Command::new("unshare");
    command.args(["--map-root-user", "--mount", "sh", "-c", script, "sh"]);
    command.arg(hosts).arg(program).args(arguments);
    command
}

#[test]
fn row_62_what_a_name_resolves_to_is_judged_where_it_is_connected_to() {
    let folder = Folder::new("names");
    let hosts = folder.path().join("hosts");
    let listed = "127.0.0.1 inside.example\n\
        ::1 inside6.example\n\
        ::ffff:127.0.0.1 mapped.example\n\
        169.254.169.254 metadata.example\n\
        10.0.0.1 office.example\n\
        127.0.0.1 mixed.example\n\
        127.0.0.2 mixed.example\n\
        127.0.0.2 blocked.example\n";
    let flips = |address: &str| {
        std::fs::write(&hosts, format!("{listed}{address} flips.example\n")).unwrap();
    };
    flips("127.0.0.1");
    let tried = with_hosts(&hosts, "true", &[]).output();
    if !tried.is_ok_and(|tried| tried.status.success()) {
        eprintln!("skipped: a process cannot have an /etc/hosts of its own here");
        return;
    }
    let (port, accepted) = image_server("127.0.0.1:0").unwrap();
    let Some((_, blocked)) = image_server(&format!("127.0.0.2:{port}")) else {
        eprintln!("skipped: 127.0.0.2 is no address of this host");
        return;
    };
    let config = folder.config(CONFIG);
    let arguments = ["serve", "--config", &config, "--listen", "127.0.0.1:0"];
    let program = env!("CARGO_BIN_EXE_imgward");
    let server = Server::run(&mut with_hosts(&hosts, program, &arguments));
    let code = |mount: &str, host: &str, file: &str| {
        let target = format!("{mount}/unsafe/30x20/http://{host}:{port}/{file}");
        server.get(&target, &[]).code()
    };
    for host in [
        "inside.example",
        "INSIDE.example.",
        "inside6.example",
        "mapped.example",
        "metadata.example",
        "office.example",
        "mixed.example",
        "localhost",
        "127.0.0.1",
    ] {
        assert_eq!(code("/public", host, "a.png"), "source_denied", "{host}");
    }
    let count = |counter: &AtomicUsize| counter.load(Ordering::SeqCst);
    assert_eq!((count(&accepted), count(&blocked)), (0, 0));
    // Of a mixed set, what is permitted is used.
    assert_eq!(code("/partly", "mixed.example", "a.png"), "ok");
    assert_eq!(code("/partly", "blocked.example", "a.png"), "source_denied");
    // A name that is another address by the next time is judged again.
    assert_eq!(code("/partly", "flips.example", "a.png"), "ok");
    flips("127.0.0.2");
    assert_eq!(code("/partly", "flips.example", "b.png"), "source_denied");
    assert_eq!((count(&accepted), count(&blocked)), (2, 0));
}
