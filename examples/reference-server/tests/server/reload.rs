//! SIGHUP.
#![cfg(unix)]

use std::time::{Duration, Instant};

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
    let began = Instant::now();
    loop {
        let status = server.get(TARGET, &[]).status;
        if status == after {
            return;
        }
        assert_eq!(status, before);
        assert!(began.elapsed() < Duration::from_secs(30), "still {status}");
    }
}

#[test]
fn rules_change_without_a_failed_request() {
    let folder = Folder::new("reload");
    let server = Server::start(&folder.config(&blocking("")));
    assert_eq!(server.get(TARGET, &[]).status, 200);
    for _ in 0..3 {
        folder.config(&blocking("'127.0.0.1'"));
        server.signal("HUP");
        becomes(&server, 200, 403);
        folder.config(&blocking("'192.0.2.1'"));
        server.signal("HUP");
        becomes(&server, 403, 200);
    }
}

#[test]
fn a_file_with_mistakes_changes_nothing() {
    let folder = Folder::new("reload-mistakes");
    let server = Server::start(&folder.config(&blocking("'127.0.0.1'")));
    assert_eq!(server.get(TARGET, &[]).status, 403);
    folder.config(&blocking("'nonsense'"));
    server.signal("HUP");
    for _ in 0..20 {
        assert_eq!(server.get(TARGET, &[]).status, 403);
        std::thread::sleep(Duration::from_millis(10));
    }
    folder.config(&blocking(""));
    server.signal("HUP");
    becomes(&server, 403, 200);
}
