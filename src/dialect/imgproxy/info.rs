//! `info`: what is told of a source, by options of its own.

use super::args::{self, Args};
use super::options::{SECURITY, expiry};
use super::read::Read;
use super::{bad_option, checksum, page, quoted, source};
use crate::dialect::not_supported;
use crate::guard::Rejection;
use crate::recipe::{
    Answer, Checksum, Description, Digest, Fact, ImageRequest, Orient, Recipe, Words,
};
use crate::url_lex::imgproxy::{Part, Parts, ProcessingOption};

/// The most colours of a palette.
const MAX_COLORS: u32 = 16;

/// What is refused where it is asked for, and accepted where it is turned off.
const NOT_BUILT: [&str; 13] = [
    "iptc",
    "xmp",
    "video_meta",
    "vm",
    "dominant_colors",
    "dc",
    "phash",
    "classify",
    "classify_objects",
    "detect",
    "detect_objects",
    "do",
    "crop",
];

/// What is to be told: each once, in the order of the answer.
#[derive(Clone, Debug)]
struct Wanted {
    /// Whether each of the plain facts is.
    plain: [(Fact, bool); 10],
    palette: Option<u8>,
    blurhash: Option<(u8, u8)>,
    digests: Vec<Digest>,
    page: Option<u32>,
    checksum: Option<Checksum>,
}

impl Default for Wanted {
    fn default() -> Self {
        Self {
            plain: [
                (Fact::Bytes, true),
                (Fact::Format, true),
                (Fact::Dimensions, true),
                (Fact::Exif, true),
                (Fact::Frames, false),
                (Fact::ColorSpace, false),
                (Fact::Samples, false),
                (Fact::SampleFormat, false),
                (Fact::Alpha, false),
                (Fact::Average, false),
            ],
            palette: None,
            blurhash: None,
            digests: Vec::new(),
            page: None,
            checksum: None,
        }
    }
}

pub(super) fn parse(text: &str) -> Result<ImageRequest, Rejection> {
    let mut wanted = Wanted::default();
    let mut thumb_hash = false;
    let mut parts = Parts::of(text);
    for (count, part) in parts.by_ref().enumerate() {
        if count >= super::MAX_OPTIONS {
            return Err(Rejection::bad_request("there are too many options"));
        }
        let Part::Option(option) = part else {
            return Err(Rejection::bad_request("info has no pipelines"));
        };
        let args = Args::of(option.args).ok_or_else(|| bad_option(option))?;
        match wanted.option(option, &args, &mut thumb_hash) {
            Read::Taken => {}
            Read::Unreadable => return Err(bad_option(option)),
            Read::Refused(why) => return Err(why),
        }
    }
    let source = source::source(parts.rest().unwrap_or_default())?;
    if !source.format.is_empty() {
        return Err(Rejection::bad_request("info has no format"));
    }
    let mut facts: Vec<Fact> = wanted
        .plain
        .into_iter()
        .filter_map(|(fact, wanted)| wanted.then_some(fact))
        .collect();
    facts.extend(wanted.palette.map(Fact::Palette));
    facts.extend(wanted.blurhash.map(|(x, y)| Fact::BlurHash(x, y)));
    facts.extend(thumb_hash.then_some(Fact::ThumbHash));
    facts.extend(wanted.digests.into_iter().map(Fact::Digest));
    let mut recipe = Recipe::default();
    recipe.input.orient = Orient::Exif;
    recipe.input.page = wanted.page;
    recipe.input.checksum = wanted.checksum;
    recipe.output.keep_format = true;
    recipe.output.answer = Answer::Description(Description {
        words: Words::Imgproxy,
        facts,
    });
    Ok(ImageRequest::new(source.name, recipe))
}

impl Wanted {
    fn option(
        &mut self,
        option: ProcessingOption<'_>,
        args: &Args<'_>,
        thumb_hash: &mut bool,
    ) -> Read {
        let fact = match option.name {
            "size" | "s" => Fact::Bytes,
            "format" | "f" => Fact::Format,
            "dimensions" | "d" => Fact::Dimensions,
            "exif" => Fact::Exif,
            "pages_number" | "pn" => Fact::Frames,
            "colorspace" | "cs" => Fact::ColorSpace,
            "bands" | "b" => Fact::Samples,
            "sample_format" | "sf" => Fact::SampleFormat,
            "alpha" | "a" => Fact::Alpha,
            "average" | "avg" => Fact::Average,
            _ => return self.other(option, args, thumb_hash),
        };
        // `alpha` and `average` have a second argument, about pixels that are transparent.
        let more = usize::from(matches!(fact, Fact::Alpha | Fact::Average));
        if args::boolean(args.text(1)) == Some(true) {
            let what = format!("the second argument of {}", option.name);
            return Read::Refused(not_supported(&what));
        }
        let read = args.at_most(1 + more).and(args::boolean(args.text(0)));
        Read::of(read.map(|wanted| {
            for (other, flag) in &mut self.plain {
                if *other == fact {
                    *flag = wanted;
                }
            }
        }))
    }

    fn other(
        &mut self,
        option: ProcessingOption<'_>,
        args: &Args<'_>,
        thumb_hash: &mut bool,
    ) -> Read {
        Read::of(match option.name {
            "palette" | "p" => match args.only().and_then(args::length) {
                Some(0) => {
                    self.palette = None;
                    Some(())
                }
                Some(colors @ 2..=MAX_COLORS) => {
                    self.palette = u8::try_from(colors).ok();
                    Some(())
                }
                Some(1) | None => None,
                Some(_) => {
                    let what = format!("a palette of more than {MAX_COLORS} colours");
                    return Read::Refused(not_supported(&what));
                }
            },
            "blurhash" | "bh" => {
                let waves = |at| {
                    let waves = u8::try_from(args::length(args.text(at))?).ok();
                    waves.filter(|waves| *waves <= 9)
                };
                let waves = args.at_most(2).and_then(|()| waves(0).zip(waves(1)));
                waves.map(|(x, y)| self.blurhash = (x > 0 && y > 0).then_some((x, y)))
            }
            "thumb_hash" | "thumbhash" | "th" => args
                .only()
                .and_then(args::boolean)
                .map(|on| *thumb_hash = on),
            "calc_hashsums" | "calc_hashsum" | "chs" => {
                self.digests.clear();
                for name in args.iter().filter(|name| !name.is_empty()) {
                    match checksum::digest(name) {
                        Ok(Some(digest)) if !self.digests.contains(&digest) => {
                            self.digests.push(digest);
                        }
                        Ok(_) => {}
                        Err(read) => return read,
                    }
                }
                Some(())
            }
            "hashsum" | "hs" => match checksum::checksum(args) {
                Ok(checksum) => {
                    self.checksum = checksum;
                    Some(())
                }
                Err(read) => return read,
            },
            "page" | "pg" => page(args).map(|page| self.page = page),
            "cachebuster" | "cb" => args.at_most(1),
            "expires" | "exp" => args.only().and_then(expiry),
            name if NOT_BUILT.contains(&name) => match args::boolean(args.text(0)) {
                Some(false) => Some(()),
                _ => return Read::Refused(not_supported(&format!("the option {name} of info"))),
            },
            name if SECURITY.contains(&name) => {
                return Read::Refused(super::options::limit(name));
            }
            name => {
                let why = format!("{} is not an option of info", quoted(name));
                return Read::Refused(Rejection::bad_request(why));
            }
        })
    }
}
