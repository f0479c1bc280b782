//! Who it is compared with.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use imgward::recipe::Format;

use super::sources::File;
use super::{Cost, Workload};

/// One process of Node, which is told on a line what to do, and answers with a line.
pub(crate) struct Sharp {
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Sharp {
    pub(crate) fn start(folder: &Path) -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("peers/sharp.mjs");
        let mut process = Command::new("node")
            .arg(script)
            .arg(folder.canonicalize().expect("the folder is there"))
            .env("UV_THREADPOOL_SIZE", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("node starts");
        Self {
            input: process.stdin.take().expect("it is piped"),
            output: BufReader::new(process.stdout.take().expect("it is piped")),
            process,
        }
    }

    pub(crate) fn run(&mut self, workload: &Workload, files: &[File]) -> Cost {
        let Workload {
            width,
            height,
            format,
            quality,
            ..
        } = workload;
        let paths = files.iter().map(|file| file.path.to_string_lossy());
        let paths: Vec<_> = paths.collect();
        writeln!(
            self.input,
            "{width}\t{height}\t{format}\t{quality}\t{}",
            paths.join("\t")
        )
        .expect("it reads");
        let mut line = String::new();
        self.output.read_line(&mut line).expect("it answers");
        let (cpu, bytes) = line.trim().split_once('\t').expect("time and bytes");
        Cost {
            cpu: Duration::from_micros(cpu.parse().expect("microseconds")),
            bytes: bytes.parse().expect("bytes"),
        }
    }
}

impl Drop for Sharp {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A program that is started for each image.
pub(crate) struct Oximg {
    program: PathBuf,
}

impl Oximg {
    pub(crate) fn new(program: PathBuf) -> Self {
        Self { program }
    }

    /// `None` for what it does not do: cuts, animations, and AVIF in the build that needs no other library.
    pub(crate) fn run(&self, workload: &Workload, files: &[File]) -> Option<Cost> {
        let animated = files
            .iter()
            .any(|file| file.path.extension() == Some("gif".as_ref()));
        if workload.height > 0 || animated || workload.format == Format::Avif {
            return None;
        }
        let out = std::env::temp_dir().join(format!("imgward-bench.{}", workload.format));
        let mut cost = Cost::default();
        let start = children_time();
        for file in files {
            let status = Command::new(&self.program)
                .arg("resize")
                .arg(&file.path)
                .args([workload.width.to_string(), workload.height.to_string()])
                .arg(&out)
                .args(["--quality", &workload.quality.to_string()])
                .env("OXIMG_DCT_MARGIN", "1.7")
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status()
                .expect("oximg starts");
            assert!(status.success(), "oximg failed on {:?}", file.path);
            cost.bytes += std::fs::metadata(&out).expect("it has written").len();
        }
        cost.cpu = children_time().saturating_sub(start);
        Some(cost)
    }
}

/// How long the processes that have ended ran, in hundredths of a second.
fn children_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").expect("Linux tells it");
    // The name, in parentheses, may hold anything.
    let (_, fields) = stat.rsplit_once(')').expect("a name in parentheses");
    let ticks = fields.split_whitespace().skip(13).take(2);
    let ticks: u64 = ticks.filter_map(|text| text.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 10)
}
