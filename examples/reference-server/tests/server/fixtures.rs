//! An animation, and another server that has images.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use crate::support::IMAGES;

/// A GIF of two frames, 2 by 1 pixels.
pub(crate) fn animation() -> Vec<u8> {
    let mut gif = b"GIF89a\x02\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff".to_vec();
    for pixels in [&b"\x02\x02\x44\x0a\x00"[..], &b"\x02\x02\x0c\x0a\x00"[..]] {
        gif.extend(b"\x21\xf9\x04\x00\x0a\x00\x00\x00");
        gif.extend(b"\x2c\x00\x00\x00\x00\x02\x00\x01\x00\x00");
        gif.extend(pixels);
    }
    gif.push(0x3b);
    gif
}

/// A server that has an image under every path, on a port of its own for as long as the tests run. `/key.png` needs
/// `X-Key: open`, `/slow.png` takes a while, and `/twice` is two redirects away.
pub(crate) fn image_server() -> u16 {
    listen(|path, has_key, stream| match path {
        "/twice" => respond(stream, "302 Found\r\nLocation: /once", &[]),
        "/once" => respond(stream, "302 Found\r\nLocation: /a.png", &[]),
        "/key.png" if !has_key => respond(stream, "404 Not Found", &[]),
        path => {
            if path == "/slow.png" {
                thread::sleep(Duration::from_millis(1500));
            }
            respond(stream, "200 OK", &image());
        }
    })
}

/// The image that such servers have.
pub(crate) fn image() -> Vec<u8> {
    std::fs::read(format!("{IMAGES}/shield.png")).unwrap()
}

/// Answers each request on a port of its own, for as long as the tests run, by its path and whether it says `X-Key: open`.
pub(crate) fn listen(answer: fn(&str, bool, &mut TcpStream)) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming() {
            thread::spawn(move || {
                let mut stream = stream.unwrap();
                let lines = BufReader::new(stream.try_clone().unwrap()).lines();
                let head: Vec<String> = lines
                    .map_while(Result::ok)
                    .take_while(|line| !line.is_empty())
                    .collect();
                let has_key = head
                    .iter()
                    .any(|line| line.eq_ignore_ascii_case("x-key: open"));
                let path = head.first().and_then(|line| line.split(' ').nth(1));
                answer(path.unwrap_or_default(), has_key, &mut stream);
            });
        }
    });
    port
}

/// An answer with a status line's end, and headers behind it if there are some.
pub(crate) fn respond(stream: &mut TcpStream, line: &str, body: &[u8]) {
    let length = body.len();
    let head = format!("HTTP/1.1 {line}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
    // Who has read enough goes.
    let _ = stream.write_all(&[head.as_bytes(), body].concat());
}
