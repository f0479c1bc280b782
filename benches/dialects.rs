//! What parsing a URL costs in each dialect, next to splitting the same text at its separators into a list of texts.
//!
//!     cargo bench -p imgward-benches --bench dialects
//!
//! Both are timed in turn, round after round, so that a machine whose speed drifts treats them alike. What is printed is the
//! median over the rounds; `ratio` is that of each round's quotient. The target is verified before the clock starts;
//! what is timed is the dialect's `check`: from the verified bytes to the shared request, and its end.

use std::hint::black_box;
use std::time::Instant;

use http::Request;
use http::request::Parts;
use imgward::dialect::{Dialect, Imgproxy};
use imgward::guard::Guard;
use imgward::signature::{Scheme, Verifier};

/// Parses in a batch.
const PARSES: u32 = 400;

const LONG_NAME: &str =
    "albums/2024/summer/a-rather-long-name-of-a-photograph-as-editors-write-them.jpg";

/// A URL, by what it is.
struct Case {
    name: &'static str,
    dialect: Dialect,
    url: String,
    head: Parts,
}

fn cases() -> Vec<Case> {
    let imgproxy = Imgproxy::new().watermark("logo.png");
    let imgproxy = Dialect::from(imgproxy.unwrap_or_else(|why| panic!("{why}")));
    let of = |name, dialect: &Dialect, before: &str, target: &str| {
        let url = format!("{before}{target}");
        Case {
            name,
            dialect: dialect.clone(),
            head: verified(dialect.scheme(), &url),
            url,
        }
    };
    let [imagor, imagekit, ipx] = [Dialect::imagor(), Dialect::imagekit(), Dialect::ipx()];
    let filters = "blur(3):brightness(10):contrast(-10):saturation(20):sharpen(1):round_corner(20):\
                   watermark(logo.png,-10,-10,20):quality(80):format(webp):strip_exif()";
    let chain = "w-300,h-200,c-maintain_ratio,fo-auto,q-80,f-webp:l-image,i-logo.png,lx-N10,ly-N10,w-50,l-end:\
                 l-text,i-hello,fs-20,co-FF0000,l-end:bl-3,e-sharpen-3,r-20:rt-90";
    let options = "rs:fill:300:200:1/g:fp:0.25:0.75/dpr:2/bl:2/sh:0.5/br:10/co:1.1/sa:1.2/pd:10:20/bg:ffffff/\
                   wm:0.5:soea:10:10:0.2/q:80/f:webp/sm:1/exp:4102444800";
    let operations = "s_300x200,fit_cover,pos_top,blur_3,sharpen_1_1_2,modulate_1.1_1.2_10,median_3,tint_00ff00,\
                      extend_1_2_3_4,b_ffffff,flatten,gamma_2.2,q_80,f_webp";
    vec![
        of(
            "imagor, typical",
            &imagor,
            "/unsafe/",
            "300x200/smart/filters:format(webp):quality(80)/album/photo.jpg",
        ),
        of(
            "imagor, long",
            &imagor,
            "/unsafe/",
            &format!("fit-in/300x200/10x10/filters:{filters}/{LONG_NAME}"),
        ),
        of(
            "imagekit, typical",
            &imagekit,
            "/",
            "tr:w-300,h-200,fo-auto,f-webp,q-80/album/photo.jpg",
        ),
        of(
            "imagekit, long",
            &imagekit,
            "/",
            &format!("tr:{chain}/{LONG_NAME}"),
        ),
        of(
            "imgproxy, typical",
            &imgproxy,
            "/_/",
            "rs:fill:300:200/g:sm/q:80/plain/album/photo.jpg@webp",
        ),
        of(
            "imgproxy, long",
            &imgproxy,
            "/_/",
            &format!("{options}/plain/{LONG_NAME}"),
        ),
        of(
            "ipx, typical",
            &ipx,
            "/",
            "s_300x200,f_webp,q_80/album/photo.jpg",
        ),
        of("ipx, long", &ipx, "/", &format!("{operations}/{LONG_NAME}")),
    ]
}

fn verified(scheme: Scheme, url: &str) -> Parts {
    let request = Request::get(url)
        .body(())
        .unwrap_or_else(|why| panic!("{url}: {why}"));
    let (mut head, ()) = request.into_parts();
    let verifier = Verifier::unsigned(scheme);
    let mut pass = verifier
        .check(&head)
        .unwrap_or_else(|why| panic!("{url}: {why}"));
    verifier.apply(&mut head, &mut pass);
    head
}

/// How long one run takes, in nanoseconds.
fn time<T>(mut run: impl FnMut() -> T) -> f64 {
    let start = Instant::now();
    for _ in 0..PARSES {
        black_box(run());
    }
    #[expect(clippy::cast_precision_loss, reason = "figures for people")]
    let nanoseconds = start.elapsed().as_nanos() as f64;
    nanoseconds / f64::from(PARSES)
}

fn split(url: &str) -> Vec<String> {
    url.split(['/', ':', ',', '(', ')', '_'])
        .map(str::to_owned)
        .collect()
}

fn main() {
    let rounds = if std::env::args().any(|arg| arg == "--bench") {
        101
    } else {
        1 // `cargo test --benches`: it runs, and nobody reads the figures.
    };
    let cases = cases();
    let mut figures = vec![Vec::new(); cases.len()];
    for round in 0..=rounds {
        for (case, figures) in cases.iter().zip(&mut figures) {
            let parse = || {
                let parsed = case.dialect.check(black_box(&case.head));
                parsed.unwrap_or_else(|why| panic!("{}: {why}", case.url))
            };
            let pair = (time(parse), time(|| split(black_box(&case.url))));
            // The first round gets the code into the caches.
            if round > 0 {
                figures.push(pair);
            }
        }
    }
    println!(
        "{:<20} {:>6} {:>9} {:>9} {:>7}",
        "URL", "bytes", "ns", "split", "ratio"
    );
    for (case, figures) in cases.iter().zip(&figures) {
        let of = |f: fn(&(f64, f64)) -> f64| median(figures.iter().map(f));
        println!(
            "{:<20} {:>6} {:>9.0} {:>9.0} {:>7.2}",
            case.name,
            case.url.len(),
            of(|pair| pair.0),
            of(|pair| pair.1),
            of(|pair| pair.0 / pair.1),
        );
    }
}

fn median(figures: impl Iterator<Item = f64>) -> f64 {
    let mut figures: Vec<_> = figures.collect();
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}
