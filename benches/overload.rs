//! What the reference server does when far more is asked of it than it can make.
//!
//!     cargo build --release -p imgward-server
//!     cargo bench -p imgward-benches --bench overload -- [--server PROGRAM] [--seconds N]
//!
//! The server makes images of 2 megapixels on two threads. First four connections ask for one distinct image after the
//! other; then 4,096 do at the same time, each of which waits for a second when it is refused. Compared are the images that
//! come for each second of the server's CPU time, and for each second, of which this client takes its part on the same
//! cores, and says which. Then: what was answered, the most memory that the process had, and what it is like afterwards.
//! Linux only. Each connection takes an open file on either side (`ulimit -n`).
#![cfg_attr(
    not(target_os = "linux"),
    allow(dead_code, reason = "there is no /proc")
)]

mod process;

use std::collections::BTreeMap;
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::Mutex;

use self::process::{Connection, Process, cpu_of};

const CONNECTIONS: usize = 4_096;

/// How many names there are for the originals. All are the same file.
const ORIGINALS: usize = 8_192;

const CONFIG: &str = r#"
[signature]
required = false

[transform]
auto_format = ["webp"]
concurrency = 2

[origin]
files = "images"
"#;

/// A photograph of 1920 x 1080 in JPEG, about 400 kB.
fn photo() -> Vec<u8> {
    let photo = image::RgbImage::from_fn(1920, 1080, |x, y| {
        let detail = (x.wrapping_mul(7) ^ y.wrapping_mul(13)) % 24;
        let [x, y, z] = [
            x * 231 / 1920 + detail,
            y * 231 / 1080 + detail,
            96 + detail,
        ];
        image::Rgb([x, y, z].map(|n| u8::try_from(n).unwrap_or(255)))
    });
    let mut bytes = Cursor::new(Vec::new());
    photo
        .write_to(&mut bytes, image::ImageFormat::Jpeg)
        .expect("a JPEG");
    bytes.into_inner()
}

/// A folder with the configuration and the originals, gone when it is dropped.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let path = std::env::temp_dir().join(format!("imgward-overload-{}", std::process::id()));
        std::fs::create_dir_all(path.join("images")).expect("a folder");
        std::fs::write(path.join("imgward.toml"), CONFIG).expect("a configuration");
        let first = path.join("images/0.jpg");
        std::fs::write(&first, photo()).expect("a photo");
        for name in 1..ORIGINALS {
            let link = path.join(format!("images/{name}.jpg"));
            std::fs::hard_link(&first, link).expect("a link");
        }
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// What came of a time of asking.
#[derive(Default)]
struct Outcome {
    images_by_cpu: f64,
    images_by_time: f64,
    /// The CPU time of server and client, by second.
    server: f64,
    client: f64,
    statuses: BTreeMap<u16, usize>,
    failures: BTreeMap<String, usize>,
}

/// Has so many connections ask for distinct images for a time.
async fn ask(
    process: &Process,
    connections: usize,
    next: &Arc<AtomicUsize>,
    time: Duration,
) -> Outcome {
    let outcome = Arc::new(Mutex::new(Outcome::default()));
    let mut open = Vec::new();
    for _ in 0..connections {
        open.push(
            Connection::open(process.address)
                .await
                .expect("a connection"),
        );
    }
    let cpu = || [process.cpu(), cpu_of("self")].map(|time| time / 1e9);
    let (before, began) = (cpu(), Instant::now());
    let end = began + time;
    let tasks: Vec<_> = open
        .into_iter()
        .map(|mut connection| {
            let (outcome, next) = (Arc::clone(&outcome), Arc::clone(next));
            tokio::spawn(async move {
                while Instant::now() < end {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let (original, turn) = (number % ORIGINALS, number / ORIGINALS);
                    let target = format!("/unsafe/{}x0/{original}.jpg", 480 + turn);
                    let answer = connection.get(&target).await;
                    let mut outcome = outcome.lock().await;
                    match answer {
                        Ok((status, _)) => *outcome.statuses.entry(status).or_default() += 1,
                        Err(error) => {
                            *outcome.failures.entry(error.to_string()).or_default() += 1;
                            return;
                        }
                    }
                    drop(outcome);
                    if answer.is_ok_and(|(status, _)| status == 429) {
                        tokio::time::sleep(Duration::from_secs(1)).await;
                    }
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.expect("a connection's task");
    }
    let (after, seconds) = (cpu(), began.elapsed().as_secs_f64());
    let mut outcome = std::mem::take(&mut *outcome.lock().await);
    let images = outcome.statuses.get(&200).copied().unwrap_or(0);
    #[expect(clippy::cast_precision_loss, reason = "figures for people")]
    let images = images as f64;
    outcome.images_by_cpu = images / (after[0] - before[0]);
    outcome.images_by_time = images / seconds;
    outcome.server = (after[0] - before[0]) / seconds;
    outcome.client = (after[1] - before[1]) / seconds;
    outcome
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let option = |name: &str| {
        let at = arguments.iter().position(|argument| argument == name)?;
        arguments.get(at + 1)
    };
    let beside = || {
        let own = std::env::current_exe().expect("this program");
        own.parent()
            .and_then(Path::parent)
            .map(|folder| folder.join("imgward"))
    };
    let program = option("--server").map(PathBuf::from).or_else(beside);
    let program = program.filter(|program| program.exists() && cfg!(target_os = "linux"));
    let (Some(program), true) = (
        program,
        arguments.iter().any(|argument| argument == "--bench"),
    ) else {
        println!("it needs Linux and a built server: cargo build --release -p imgward-server");
        return;
    };
    let seconds = option("--seconds").map_or(20, |text| text.parse().expect("a number"));
    let time = Duration::from_secs(seconds);
    let folder = Folder::new();
    let config = folder.0.join("imgward.toml");
    let process = Process::start(
        Command::new(program)
            .args(["serve", "--listen", "127.0.0.1:0", "--config"])
            .arg(config),
    );
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.expect("a runtime").block_on(async {
        let next = Arc::new(AtomicUsize::new(0));
        let files = process.open_files();
        println!(
            "{:<12} {:>12} {:>10} {:>10} {:>10}  answers",
            "connections", "images/CPU s", "images/s", "server/s", "client/s"
        );
        let mut of_unloaded = Vec::new();
        // In turn, for the machine may have others to serve.
        for connections in [4, CONNECTIONS, 4, CONNECTIONS, 4] {
            let outcome = ask(&process, connections, &next, time).await;
            println!(
                "{connections:<12} {:>12.1} {:>10.1} {:>10.2} {:>10.2}  {:?} {:?}",
                outcome.images_by_cpu,
                outcome.images_by_time,
                outcome.server,
                outcome.client,
                outcome.statuses,
                outcome.failures,
            );
            of_unloaded.push((outcome.images_by_cpu, outcome.images_by_time));
        }
        let mean = |turns: &[usize], of: fn(&(f64, f64)) -> f64| {
            let sum: f64 = turns.iter().map(|&turn| of(&of_unloaded[turn])).sum();
            sum / f64::from(u32::try_from(turns.len()).unwrap_or(1))
        };
        let ratio = |of| mean(&[1, 3], of) / mean(&[0, 2, 4], of);
        println!(
            "of the unloaded, by CPU time: {:.3}; by time: {:.3}",
            ratio(|both| both.0),
            ratio(|both| both.1)
        );
        let mb = |name| process.status(name) * 1024 / 1_000_000;
        println!("most memory: {} MB", mb("VmHWM"));
        // All connections are closed by now; the server hears of it in its own time.
        tokio::time::sleep(Duration::from_secs(2)).await;
        let mut connection = Connection::open(process.address)
            .await
            .expect("a connection");
        let answer = connection.get("/unsafe/300x0/0.jpg").await;
        println!(
            "afterwards: {answer:?}; {} MB, {} threads, {} open files (before: {files})",
            mb("VmRSS"),
            process.status("Threads"),
            process.open_files()
        );
    });
}
