//! What is printed is read back as what was asked for, in every dialect; and which fields that is true of.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use http::Request;

use super::draw::Draw;
use super::*;
use crate::guard::Guard;
use crate::recipe::key::{FIELDS, Part, Sink, VARIANTS, WriteKey};
use crate::signature::{Key, Keyring, Verifier};

/// How many requests are made up for a dialect.
const REQUESTS: u64 = 4000;

/// Which dialect says which field or variant: those that were printed, and read back, with more than one value. `none`: no
/// dialect has words for it, or it is always the same in those that have it.
const SAID: &str = include_str!("said.txt");

type Generator = fn(&mut Draw) -> ImageRequest;

fn dialects() -> [(&'static str, Dialect, Generator); 5] {
    [
        (
            "imagor",
            Dialect::imagor().allow_original(true),
            imagor::request,
        ),
        (
            "imagekit",
            Dialect::imagekit().allow_original(true),
            imagekit::request,
        ),
        (
            "imgproxy",
            Dialect::imgproxy().allow_original(true),
            imgproxy::request,
        ),
        ("ipx", Dialect::ipx(), ipx::request),
        (
            "optstuff",
            Dialect::ipx().optstuff(true),
            ipx::request_of_optstuff,
        ),
    ]
}

/// The fields and variants that were there, each with its first value, and whether there was another.
#[derive(Default)]
struct Reached(BTreeMap<&'static str, (Vec<u8>, bool)>);

impl Reached {
    fn add(&mut self, value: &dyn WriteKey) {
        let mut parts = Vec::new();
        value.parts(&mut parts);
        for Part { name, value } in parts {
            let mut sink = Sink::default();
            value.write_key(&mut sink);
            let bytes = sink.as_bytes().to_vec();
            let (first, several) = self.0.entry(name).or_insert((bytes.clone(), false));
            *several |= *first != bytes;
            self.add(value);
        }
    }

    fn has(&self, name: &str) -> bool {
        let variant = name.contains("::");
        let reached = self.0.get(name);
        reached.is_some_and(|(_, several)| variant || *several)
    }
}

/// What a target asks for. `params`: whether `params/` or `info/` stands before it.
fn read(dialect: &Dialect, target: &str, params: bool) -> Result<ImageRequest, String> {
    let verified = VerifiedTarget::of_text(target, params, false);
    let read = dialect.parse(&verified, &HeaderMap::new());
    read.map_err(|why| format!("{target}: {why}"))
}

/// What is printed, where it is read back.
fn round_trip(dialect: &Dialect, request: &ImageRequest) -> Result<String, String> {
    let url = ImageUrl::of(dialect, request.clone());
    let params = !url.before().is_empty();
    let scheme = if params {
        dialect.scheme()
    } else {
        Scheme::query()
    };
    let target = url.target_for(scheme, false);
    let target = target.map_err(|why| why.to_string())?;
    if read(dialect, &target, params)? == *request {
        Ok(target)
    } else {
        Err(target)
    }
}

#[test]
fn what_is_printed_is_read_back_and_every_field_is_reached() {
    let mut reached = Vec::new();
    let mut wrong = Vec::new();
    for (name, dialect, generate) in dialects() {
        let mut of_dialect = Reached::default();
        let mut failures = Vec::new();
        for seed in 0..REQUESTS {
            let mut request = generate(&mut Draw::new(seed));
            let mut printed = round_trip(&dialect, &request);
            if name == "imagor"
                && seed % 16 == 0
                && let Ok(target) = &printed
            {
                of_dialect.add(&request);
                request = read(&dialect, target, true).unwrap();
                printed = round_trip(&dialect, &request);
            }
            match printed {
                Ok(_) => of_dialect.add(&request),
                Err(why) => failures.push(format!("{name} {seed}: {why}: {request:?}")),
            }
        }
        failures.sort_by_key(String::len);
        failures.truncate(5);
        wrong.append(&mut failures);
        reached.push((name, of_dialect));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let mut said = String::new();
    for field in FIELDS.iter().chain(VARIANTS) {
        let by = reached.iter().filter(|(_, reached)| reached.has(field));
        let by: Vec<_> = by.map(|(name, _)| *name).collect();
        let by = if by.is_empty() {
            "none".to_owned()
        } else {
            by.join(" ")
        };
        writeln!(said, "{field} {by}").unwrap();
    }
    let different: Vec<_> = said
        .lines()
        .filter(|line| !SAID.lines().any(|other| other == *line))
        .collect();
    assert!(
        different.is_empty() && said.lines().count() == SAID.lines().count(),
        "said.txt: {different:#?}\n{said}"
    );
}

type Keys<'a> = &'a dyn Fn() -> Keyring;

#[test]
fn what_is_signed_verifies_and_what_is_changed_does_not() {
    let secrets = || Keyring::of_secrets(["mysecret"]);
    let salted = || Keyring::of_secrets(["6d79736563726574"]).salt("73616c74");
    let keys = || Keyring::new().key("pk_1", Key::new("mysecret"));
    let schemes: [(Scheme, Keys<'_>, &[usize]); 5] = [
        (Scheme::imagor(), &secrets, &[0]),
        (Scheme::imgproxy(), &salted, &[2]),
        (Scheme::imagekit(), &secrets, &[1]),
        (Scheme::optstuff(), &keys, &[3, 4]),
        (Scheme::query(), &secrets, &[0, 1, 2, 3, 4]),
    ];
    let dialects = dialects();
    for (scheme, keyring, of) in schemes {
        let signer = Signer::new(scheme, keyring()).unwrap();
        let verifier = Verifier::new(scheme, keyring()).unwrap();
        for &at in of {
            let (name, dialect, generate) = &dialects[at];
            for seed in 0..200 {
                let request = generate(&mut Draw::new(seed));
                let url = ImageUrl::of(dialect, request.clone());
                let expires = (seed % 2 == 0).then_some(4_000_000_000 + seed);
                let url = match expires {
                    Some(at) => url.expires(at),
                    None => url,
                };
                if !url.before().is_empty() && scheme.name() != dialect.scheme().name() {
                    let why = url.sign(&signer).unwrap_err();
                    assert_eq!(why.field(), Some("Answer::Description"));
                    continue;
                }
                let written = url.sign(&signer).unwrap_or_else(|why| {
                    panic!(
                        "{name} {seed}: {why}: {:?}",
                        std::error::Error::source(&why)
                    )
                });
                let what = format!("{name} by {}: {written}", scheme.name());
                let (mut head, ()) = Request::get(&written).body(()).unwrap().into_parts();
                let mut pass = verifier
                    .check(&head)
                    .unwrap_or_else(|why| panic!("{what}: {why}"));
                verifier.apply(&mut head, &mut pass);
                let read = dialect
                    .check(&head)
                    .unwrap_or_else(|why| panic!("{what}: {why}"));
                assert_eq!(*read.unwrap(), request, "{what}");

                let (path, query) = written.split_once('?').unwrap_or((&written, ""));
                let changed = format!("{path}x?{query}");
                let (head, ()) = Request::get(&changed).body(()).unwrap().into_parts();
                assert!(verifier.check(&head).is_err(), "{what}");
            }
        }
    }
}
