//! The options that count for the whole request.

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};

use super::local;
use crate::dialect::imgproxy::pro::likeness;
use crate::dialect::print::{Printed, encoded, inverse, no_such};
use crate::recipe::{Answer, Checksum, Digest, ImageRequest, Metadata, Orient, Output};

pub(super) fn print(request: &ImageRequest, kept: Metadata) -> Printed<Vec<String>> {
    let (input, output) = (&request.recipe.input, &request.recipe.output);
    let mut options = answer(&output.answer)?;
    match input.orient {
        Orient::Exif => {}
        Orient::Stored => options.push("ar:0".to_owned()),
        orient @ Orient::Turns(_) => return no_such(&orient),
    }
    let mut add = |name: &str, argument: Option<String>| {
        options.extend(argument.map(|argument| format!("{name}:{argument}")));
    };
    let metadata = match output.metadata {
        // Nothing else of the source is in the answer.
        _ if output.answer == Answer::Original => None,
        metadata if metadata == unsaid(kept) => None,
        Metadata::Copyright => Some(("sm", "1")),
        Metadata::Strip if kept == Metadata::Keep => Some(("sm", "1/kcr:0")),
        Metadata::Strip => Some(("kcr", "0")),
        Metadata::Keep => Some(("sm", "0")),
    };
    if let Some((name, argument)) = metadata {
        add(name, Some(argument.to_owned()));
    }
    add("scp", output.keep_profile.then(|| "0".to_owned()));
    add("pg", input.page.map(|page| page.to_string()));
    add("f", output.format.map(|format| format.name().to_owned()));
    add("q", output.quality.map(|quality| quality.to_string()));
    let qualities = output.format_quality.iter();
    let qualities = qualities.map(|(format, quality)| format!("{format}:{quality}"));
    let qualities: Vec<_> = qualities.collect();
    add("fq", (!qualities.is_empty()).then(|| qualities.join(":")));
    add("mb", output.max_bytes.map(|most| most.to_string()));
    add("aq", autoquality(output));
    add(
        "jpgo",
        output.progressive.map(|on| u8::from(on).to_string()),
    );
    add("pngo", output.colors.map(|most| format!(":1:{most}")));
    add("webpo", output.lossless.then(|| "lossless".to_owned()));
    add("hs", input.checksum.as_ref().map(checksum));
    add(
        "fiu",
        request
            .fallback
            .as_deref()
            .map(|name| BASE64URL_NOPAD.encode(local(name).as_bytes())),
    );
    if let Some(name) = &request.attachment {
        add("att", Some("1".to_owned()));
        // A slash would end the option.
        add("fn", (!name.is_empty()).then(|| encoded(name)));
    }
    Ok(options)
}

/// What is kept of a source's metadata where a URL does not say.
fn unsaid(kept: Metadata) -> Metadata {
    match kept {
        Metadata::Keep => Metadata::Keep,
        Metadata::Strip | Metadata::Copyright => Metadata::Copyright,
    }
}

fn answer(answer: &Answer) -> Printed<Vec<String>> {
    Ok(match answer {
        Answer::Image => Vec::new(),
        Answer::Original => vec!["raw:1".to_owned()],
        Answer::OriginalOf(formats) => {
            let names: Vec<_> = formats.iter().map(|format| format.name()).collect();
            vec![format!("skp:{}", names.join(":"))]
        }
        answer @ (Answer::Description(_) | Answer::Document(_)) => return no_such(answer),
    })
}

/// `METHOD:target:min_quality:max_quality`.
fn autoquality(output: &Output) -> Option<String> {
    let range = output.quality_range;
    let bounds = range.map(|(least, most)| format!(":{least}:{most}"));
    let bounds = bounds.unwrap_or_default();
    if let Some(least) = output.likeness {
        let guess = ((100.0 - least) / 25.0).powi(2) * 0.02;
        let target = inverse(least, guess, likeness);
        return Some(format!("dssim:{target}{bounds}"));
    }
    let most = output.max_bytes.filter(|_| range.is_some())?;
    Some(format!("size:{most}{bounds}"))
}

pub(super) fn digest(digest: Digest) -> &'static str {
    match digest {
        Digest::Sha1 => "sha1",
        Digest::Sha256 => "sha256",
        Digest::Sha512 => "sha512",
    }
}

/// `TYPE:hex`.
pub(super) fn checksum(checksum: &Checksum) -> String {
    let digest = digest(checksum.digest);
    format!("{digest}:{}", HEXLOWER.encode(&checksum.value))
}
