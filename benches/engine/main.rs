//! What an image costs in CPU time, next to what it costs sharp (libvips) and oximg, on one thread.
//!
//! ```text
//! cargo bench -p imgward-benches --bench engine -- PHOTOS [--rounds N] [--only LETTERS] [--sharp FOLDER] [--oximg PROGRAM]
//! ```
//!
//! PHOTOS is a folder with the folders `12mp` (JPEG), `2mpj` (JPEG) and `2mp` (PNG). FOLDER has sharp among its
//! `node_modules`, PROGRAM is oximg's. Who is not named is not measured.
//!
//! In each round every workload is done by each of them in turn, on the same photographs, so that a machine whose speed
//! drifts treats them alike; a ratio is taken within a round, and its median stands in the table. sharp works in one process,
//! with one thread and no cache, and is warm; oximg is started for each image, and its start counts.

mod peers;
mod sources;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use imgward::engine::{Avif, Codecs, Engine, LossyWebP};
use imgward::recipe::{Format, Gravity, Recipe, Resize, ResizeMode, Step};

use self::peers::{Oximg, Sharp};
use self::sources::{Source, Sources};

/// What is made of which sources.
struct Workload {
    letter: char,
    name: &'static str,
    source: Source,
    width: u32,
    height: u32,
    format: Format,
    quality: u8,
}

const WORKLOADS: [Workload; 8] = [
    Workload {
        letter: 'B',
        name: "12 MP JPEG to 512 wide JPEG q80",
        source: Source::Large,
        width: 512,
        height: 0,
        format: Format::Jpeg,
        quality: 80,
    },
    Workload {
        letter: 'P',
        name: "12 MP progressive JPEG to 512 wide JPEG q80",
        source: Source::Progressive,
        width: 512,
        height: 0,
        format: Format::Jpeg,
        quality: 80,
    },
    Workload {
        letter: 'C',
        name: "12 MP JPEG to 512 wide WebP q80",
        source: Source::Large,
        width: 512,
        height: 0,
        format: Format::WebP,
        quality: 80,
    },
    Workload {
        letter: 'S',
        name: "12 MP JPEG to 100x100 crop WebP q80",
        source: Source::Large,
        width: 100,
        height: 100,
        format: Format::WebP,
        quality: 80,
    },
    Workload {
        letter: 'M',
        name: "2 MP JPEG to 1200 wide WebP q80",
        source: Source::Middle,
        width: 1200,
        height: 0,
        format: Format::WebP,
        quality: 80,
    },
    Workload {
        letter: 'D',
        name: "2 MP PNG to 256 wide PNG",
        source: Source::Png,
        width: 256,
        height: 0,
        format: Format::Png,
        quality: 80,
    },
    Workload {
        letter: 'G',
        name: "photographic GIF, 30 frames, to 240 wide WebP q80",
        source: Source::Gif,
        width: 240,
        height: 0,
        format: Format::WebP,
        quality: 80,
    },
    Workload {
        letter: 'V',
        name: "2 MP JPEG to 800 wide AVIF q50",
        source: Source::Middle,
        width: 800,
        height: 0,
        format: Format::Avif,
        quality: 50,
    },
];

/// The CPU time and the bytes of all the images of a workload.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Cost {
    cpu: Duration,
    bytes: u64,
}

/// Of one round: ours, sharp's, oximg's.
type Round = (Cost, Option<Cost>, Option<Cost>);

struct Arguments {
    photos: PathBuf,
    rounds: usize,
    only: Option<String>,
    sharp: Option<PathBuf>,
    oximg: Option<PathBuf>,
}

impl Arguments {
    fn read() -> Option<Self> {
        let mut arguments = std::env::args_os().skip(1).filter(|word| word != "--bench");
        let mut read = Self {
            photos: PathBuf::new(),
            rounds: 7,
            only: None,
            sharp: None,
            oximg: None,
        };
        while let Some(word) = arguments.next() {
            match word.to_str() {
                Some("--rounds") => read.rounds = arguments.next()?.to_str()?.parse().ok()?,
                Some("--only") => read.only = Some(arguments.next()?.to_str()?.to_owned()),
                Some("--sharp") => read.sharp = Some(arguments.next()?.into()),
                Some("--oximg") => read.oximg = Some(arguments.next()?.into()),
                _ => read.photos = word.into(),
            }
        }
        (read.rounds > 0 && read.photos.is_dir()).then_some(read)
    }
}

fn main() -> ExitCode {
    let Some(arguments) = Arguments::read() else {
        eprintln!("engine PHOTOS [--rounds N] [--only LETTERS] [--sharp FOLDER] [--oximg PROGRAM]");
        // `cargo bench` with no arguments is no mistake.
        return ExitCode::SUCCESS;
    };
    let sources = Sources::of(&arguments.photos);
    let engine = Engine::new(codecs());
    let mut sharp = arguments.sharp.as_deref().map(Sharp::start);
    let oximg = arguments.oximg.map(Oximg::new);

    println!("| | work | ms | kB | of sharp (min..max) | bytes | of oximg | bytes |");
    println!("|---|---|---:|---:|---:|---:|---:|---:|");
    for workload in &WORKLOADS {
        let asked = arguments.only.as_deref();
        if asked.is_some_and(|only| !only.contains(workload.letter))
            || !engine.can_encode(workload.format)
        {
            continue;
        }
        let files = sources.files(workload.source);
        let mut rounds = Vec::new();
        // The first round warms up.
        for round in 0..=arguments.rounds {
            let ours = ours(&engine, workload, files);
            let sharp = sharp.as_mut().map(|sharp| sharp.run(workload, files));
            let oximg = oximg.as_ref().and_then(|oximg| oximg.run(workload, files));
            if round > 0 {
                rounds.push((ours, sharp, oximg));
            }
        }
        print(workload, files.len(), &rounds);
    }
    ExitCode::SUCCESS
}

fn codecs() -> Codecs {
    Codecs::new().with(LossyWebP).with(Avif)
}

fn ours(engine: &Engine, workload: &Workload, files: &[sources::File]) -> Cost {
    let mut recipe = Recipe::default();
    let (width, height) = (workload.width, workload.height);
    recipe.steps.push(Step::Resize(Resize {
        enlarge: false,
        gravity: Gravity::default(),
        ..Resize::to(width, height, ResizeMode::Fill)
    }));
    recipe.output.format = Some(workload.format);
    recipe.output.quality = Some(workload.quality);
    let start = cpu_time();
    let mut bytes = 0;
    for file in files {
        let rendered = engine.render(&[&file.bytes], &recipe).expect("it renders");
        bytes += rendered.bytes.len() as u64;
    }
    Cost {
        cpu: cpu_time() - start,
        bytes,
    }
}

/// How long this thread has run.
fn cpu_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").expect("Linux tells it");
    let nanoseconds = stat.split(' ').next().and_then(|text| text.parse().ok());
    Duration::from_nanos(nanoseconds.expect("the first number is the time on the processor"))
}

fn print(workload: &Workload, files: usize, rounds: &[Round]) {
    let each = |cost: &Cost| cost.cpu.as_secs_f64() * 1e3 / files as f64;
    let time = median(rounds.iter().map(|(ours, ..)| each(ours)).collect());
    let bytes = rounds[0].0.bytes as f64;
    let ratios = |peer: fn(&Round) -> Option<Cost>| {
        let ratios: Vec<f64> = rounds
            .iter()
            .filter_map(|round| Some(each(&round.0) / each(&peer(round)?)))
            .collect();
        let Some(peer) = peer(&rounds[0]) else {
            return (String::from("-"), String::from("-"));
        };
        let (least, most) = ratios
            .iter()
            .fold((f64::MAX, 0.0_f64), |(least, most), &ratio| {
                (least.min(ratio), most.max(ratio))
            });
        (
            format!("{:.2} ({least:.2}..{most:.2})", median(ratios)),
            format!("{:.3}", bytes / peer.bytes as f64),
        )
    };
    let (sharp, sharp_bytes) = ratios(|round| round.1);
    let (oximg, oximg_bytes) = ratios(|round| round.2);
    println!(
        "| {} | {} | {time:.1} | {:.1} | {sharp} | {sharp_bytes} | {oximg} | {oximg_bytes} |",
        workload.letter,
        workload.name,
        bytes / files as f64 / 1e3,
    );
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
