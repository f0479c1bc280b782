//! A folder for configurations, the binary, and a client that sends bytes as they are.

use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::s3::reach;

/// The sample images.
pub(crate) const IMAGES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/images");

/// The secret of signed URLs in these tests.
pub(crate) const SECRET: &str = "a secret of these tests";

pub(crate) fn imgward(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_imgward"));
    command.args(arguments).env("IMGWARD_TEST_SECRET", SECRET);
    // Nothing listens there, and nothing is to go there.
    for name in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY"] {
        command.env(name, "http://127.0.0.1:9");
    }
    command
}

/// A folder of its own for a test, gone when it is dropped.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new(name: &str) -> Self {
        let path =
            std::env::temp_dir().join(format!("imgward-server-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// Writes `imgward.toml`, where `IMAGES` stands for the folder of the sample images.
    pub(crate) fn config(&self, text: &str) -> String {
        let path = self.0.join("imgward.toml");
        std::fs::write(&path, text.replace("IMAGES", IMAGES)).unwrap();
        path.to_str().unwrap().into()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A server that runs until it is dropped.
pub(crate) struct Server {
    child: Child,
    address: SocketAddr,
    out: Lines,
    log: Lines,
}

/// What a process says, line by line, from the beginning.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<String>>>);

impl Lines {
    fn of(stream: impl Read + Send + 'static) -> Self {
        let lines = Self::default();
        let heard = lines.clone();
        std::thread::spawn(move || {
            for line in BufReader::new(stream).lines().map_while(Result::ok) {
                heard.0.lock().unwrap().push(line);
            }
        });
        lines
    }

    fn all(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }

    /// Waits for a line that has this in it.
    fn wait_for(&self, text: &str) -> String {
        let began = Instant::now();
        loop {
            let lines = self.all();
            if let Some(line) = lines.iter().find(|line| line.contains(text)) {
                return line.clone();
            }
            assert!(
                began.elapsed() < Duration::from_secs(60),
                "no {text:?} in {lines:#?}"
            );
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Server {
    /// Starts with a configuration, on a port that is free.
    pub(crate) fn start(config: &str) -> Self {
        Self::with(&["serve", "--config", config, "--listen", "127.0.0.1:0"])
    }

    pub(crate) fn with(arguments: &[&str]) -> Self {
        Self::run(&mut imgward(arguments))
    }

    /// Starts with a configuration, over a bucket of a server at `address`.
    pub(crate) fn over_s3(config: &str, address: SocketAddr) -> Self {
        let arguments = ["serve", "--config", config, "--listen", "127.0.0.1:0"];
        Self::run(reach(&mut imgward(&arguments), address))
    }

    /// Starts by a command, which is to serve.
    pub(crate) fn run(command: &mut Command) -> Self {
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let out = Lines::of(child.stdout.take().unwrap());
        let log = Lines::of(child.stderr.take().unwrap());
        let address = address_of(&out.wait_for("listening on "));
        Self {
            child,
            address,
            out,
            log,
        }
    }

    /// The lines of the log so far.
    pub(crate) fn log(&self) -> Vec<String> {
        self.log.all()
    }

    /// The lines of its standard output so far.
    pub(crate) fn out(&self) -> Vec<String> {
        self.out.all()
    }

    /// Waits for a line of the log that has this in it.
    pub(crate) fn logged(&self, text: &str) -> String {
        self.log.wait_for(text)
    }

    /// What the admin listener says.
    pub(crate) fn admin(&self, target: &str) -> Answer {
        let address = address_of(&self.out.wait_for("admin on "));
        let mut stream = TcpStream::connect(address).unwrap();
        ask(&mut stream, "GET", target, &[]);
        Answer::read(&mut stream)
    }

    /// The most memory that the process had, in bytes.
    #[cfg(target_os = "linux")]
    pub(crate) fn peak_memory(&self) -> u64 {
        let status = format!("/proc/{}/status", self.child.id());
        let status = std::fs::read_to_string(status).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let number = line.and_then(|line| line.split_whitespace().next());
        number.unwrap().parse::<u64>().unwrap() << 10
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(60)))
            .unwrap();
        stream
    }

    pub(crate) fn get(&self, target: &str, headers: &[&str]) -> Answer {
        self.send("GET", target, headers)
    }

    pub(crate) fn send(&self, method: &str, target: &str, headers: &[&str]) -> Answer {
        let mut stream = self.connect();
        ask(&mut stream, method, target, headers);
        Answer::read(&mut stream)
    }

    /// Sends a signal: `TERM`, `HUP`.
    #[cfg(unix)]
    pub(crate) fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        let status = Command::new("kill").args(["-s", name, &pid]).status();
        assert!(status.unwrap().success());
    }

    /// Waits for the end, and gives the exit status.
    pub(crate) fn wait(&mut self) -> Option<i32> {
        self.child.wait().unwrap().code()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The address of a line that says where something listens.
fn address_of(line: &str) -> SocketAddr {
    let address = line.split("://").nth(1);
    let address = address.and_then(|address| address.trim().parse().ok());
    address.unwrap_or_else(|| panic!("{line:?}"))
}

pub(crate) fn ask(stream: &mut TcpStream, method: &str, target: &str, headers: &[&str]) {
    let mut lines = vec![
        format!("{method} {target} HTTP/1.1"),
        "Host: localhost".into(),
        "Connection: close".into(),
    ];
    lines.extend(headers.iter().copied().map(String::from));
    let head = lines.join("\r\n") + "\r\n\r\n";
    stream.write_all(head.as_bytes()).unwrap();
}

/// What the server says.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    head: String,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// Reads until the server closes the connection.
    pub(crate) fn read(stream: &mut TcpStream) -> Self {
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).unwrap();
        let end = bytes.windows(4).position(|window| window == b"\r\n\r\n");
        let end = end.unwrap_or_else(|| panic!("{:?}", String::from_utf8_lossy(&bytes)));
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let body = bytes[end + 4..].to_vec();
        Self { status, head, body }
    }

    /// The status line and the headers.
    pub(crate) fn head(&self) -> &str {
        &self.head
    }

    /// The lines of a header, joined.
    pub(crate) fn header(&self, name: &str) -> String {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        let lines = lines.filter(|(line, _)| line.eq_ignore_ascii_case(name));
        lines.map(|(_, value)| value).collect::<Vec<_>>().join(", ")
    }

    /// The code of a refusal; `ok` for an image.
    pub(crate) fn code(&self) -> String {
        if self.status == 200 || self.status == 304 {
            return "ok".into();
        }
        assert_eq!(
            self.header("content-type"),
            "application/problem+json",
            "{self:?}"
        );
        // The latter where a rule only reported what it makes of the request.
        let caching = self.header("cache-control");
        assert!(
            matches!(&*caching, "no-store" | "private, no-store"),
            "{self:?}"
        );
        let body = String::from_utf8_lossy(&self.body).into_owned();
        let code = body
            .split(r#""code":""#)
            .nth(1)
            .and_then(|rest| rest.split('"').next());
        code.unwrap_or_else(|| panic!("{body}")).into()
    }

    /// The format, width and height of an image.
    pub(crate) fn image(&self) -> (&'static str, u32, u32) {
        assert_eq!(self.status, 200, "{self:?}");
        self.shown()
    }

    /// The same, whatever the status.
    pub(crate) fn shown(&self) -> (&'static str, u32, u32) {
        size_of(&self.body)
    }
}

/// The format, width and height of a file.
pub(crate) fn size_of(file: &[u8]) -> (&'static str, u32, u32) {
    let little = |at: usize, count: usize| {
        let bytes = file[at..at + count].iter().rev();
        bytes.fold(0, |number, byte| number << 8 | u32::from(*byte))
    };
    let big = |at: usize| u32::from_be_bytes(file[at..at + 4].try_into().unwrap());
    match file {
        [b'R', b'I', b'F', b'F', ..] if &file[12..16] == b"VP8 " => {
            ("webp", little(26, 2) & 0x3fff, little(28, 2) & 0x3fff)
        }
        [b'R', b'I', b'F', b'F', ..] if &file[12..16] == b"VP8X" => {
            ("webp", little(24, 3) + 1, little(27, 3) + 1)
        }
        [0x89, b'P', b'N', b'G', ..] => ("png", big(16), big(20)),
        [0xff, 0xd8, rest @ ..] => jpeg_size(rest),
        other => panic!("{:?}", &other[..20]),
    }
}

/// Walks the segments of a JPEG to the one that begins a frame.
fn jpeg_size(mut rest: &[u8]) -> (&'static str, u32, u32) {
    let number = |bytes: &[u8]| u32::from(bytes[0]) << 8 | u32::from(bytes[1]);
    while !matches!(rest[1], 0xc0..=0xc2) {
        rest = &rest[2 + number(&rest[2..]) as usize..];
    }
    ("jpeg", number(&rest[7..]), number(&rest[5..]))
}

/// What a command prints, and its exit status.
pub(crate) fn run(arguments: &[&str]) -> (Option<i32>, String, String) {
    run_as(&mut imgward(arguments))
}

/// The same, over a bucket of a server at `address`.
pub(crate) fn run_over_s3(
    arguments: &[&str],
    address: SocketAddr,
) -> (Option<i32>, String, String) {
    run_as(reach(&mut imgward(arguments), address))
}

pub(crate) fn run_as(command: &mut Command) -> (Option<i32>, String, String) {
    let Output {
        status,
        stdout,
        stderr,
    } = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code(), text(stdout), text(stderr))
}
