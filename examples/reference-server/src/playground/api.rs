//! What the page asks for, as JSON.

use std::net::IpAddr;

use http::header::{HeaderName, HeaderValue};
use imgward::clock::{Clock as _, SystemClock};
use imgward::config::Mount;
use imgward::country::CountryCode;
use imgward::guard::{Rejection, RejectionKind};
use serde_json::{Value, json};

use super::query::Query;
use super::settings::Settings;
use super::urls::Grammar;
use super::{Room, example};
use crate::{check, samples};

/// The longest that a URL of the page is good for, in seconds.
const MAX_LIFETIME: u64 = 30 * 24 * 60 * 60;

/// What there is to choose from.
pub(super) fn state(room: &Room) -> Result<Value, Rejection> {
    let image = |name: &str, title: &str, bytes: usize| {
        let thumbnail = thumbnail(room, name)?;
        Ok(json!({ "name": name, "title": title, "bytes": bytes, "thumbnail": thumbnail }))
    };
    let samples: Result<Vec<Value>, Rejection> = samples::all()
        .map(|sample| image(sample.name, sample.shows, sample.bytes.len()))
        .collect();
    let images = &room.kept.images;
    let dropped: Result<Vec<Value>, Rejection> = (images.dropped().iter())
        .filter_map(|name| Some((name, images.find(name)?.len())))
        .map(|(name, bytes)| image(name, "Dropped image", bytes))
        .collect();
    let mounts = room.server.mounts.iter();
    let mounts: Vec<Value> = mounts
        .map(|mount| json!({ "path": mount.path.to_string(), "dialect": grammar(mount).name() }))
        .collect();
    Ok(json!({
        "version": env!("CARGO_PKG_VERSION"),
        "samples": samples?,
        "dropped": dropped?,
        "mounts": mounts,
        "rules": { "example": example::TEXT, "server": room.server.to_string() },
        "has_rules": room.server.mounts.iter().any(has_rules),
    }))
}

/// Whether a mount has rules that are worth to be tried.
fn has_rules(mount: &Mount) -> bool {
    mount.ip.is_some()
        || mount.geo.is_some()
        || mount.user_agent_block.is_some()
        || mount.referer.is_some()
        || mount.signer.is_some()
}

/// A small picture of an image, or of a frame of it: its path and query.
pub(super) fn thumbnail(room: &Room, name: &str) -> Result<String, Rejection> {
    let target = format!("160x120/smart/filters:page(12):format(webp):quality(70)/{name}");
    let route = room
        .routes
        .iter()
        .find(|route| route.grammar == Grammar::Imagor);
    let signed = route.and_then(|route| route.signer.sign(&target, None).ok());
    signed.ok_or_else(|| Rejection::new(RejectionKind::Internal, "no URL for a thumbnail"))
}

/// A recipe as a URL in each dialect, of the playground and of the server.
pub(super) fn urls(room: &Room, query: &Query) -> Result<Value, Rejection> {
    let image = query.get("image");
    if room.kept.images.find(image).is_none() {
        return Err(Rejection::new(RejectionKind::NotFound, "no such image"));
    }
    let settings = Settings::read(query).map_err(Rejection::bad_request)?;
    let lifetime = match query.get("lifetime") {
        "" => None,
        text => {
            let seconds = text.parse().ok();
            let seconds = seconds.filter(|seconds| (1..=MAX_LIFETIME).contains(seconds));
            let wrong = || Rejection::bad_request("lifetime is no number of seconds up to 30 days");
            Some(seconds.ok_or_else(wrong)?)
        }
    };
    let expires = lifetime.map(|seconds| SystemClock.now().saturating_add(seconds));
    let own = room.routes.iter().map(|route| {
        let printed = route.grammar.print(&settings, image);
        let url = route.signer.sign(&printed.target, expires);
        let url = url.map_err(|error| Rejection::bad_request(error.to_string()))?;
        Ok(json!({
            "dialect": route.grammar.name(),
            "target": printed.target,
            "url": url,
            "left_out": printed.left_out,
        }))
    });
    let own: Result<Vec<Value>, Rejection> = own.collect();
    let name = match query.get("name") {
        "" => image,
        name => name,
    };
    let mounts = room.server.mounts.iter().map(|mount| {
        let grammar = grammar(mount);
        let printed = grammar.print(&settings, name);
        let (url, problem) = match of_mount(mount, grammar, &printed.target, expires) {
            Ok(url) => (Some(url), None),
            Err(problem) => (None, Some(problem)),
        };
        json!({
            "path": mount.path.to_string(),
            "dialect": grammar.name(),
            "target": printed.target,
            "url": url,
            "problem": problem,
            "left_out": printed.left_out,
        })
    });
    let mounts: Vec<Value> = mounts.collect();
    Ok(json!({ "urls": own?, "mounts": mounts }))
}

/// A URL at a mount of the server: signed, where it has a key.
fn of_mount(
    mount: &Mount,
    grammar: Grammar,
    target: &str,
    expires: Option<u64>,
) -> Result<String, String> {
    if let Some(signer) = &mount.signer {
        return signer
            .sign(target, expires)
            .map_err(|error| error.to_string());
    }
    let unsigned = match grammar {
        Grammar::Imagor => "unsafe/",
        Grammar::Imgproxy => "insecure/",
        Grammar::ImageKit | Grammar::Ipx => "",
    };
    Ok(format!("{}/{unsigned}{target}", mount.path.prefix()))
}

fn grammar(mount: &Mount) -> Grammar {
    let name = mount.dialect.scheme().name();
    let grammar = Grammar::ALL
        .into_iter()
        .find(|grammar| grammar.name() == name);
    // IPX's URLs are signed as OptStuff signs them.
    grammar.unwrap_or(Grammar::Ipx)
}

/// What each layer says of a request, as `imgward check` does.
pub(super) fn check(room: &Room, query: &Query) -> Result<Value, Rejection> {
    let config = match query.get("rules") {
        "server" => &room.server,
        "example" => &room.example,
        _ => {
            return Err(Rejection::bad_request(
                "rules are those of the server or the example",
            ));
        }
    };
    let ip: IpAddr = query
        .get("ip")
        .trim()
        .parse()
        .map_err(|_| wrong("ip", "not an IP address"))?;
    let country: Option<CountryCode> = match query.get("country").trim() {
        "" => None,
        code => Some(
            code.parse()
                .map_err(|_| wrong("country", "not a country's code"))?,
        ),
    };
    let headers: Result<Vec<(HeaderName, HeaderValue)>, Rejection> = query
        .all("header")
        .map(|text| check::header(text).map_err(|why| wrong("header", &why)))
        .collect();
    let target = check::target(query.get("target").trim()).map_err(|why| wrong("target", why))?;
    let judged = check::judge(config, check::head(ip, headers?, target), country);
    let verdicts: Vec<Value> = judged
        .verdicts
        .iter()
        .map(|verdict| {
            json!({ "layer": verdict.layer, "verdict": verdict.says, "why": verdict.why })
        })
        .collect();
    Ok(json!({ "admitted": judged.admitted, "verdicts": verdicts }))
}

fn wrong(name: &str, why: &str) -> Rejection {
    Rejection::bad_request(format!("{name}: {why}"))
}
