//! What parsing a URL allocates: a small multiple of its length, however long and however hostile it is.
#![expect(clippy::unwrap_used, reason = "this is test code")]

use allocation_counter::{AllocationInfo, measure};
use http::Request;
use http::request::Parts;
use imgward::dialect::{Dialect, Imgproxy};
use imgward::guard::Guard;
use imgward::signature::{Scheme, Verifier};

/// The longest path that is tried; `http` takes none of 65,535 bytes.
const LONGEST: usize = 60_000;

/// The most bytes that may be allocated for each byte of the URL: over all, and at one time.
const BYTES_PER_BYTE: [u64; 2] = [8, 4];

/// And for any URL, however short: there may be 64 steps in it.
const BYTES_FOR_ANY: [u64; 2] = [192 * 1024, 48 * 1024];

/// What comes before the verified target, and the unit that is repeated to make a URL long.
type Pattern = (&'static str, &'static str, &'static str);

#[expect(clippy::too_many_lines, reason = "a table")]
fn dialects() -> [(&'static str, Scheme, Vec<Dialect>, Vec<Pattern>); 5] {
    let imgproxy = Imgproxy::new()
        .presets([("a", "w:1/bl:2"), ("b", "pr:a:a:a:a"), ("c", "pr:b:b:b:b")])
        .unwrap()
        .watermark("logo.png")
        .unwrap();
    let imagekit = Dialect::imagekit()
        .preset("a", "w-1:bl-2:l-image,i-b.png,l-end")
        .unwrap();
    let imagor = vec![
        ("/unsafe/", "300x200/", "a.jpg"),
        ("/unsafe/filters:", "blur(1):", "blur(2)/a.jpg"),
        ("/unsafe/filters:", "focal(1x2:3x4):", "blur(2)/a.jpg"),
        ("/unsafe/filters:", "image(/filters:", "a.jpg"),
        ("/unsafe/filters:", "watermark(a.png):", "x()/a.jpg"),
        ("/unsafe/filters:image(", "(", ")/a.jpg"),
        ("/unsafe/filters:rgb(", "1,", ")/a.jpg"),
        ("/unsafe/filters:label(", "%41", ",1,2)/a.jpg"),
        ("/unsafe/filters:a", "()b", "/a.jpg"),
        ("/unsafe/filters:", ":", "/a.jpg"),
        ("/unsafe/filters:text(", "-", ")/a.jpg"),
        ("/unsafe/", "%2e", "a.jpg"),
        ("/unsafe/b64:", "YWFh", ""),
        ("/unsafe/filters:image(/", "300x200/", "b.png,0,0)/a.jpg"),
    ];
    let imagekit_urls = vec![
        ("/tr:", "w-1,", "h-1/a.jpg"),
        ("/tr:", "w-1:", "h-1/a.jpg"),
        ("/tr:", "e-grayscale,", "h-1/a.jpg"),
        ("/tr:", "e-grayscale:", "h-1/a.jpg"),
        ("/tr:", "l-image,i-a.png,", "l-end/a.jpg"),
        ("/tr:", "l-image,i-a.png,l-end:", "h-1/a.jpg"),
        ("/tr:", "if-w_gt_1,", "w-1/a.jpg"),
        ("/tr:if-", "w_gt_1_and_", "w_gt_1,w-1,if-end/a.jpg"),
        ("/tr:w-iw", "_add_1", "/a.jpg"),
        ("/tr:", "n-a:", "w-1/a.jpg"),
        ("/tr:l-text,ie-", "YWFh", ",l-end/a.jpg"),
        ("/tr:l-text,i-", "a", ",l-end/a.jpg"),
        ("/tr:e-gradient-", "ld-1_", "sp-1/a.jpg"),
        ("/tr:e-shadow-", "bl-1_", "x-1/a.jpg"),
        ("/", "%2e", "a.jpg"),
        ("/a.jpg?tr=", "%2C", "w-1"),
        ("/a.jpg?", "tr&", "tr=w-1"),
    ];
    let imgproxy_urls = vec![
        ("/_/", "w:1/", "plain/a.jpg"),
        ("/_/", "-/", "plain/a.jpg"),
        ("/_/", "bl:1/-/", "plain/a.jpg"),
        ("/_/", "pr:c/", "plain/a.jpg"),
        ("/_/pr", ":c", "/plain/a.jpg"),
        ("/_/w", ":1", "/plain/a.jpg"),
        ("/_/fq", ":jpg:1", "/plain/a.jpg"),
        ("/_/", "wmu:YWFh/", "wm:1/plain/a.jpg"),
        ("/_/fn:", "%41", "/plain/a.jpg"),
        ("/_/plain/", "%2e", "a.jpg"),
        ("/_/plain/", "@", "a.jpg"),
        ("/_/", "YWFh/", ""),
        ("/_/", "YWFh", ".jpg"),
    ];
    let ipx = vec![
        ("/", "w_1,", "h_1/a.jpg"),
        ("/", "blur_1&", "h_1/a.jpg"),
        ("/", ",", "h_1/a.jpg"),
        ("/modulate", "_1", "/a.jpg"),
        ("/extend", ":1", "/a.jpg"),
        ("/b_", "%61", "/a.jpg"),
        ("/w_1/", "%2e", "a.jpg"),
        ("/w_1/", "%2525", "a.jpg"),
        ("/w_1/", "/", "a.jpg"),
    ];
    [
        (
            "imagor",
            Scheme::imagor(),
            vec![
                Dialect::imagor(),
                Dialect::imagor().strict(true),
                Dialect::imagor().thumbor(true),
            ],
            imagor,
        ),
        (
            "imagekit",
            Scheme::imagekit(),
            vec![imagekit],
            imagekit_urls,
        ),
        (
            "imgproxy",
            Scheme::imgproxy(),
            vec![imgproxy.clone().into(), imgproxy.only_presets(true).into()],
            imgproxy_urls,
        ),
        (
            "ipx, decoded",
            Scheme::optstuff(),
            vec![Dialect::ipx(), Dialect::ipx().optstuff(true)],
            ipx.clone(),
        ),
        (
            "ipx, as sent",
            Scheme::query(),
            vec![Dialect::ipx(), Dialect::ipx().optstuff(true)],
            ipx,
        ),
    ]
}

/// A URL of about so many bytes.
fn url((before, unit, after): Pattern, length: usize) -> String {
    let times = (length / unit.len()).max(1);
    format!("{before}{}{after}", unit.repeat(times))
}

fn verified(scheme: Scheme, url: &str) -> Option<Parts> {
    let (mut head, ()) = Request::get(url).body(()).unwrap().into_parts();
    let verifier = Verifier::unsigned(scheme);
    let mut pass = verifier.check(&head).ok()?;
    verifier.apply(&mut head, &mut pass);
    Some(head)
}

fn parse(dialect: &Dialect, head: &Parts) -> AllocationInfo {
    // The first request of a thread may set something up.
    drop(dialect.check(head));
    measure(|| drop(dialect.check(head)))
}

#[test]
fn parsing_allocates_a_small_multiple_of_the_urls_length() {
    let mut wrong = Vec::new();
    for (name, scheme, dialects, patterns) in dialects() {
        for (pattern, dialect) in patterns
            .iter()
            .flat_map(|pattern| dialects.iter().map(move |dialect| (pattern, dialect)))
        {
            for length in [10, 1_000, LONGEST] {
                let url = url(*pattern, length);
                let Some(head) = verified(scheme, &url) else {
                    continue;
                };
                let allocated = parse(dialect, &head);
                let length = url.len() as u64;
                let most = [0, 1].map(|at| BYTES_FOR_ANY[at] + BYTES_PER_BYTE[at] * length);
                if allocated.bytes_total > most[0] || allocated.bytes_max > most[1] {
                    wrong.push(format!("{name}: {pattern:?} of {length}: {allocated:?}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// What is allocated for a URL that is ten times as long is at most about ten times as much: nothing grows faster.
#[test]
fn what_is_allocated_grows_no_faster_than_the_url() {
    for (name, scheme, dialects, patterns) in dialects() {
        for (pattern, dialect) in patterns
            .iter()
            .flat_map(|pattern| dialects.iter().map(move |dialect| (pattern, dialect)))
        {
            let heads = [LONGEST / 10, LONGEST].map(|length| {
                let url = url(*pattern, length);
                verified(scheme, &url)
            });
            let [Some(short), Some(long)] = heads else {
                continue;
            };
            let (short, long) = (parse(dialect, &short), parse(dialect, &long));
            let what = format!("{name}: {pattern:?}: {short:?}, then {long:?}");
            assert!(long.bytes_total <= 12 * short.bytes_total + 4_096, "{what}");
            assert!(long.count_total <= 12 * short.count_total + 64, "{what}");
        }
    }
}
