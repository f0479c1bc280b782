//! Who asks, and how.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::{Header, Request};
use crate::agreement::chance::Chance;
use crate::agreement::world::{AGENTS, COUNTRIES, NETWORKS, SITES, World};

pub(super) fn hosts(_: &World, chance: &mut Chance) -> Request {
    let hosts = [
        "localhost",
        "LOCALHOST",
        "localhost:80",
        "localhost.",
        "example.com",
        "",
        "a b",
    ];
    let request = Request::new("/open-ipx/w_8,h_8/cat.jpg", true);
    match chance.below(3) {
        0 => request,
        1 => request.with("Host", chance.one_of(&hosts)),
        _ => request
            .with("Host", "localhost")
            .with("Host", chance.one_of(&hosts)),
    }
}

/// An `X-Forwarded-For`.
pub(super) fn forwarded(chance: &mut Chance) -> Header {
    let (first, last) = chance.one_of(&NETWORKS);
    let is_near = chance.once_in(2);
    let address = if let (Ok(first), Ok(last)) =
        (first.parse::<Ipv4Addr>(), last.parse::<Ipv4Addr>())
    {
        let number = address(
            first.to_bits().into(),
            last.to_bits().into(),
            is_near,
            chance,
        );
        let address = Ipv4Addr::from_bits(u32::try_from(number & 0xffff_ffff).unwrap());
        match chance.below(6) {
            0 => address.to_ipv6_mapped().to_string(),
            1 => format!("{address}:4711"),
            2 => format!("\"[{}]:4711\"", address.to_ipv6_mapped()),
            3 => format!("0{address}"),
            _ => address.to_string(),
        }
    } else {
        let (first, last): (Ipv6Addr, Ipv6Addr) = (first.parse().unwrap(), last.parse().unwrap());
        let number = address(first.to_bits(), last.to_bits(), is_near, chance);
        let address = Ipv6Addr::from_bits(number);
        match chance.below(5) {
            0 => format!("[{address}]:4711"),
            1 => format!("[{address}]"),
            2 => format!("{address}%eth0"),
            3 => address.to_string().to_uppercase(),
            _ => address.to_string(),
        }
    };
    let left = ["", "203.0.113.1, ", "192.0.2.100, ", "unknown, ", ", ,"];
    let right = [
        "",
        "",
        ", 10.1.2.3",
        ", 10.1.2.3, 10.255.255.255",
        ", 11.0.0.0",
        ", _hidden",
        ",",
    ];
    let line = format!("{}{address}{}", chance.one_of(&left), chance.one_of(&right));
    (line, is_near)
}

fn address(first: u128, last: u128, is_near: bool, chance: &mut Chance) -> u128 {
    let edges = [first, last, first.wrapping_sub(1), last.wrapping_add(1)];
    let size = last.wrapping_sub(first).wrapping_add(1);
    let (within, anywhere) = (chance.number() % size, chance.number());
    if is_near {
        chance.one_of(&edges)
    } else {
        chance.one_of(&[first.wrapping_add(within), anywhere])
    }
}

pub(super) fn addresses(_: &World, chance: &mut Chance) -> Request {
    let mount = chance.one_of(&["/ip-block", "/ip-allow"]);
    let (line, is_near) = forwarded(chance);
    let request = Request::new(format!("{mount}/unsafe/8x8/cat.jpg"), is_near);
    match chance.below(12) {
        0 => request,
        1 => request.with("X-Real-IP", &line),
        2 => request
            .with("X-Forwarded-For", "198.51.100.7")
            .with("X-Forwarded-For", &line),
        _ => request.with("X-Forwarded-For", &line),
    }
}

pub(super) fn country(chance: &mut Chance) -> Header {
    let country = chance.one_of(&COUNTRIES);
    let letter = |chance: &mut Chance| chance.one_of(b"ABDEFGIKNPRSTUX") as char;
    match chance.below(6) {
        0..=2 => (chance.altered(country), true),
        3 => (country.into(), false),
        4 => (country.to_lowercase(), true),
        _ => (format!("{}{}", letter(chance), letter(chance)), false),
    }
}

pub(super) fn countries(_: &World, chance: &mut Chance) -> Request {
    let mount = chance.one_of(&["/geo-block", "/geo-allow"]);
    let (line, is_near) = country(chance);
    let request = Request::new(format!("{mount}/unsafe/8x8/cat.jpg"), is_near);
    match chance.below(12) {
        0 => request,
        1 => request.with("X-Country", "FR").with("X-Country", &line),
        // The proxy is not trusted any more, if that is who says so.
        2 => request
            .with("X-Forwarded-For", "192.0.2.1")
            .with("X-Country", &line),
        _ => request.with("X-Country", &line),
    }
}

pub(super) fn agent(chance: &mut Chance) -> Header {
    let agent = chance.one_of(&AGENTS);
    let (agent, is_near) = match chance.below(6) {
        0 => (agent.to_uppercase(), true),
        1 => (chance.altered(agent), true),
        2 => (agent[1..].into(), true),
        3 => (agent[..agent.len() - 1].into(), true),
        4 => (agent.into(), false),
        _ => (format!("Browser/{}", chance.below(100)), false),
    };
    let line = format!(
        "{}{agent}{}",
        chance.one_of(&["", "Mozilla/5.0 (", "x"]),
        chance.one_of(&["", ")", "x", ".0"])
    );
    (line, is_near)
}

pub(super) fn agents(_: &World, chance: &mut Chance) -> Request {
    let (line, is_near) = agent(chance);
    let request = Request::new("/agent/unsafe/8x8/cat.jpg", is_near);
    match chance.below(12) {
        0 => request,
        1 => request.with("User-Agent", "curl").with("User-Agent", &line),
        _ => request
            .with("User-Agent", &line)
            .with("Accept", "image/webp"),
    }
}

pub(super) fn referer(chance: &mut Chance) -> Header {
    let (site, _) = chance.one_of(&SITES);
    let is_near = chance.once_in(2);
    let host = if is_near {
        match chance.below(10) {
            0 => format!("a.{site}"),
            1 => format!("x{site}"),
            2 => format!("{site}.evil.net"),
            3 => site[1..].into(),
            4 => format!("{site}."),
            5 => site.to_uppercase(),
            6 => format!("evil.net@{site}"),
            7 => format!("{site}@evil.net"),
            8 => site
                .replace("xn--bcher-kva", "b\u{fc}cher")
                .replacen('i', "%69", 1),
            _ => chance.altered(site),
        }
    } else if chance.once_in(2) {
        site.into()
    } else {
        format!("site{}.net", chance.below(100))
    };
    let scheme = chance.one_of(&[
        "https://", "https://", "http://", "HTTPS://", "ftp://", "https:/", "//", "",
    ]);
    let port = chance.one_of(&["", "", "", ":443", ":8080", ":8081", ":", ":99999"]);
    let path = chance.one_of(&["", "/", "/page?a=b", "?a", "#a", "\\@evil.net/"]);
    (format!("{scheme}{host}{port}{path}"), is_near)
}

pub(super) fn referers(_: &World, chance: &mut Chance) -> Request {
    let mount = chance.one_of(&["/referer-block", "/referer-allow", "/referer-strict"]);
    let (line, is_near) = referer(chance);
    let mut request = Request::new(format!("{mount}/unsafe/8x8/cat.jpg"), is_near);
    if chance.once_in(4) {
        let sites = [
            "cross-site",
            "same-origin",
            "same-site",
            "none",
            "Cross-Site",
            "",
            "cross-site, none",
        ];
        request = request.with("Sec-Fetch-Site", chance.one_of(&sites));
    }
    match chance.below(12) {
        0 => request,
        1 => request.with("Referer", ""),
        2 => request
            .with("Referer", &line)
            .with("Referer", "https://ik.imagekit.io/"),
        _ => request.with("Referer", &line),
    }
}
