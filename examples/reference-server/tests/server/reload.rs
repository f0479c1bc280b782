//! Reloads: at SIGHUP, and where a file changes.
#![cfg(unix)]

use std::os::unix::fs::symlink;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::clients::{Client, Http1, Http2};
use crate::support::{Folder, Server};

const TARGET: &str = "/unsafe/8x8/coffee.jpg";

/// A configuration that blocks these addresses.
fn blocking(addresses: &str) -> String {
    format!(
        "[ip]\nblock = [{addresses}]\n[signature]\nrequired = false\n[origin]\nfiles = 'IMAGES'"
    )
}

/// Asks until the answer has a status. No other status than the one before comes in between.
fn becomes(server: &Server, before: u16, after: u16) {
    until(before, after, || server.get(TARGET, &[]).status);
}

fn until(before: u16, after: u16, mut ask: impl FnMut() -> u16) {
    let began = Instant::now();
    loop {
        let status = ask();
        if status == after {
            return;
        }
        assert_eq!(status, before);
        assert!(began.elapsed() < Duration::from_secs(60), "still {status}");
    }
}

#[test]
fn rules_change_without_a_failed_request() {
    let folder = Folder::new("reload");
    let server = Server::start(&folder.config(&blocking("")));
    assert_eq!(server.get(TARGET, &[]).status, 200);
    for round in 0..3 {
        folder.config(&blocking("'127.0.0.1'"));
        server.signal("HUP");
        becomes(&server, 200, 403);
        // And without a signal.
        folder.config(&blocking(&format!("'192.0.2.{round}'")));
        becomes(&server, 403, 200);
    }
}

/// Twenty reloads, each of which a client sees in force, while others ask and ask, until the server stops.
fn twenty_reloads<C: Client>(name: &str) {
    let folder = Folder::new(name);
    let mut server = Server::start(&folder.config(&blocking("")));
    let address = server.address();
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        let asking: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    let mut client = C::connect(address);
                    let mut answers = 0_u32;
                    while !over.load(Ordering::Relaxed) {
                        match client.get(TARGET) {
                            Some(200 | 403) => answers += 1,
                            Some(other) => panic!("{other}"),
                            // It was told that the answer before was the last.
                            None => break,
                        }
                    }
                    answers
                })
            })
            .collect();
        let mut client = C::connect(address);
        for round in 0..20 {
            let (addresses, before, after) = match round % 2 {
                0 => ("'127.0.0.1'", 200, 403),
                _ => ("'192.0.2.1'", 403, 200),
            };
            folder.config(&blocking(addresses));
            server.signal("HUP");
            until(before, after, || client.get(TARGET).unwrap());
        }
        server.signal("TERM");
        for asking in asking {
            assert!(asking.join().unwrap() > 20);
        }
        over.store(true, Ordering::Relaxed);
    });
    assert_eq!(server.wait(), Some(0));
}

#[test]
fn twenty_reloads_and_a_stop_fail_no_request_of_http1() {
    twenty_reloads::<Http1>("reload-http1");
}

#[test]
fn twenty_reloads_and_a_stop_fail_no_request_of_http2() {
    twenty_reloads::<Http2>("reload-http2");
}

#[test]
fn a_file_with_mistakes_changes_nothing() {
    let folder = Folder::new("reload-mistakes");
    let server = Server::start(&folder.config(&blocking("'127.0.0.1'")));
    assert_eq!(server.get(TARGET, &[]).status, 403);
    folder.config(&blocking("'nonsense'"));
    server.signal("HUP");
    let line = server.logged("is not in force");
    assert!(line.contains("ip.block[0]: \"nonsense\""), "{line}");
    assert_eq!(server.get(TARGET, &[]).status, 403);
    folder.config(&blocking(""));
    becomes(&server, 403, 200);
}

#[test]
fn every_file_that_is_named_is_watched() {
    let folder = Folder::new("reload-files");
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("blocked", "192.0.2.1\n");
    write("key", "first\n");
    // As Kubernetes has it: a link to a file below a link to a folder.
    for version in ["1", "2"] {
        std::fs::create_dir(folder.path().join(version)).unwrap();
    }
    write("1/allowed", "127.0.0.1\n");
    write("2/allowed", "192.0.2.7\n");
    symlink("1", folder.path().join("data")).unwrap();
    symlink("data/allowed", folder.path().join("allowed")).unwrap();
    let config = folder.config(
        "[ip]
block_file = 'blocked'
allow_file = 'allowed'
[signature]
secrets = ['file:key']
[origin]
files = 'IMAGES'",
    );
    let server = Server::start(&config);
    let signed = |secret: &str| {
        write("key", secret);
        let (_, out, _) = crate::support::run(&["sign", "--config", &config, "8x8/coffee.jpg"]);
        out.trim().to_owned()
    };
    let second = signed("second");
    let first = signed("first");
    let status = |target: &str| server.get(target, &[]).status;
    until(403, 200, || status(&first));
    // A list that is written.
    write("blocked", "127.0.0.1\n");
    until(200, 403, || status(&first));
    // One that another is renamed over, as editors do.
    write("next", "192.0.2.1\n");
    std::fs::rename(folder.path().join("next"), folder.path().join("blocked")).unwrap();
    until(403, 200, || status(&first));
    // A secret.
    assert_eq!(status(&second), 403);
    write("key", "second\n");
    until(403, 200, || status(&second));
    assert_eq!(status(&first), 403);
    // A link on the way.
    symlink("2", folder.path().join("next")).unwrap();
    std::fs::rename(folder.path().join("next"), folder.path().join("data")).unwrap();
    until(200, 403, || status(&second));
}

#[test]
fn a_list_with_mistakes_is_watched_until_it_is_right() {
    let folder = Folder::new("reload-list");
    let list = folder.path().join("blocked");
    std::fs::write(&list, "").unwrap();
    let lists = |files: &str| {
        format!("[ip]\n{files}[signature]\nrequired = false\n[origin]\nfiles = 'IMAGES'")
    };
    let server = Server::start(&folder.config(&lists("")));
    std::fs::write(&list, "127.0.0.").unwrap();
    folder.config(&lists("block_file = 'blocked'\n"));
    server.logged("is not in force");
    assert_eq!(server.get(TARGET, &[]).status, 200);
    std::fs::write(&list, "127.0.0.1").unwrap();
    becomes(&server, 200, 403);
}

#[test]
fn what_needs_a_restart_is_said_and_all_else_is_in_force() {
    let folder = Folder::new("reload-restart");
    let text = |listen: &str, concurrency: u32, memory: &str, address: &str| {
        format!(
            "{listen}log = {{ level = 'info' }}
[cache]
memory = '{memory}'
[transform]
concurrency = {concurrency}
{}",
            blocking(address)
        )
    };
    let config = folder.config(&text("", 1, "1MiB", "'127.0.0.1'"));
    let server = Server::start(&config);
    assert_eq!(server.get(TARGET, &[]).status, 403);
    let listen = "listen = '127.0.0.1:1'\nadmin_listen = '127.0.0.1:2'\n";
    folder.config(&text(listen, 2, "2MiB", ""));
    becomes(&server, 403, 200);
    for key in ["listen", "admin_listen", "concurrency", "cache.memory"] {
        let line = server.logged(&format!(" {key}: "));
        assert!(line.contains("needs a restart"), "{line}");
    }
}

#[test]
fn the_level_of_the_log_and_the_times_are_those_of_the_file() {
    let folder = Folder::new("reload-log");
    let text = |level: &str| format!("log = {{ level = '{level}' }}\n{}", blocking(""));
    let server = Server::start(&folder.config(&text("error")));
    server.get(TARGET, &[]);
    folder.config(&text("info"));
    server.logged("reloaded");
    server.get(TARGET, &[]);
    server.logged("answered");
    let answered = |line: &&String| line.contains("answered");
    assert_eq!(server.log().iter().filter(answered).count(), 1);
}

#[test]
fn jobs_are_counted_over_a_reload() {
    let folder = Folder::new("reload-jobs");
    // One image at a time, and none waits.
    let text = |address: &str| {
        format!(
            "[transform]\nconcurrency = 1\nqueue = 0\n{}",
            blocking(address)
        )
    };
    let server = Server::start(&folder.config(&text("'192.0.2.1'")));
    let begin = || {
        let mut slow = server.connect();
        let large = "/unsafe/full-fit-in/2000x2000/filters:format(png)/galaxies.jpg";
        crate::support::ask(&mut slow, "GET", large, &[]);
        slow.set_nonblocking(true).unwrap();
        slow
    };
    let mut slow = begin();
    until(200, 429, || {
        // A quick one that was first leaves no room for it.
        if slow.peek(&mut [0]).is_ok() {
            slow = begin();
        }
        server.get(TARGET, &[]).status
    });
    folder.config(&text("'192.0.2.2'"));
    server.signal("HUP");
    server.logged("reloaded");
    let after = server.get(TARGET, &[]).status;
    let is_still_made = slow.peek(&mut [0]).is_err();
    // Nothing can be said where it was made meanwhile.
    assert!(after == 429 || !is_still_made, "{after}");
}
