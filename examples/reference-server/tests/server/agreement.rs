//! `imgward check` says what the server does, of requests that are made up.

mod chance;
mod requests;
mod world;

use std::collections::BTreeMap;
use std::thread;

use self::chance::Chance;
use self::requests::{IMAGORS, KINDS, Kind, Request};
use self::world::World;
use crate::fixtures::image_server;
use crate::support::{Answer, Folder, Server, ask, imgward, run_as};

/// Every code that a request can be refused with before an origin is asked, and the one of those that are not. What only
/// the origin and the image decide is not known to `check`.
const CODES: [&str; 13] = [
    "allowed",
    "bad_request",
    "country_blocked",
    "ip_blocked",
    "lifetime_too_long",
    "not_found",
    "referer_denied",
    "signature_invalid",
    "signature_missing",
    "source_denied",
    "unsupported_format",
    "url_expired",
    "user_agent_blocked",
];

/// What a request that got through may still be refused for.
const BELOW: [&str; 4] = ["not_found", "origin_failed", "timeout", "image_too_large"];

/// The same seed makes the same requests, but for their expiries.
fn seed() -> u64 {
    let seed = std::env::var("IMGWARD_TEST_SEED").ok();
    seed.map_or(1, |seed| seed.parse().unwrap())
}

/// A server, and where it has its configuration from.
struct Pair {
    world: World,
    server: Server,
    settings: Vec<String>,
}

impl Pair {
    fn new(world: World, settings: &[&str]) -> Self {
        let variables = world.variables.iter().map(|(name, value)| (name, value));
        let mut command = imgward(&["serve", "--listen", "127.0.0.1:0"]);
        let server = Server::run(command.args(settings).envs(variables));
        let settings = settings.iter().copied().map(String::from).collect();
        Self {
            world,
            server,
            settings,
        }
    }

    /// What the server does: `allowed`, the code of a refusal, or `malformed` for what is no request.
    fn served(&self, request: &Request) -> String {
        let headers: Vec<&str> = request.headers.iter().map(String::as_str).collect();
        let mut stream = self.server.connect();
        ask(&mut stream, "GET", &request.target, &headers);
        let answer = Answer::read(&mut stream);
        match answer.status {
            200 | 307 => "allowed".into(),
            400 if answer.body.is_empty() => "malformed".into(),
            _ => answer.code(),
        }
    }

    /// What `check` says.
    fn checked(&self, request: &Request) -> String {
        let mut command = imgward(&["check", "--ip", "127.0.0.1"]);
        let variables = self
            .world
            .variables
            .iter()
            .map(|(name, value)| (name, value));
        command.args(&self.settings).envs(variables);
        // What every client here sends.
        for header in ["Host: localhost", "Connection: close"] {
            command.args(["--header", header]);
        }
        for header in &request.headers {
            command.args(["--header", header]);
        }
        let (status, out, error) = run_as(command.arg(&request.target));
        let last = out
            .lines()
            .last()
            .and_then(|line| line.split_whitespace().nth(1));
        match (status, last) {
            (Some(0), Some("pass" | "report")) => "allowed".into(),
            (Some(1), Some(code)) => code.into(),
            (Some(2), None) if error.contains("error: invalid value") => "malformed".into(),
            _ => panic!("{status:?} {out} {error} of {request:?}"),
        }
    }

    /// What both say. The clock may come past an expiry in between, so the server is asked twice.
    fn agreed(&self, request: &Request) -> Result<String, String> {
        for _ in 0..9 {
            let before = self.served(request);
            let says = self.checked(request);
            let does = self.served(request);
            if before != does {
                continue;
            }
            return if says == does {
                Ok(says)
            } else if says == "allowed" && BELOW.contains(&&*does) {
                Ok("below".into())
            } else {
                Err(format!("check says {says}, and the server {does}"))
            };
        }
        Err("the server says now this, now that".into())
    }

    /// Makes requests of these kinds, on which the two must agree. Gives what was found.
    fn try_all(&self, kinds: &[Kind]) -> Tally {
        let seed = seed();
        let try_kind = |index: usize| {
            let (name, count, make) = kinds[index];
            let mut chance = Chance::new(seed.wrapping_mul(1000).wrapping_add(index as u64));
            let mut said = Vec::new();
            for _ in 0..count {
                let request = make(&self.world, &mut chance);
                let verdict = self.agreed(&request).map_err(|why| {
                    format!("{name}, with IMGWARD_TEST_SEED={seed}: {why}: {request:?}")
                });
                said.push((verdict, request.is_near));
            }
            said
        };
        let halves = [0, 1].map(|half| (half..kinds.len()).step_by(2));
        let said: Vec<_> = thread::scope(|scope| {
            let halves =
                halves.map(|half| scope.spawn(|| half.flat_map(&try_kind).collect::<Vec<_>>()));
            halves
                .into_iter()
                .flat_map(|half| half.join().unwrap())
                .collect()
        });
        let (mut tally, mut disagreements) = (Tally::new(), Vec::new());
        for (verdict, is_near) in said {
            match verdict {
                Ok(code) => {
                    let (all, near) = tally.entry(code).or_default();
                    *all += 1;
                    *near += usize::from(is_near);
                }
                Err(why) => disagreements.push(why),
            }
        }
        assert!(disagreements.is_empty(), "{}", disagreements.join("\n"));
        tally
    }
}

/// How many requests there were of each code, and how many of them near an edge.
type Tally = BTreeMap<String, (usize, usize)>;

fn count(tally: &Tally, code: &str) -> (usize, usize) {
    tally.get(code).copied().unwrap_or_default()
}

#[test]
fn check_and_the_server_never_disagree() {
    let folder = Folder::new("agreement");
    let world = World::new(image_server());
    let config = folder.config(&world.config);
    let tally = Pair::new(world, &["--config", &config]).try_all(&KINDS);
    for code in CODES {
        let (all, near) = count(&tally, code);
        assert!(
            all >= 20 && near >= 10,
            "{code}: {all}, {near} near an edge, of {tally:?}"
        );
    }
}

#[test]
fn they_agree_on_what_is_only_reported() {
    let folder = Folder::new("agreement-reported");
    let mut world = World::new(image_server());
    let rules = "['ip', 'geo', 'user_agent_block', 'referer', 'signature']";
    world
        .config
        .insert_str(0, &format!("report_only = {rules}\n"));
    let config = folder.config(&world.config);
    let all = KINDS.map(|(name, count, make)| (name, count / 4, make));
    let tally = Pair::new(world, &["--config", &config]).try_all(&all);
    for code in CODES {
        let is_seen = matches!(
            code,
            "allowed" | "bad_request" | "not_found" | "source_denied" | "unsupported_format"
        );
        assert_eq!(count(&tally, code).0 > 0, is_seen, "{code} of {tally:?}");
    }
}

#[test]
fn they_agree_in_imagors_place() {
    let tally = Pair::new(World::imagor(image_server()), &["--imagor-env"]).try_all(&IMAGORS);
    for code in [
        "allowed",
        "signature_missing",
        "signature_invalid",
        "url_expired",
        "source_denied",
    ] {
        assert!(count(&tally, code).0 > 0, "{code} of {tally:?}");
    }
}
