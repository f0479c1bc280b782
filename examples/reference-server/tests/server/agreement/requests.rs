//! Requests at random, half of them next to an edge of a rule.

mod clients;
mod images;
mod keys;

use self::clients::{
    addresses, agent, agents, countries, country, forwarded, hosts, referer, referers,
};
use self::images::{arguments, formats, mounts, names, source, sources};
use self::keys::{expiries, signatures};
use super::chance::Chance;
use super::world::{World, now};

/// A request for an image.
#[derive(Clone, Debug)]
pub(super) struct Request {
    pub(super) target: String,
    pub(super) headers: Vec<String>,
    /// Whether a rule's edge is near.
    pub(super) is_near: bool,
}

impl Request {
    fn new(target: impl Into<String>, is_near: bool) -> Self {
        let target = target.into();
        let headers = Vec::new();
        Self {
            target,
            headers,
            is_near,
        }
    }

    fn with(mut self, header: &str, value: &str) -> Self {
        self.headers.push(format!("{header}: {value}"));
        self
    }
}

/// What makes requests of one kind, and how many there are to be.
pub(super) type Kind = (&'static str, usize, fn(&World, &mut Chance) -> Request);

pub(super) const KINDS: [Kind; 14] = [
    ("mounts", 60, mounts),
    ("hosts", 30, hosts),
    ("addresses", 80, addresses),
    ("countries", 80, countries),
    ("agents", 120, agents),
    ("referers", 80, referers),
    ("signatures", 180, signatures),
    ("expiries", 180, expiries),
    ("arguments", 80, arguments),
    ("formats", 200, formats),
    ("names", 60, names),
    ("sources", 100, sources),
    ("everything", 60, everything),
    ("noise", 100, noise),
];

/// What is asked of a server that stands in for imagor.
pub(super) const IMAGORS: [Kind; 1] = [("imagor's", 200, imagors)];

/// A header of a request, and whether an edge is near.
type Header = (String, bool);

type MakeHeader = fn(&mut Chance) -> Header;

fn imagors(world: &World, chance: &mut Chance) -> Request {
    let pages = [
        "/",
        "/healthcheck",
        "/favicon.ico",
        "/healthcheck/",
        "/Healthcheck",
        "/favicon.icon",
        "/?a",
        "/healthcheck?a",
        "//",
    ];
    let target = match chance.below(4) {
        0 => "8x8/cat.jpg".into(),
        1 => format!(
            "8x8/filters:expire({}000)/cat.jpg",
            now().saturating_add_signed(chance.one_of(&[-1000, -1, 1, 1000]))
        ),
        2 => format!("8x8/{}", source(world, chance).0.replace([' ', '?'], "")),
        _ => chance.altered("8x8/cat.jpg"),
    };
    let sign = |secret| world.signer("", secret).sign(&target, None);
    match chance.below(8) {
        0 | 1 => Request::new(chance.one_of(&pages), true),
        2 => Request::new(format!("/unsafe/{target}"), false),
        3 => Request::new(sign(2).unwrap_or_default(), true),
        4 => Request::new(
            format!("/{}", chance.altered(&sign(0).unwrap_or_default())),
            true,
        ),
        _ => Request::new(sign(0).unwrap_or_else(|_| "/".into()), false),
    }
}

/// A request that meets every rule, most of which let it pass.
fn everything(world: &World, chance: &mut Chance) -> Request {
    let mut request = Request::new(
        world.signer("/all", 0).sign("8x8/cat.jpg", None).unwrap(),
        false,
    );
    let makers: [(&str, MakeHeader, &str); 4] = [
        ("X-Forwarded-For", forwarded, "203.0.113.9"),
        ("X-Country", country, "FR"),
        ("User-Agent", agent, "Browser/1"),
        ("Referer", referer, "https://www.example.com/"),
    ];
    for (header, make, harmless) in makers {
        let (line, is_near) = if chance.once_in(4) {
            make(chance)
        } else {
            (harmless.into(), false)
        };
        request.is_near |= is_near;
        request = request.with(header, &line);
    }
    if chance.once_in(4) {
        request.target = format!("/{}", chance.altered(&request.target[1..]));
        request.is_near = true;
    }
    request
}

/// A request of another kind, with a character changed.
fn noise(world: &World, chance: &mut Chance) -> Request {
    let others = &KINDS[..KINDS.len() - 1];
    let (_, _, make) = others[chance.below(others.len())];
    let mut request = make(world, chance);
    let count = request.headers.len();
    if count > 0 && chance.once_in(2) {
        let header = &mut request.headers[chance.below(count)];
        let (name, value) = header.split_once(": ").unwrap();
        *header = format!("{name}: {}", chance.altered(value));
    } else {
        request.target = format!("/{}", chance.altered(&request.target[1..]));
    }
    request.is_near = true;
    request
}
