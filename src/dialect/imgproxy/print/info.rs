//! `info`, with options of its own.

use super::file::{checksum, digest};
use crate::dialect::print::{Printed, no_such};
use crate::recipe::{Description, Fact, ImageRequest};

/// What is told unless it is turned off.
const USUAL: [(Fact, &str); 4] = [
    (Fact::Bytes, "s:0"),
    (Fact::Format, "f:0"),
    (Fact::Dimensions, "d:0"),
    (Fact::Exif, "exif:0"),
];

pub(super) fn print(request: &ImageRequest, description: &Description) -> Printed<Vec<String>> {
    let facts = &description.facts;
    let off = USUAL.iter().filter(|(fact, _)| !facts.contains(fact));
    let mut options: Vec<String> = off.map(|(_, option)| (*option).to_owned()).collect();
    let mut digests = String::new();
    for fact in facts {
        options.push(match fact {
            Fact::Bytes | Fact::Format | Fact::Dimensions | Fact::Exif => continue,
            Fact::Frames => "pn:1".to_owned(),
            Fact::ColorSpace => "cs:1".to_owned(),
            Fact::Samples => "b:1".to_owned(),
            Fact::SampleFormat => "sf:1".to_owned(),
            Fact::Alpha => "a:1".to_owned(),
            Fact::Average => "avg:1".to_owned(),
            Fact::Palette(colors) => format!("p:{colors}"),
            Fact::BlurHash(across, down) => format!("bh:{across}:{down}"),
            Fact::ThumbHash => "th:1".to_owned(),
            Fact::Digest(of) => {
                digests.push(':');
                digests.push_str(digest(*of));
                continue;
            }
            fact @ Fact::Orientation => return no_such(fact),
        });
    }
    if !digests.is_empty() {
        options.push(format!("chs{digests}"));
    }
    let input = &request.recipe.input;
    options.extend(input.page.map(|page| format!("pg:{page}")));
    let of = input.checksum.as_ref().map(checksum);
    options.extend(of.map(|checksum| format!("hs:{checksum}")));
    Ok(options)
}
