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
//! `[trim/][AxB:CxD/][fit-in/][stretch/][WxH/][padding/][halign/][valign/][smart/][filters:.../]IMAGE`, with all that
//! imagor accepts in each place, and its rules:
//!
//! 1. What does not match in its place is the beginning of IMAGE, which is form-decoded once, and then `b64:` decoded.
//! 2. Without `fit-in`, the image is cut to the box and may be enlarged. `fit-in` does not enlarge, `full-fit-in` does,
//!    the filters `upscale()` and `no_upscale()` overrule both; the last counts. `fit-in` wins over `stretch`.
//! 3. Filters run in the order of the URL, after crop, trim, resize and flips; those that say how to read or write count
//!    wherever they stand, the last of each. `strip_exif`, `strip_icc` and `strip_metadata` say what always holds, `expire` is
//!    the signature layer's business, `redact` and its like do nothing without a detector. `raw`, `bitdepth` and
//!    `to_colorspace` are refused.
//! 4. Filters that imagor does not know, and arguments that it cannot read, are ignored as imagor ignores them, or
//!    refused by a dialect that is [`strict`](Dialect::strict).
//! 5. Padding has no effect without the filter `fill`, as in imagor. `meta/`, `params/` and `color:` images are refused.
//! 6. Unlike imagor, `blur` and `sharpen` work on animations too.
//!
//! # The grammar of ImageKit
//!
//! `[tr:CHAIN/]IMAGE` or `IMAGE?tr=CHAIN`. A chain is steps joined by `:`, which run from left to right; a step is parameters
//! `KEY-VALUE` joined by `,`:
//!
//! - size: `w h ar c cm fo x y xc yc dpr`, then `fl rt bl e-... cr o bg b r`, and `t` before all;
//! - output: `q f pr lo md cp pg`, wherever they stand;
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
//!    `di`, `dn`, `z`, `fo-custom`, `orig-true`, `f-svg`, `lm-displace`, and output parameters within a condition.
//! 4. There are no client hints: `w-auto` and `dpr-auto` are as if they were not there.
//! 5. `fo-face` and `fo-auto` keep what draws the eye, for there is no model that looks for faces.
//! 6. Of a window of `xc` and `yc` that leaves the image, where ImageKit fails, the part that is in the image is kept. A size
//!    beyond [`MAX_LENGTH`], which ImageKit ignores, is refused.
//! 7. ImageKit does not say how strong its effects are. A blur's radius is two standard deviations, a trim's tolerance is in
//!    steps of a sample (10 unless said), `e-contrast` stretches lightness to the full range, and `e-sharpen-N` limits by `N`
//!    how much lighter or darker a pixel becomes.
//! 8. A layer is in the middle unless it says where; it is moved to stay in the image; `N` before a place counts from the
//!    other end, and with `lap` from that point back.
//! 9. With [`only_presets`](Dialect::only_presets), a chain has nothing but `n-NAME` in it.
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
//!    `colorize`, `gradient`, `watermark_url`, `autoquality` by `size` and `dssim`, `page`, `disable_animation`, and of
//!    `jpeg_options`, `png_options` and `webp_options` what is progressive, a palette, or without loss. The rest of it is
//!    refused by name, and so are `info`, `raw`, `skip_processing` and `preserve_hdr`.
//! 4. Options that say what a server may be asked for (`max_src_resolution` and its like) are refused: that is for the
//!    operator to say.
//! 5. A name may begin with `local:///`, which is the origin's root.
//!
//! Chosen differences to imgproxy:
//!
//! 1. What cannot be read is refused with 400 instead of 404, a switch that is neither on nor off too: imgproxy takes that
//!    for off, and a typing error is better told.
//! 2. An animation stays one, for that is what was uploaded; imgproxy makes it a still picture unless it is configured
//!    otherwise. `page` and `disable_animation` make it one here too.
//! 3. A least or best quality of `autoquality` is refused, and a DSSIM stands for a likeness in SSIMULACRA2: 0.02 for 75.
//! 4. Where half a pixel is left beside what is cut out of the middle, it goes to the right and the bottom, as in the other
//!    dialects; imgproxy may be a pixel off.
//! 5. Tiles of a watermark begin at the top left, instead of around the middle.
//! 6. A trim sees the upright image. imgproxy trims what is stored, and so takes the colour of another corner.
//! 7. A preset that lies in itself is a mistake of the configuration, instead of being passed over.
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

use std::sync::Arc;

use http::request::Parts;

use crate::guard::{Empty, Guard, GuardLayer, Rejection, RejectionKind};
use crate::mount::{MountPath, has_dot_segment};
use crate::recipe::ImageRequest;
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
    strict: bool,
}

#[derive(Clone, Debug)]
enum Grammar {
    Imagor,
    Ipx { optstuff: bool },
    Imgproxy(Arc<Imgproxy>),
    ImageKit(imagekit::Options),
}

impl Dialect {
    /// imagor's and thumbor's, at the root.
    pub fn imagor() -> Self {
        Self {
            grammar: Grammar::Imagor,
            mount: MountPath::root(),
            strict: false,
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
            strict: false,
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

    fn parse(&self, target: &VerifiedTarget) -> Result<ImageRequest, Rejection> {
        match &self.grammar {
            Grammar::Imagor => imagor::parse(target, self.strict),
            Grammar::Ipx { optstuff } => ipx::parse(target, *optstuff),
            Grammar::Imgproxy(settings) => imgproxy::parse(target, settings),
            Grammar::ImageKit(options) => imagekit::parse(target, options),
        }
    }

    /// The scheme that its URLs are signed by, where nothing else is said.
    pub fn scheme(&self) -> Scheme {
        match self.grammar {
            Grammar::Imagor => Scheme::imagor(),
            Grammar::Imgproxy(_) => Scheme::imgproxy(),
            Grammar::ImageKit(_) => Scheme::imagekit(),
            Grammar::Ipx { .. } => Scheme::optstuff(),
        }
    }

    /// How its paths state an expiry, whatever the scheme is. `None`: they do not.
    pub fn path_expiry(&self) -> Option<PathExpiry> {
        match self.grammar {
            Grammar::Imagor => Some(PathExpiry::Imagor),
            Grammar::Imgproxy(_) => Some(PathExpiry::Imgproxy),
            Grammar::Ipx { .. } | Grammar::ImageKit(_) => None,
        }
    }

    /// Whether to refuse what imagor's grammar ignores: unknown filters, and arguments that cannot be read. Off by
    /// default.
    pub fn strict(mut self, strict: bool) -> Self {
        self.strict = strict;
        self
    }
}

impl From<Imgproxy> for Dialect {
    fn from(settings: Imgproxy) -> Self {
        Self {
            grammar: Grammar::Imgproxy(Arc::new(settings)),
            mount: MountPath::root(),
            strict: false,
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
        self.parse(target).map(|request| Some(Arc::new(request)))
    }

    fn apply(&self, head: &mut Parts, pass: &mut Self::Pass) {
        head.extensions.remove::<Arc<ImageRequest>>();
        if let Some(request) = pass.take() {
            head.extensions.insert(request);
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
