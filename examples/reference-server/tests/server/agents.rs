//! What user agents get, by what they say of themselves.

use std::io::Write as _;

use crate::support::{Answer, Folder, Server};

/// As an operator would write it: a browser that says too much, old ones that can less than they say, and what says nothing.
const CONFIG: &str = r#"
environment = "development"

[transform]
auto_format = ["avif", "webp"]

[origin]
files = "IMAGES"

[cache]
memory = "16MiB"

[[user_agent]]
contains = ["Chrome/32.", "Edge/18", "iPhone OS 13_", "Firefox/92.0"]
accept = "image/png,image/*;q=0.8"

[[user_agent]]
contains = ["Android 11", "MyApp/", "Chrome-Lighthouse", "Version/14.1 Safari"]
accept = "image/webp,image/apng,*/*;q=0.8"
"#;

const ALL: &str = "image/avif,image/webp,image/apng,*/*;q=0.8";

fn get(server: &Server, lines: &[&[u8]]) -> Answer {
    let mut stream = server.connect();
    let mut request =
        b"GET /unsafe/30x20/cat.jpg HTTP/1.1\r\nHost: x\r\nConnection: close\r\n".to_vec();
    for line in lines {
        request.extend([*line, b"\r\n"].concat());
    }
    request.extend(b"\r\n");
    stream.write_all(&request).unwrap();
    Answer::read(&mut stream)
}

#[test]
fn row_92_accept_is_rewritten_where_a_rule_says_so_and_nowhere_else() {
    let folder = Folder::new("agents");
    let server = Server::start(&folder.config(CONFIG));
    let long = "A".repeat(48 * 1024);
    let long_and_known = format!("{long} MyApp/1");
    let cases: &[(&[u8], Option<&str>, &str)] = &[
        // No rule: what it accepts decides.
        (b"", None, "image/jpeg"),
        (b"", Some("*/*"), "image/jpeg"),
        (b"", Some("image/webp"), "image/webp"),
        (b"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36", Some(ALL), "image/avif"),
        (b"Mozilla/5.0 (X11; Linux x86_64; rv:93.0) Gecko/20100101 Firefox/93.0", Some("image/avif,image/webp,*/*"), "image/avif"),
        (b"Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", Some("*/*"), "image/jpeg"),
        (b"Mozilla/5.0 (Linux; Android 10) SamsungBrowser/13.0 Chrome/83.0 Mobile Safari/537.36", Some("image/webp,*/*"), "image/webp"),
        (long.as_bytes(), Some("image/webp"), "image/webp"),
        (b"\xff\xfe\x80 Chrome", Some("image/webp"), "image/webp"),
        // Down, whatever it accepts.
        (b"Mozilla/5.0 (X11; Linux) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/32.0.1700.77 Safari/537.36", Some(ALL), "image/jpeg"),
        (b"Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/64.0 Safari/537.36 Edge/18.18363", Some(ALL), "image/jpeg"),
        (b"Mozilla/5.0 (iPhone; CPU iPhone OS 13_3 like Mac OS X) AppleWebKit/605.1.15 Version/13.0 Mobile Safari/604.1", Some(ALL), "image/jpeg"),
        (b"Mozilla/5.0 (X11; Linux x86_64; rv:92.0) Gecko/20100101 Firefox/92.0", Some("image/avif,image/webp,*/*"), "image/jpeg"),
        // Up, whatever it accepts; in any case; beside bytes that are no text.
        (b"Chrome-Lighthouse", Some("*/*"), "image/webp"),
        (b"Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15 Version/14.1 Safari/605.1.15", Some("image/png,image/svg+xml,image/*;q=0.8"), "image/webp"),
        (b"myAPP/1.0", None, "image/webp"),
        (b"\xff\xfe MyApp/1.0", None, "image/webp"),
        (long_and_known.as_bytes(), None, "image/webp"),
        // The first rule that matches.
        (b"MyApp/1 Edge/18", Some(ALL), "image/jpeg"),
    ];
    // Twice, since what is kept is for those who get the same alone.
    for _ in 0..2 {
        for (agent, accept, media_type) in cases {
            let accept = accept.map(|accept| format!("Accept: {accept}"));
            let agent_line = [b"User-Agent: ", *agent].concat();
            let mut lines: Vec<&[u8]> = Vec::new();
            if !agent.is_empty() {
                lines.push(&agent_line);
            }
            lines.extend(accept.as_ref().map(String::as_bytes));
            let answer = get(&server, &lines);
            let agent = String::from_utf8_lossy(&agent[..agent.len().min(120)]);
            assert_eq!(answer.status, 200, "{agent}");
            assert_eq!(
                answer.header("content-type"),
                *media_type,
                "{agent} {accept:?}"
            );
            // Whatever came of it, by whichever rule or none.
            let vary = answer.header("vary").to_ascii_lowercase();
            for name in ["accept", "user-agent"] {
                assert!(
                    vary.split(", ").any(|varies| varies == name),
                    "{agent}: {vary}"
                );
            }
            let tag = format!("If-None-Match: {}", answer.header("etag"));
            lines.push(tag.as_bytes());
            let again = get(&server, &lines);
            assert_eq!(
                (again.status, again.header("vary")),
                (304, answer.header("vary"))
            );
        }
    }
    // An Accept that is written in the URL's stead does not come between.
    let plain = server.get(
        "/unsafe/30x20/filters:format(png)/cat.jpg",
        &["User-Agent: MyApp/1"],
    );
    assert_eq!(plain.header("content-type"), "image/png");
    assert!(
        !plain
            .header("vary")
            .to_ascii_lowercase()
            .contains("user-agent")
    );
    // Two of them, and one that is larger than a head may be.
    let two: [&[u8]; 2] = [b"User-Agent: curl", b"User-Agent: MyApp/1"];
    assert_eq!(get(&server, &two).status, 200);
    let huge = format!("User-Agent: {}", "A".repeat(1 << 17));
    let mut stream = server.connect();
    // It may be refused before all of it is sent.
    let _ = stream.write_all(format!("GET / HTTP/1.1\r\nHost: x\r\n{huge}\r\n\r\n").as_bytes());
    drop(stream);
    assert_eq!(get(&server, &[]).status, 200);
}
