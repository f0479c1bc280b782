//! What is signed, and until when.

use std::ops::Range;

use super::Request;
use crate::agreement::chance::Chance;
use crate::agreement::world::{SIGNED, World, now};

/// A signed URL, with an expiry where there has to be one.
fn signed(
    world: &World,
    mount: &str,
    target: &str,
    secret: usize,
    lifetime: Option<i64>,
) -> String {
    let lifetime = lifetime.unwrap_or(if mount == "/imagor" { 0 } else { 1800 });
    let expires = (lifetime != 0).then(|| now().saturating_add_signed(lifetime));
    world.signer(mount, secret).sign(target, expires).unwrap()
}

/// The characters of a URL that a signature is written with.
fn signature_of(url: &str, other: &str) -> Range<usize> {
    let same = |pair: &(u8, u8)| pair.0 == pair.1;
    let begin = url.bytes().zip(other.bytes()).take_while(same).count();
    let end = url
        .bytes()
        .rev()
        .zip(other.bytes().rev())
        .take_while(same)
        .count();
    begin..(url.len() - end).max(begin)
}

pub(super) fn signatures(world: &World, chance: &mut Chance) -> Request {
    let (mount, target) = chance.one_of(&SIGNED);
    let url = signed(world, mount, target, 0, None);
    let other = signed(world, mount, target, 2, None);
    let place = signature_of(&url, &other);
    let (before, signature, after) = (&url[..place.start], &url[place.clone()], &url[place.end..]);
    let placed = |signature: &str| format!("{before}{signature}{after}");
    match chance.below(16) {
        0 => Request::new(url, false),
        1 => Request::new(signed(world, mount, target, 1, None), false),
        2 => Request::new(other, false),
        3 | 4 => Request::new(placed(&chance.altered(signature)), true),
        5 => Request::new(placed(&signature[..signature.len() - 1]), true),
        6 => Request::new(placed(&format!("{signature}=")), true),
        7 => Request::new(placed(""), true),
        8 => Request::new(format!("{mount}/{target}"), false),
        9..=11 => Request::new(
            format!(
                "{mount}/{}/{target}",
                chance.one_of(&["unsafe", "insecure", "Unsafe", "unsaf", ""])
            ),
            true,
        ),
        12 => Request::new(url.replace("cat", "cbt"), true),
        13 => Request::new(url.replace("cat", "c%61t"), true),
        14 => Request::new(
            format!(
                "{url}{}",
                chance.one_of(&["?", "&", "?a=b", "&sig=a", "&exp=1", "&ik-s=1", "&key=pk_b"])
            ),
            true,
        ),
        _ => {
            // The signature of another.
            let stolen = signed(world, mount, &target.replace('8', "9"), 0, None);
            let signature = stolen.get(place.clone()).unwrap_or_default();
            Request::new(placed(signature), true)
        }
    }
}

pub(super) fn expiries(world: &World, chance: &mut Chance) -> Request {
    let (mount, target) = chance.one_of(&SIGNED);
    let near = [-31, -30, -29, -2, -1, 1, 2, 3599, 3600, 3601, 3603];
    let far = [-86_400, -3600, -100, 600, 1800, 7200, 86_400];
    let is_near = chance.once_in(2);
    let lifetime = chance.one_of(if is_near { &near[..] } else { &far });
    match chance.below(8) {
        // No expiry at all.
        0 => Request::new(world.signer(mount, 0).sign(target, None).unwrap(), true),
        // Past its expiry, and not signed either.
        1 => Request::new(signed(world, mount, target, 2, Some(lifetime)), is_near),
        2 => {
            let expires = now().saturating_add_signed(lifetime);
            let target = match chance.below(4) {
                0 => format!("/strict/unsafe/8x8/filters:expire({expires}000)/cat.jpg"),
                1 => format!("/strict/unsafe/8x8/filters:expire({expires})/cat.jpg"),
                2 => format!(
                    "/strict/unsafe/8x8/filters:expire({expires}000):expire(9999999999999)/cat.jpg"
                ),
                _ => format!("/open-imgproxy/insecure/exp:{expires}/rs:fill:8:8/plain/cat.jpg"),
            };
            Request::new(target, is_near)
        }
        _ => Request::new(signed(world, mount, target, 0, Some(lifetime)), is_near),
    }
}
