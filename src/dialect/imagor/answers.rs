//! What a URL asks to be answered with: an image, a description of it, or the source as it is.

use super::Request;
use super::args::Args;
use crate::guard::Rejection;
use crate::recipe::{Answer, Description, Fact, ImageRequest, Metadata, Recipe, Words};
use crate::url_lex::imagor::Filter;

impl Request {
    /// A filter that says what to answer with: whether it says so. `None` for another.
    pub(super) fn answer(
        &mut self,
        filter: Filter<'_>,
        args: &Args<'_>,
    ) -> Result<Option<bool>, Rejection> {
        let hash = match filter.name {
            "raw" if self.depth == 0 && !self.options.site.originals => {
                return Err(Rejection::bad_request(
                    "the filter raw is not allowed here: see allow_original",
                ));
            }
            "raw" => {
                self.raw |= self.depth == 0;
                return Ok(Some(true));
            }
            // Who may ask for no original may not get past the cache either.
            "preview" => {
                self.preview |= self.depth == 0 && self.options.site.originals;
                return Ok(Some(true));
            }
            "strip_exif" | "strip_metadata" => {
                self.without_exif |= self.depth == 0;
                self.image.recipe.output.metadata = Metadata::Strip;
                return Ok(Some(true));
            }
            "blurhash" => {
                let waves = |at: usize| {
                    let number = args.text(at).parse().ok();
                    number.filter(|number| (1..=9).contains(number))
                };
                let waves = waves(0).zip(waves(1)).filter(|_| args.len() == 2);
                waves.map(|(x, y)| Fact::BlurHash(x, y))
            }
            "thumbhash" => (args.len() == 0).then_some(Fact::ThumbHash),
            "avgcolor" => (args.len() == 0).then_some(Fact::Average),
            _ => return Ok(None),
        };
        // The last of each counts, as long as all of them make sense.
        let kind = |fact: Option<Fact>| fact.map(|fact| std::mem::discriminant(&fact));
        if self.depth == 0 {
            self.hashes
                .retain(|other| hash.is_none() || kind(*other) != kind(hash));
            self.hashes.push(hash);
        }
        Ok(Some(hash.is_some()))
    }

    /// The whole request, which asks for a description where it has `meta/`.
    pub(super) fn finish(self, meta: bool) -> Result<ImageRequest, Rejection> {
        let mut image = self.image;
        if self.preview {
            image.max_age = Some(0);
        }
        if self.raw && image.recipe.input.blank.is_none() {
            image.sources.truncate(1);
            image.recipe = Recipe::default();
            image.recipe.output.answer = Answer::Original;
            image.recipe.output.keep_format = true;
        } else if meta {
            let mut facts = vec![
                Fact::Format,
                Fact::Dimensions,
                Fact::Orientation,
                Fact::Frames,
                Fact::Samples,
            ];
            facts.extend((!self.without_exif).then_some(Fact::Exif));
            for fact in self.hashes {
                facts.push(fact.ok_or_else(|| {
                    Rejection::bad_request(
                        "blurhash has two numbers from 1 to 9, thumbhash and avgcolor have none",
                    )
                })?);
            }
            image.attachment = None;
            image.recipe.output.answer = Answer::Description(Description {
                words: Words::Imagor,
                facts,
            });
        }
        Ok(image)
    }
}
