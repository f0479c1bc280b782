//! The filters that say how to read and write, and what to answer.

use super::base64;
use crate::dialect::print::{Printed, encoded, no_such, tidy};
use crate::recipe::{Answer, Description, Fact, ImageRequest, Metadata, Orient};

/// Says so of a description, and of the image where nothing behind it does.
const WITHOUT_EXIF: &str = "strip_exif()";

pub(super) fn print(request: &ImageRequest, kept: Metadata) -> Printed<Vec<String>> {
    let (input, output) = (&request.recipe.input, &request.recipe.output);
    let mut filters = answer(&output.answer)?;
    let without_exif = filters.iter().any(|filter| filter == WITHOUT_EXIF);
    let kept = if without_exif { Metadata::Strip } else { kept };
    let mut add = |name: &str, argument: Option<String>| {
        filters.extend(argument.map(|argument| format!("{name}({argument})")));
    };
    add(
        "orient",
        match input.orient {
            Orient::Exif => None,
            orient @ Orient::Stored => return no_such(&orient),
            Orient::Turns(turns) => Some((360 - i32::from(turns) * 90).to_string()),
        },
    );
    add(
        "page",
        input.page.map(|page| (u64::from(page) + 1).to_string()),
    );
    add("max_frames", input.max_frames.map(|most| most.to_string()));
    add("dpi", input.density.map(|dpi| tidy(dpi).to_string()));
    add(
        "format",
        output.format.map(|format| format.name().to_owned()),
    );
    add("quality", output.quality.map(|quality| quality.to_string()));
    add("max_bytes", output.max_bytes.map(|most| most.to_string()));
    add("lossless", output.lossless.then(String::new));
    match output.colors {
        Some(colors @ (2 | 4 | 16)) => add("bitdepth", Some(colors.ilog2().to_string())),
        colors => add("palette", colors.map(|_| String::new())),
    }
    match output.metadata {
        metadata if metadata == kept => {}
        metadata @ Metadata::Copyright => return no_such(&metadata),
        Metadata::Keep => add("keep_metadata", Some(String::new())),
        Metadata::Strip => add("strip_metadata", Some(String::new())),
    }
    add(
        "attachment",
        request.attachment.as_deref().map(|name| {
            if name.starts_with("b64:") {
                base64(name)
            } else {
                encoded(name)
            }
        }),
    );
    add("max_age", request.max_age.map(|age| age.to_string()));
    Ok(filters)
}

/// What there is to say of the answer, but for `meta/`.
fn answer(answer: &Answer) -> Printed<Vec<String>> {
    let Description { facts, .. } = match answer {
        Answer::Image => return Ok(Vec::new()),
        Answer::Original => return Ok(vec!["raw()".to_owned()]),
        Answer::Description(description) => description,
        answer @ (Answer::OriginalOf(_) | Answer::Document(_)) => return no_such(answer),
    };
    let mut filters = Vec::new();
    if !facts.contains(&Fact::Exif) {
        filters.push(WITHOUT_EXIF.to_owned());
    }
    for fact in facts {
        filters.push(match fact {
            Fact::Format
            | Fact::Dimensions
            | Fact::Orientation
            | Fact::Frames
            | Fact::Samples
            | Fact::Exif => continue,
            Fact::BlurHash(across, down) => format!("blurhash({across},{down})"),
            Fact::ThumbHash => "thumbhash()".to_owned(),
            Fact::Average => "avgcolor()".to_owned(),
            fact => return no_such(fact),
        });
    }
    Ok(filters)
}
