//! Image URLs, from what is asked for.

mod adapt;
mod build;
mod error;

pub use self::error::ImageUrlError;
use http::HeaderMap;

use super::print::Unsayable;
use super::{Dialect, Grammar, imagekit, imagor, imgproxy, ipx};
use crate::recipe::key::{alike, difference};
use crate::recipe::{Answer, ImageRequest, Metadata, Recipe};
use crate::signature::{Scheme, Signer, VerifiedTarget};

/// A URL of an image, for who hands URLs out.
///
/// It is made by saying what is to be done to the image, one thing after the other, or [of a request](Self::of) in the
/// vocabulary of [`recipe`](crate::recipe), and written in the grammar of a dialect:
///
/// 1. What is written is read back by the dialect, and has to be the request again, but for a billionth of numbers. So
///    nothing is lost on the way: what a dialect has no words for is an [error](ImageUrlError) that names the field.
/// 2. A method means the same in every dialect, but for IPX: there [`fit_in`](Self::fit_in) makes a box that is larger than
///    the source smaller, with its ratio kept; and so does every box in `OptStuff`, where nothing can be enlarged.
/// 3. What each dialect says in its own way is taken for its own where the picture is the same, but for the rounding of half
///    pixels: the sizes of imgproxy, which come of factors, and those of IPX; the background of ImageKit, and the opacity
///    of its layers; and the format that is written where the source's cannot be. IPX's JPEGs are progressive.
/// 4. A new URL asks for what the dialect does with an image that nothing is said about: imgproxy keeps who made it.
///
/// ```
/// use http::Request;
/// use imgward::dialect::ImageUrl;
/// use imgward::guard::Guard;
/// use imgward::recipe::{Format, Step};
/// use imgward::signature::{Keyring, Scheme, Signer, Verifier};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let keys = Keyring::of_secrets(["mysecret"]);
/// let signer = Signer::new(Scheme::imagor(), keys.clone())?;
/// let url = ImageUrl::imagor("photo.jpg").fit_in(300, 200).format(Format::WebP).sign(&signer)?;
/// assert_eq!(url, "/EHwv6hdP7Q1R7rmmelcOuuMiHjA=/fit-in/300x200/filters:format(webp)/photo.jpg");
///
/// let verifier = Verifier::new(Scheme::imagor(), keys)?;
/// let head = |url: &str| Request::get(url).body(()).unwrap().into_parts().0;
/// assert!(verifier.check(&head(&url)).is_ok());
/// let larger = url.replace("300x200", "3000x2000");
/// assert!(verifier.check(&head(&larger)).is_err());
///
/// // The same in other grammars; what one cannot say is an error.
/// let thumbnail = |url: ImageUrl| url.fit_in(300, 0).format(Format::WebP);
/// assert_eq!(
///     thumbnail(ImageUrl::imgproxy("photo.jpg")).unsigned()?,
///     "/insecure/rs:fit:300:0/f:webp/plain/photo.jpg"
/// );
/// assert_eq!(thumbnail(ImageUrl::imagekit("photo.jpg")).unsigned()?, "/tr:w-300,c-at_max:f-webp/photo.jpg");
/// assert_eq!(thumbnail(ImageUrl::ipx("photo.jpg")).unsigned()?, "/w_300,f_webp/photo.jpg");
///
/// let median = ImageUrl::imagor("photo.jpg").step(Step::Median { size: 3 });
/// assert_eq!(median.unsigned().unwrap_err().field(), Some("Step::Median"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct ImageUrl {
    dialect: Dialect,
    request: ImageRequest,
    expires: Option<u64>,
    base64: bool,
    /// What was said that makes no sense.
    wrong: Option<Unsayable>,
}

impl ImageUrl {
    /// A URL in imagor's and thumbor's grammar, of the image of that name.
    pub fn imagor(name: impl Into<Box<str>>) -> Self {
        Self::of(&Dialect::imagor(), Self::plain(name))
    }

    /// A URL in ImageKit's grammar, of the image of that name. Transformations stand in the path, so that every scheme signs
    /// them.
    pub fn imagekit(name: impl Into<Box<str>>) -> Self {
        Self::of(&Dialect::imagekit(), Self::plain(name))
    }

    /// A URL in imgproxy's grammar, of the image of that name.
    pub fn imgproxy(name: impl Into<Box<str>>) -> Self {
        let mut request = Self::plain(name);
        request.recipe.output.metadata = Metadata::Copyright;
        Self::of(&Dialect::imgproxy(), request)
    }

    /// A URL in IPX's grammar, of the image of that name.
    pub fn ipx(name: impl Into<Box<str>>) -> Self {
        Self::of(&Dialect::ipx(), Self::plain(name))
    }

    /// A URL in IPX's grammar, of the image of that name, of such operations alone as `OptStuff` lets pass.
    pub fn optstuff(name: impl Into<Box<str>>) -> Self {
        Self::of(&Dialect::ipx().optstuff(true), Self::plain(name))
    }

    /// A URL for a request, in the grammar of a dialect, as that is set.
    pub fn of(dialect: &Dialect, request: ImageRequest) -> Self {
        Self {
            dialect: dialect.clone(),
            request,
            expires: None,
            base64: false,
            wrong: None,
        }
    }

    fn plain(name: impl Into<Box<str>>) -> ImageRequest {
        ImageRequest::new(name, Recipe::default())
    }

    /// What it asks for, so far.
    pub fn request(&self) -> &ImageRequest {
        &self.request
    }

    /// The last second, since 1970-01-01T00:00:00Z, in which the URL is good. Only signed URLs expire.
    pub fn expires(mut self, at: u64) -> Self {
        self.expires = Some(at);
        self
    }

    /// Writes names of images in base64, so that what is between client and server cannot change them. Without effect in
    /// ImageKit's grammar and IPX's, which have none.
    pub fn base64_names(mut self) -> Self {
        self.base64 = true;
        self
    }

    /// The signed path and query, with the signer's mount.
    pub fn sign(&self, signer: &Signer) -> Result<String, ImageUrlError> {
        let target = self.target_for(signer.scheme(), true)?;
        let before = self.before();
        Ok(signer.sign(&format!("{before}{target}"), self.expires)?)
    }

    /// The path and query below a mount, for a service that lets unsigned URLs pass
    /// ([`Verifier::unsigned`](crate::signature::Verifier::unsigned)) by the dialect's own scheme.
    pub fn unsigned(&self) -> Result<String, ImageUrlError> {
        if self.expires.is_some() {
            return Err(ImageUrlError::Refused {
                dialect: self.name(),
                why: "only signed URLs expire".into(),
            });
        }
        let target = self.target_for(self.dialect.scheme(), false)?;
        let access = match self.dialect.grammar {
            Grammar::Imagor { .. } => "unsafe/",
            Grammar::Imgproxy(_) => "insecure/",
            Grammar::Ipx { .. } | Grammar::ImageKit(_) => "",
        };
        let before = self.before();
        Ok(format!("/{before}{access}{target}"))
    }

    /// What stands before the signature.
    fn before(&self) -> &'static str {
        match (&self.dialect.grammar, &self.request.recipe.output.answer) {
            (Grammar::Imagor { .. }, Answer::Document(_)) => "params/",
            (Grammar::Imgproxy(_), Answer::Description(_)) => "info/",
            _ => "",
        }
    }

    /// What cannot be said under a scheme.
    fn wrong_for(&self, scheme: Scheme) -> Option<Unsayable> {
        let field = match self.before() {
            "" => return None,
            "info/" => "Answer::Description",
            _ => "Answer::Document",
        };
        let why = if scheme.name() != self.dialect.scheme().name() {
            "the scheme of the signature has no words for it"
        } else if field == "Answer::Document" && self.expires.is_some() {
            "an expiry would be in it"
        } else {
            return None;
        };
        Some(Unsayable {
            field,
            why: why.into(),
        })
    }

    /// What stands behind the signature, under a scheme.
    fn target_for(&self, scheme: Scheme, signed: bool) -> Result<String, ImageUrlError> {
        let dialect = self.name();
        if let Some(wrong) = self.wrong.clone().or_else(|| self.wrong_for(scheme)) {
            return Err(ImageUrlError::not_in(dialect, &wrong));
        }
        let mut request = self.request.clone();
        adapt::adapt(&self.dialect.grammar, &mut request);
        let kept = self.dialect.site.metadata;
        let print = |decodings| match &self.dialect.grammar {
            Grammar::Imagor { .. } => imagor::print(&request, self.base64, kept),
            Grammar::Imgproxy(_) => imgproxy::print(&request, self.base64, kept),
            Grammar::ImageKit(_) => imagekit::print(&request, kept),
            Grammar::Ipx { optstuff } => ipx::print(&request, *optstuff, decodings),
        };
        // As the dialect reads it where no scheme has decoded anything.
        let decodings = 1 + u8::from(dialect == "optstuff");
        let target = print(decodings).map_err(|why| ImageUrlError::not_in(dialect, &why))?;
        let params = !self.before().is_empty();
        let written = VerifiedTarget::of_text(&target, params, signed);
        let read = self
            .dialect
            .parse(&written, &HeaderMap::new())
            .map_err(|why| ImageUrlError::refused(dialect, &why))?;
        if !alike(&request, &read) {
            let why = Unsayable {
                field: difference(&request, &read).unwrap_or("ImageRequest"),
                why: "what it would write says something else".into(),
            };
            return Err(ImageUrlError::not_in(dialect, &why));
        }
        if scheme.name() == Scheme::optstuff().name() {
            return print(2).map_err(|why| ImageUrlError::not_in(dialect, &why));
        }
        Ok(target)
    }

    fn name(&self) -> &'static str {
        match self.dialect.grammar {
            Grammar::Imagor { .. } => "imagor",
            Grammar::Imgproxy(_) => "imgproxy",
            Grammar::ImageKit(_) => "imagekit",
            Grammar::Ipx { optstuff: false } => "ipx",
            Grammar::Ipx { optstuff: true } => "optstuff",
        }
    }
}

#[cfg(test)]
mod tests;
