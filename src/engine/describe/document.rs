//! What is told of an image, as a JSON object.

use std::time::Instant;

use data_encoding::{BASE64, HEXLOWER};
use sha1::Sha1;
use sha2::{Digest as _, Sha256, Sha512};

use super::{average, blurhash, palette, thumbhash};
use crate::engine::metadata::tags;
use crate::engine::{
    Engine, Interrupt, MetadataBlocks, Orientation, Picture, RenderError, Rendered, Timings,
};
use crate::json::Json;
use crate::recipe::{Checksum, Color, Description, Digest, Fact, Format, Recipe, Words};

/// The media type of such a document.
const JSON: &str = "application/json";

/// What the facts are taken from.
struct Told<'a> {
    source: &'a [u8],
    format: Format,
    width: u32,
    height: u32,
    frames: u32,
    metadata: MetadataBlocks,
    /// Where a fact is about pixels.
    picture: Option<Picture>,
}

impl Fact {
    fn needs_pixels(self) -> bool {
        use Fact::{Alpha, Average, BlurHash, ColorSpace, Palette, Samples, ThumbHash};

        matches!(
            self,
            Alpha | Average | BlurHash(..) | ColorSpace | Palette(_) | Samples | ThumbHash
        )
    }
}

impl Description {
    /// Whether the header of the source tells all of it.
    pub(in crate::engine) fn is_of_header(&self) -> bool {
        self.words == Words::Imgproxy && !self.facts.iter().any(|fact| fact.needs_pixels())
    }
}

impl Engine {
    /// The document that a recipe asks for.
    pub(in crate::engine) fn document(
        &self,
        sources: &[&[u8]],
        recipe: &Recipe,
        wanted: &Description,
        interrupt: &Interrupt,
    ) -> Result<Rendered, RenderError> {
        let start = Instant::now();
        let source = sources.first().copied().unwrap_or_default();
        let told = if wanted.is_of_header() {
            self.header(source, recipe)?
        } else {
            let made = self.describe(sources, recipe, interrupt)?;
            let told = Told {
                source,
                format: made.format,
                width: made.width,
                height: made.height,
                frames: made.frames,
                metadata: made.metadata,
                picture: Some(made.picture),
            };
            match wanted.words {
                Words::Imagor => told,
                Words::Imgproxy => Told {
                    picture: told.picture,
                    ..self.header(source, recipe)?
                },
            }
        };
        let process = start.elapsed();
        interrupt.check()?;
        let json = told.json(wanted)?;
        Ok(Rendered {
            bytes: json.into(),
            media_type: JSON,
            format: told.format,
            width: told.width,
            height: told.height,
            frames: told.frames,
            timings: Timings {
                process,
                ..Timings::default()
            },
        })
    }

    /// What the header of a source tells.
    fn header<'a>(&self, source: &'a [u8], recipe: &Recipe) -> Result<Told<'a>, RenderError> {
        check(source, recipe.input.checksum.as_ref())?;
        let (codec, probe) = crate::engine::probe::probe(&self.codecs, source, &self.limits)?;
        let size = probe.upright_size();
        Ok(Told {
            source,
            format: probe.format,
            width: size.width,
            height: size.height,
            frames: probe.frames,
            metadata: codec.metadata(source, &self.limits)?,
            picture: None,
        })
    }
}

impl Told<'_> {
    fn json(&self, wanted: &Description) -> Result<String, RenderError> {
        let mut json = Json::compact();
        let mut result = Ok(());
        json.object(|json| {
            let digests = wanted.facts.iter().filter_map(|fact| match fact {
                Fact::Digest(digest) => Some(*digest),
                _ => None,
            });
            let digests: Vec<Digest> = digests.collect();
            for &fact in &wanted.facts {
                if let Fact::Digest(digest) = fact {
                    // All of them are one member, where the first stands.
                    if digests.first() == Some(&digest) {
                        self.digests(json, &digests);
                    }
                    continue;
                }
                result = match wanted.words {
                    Words::Imagor => self.imagor(json, fact),
                    Words::Imgproxy => self.imgproxy(json, fact),
                };
                if result.is_err() {
                    break;
                }
            }
        });
        result.map(|()| json.finish())
    }

    fn imagor(&self, json: &mut Json, fact: Fact) -> Result<(), RenderError> {
        match fact {
            Fact::Format => {
                json.member("format").string(self.format.name());
                json.member("content_type").string(self.format.media_type());
            }
            Fact::Frames => json.member("pages").number(self.frames),
            Fact::Average => {
                let Color {
                    red, green, blue, ..
                } = average(self.picture()?);
                json.member("average_color").object(|json| {
                    for (name, sample) in [("r", red), ("g", green), ("b", blue)] {
                        json.member(name).number(sample);
                    }
                });
            }
            Fact::ThumbHash => json.member("thumbhash").string(&self.thumbhash()?),
            fact => self.common(json, fact)?,
        }
        Ok(())
    }

    fn imgproxy(&self, json: &mut Json, fact: Fact) -> Result<(), RenderError> {
        let samples = |json: &mut Json, color: Color| {
            let Color {
                red,
                green,
                blue,
                alpha,
            } = color;
            json.object(|json| {
                for (name, sample) in [("R", red), ("G", green), ("B", blue), ("A", alpha)] {
                    json.member(name).number(sample);
                }
            });
        };
        match fact {
            Fact::Format => {
                json.member("format").string(self.format.name());
                json.member("mime_type").string(self.format.media_type());
            }
            Fact::Frames => json.member("pages_number").number(self.frames),
            Fact::Average => samples(json.member("average"), average(self.picture()?)),
            Fact::Palette(colors) => {
                let colors = palette(self.picture()?, colors.into());
                json.member("palette").array(|json| {
                    for color in colors {
                        samples(json.element(), color);
                    }
                });
            }
            Fact::ThumbHash => json.member("thumb_hash").string(&self.thumbhash()?),
            fact => self.common(json, fact)?,
        }
        Ok(())
    }

    /// What both call the same, or only one of them knows.
    fn common(&self, json: &mut Json, fact: Fact) -> Result<(), RenderError> {
        match fact {
            Fact::Bytes => json.member("size").integer(self.source.len() as u64),
            Fact::Dimensions => {
                json.member("width").number(self.width);
                json.member("height").number(self.height);
            }
            Fact::Orientation => json.member("orientation").number(self.orientation()),
            Fact::Samples => {
                let samples = self.picture()?.layout().samples();
                json.member("bands").integer(samples as u64);
            }
            Fact::SampleFormat => json.member("sample_format").string("uchar"),
            Fact::ColorSpace => {
                let color = self.picture()?.layout().samples() >= 3;
                let name = if color { "srgb" } else { "b-w" };
                json.member("colorspace").string(name);
            }
            Fact::Alpha => {
                let alpha = self.picture()?.layout().has_alpha();
                json.member("alpha").boolean(alpha);
            }
            Fact::Exif => {
                let block = self.metadata.exif.as_deref().unwrap_or_default();
                json.member("exif").object(|json| {
                    for (name, text) in tags(block) {
                        json.member(name).string(&text);
                    }
                });
            }
            Fact::BlurHash(x, y) => {
                let hash = blurhash(self.picture()?, x, y)?;
                json.member("blurhash").string(&hash);
            }
            // Each has words of its own for these.
            Fact::Format
            | Fact::Frames
            | Fact::Average
            | Fact::Palette(_)
            | Fact::ThumbHash
            | Fact::Digest(_) => {}
        }
        Ok(())
    }

    fn digests(&self, json: &mut Json, digests: &[Digest]) {
        json.member("hashsums").object(|json| {
            for &digest in digests {
                let name = match digest {
                    Digest::Sha1 => "sha1",
                    Digest::Sha256 => "sha256",
                    Digest::Sha512 => "sha512",
                };
                let value = HEXLOWER.encode(&of(digest, self.source));
                json.member(name).string(&value);
            }
        });
    }

    fn picture(&self) -> Result<&Picture, RenderError> {
        let missing = || RenderError::internal("there are no pixels to be described");
        self.picture.as_ref().ok_or_else(missing)
    }

    fn thumbhash(&self) -> Result<String, RenderError> {
        Ok(BASE64.encode(&thumbhash(self.picture()?)?))
    }

    /// What was turned has no orientation any more.
    fn orientation(&self) -> u8 {
        let block = self.metadata.exif.as_deref().unwrap_or_default();
        u8::from(Orientation::tag_of(block) == Some(1))
    }
}

/// Whether a source is what its request says that it is.
pub(in crate::engine) fn check(
    source: &[u8],
    checksum: Option<&Checksum>,
) -> Result<(), RenderError> {
    let matches = |checksum: &Checksum| of(checksum.digest, source) == *checksum.value;
    if checksum.is_none_or(matches) {
        return Ok(());
    }
    Err(RenderError::corrupt(
        "the source does not have the digest that the URL names",
    ))
}

fn of(digest: Digest, source: &[u8]) -> Vec<u8> {
    match digest {
        Digest::Sha1 => Sha1::digest(source).to_vec(),
        Digest::Sha256 => Sha256::digest(source).to_vec(),
        Digest::Sha512 => Sha512::digest(source).to_vec(),
    }
}
