//! What a URL asks for: from the grammars of other image services to one [`ImageRequest`].
//!
//! 1. A [`DialectLayer`] parses the [`VerifiedTarget`] in the request's extensions, and nothing else, so that what was
//!    verified is what is made. Without one, the request is refused: the layer goes inside a
//!    [`SignatureLayer`](crate::signature::SignatureLayer), which is there even where URLs are not signed
//!    ([`Verifier::unsigned`](crate::signature::Verifier::unsigned)).
//! 2. What it finds goes into the request's extensions, as an `Arc<ImageRequest>`. One that was there before is always
//!    removed, outside the mount too.
//! 3. What this version cannot do is refused by name, wherever leaving it out would make another picture.
//! 4. A size or a crop edge beyond [`MAX_LENGTH`] is refused, and so is a name of an image that is empty, or holds a
//!    dot segment (encoded ones and backslashes count) or a control character.
//! 5. An [`ImageUrl`] is the other way round: it writes URLs, signed or not, which its dialect reads as what was asked for.
//!
//! # The grammar of imagor
//!
//! `[params/][meta/][trim/][AxB:CxD/][fit-in/][stretch/][WxH/][padding/][halign/][valign/][smart/][filters:.../]IMAGE`, with all
//! that imagor accepts in each place, and its rules:
//!
//! 1. What does not match in its place is the beginning of IMAGE, which is form-decoded once, and then `b64:` decoded.
//! 2. Without `fit-in`, the image is cut to the box and may be enlarged. `fit-in` does not enlarge, `full-fit-in` does,
//!    the filters `upscale()` and `no_upscale()` overrule both; the last counts. `fit-in` wins over `stretch`.
//! 3. Filters run in the order of the URL, after crop, trim, resize and flips; those that say how to read or write count
//!    wherever they stand, the last of each. `strip_icc` says what always holds, `expire` is the signature layer's business,
//!    `redact` and its like do nothing without a detector, `compression` and `fallback_format` nothing that is seen.
//! 4. Filters that imagor does not know, and arguments that it cannot read, are ignored as imagor ignores them, or
//!    refused by a dialect that is [`strict`](Dialect::strict).
//! 5. Padding has no effect without the filter `fill`, as in imagor.
//! 6. `meta/` is answered with a JSON object: `format`, `content_type`, `width`, `height`, `orientation`, `pages`, `bands` and
//!    `exif` of the image that would be made, and what `blurhash(x,y)`, `thumbhash()` and `avgcolor()` ask for. `params/` is
//!    answered with the URL's parts, by imagor's names; no source is loaded. Both are signed, judged, limited and cached as
//!    images are.
//! 7. `color:red` for IMAGE is a picture of that colour and of the URL's size.
//! 8. Within `image(PATH,...)`, `f` (or `full`) for a side is that of the image beneath, and `f-20` is that less 20.
//! 9. `raw()` is for who may have originals ([`allow_original`](Dialect::allow_original)), and is refused elsewhere.
//! 10. thumbor's URLs mean what imagor means by them, unless [`thumbor`](Dialect::thumbor) says otherwise.
//!
//! Chosen differences to imagor:
//!
//! 1. Without a key nothing verifies; imagor takes a signature that was made with an empty one.
//! 2. A size beyond [`MAX_LENGTH`] is refused, and so is a source or a result beyond the engine's limits; imagor shrinks to
//!    what it allows.
//! 3. A name with a dot segment or a control character is refused, instead of being tidied up.
//! 4. An expiry that is no number is refused, and of several the earliest counts.
//! 5. `blur` and `sharpen` work on animations too.
//! 6. HEIF, JPEG 2000, TIFF and JPEG XL are not written: asked for by `format`, they are refused; a source in one of the
//!    latter becomes a JPEG, as all that imagor cannot write does.
//! 7. Metadata is not kept unless `keep_metadata()` or the [site](Dialect::metadata) asks for it, and colours become sRGB: what
//!    is public tells nothing else by accident. `to_colorspace(p3)` and `cmyk` are refused.
//! 8. Qualities, where the URL names none, are the engine's.
//! 9. `meta/` leaves out of `exif` where a picture was taken, the serial numbers of devices, and what only the maker reads;
//!    `params/` leaves out the signature, for the document is kept in caches, and needs one where images need one.
//! 10. `raw()` is answered with images alone, whose header keeps to the limits, and never with SVG; `preview()` has an effect
//!     only where originals are allowed: nobody else is to get past the cache.
//!
//! # The grammar of ImageKit
//!
//! `[tr:CHAIN/]IMAGE` or `IMAGE?tr=CHAIN`. A chain is steps joined by `:`, which run from left to right; a step is parameters
//! `KEY-VALUE` joined by `,`:
//!
//! - size: `w h ar c cm fo x y xc yc dpr`, then `fl rt bl e-... cr o bg b r`, and `t` before all;
//! - output: `q f pr lo md cp pg di orig`, wherever they stand; `dn` says nothing, for no density is written;
//! - arithmetic in lengths, ratios and places (`w-iw_div_2`), with `iw ih iar`, `cw ch car`, and in layers `bw bh bar`;
//! - `if-CONDITION,...,if-else,...,if-end`, `l-image,...,l-end`, `l-text,...,l-end`, `n-NAME`.
//!
//! 1. `tr` is decoded once as a whole, and then taken apart: a comma in a text needs `ie-`, in base64. A chain in the path
//!    and one in the query are refused together. `ik-seo`, `ik-attachment` and `ik-attachment-filename` are read; what else
//!    is in the query says nothing.
//! 2. Arithmetic has ImageKit's precedence: `mul` and `div`, then `add` and `sub`, then `mod`, then `pow`, each from left to
//!    right. `cw` and `ch` are the size at which the step begins; in a place of a layer, that of the layer. What comes out as
//!    no size, which only the image tells, is refused when the image is there.
//! 3. What does not parse is refused by name; a step with a parameter twice too. What needs a model that is paid for
//!    (`e-bgremove` and its like, `bg-genfill`, an object in `fo`), and what is for videos, is refused and says so; so are
//!    `z`, `fo-custom`, `c2pa`, `f-svg`, `lm-displace`, and output parameters within a condition. `orig-true` is for who
//!    may have originals ([`allow_original`](Dialect::allow_original)).
//! 4. `di-PATH` is the image to take where the origin has not got the other one, or fails; what is made of it is `no-store`.
//! 5. ImageKit does not say how strong its effects are. A blur's radius is two standard deviations, a trim's tolerance is in
//!    steps of a sample (10 unless said), `e-contrast` stretches lightness to the full range, and `e-sharpen-N` limits by `N`
//!    how much lighter or darker a pixel becomes.
//! 6. A layer is in the middle unless it says where; it is moved to stay in the image; `N` before a place counts from the
//!    other end, and with `lap` from that point back.
//! 7. With [`only_presets`](Dialect::only_presets), a chain has nothing but `n-NAME` in it.
//!
//! Chosen differences to ImageKit:
//!
//! 1. `w-auto` and `dpr-auto` are as if they were not there, unless [client hints](Dialect::client_hints) have a say.
//! 2. `fo-face` and `fo-auto` keep what draws the eye, for there is no model that looks for faces.
//! 3. A window of `xc` and `yc` that leaves the image, where ImageKit fails, is moved back into it. A size beyond
//!    [`MAX_LENGTH`], which ImageKit ignores, is refused.
//! 4. An SVG becomes a PNG, where ImageKit hands it on: no SVG ever is.
//!
//! The query says what is made, so the signature has to cover it: of the schemes, imagekit's and query do
//! ([`Scheme::signs_query`]). Under another one, the query does not reach the dialect.
//!
//! ```
//! use http::Request;
//! use imgward::dialect::Dialect;
//! use imgward::guard::Guard;
//! use imgward::recipe::{Resize, ResizeMode, Step};
//! use imgward::signature::{Scheme, Verifier};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let verifier = Verifier::unsigned(Scheme::imagekit());
//! let dialect = Dialect::imagekit().preset("thumb", "w-100,h-100,f-webp")?;
//! let parse = |url: &str| {
//!     let (mut head, ()) = Request::get(url).body(()).unwrap().into_parts();
//!     let mut pass = verifier.check(&head)?;
//!     verifier.apply(&mut head, &mut pass);
//!     dialect.check(&head)
//! };
//!
//! let image = parse("/photo.jpg?tr=w-300,h-200")?.unwrap();
//! assert_eq!(image.recipe.steps, [Step::Resize(Resize::to(300, 200, ResizeMode::Fill))]);
//! assert!(parse("/tr:n-thumb/photo.jpg").is_ok());
//!
//! let refused = parse("/tr:e-bgremove/photo.jpg").unwrap_err();
//! assert_eq!(refused.detail(), "e-bgremove needs a paid model, and is not supported");
//! # Ok(())
//! # }
//! ```
//!
//! # The grammar of IPX and OptStuff
//!
//! `OPERATIONS/IMAGE`: see [`Dialect::ipx`].
//!
//! # The grammar of imgproxy
//!
//! `OPTION/OPTION/.../SOURCE`, where an option is `name:arg:arg` and SOURCE is `plain/NAME@FORMAT`, percent-encoded, or
//! `BASE64URL.FORMAT`, with slashes anywhere; all options of the open edition of version 4, by all their names. Presets and
//! the watermark come of an [`Imgproxy`].
//!
//! 1. The last of an option counts. What is done does not depend on their order. It is: made upright, `trim`, `rotate`,
//!    `flip`, `crop`, resize and cut by `gravity`, `blur`, `sharpen`, `pixelate`, `unsharp_masking`, `brightness`, `contrast`,
//!    `saturation`, `colorize`, `gradient`, `extend`, `extend_aspect_ratio`, `padding`, `background`, `watermark`. A `-`
//!    between options begins anew, on what has been made so far.
//! 2. Sizes are imgproxy's: factors are computed, and lengths rounded last, to the nearest, never below a pixel. Nothing is
//!    enlarged unless `enlarge` says so. `dpr` multiplies sizes, padding and offsets, as far as the image need not be
//!    enlarged for it; those of the watermark always.
//! 3. Of the paid edition there are `resizing_algorithm`, `adjust` and its parts, `unsharp_masking`, `background_alpha`,
//!    `colorize`, `gradient`, `watermark_url`, `autoquality` by `size` and `dssim`, `page`, `disable_animation`, `hashsum`
//!    (not by MD5, of which other bytes can have the same), `fallback_image_url` (what is made of it is `no-store`), and of
//!    `jpeg_options`, `png_options` and `webp_options` what is progressive, a palette, or without loss; and `info`. The rest
//!    of it is refused by name, and so is `preserve_hdr`. `raw` and `skip_processing` are for who may have originals
//!    ([`allow_original`](Dialect::allow_original)).
//! 4. `/info/SIGNATURE/OPTION/.../SOURCE` is answered with a JSON object about the source: `size`, `format` (and `mime_type`),
//!    `dimensions` (`width` and `height`, upright) and `exif` unless they are turned off; `pages_number`, `colorspace`, `bands`,
//!    `sample_format`, `alpha`, `average`, `palette` (up to 16 colours), `blurhash`, `thumb_hash` and `calc_hashsums` (as
//!    `hashsums`) where they are turned on. What needs no pixels decodes none.
//! 5. Options that say what a server may be asked for (`max_src_resolution` and its like) are refused: that is for the
//!    operator to say.
//! 6. A name may begin with `local:///`, which is the origin's root.
//!
//! Chosen differences to imgproxy:
//!
//! 1. What cannot be read is refused with 400 instead of 404, a switch that is neither on nor off too: imgproxy takes that
//!    for off, and a typing error is better told.
//! 2. An animation stays one, for that is what was uploaded; imgproxy makes it a still picture unless it is configured
//!    otherwise. `page` and `disable_animation` make it one here too.
//! 3. Qualities, where the URL names none, are the engine's: an AVIF's is 50 instead of 63. The DSSIM of `autoquality` stands
//!    for a likeness in SSIMULACRA2: 0.02 for 75.
//! 4. Where half a pixel is left beside what is cut out of the middle, it goes to the right and the bottom, as in the other
//!    dialects; imgproxy may be a pixel off.
//! 5. Tiles of a watermark begin at the top left, instead of around the middle.
//! 6. A trim sees the upright image. imgproxy trims what is stored, and so takes the colour of another corner.
//! 7. A preset that lies in itself is a mistake of the configuration, instead of being passed over.
//! 8. An expiry below 0 is refused: there it means that the URL never expires.
//! 9. `raw` is answered with images alone, whose header keeps to the limits, and never with SVG; `bypass_cache` is refused, so
//!    that nobody gets past the cache.
//! 10. `exif` leaves out where a picture was taken, the serial numbers of devices, and what only the maker reads.
//!
//! ```
//! use std::sync::Arc;
//!
//! use http::{Request, Response, StatusCode};
//! use imgward::dialect::DialectLayer;
//! use imgward::recipe::{Format, ImageRequest, Step};
//! use imgward::signature::{Scheme, SignatureLayer, Verifier};
//! use tower::{ServiceBuilder, ServiceExt, service_fn};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let service = ServiceBuilder::new()
//!     .layer(SignatureLayer::new(Verifier::unsigned(Scheme::imgproxy())))
//!     .layer(DialectLayer::imgproxy())
//!     .service(service_fn(async |request: Request<()>| {
//!         let image = request.extensions().get::<Arc<ImageRequest>>().unwrap();
//!         assert_eq!(&*image.sources[0], "photo.jpg");
//!         assert!(matches!(image.recipe.steps[..], [Step::Resize(_), Step::Blur { .. }]));
//!         assert_eq!(image.recipe.output.format, Some(Format::WebP));
//!         Ok::<_, std::convert::Infallible>(Response::new(()))
//!     }));
//!
//! let request = |path: &str| Request::get(path).body(());
//! let path = "/insecure/bl:2/rs:fill:300:200/plain/photo.jpg@webp";
//! let allowed = service.clone().oneshot(request(path)?).await?;
//! assert_eq!(allowed.status(), StatusCode::OK);
//!
//! let refused = service.oneshot(request("/insecure/w:wide/plain/photo.jpg")?).await?;
//! assert_eq!(refused.status(), StatusCode::BAD_REQUEST);
//! # Ok(())
//! # }
//! ```
//!
//! # Example
//!
//! ```
//! use std::sync::Arc;
//!
//! use http::{Request, Response, StatusCode};
//! use imgward::dialect::DialectLayer;
//! use imgward::recipe::{ImageRequest, Resize, ResizeMode, Step};
//! use imgward::signature::{Scheme, SignatureLayer, Verifier};
//! use tower::{ServiceBuilder, ServiceExt, service_fn};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let service = ServiceBuilder::new()
//!     .layer(SignatureLayer::new(Verifier::unsigned(Scheme::imagor())))
//!     .layer(DialectLayer::imagor())
//!     .service(service_fn(async |request: Request<()>| {
//!         let image = request.extensions().get::<Arc<ImageRequest>>().unwrap();
//!         assert_eq!(&*image.sources[0], "photo.jpg");
//!         let fill = Resize::to(300, 200, ResizeMode::Fill);
//!         assert_eq!(image.recipe.steps, [Step::Resize(fill)]);
//!         Ok::<_, std::convert::Infallible>(Response::new(()))
//!     }));
//!
//! let request = |path: &str| Request::get(path).body(());
//! let allowed = service.clone().oneshot(request("/unsafe/300x200/photo.jpg")?).await?;
//! assert_eq!(allowed.status(), StatusCode::OK);
//!
//! let refused = service.oneshot(request("/unsafe/300x200/..%2Fphoto.jpg")?).await?;
//! assert_eq!(refused.status(), StatusCode::BAD_REQUEST);
//! # Ok(())
//! # }
//! ```

use std::num::NonZeroU32;
use std::sync::Arc;

use http::HeaderMap;
use http::request::Parts;

use crate::guard::{Caching, Empty, Guard, GuardLayer, Rejection, RejectionKind};
use crate::mount::{MountPath, has_dot_segment};
use crate::recipe::{ImageRequest, Metadata};
use crate::signature::{PathExpiry, Scheme, VerifiedTarget};

mod color;
mod imagekit;
mod imagor;
mod imgproxy;
mod ipx;
mod print;
mod url;

pub use self::imgproxy::{Imgproxy, ImgproxyConfigError};

pub use self::imagekit::PresetError;
pub use self::url::{ImageUrl, ImageUrlError};

/// The longest length that a URL may name, in pixels.
pub const MAX_LENGTH: u32 = 65_535;

/// A layer that parses URLs. See the [module docs](self) for the rules and an example.
pub type DialectLayer<R = Empty> = GuardLayer<Dialect, R>;

impl GuardLayer<Dialect> {
    /// A layer that parses imagor's URLs everywhere, and ignores what imagor ignores.
    pub fn imagor() -> Self {
        Self::new(Dialect::imagor())
    }

    /// A layer that parses imgproxy's URLs everywhere, without presets and watermark.
    pub fn imgproxy() -> Self {
        Self::new(Dialect::imgproxy())
    }

    /// A layer that parses ImageKit's URLs everywhere.
    pub fn imagekit() -> Self {
        Self::new(Dialect::imagekit())
    }
}

/// A grammar of URLs. See the [module docs](self) for the rules.
#[derive(Clone, Debug)]
pub struct Dialect {
    grammar: Grammar,
    mount: MountPath,
    site: Site,
}

/// What a site has set, whatever its grammar.
#[derive(Clone, Copy, Debug, Default)]
struct Site {
    /// Whether what imagor ignores is refused.
    strict: bool,
    /// Whether sources may be asked for as they are.
    originals: bool,
    /// What is kept of a source's metadata, where the URL does not say.
    metadata: Metadata,
    max_frames: Option<u32>,
}

#[derive(Clone, Debug)]
enum Grammar {
    Imagor { thumbor: bool },
    Ipx { optstuff: bool },
    Imgproxy(Arc<Imgproxy>),
    ImageKit(imagekit::Options),
}

impl Dialect {
    /// imagor's and thumbor's, at the root.
    pub fn imagor() -> Self {
        Self {
            grammar: Grammar::Imagor { thumbor: false },
            mount: MountPath::root(),
            site: Site::default(),
        }
    }

    /// imgproxy's, at the root, without presets and watermark. With them it is made from an [`Imgproxy`].
    pub fn imgproxy() -> Self {
        Imgproxy::new().into()
    }

    /// ImageKit's, at the root.
    pub fn imagekit() -> Self {
        Self {
            grammar: Grammar::ImageKit(imagekit::Options::default()),
            mount: MountPath::root(),
            site: Site::default(),
        }
    }

    /// Adds a preset: a named transformation of ImageKit's. It is an error where the dialect has none.
    pub fn preset(mut self, name: &str, transformations: &str) -> Result<Self, PresetError> {
        match &mut self.grammar {
            Grammar::ImageKit(options) => options.add(name, transformations)?,
            _ => return Err(PresetError::of_dialect(name)),
        }
        Ok(self)
    }

    /// Whether nothing but presets may be asked for. Off by default; the dialects without presets have nothing to refuse.
    pub fn only_presets(mut self, only: bool) -> Self {
        if let Grammar::ImageKit(options) = &mut self.grammar {
            options.only_presets = only;
        }
        self
    }

    /// Whether the client says how wide an image is to be, where an ImageKit URL has `w-auto` or `dpr-auto`: by `Sec-CH-Width` and
    /// `Sec-CH-DPR`, or the older `Width` and `DPR`. Off by default, and then these say nothing. An answer that depends on them
    /// has them in `Vary`, and says the pixel ratio that came out as `Content-DPR`.
    ///
    /// Widths are rounded up to the next hundred, and pixel ratios (0.1 to 5) to the next tenth; what is no such number is as
    /// none.
    pub fn client_hints(mut self, on: bool) -> Self {
        if let Grammar::ImageKit(options) = &mut self.grammar {
            options.client_hints = on;
        }
        self
    }

    /// Whether it has presets.
    pub fn has_presets(&self) -> bool {
        matches!(self.grammar, Grammar::ImageKit(_))
    }

    /// Whether URLs say what they ask for in their query too, so that a signature has to cover it.
    pub fn reads_query(&self) -> bool {
        matches!(self.grammar, Grammar::ImageKit(_))
    }

    /// Where the images live; outside, nothing is parsed. The root by default.
    pub fn at(mut self, mount: MountPath) -> Self {
        self.mount = mount;
        self
    }

    fn parse(
        &self,
        target: &VerifiedTarget,
        headers: &HeaderMap,
    ) -> Result<ImageRequest, Rejection> {
        let request = match &self.grammar {
            Grammar::Imagor { thumbor } => {
                let options = imagor::Options {
                    site: self.site,
                    thumbor: *thumbor,
                };
                imagor::parse(target, options)
            }
            Grammar::Ipx { optstuff } => ipx::parse(target, *optstuff).map(|mut request| {
                request.recipe.output.metadata = self.site.metadata;
                request
            }),
            Grammar::Imgproxy(settings) => imgproxy::parse(target, settings, self.site),
            Grammar::ImageKit(options) => imagekit::parse(target, options, self.site, headers),
        };
        let mut request = request?;
        if let Some(most) = self.site.max_frames {
            let wanted = &mut request.recipe.input.max_frames;
            *wanted = Some(wanted.map_or(most, |frames| frames.min(most)));
        }
        Ok(request)
    }

    /// The scheme that its URLs are signed by, where nothing else is said.
    pub fn scheme(&self) -> Scheme {
        match self.grammar {
            Grammar::Imagor { .. } => Scheme::imagor(),
            Grammar::Imgproxy(_) => Scheme::imgproxy(),
            Grammar::ImageKit(_) => Scheme::imagekit(),
            Grammar::Ipx { .. } => Scheme::optstuff(),
        }
    }

    /// How its paths state an expiry, whatever the scheme is. `None`: they do not.
    pub fn path_expiry(&self) -> Option<PathExpiry> {
        match self.grammar {
            Grammar::Imagor { .. } => Some(PathExpiry::Imagor),
            Grammar::Imgproxy(_) => Some(PathExpiry::Imgproxy),
            Grammar::Ipx { .. } | Grammar::ImageKit(_) => None,
        }
    }

    /// Whether sources may be asked for byte for byte: by imagor's `raw`, imgproxy's `raw` and `skip_processing`, ImageKit's
    /// `orig-true`. Off by default, since a source may show where it was taken; imagor's `preview` has no effect then, so that
    /// nobody gets past the cache by it.
    pub fn allow_original(mut self, allow: bool) -> Self {
        self.site.originals = allow;
        self
    }

    /// What is kept of a source's metadata where the URL does not say: nothing by default. What imgproxy's `sm`, ImageKit's `md`
    /// and imagor's `strip_exif` and `strip_metadata` say comes first.
    pub fn metadata(mut self, keep: Metadata) -> Self {
        self.site.metadata = keep;
        self
    }

    /// Whether imagor's URLs mean what thumbor means by them, where the two differ. Off by default; without effect in other
    /// grammars.
    ///
    /// `debug/` may stand first, and says nothing; a side may be `orig`; there is neither `stretch/` nor padding, and no crop
    /// in fractions; filters end at the first `)/`; a `+` in a name is one, and `b64:` and `color:` begin names. A crop reaches
    /// the edge of the image. Filters are those of thumbor, with its arguments, in `blur`, `fill`, `format`, `proportion`,
    /// `rotate`, `round_corner`, `saturation`, `sharpen` and `watermark`; `colorize`, `convolution`, `curve`, `equalize`,
    /// `frame` and `noise` are refused by name.
    ///
    /// Chosen differences to thumbor:
    ///
    /// 1. An image is upright as its orientation says.
    /// 2. SVG is read.
    /// 3. Sizes are rounded to the nearest.
    /// 4. An image is cut on both sides alike, to the pixel nearest. thumbor cuts less at the top than at the bottom.
    /// 5. The tiles of a watermark have no gaps, and `fill(auto)` is the mean colour.
    /// 6. `meta/` is answered as imagor answers it.
    pub fn thumbor(mut self, on: bool) -> Self {
        if let Grammar::Imagor { thumbor } = &mut self.grammar {
            *thumbor = on;
        }
        self
    }

    /// Whether to refuse what imagor's grammar ignores: unknown filters, and arguments that cannot be read. Off by
    /// default.
    pub fn strict(mut self, strict: bool) -> Self {
        self.site.strict = strict;
        self
    }

    /// After how many frames an animation is cut, whatever its URL says: 1 makes stills of all. By default none is.
    /// Compare [`Limits::max_frames`](crate::engine::Limits::max_frames), past which a source is refused.
    pub fn max_frames(mut self, frames: NonZeroU32) -> Self {
        self.site.max_frames = Some(frames.get());
        self
    }
}

impl From<Imgproxy> for Dialect {
    fn from(settings: Imgproxy) -> Self {
        Self {
            grammar: Grammar::Imgproxy(Arc::new(settings)),
            mount: MountPath::root(),
            site: Site::default(),
        }
    }
}

impl Guard for Dialect {
    /// `None` outside the mount.
    type Pass = Option<Arc<ImageRequest>>;

    fn check(&self, head: &Parts) -> Result<Self::Pass, Rejection> {
        if self.mount.strip(head.uri.path()).is_none() {
            return Ok(None);
        }
        let target = head.extensions.get::<VerifiedTarget>().ok_or_else(|| {
            Rejection::new(
                RejectionKind::SignatureMissing,
                "no VerifiedTarget in the request's extensions: is there no SignatureLayer outside of this one?",
            )
        })?;
        self.parse(target, &head.headers)
            .map(|request| Some(Arc::new(request)))
    }

    fn apply(&self, head: &mut Parts, pass: &mut Self::Pass) {
        head.extensions.remove::<Arc<ImageRequest>>();
        if let Some(request) = pass {
            head.extensions.insert(Arc::clone(request));
        }
    }

    /// What the client's hints have a say in varies on them, whether they are there or not.
    fn respond(&self, pass: Self::Pass, caching: &mut Caching<'_>) {
        if pass.is_some_and(|request| request.client_hints.is_some()) {
            for name in &imagekit::HINTS {
                caching.add_vary(name);
            }
        }
    }

    fn apply_reported(&self, head: &mut Parts, _why: &Rejection) {
        head.extensions.remove::<Arc<ImageRequest>>();
    }
}

/// Passes the name of an image that an origin can be asked for without harm.
fn check_name(name: &str) -> Result<(), Rejection> {
    let refuse = |why| Err(Rejection::bad_request(why));
    if name.is_empty() {
        return refuse("the URL names no image");
    }
    if name.contains(char::is_control) {
        return refuse("the name of the image has a control character");
    }
    // A name may be a URL, whose path ends at its query.
    if name.split(['?', '#']).any(has_dot_segment) {
        return refuse("the name of the image has a dot segment");
    }
    Ok(())
}

/// A refusal of what would make another picture if it were ignored.
fn not_supported(what: &str) -> Rejection {
    Rejection::bad_request(format!("{what} is not supported by this version"))
}

#[cfg(test)]
mod tests;
