//! The sizes that the original services make, from the tables in `tests/vectors`: from a URL and the size of its image to
//! the size of the plan. (There they are made, too.)

use http::Request;

use super::*;
use crate::dialect::{Dialect, Imgproxy};
use crate::guard::Guard;
use crate::mount::MountPath;
use crate::recipe::{ImageRequest, Orient, Step};
use crate::signature::Verifier;

/// Where a project of OptStuff is.
const PROJECT: &str = "/api/v1/p";

/// The size that a name says: `KIND-WIDTHxHEIGHT[-exifN].EXTENSION`; upright, if it is to be.
fn size_of(name: &str, orient: Orient) -> Size {
    let (stem, _) = name.rsplit_once('.').unwrap();
    let mut parts = stem.split('-').skip(1);
    let (width, height) = parts.next().unwrap().split_once('x').unwrap();
    let stored = size(width.parse().unwrap(), height.parse().unwrap());
    let exif = parts.next().and_then(|part| part.strip_prefix("exif"));
    let turned = match orient {
        Orient::Exif => {
            exif.is_some_and(|digit| ('5'..='8').contains(&digit.chars().next().unwrap()))
        }
        Orient::Stored => false,
        Orient::Turns(turns) => turns % 2 == 1,
    };
    if turned { stored.turned() } else { stored }
}

/// What a dialect makes of a URL.
fn parse(dialect: &Dialect, url: &str) -> ImageRequest {
    let mount = MountPath::new(if url.starts_with(PROJECT) {
        PROJECT
    } else {
        "/"
    })
    .unwrap();
    let dialect = dialect.clone().at(mount.clone());
    let (mut head, ()) = Request::get(url).body(()).unwrap().into_parts();
    let verifier = Verifier::unsigned(dialect.scheme()).at(mount);
    let mut pass = verifier.check(&head).unwrap();
    verifier.apply(&mut head, &mut pass);
    match dialect.check(&head) {
        Ok(request) => (*request.unwrap()).clone(),
        Err(why) => panic!("{url}: {why}"),
    }
}

/// Plans every row but those whose size the pixels tell: `trims` of them.
fn check(dialect: &Dialect, table: &str, trims: usize) {
    let limits = Limits {
        max_output_pixels: u64::MAX,
        ..Limits::default()
    };
    let mut wrong = Vec::new();
    let (mut count, mut trimmed) = (0, 0);
    for row in table.lines().filter(|line| !line.starts_with('#')) {
        let columns: Vec<_> = row.split('\t').collect();
        let [_, _, url, expected, _] = columns.try_into().unwrap();
        let request = parse(dialect, url);
        let recipe = &request.recipe;
        if recipe
            .steps
            .iter()
            .any(|step| matches!(step, Step::Trim(_)))
        {
            trimmed += 1;
            continue;
        }
        let source = match recipe.input.blank {
            Some(blank) => size(blank.width, blank.height),
            None => size_of(&request.sources[0], recipe.input.orient),
        };
        let planned = plan(source, &recipe.steps, &limits).unwrap().size;
        if format!("{}x{}", planned.width, planned.height) != expected {
            wrong.push(format!("{row}: {planned:?}"));
        }
        count += 1;
    }
    assert_eq!(wrong, [""; 0], "{}", wrong.join("\n"));
    assert!(count > 0);
    assert_eq!(trimmed, trims);
}

#[test]
fn imagor() {
    let table = include_str!("../../../../tests/vectors/imagor/sizes.tsv");
    check(&Dialect::imagor(), table, 6);
}

#[test]
fn imgproxy() {
    let table = include_str!("../../../../tests/vectors/imgproxy/sizes.tsv");
    check(&Imgproxy::new().into(), table, 0);
}

#[test]
fn imagekit() {
    let table = include_str!("../../../../tests/vectors/imagekit/sizes.tsv");
    check(&Dialect::imagekit(), table, 0);
}

#[test]
fn ipx() {
    let table = include_str!("../../../../tests/vectors/ipx/sizes.tsv");
    check(&Dialect::ipx().optstuff(true), table, 0);
}
