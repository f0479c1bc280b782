//! IPX's grammar, and OptStuff's.

mod args;
mod calls;
mod gate;
mod operation;
mod pipeline;
mod print;

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use self::operation::operations;
use self::pipeline::Pipeline;
pub(super) use self::print::print;
use super::{Dialect, Grammar, Site, check_name};
use crate::guard::{GuardLayer, Rejection};
use crate::mount::MountPath;
use crate::recipe::{ImageRequest, Recipe};
use crate::signature::VerifiedTarget;

impl Dialect {
    /// IPX's, at the root: `OPERATIONS/IMAGE`.
    ///
    /// OPERATIONS are separated by `,` or `&`, and an operation from its arguments, and these from each other, by `_`, `:`
    /// or `=`. `_` is none.
    ///
    /// | operation | arguments |
    /// |---|---|
    /// | `w`, `width`; `h`, `height` | pixels: the other side follows, and nothing is enlarged without `enlarge` |
    /// | `s`, `resize` | `WxH`, or `W` for a square: a box that is filled as `fit` says |
    /// | `fit` | `cover` (the default), `contain`, `fill`, `inside`, `outside` |
    /// | `pos`, `position` | `top`, `northeast`, `left bottom`, 0 to 8, ...; `entropy` and `attention` look for what draws the eye |
    /// | `kernel` | `nearest`, `linear`, `cubic`, `mitchell`, `lanczos2`, `lanczos3`: for boxes |
    /// | `enlarge` | |
    /// | `b`, `background` | a colour, of what is seen beside the image: 3 or 6 hexadecimal digits, or a CSS name. Black |
    /// | `crop`, `extract` | left, top, width, height |
    /// | `extend` | top, right, bottom, left |
    /// | `trim` | the threshold, 0 to 255 |
    /// | `rotate` | degrees, clockwise |
    /// | `flip`, `flop` | top and bottom, left and right are swapped |
    /// | `blur` | sigma, 0.3 to 1000 |
    /// | `sharpen` | sigma, flat, jagged |
    /// | `median` | size, 1 to 15 |
    /// | `gamma` | gamma, and another for the way back, each 1 to 3 |
    /// | `modulate` | brightness, saturation, hue |
    /// | `threshold` | 0 to 255 |
    /// | `tint` | a colour |
    /// | `flatten`, `grayscale`, `negate`, `normalize` | |
    /// | `q`, `quality` | 1 to 100. A PNG gets a palette |
    /// | `f`, `format` | `jpg`, `jpeg`, `png`, `webp`, `avif`, `gif`, `tiff`; `auto` leaves it to `Accept`, as no format does |
    /// | `a`, `animated`; `embed` | see below |
    ///
    /// 1. `quality`, `fit`, `position` and `background` count wherever they stand. The others are called in the order of
    ///    their names as they are written: `h`, `height`, `resize`, `s`, `w`, `width`. Of those the last counts. Of an
    ///    operation that is there twice, the last counts too.
    /// 2. What is called is done in sharp's order, as with IPX: rotate (first, if anything is trimmed or resized), trim,
    ///    crop, flip, resize, flatten, grayscale, a second crop, extend, median, threshold, blur, modulate, sharpen,
    ///    normalize, tint, negate. `gamma` darkens before the resize, and brightens after `sharpen`.
    /// 3. A box that is larger than the source, as it is before it is cropped or turned, is shrunk to fit into that, with its
    ///    ratio kept, unless `enlarge` is there.
    /// 4. A JPEG is progressive. Metadata are not kept, unless the [site](Self::metadata) says so, and colours become sRGB.
    /// 5. IMAGE is percent-decoded once, and in OptStuff's URLs twice, unless the signature's scheme has done that
    ///    ([`VerifiedTarget::decoded`]). `https:/` at its beginning is `https://`. Slashes before it are taken off.
    /// 6. What is unknown, and an argument that cannot be read, is refused, where IPX ignores the first and answers 500 to
    ///    the second. HEIF is not written, and sharp's kernels `mks2013` and `mks2021` are not known.
    ///
    /// # OptStuff
    ///
    /// A project is a [mount](Self::at) at `/api/v1/<project>`, behind the scheme
    /// [`optstuff`](crate::signature::Scheme::optstuff). With [`optstuff(true)`](Self::optstuff) only what OptStuff lets
    /// through is parsed: `w`, `h` and `s` up to 8192, `q`, `f` (webp, avif, png, jpg), `fit` (cover, contain, fill) and
    /// `embed`, separated by `,` and `_` alone, of an image that is named by no other URL than one of http or https. Whatever
    /// else is refused in its words. A name without a scheme stays one: it is for the origin to know what it means.
    ///
    /// # Differences
    ///
    /// What IPX gets wrong is done as its users mean it:
    ///
    /// 1. `w_08` is `w_8`, and a box that becomes flat by rule 3 keeps a pixel. IPX fails.
    /// 2. `w` and `h` together are the box of an `s`. IPX ignores `h`.
    /// 3. An SVG becomes a PNG of the size that is asked for. IPX hands it on as it is.
    /// 4. `modulate`, `trim`, and a `tint` in hexadecimal work. In IPX 3.1 they fail, or lose what is behind the first
    ///    argument.
    /// 5. `rotate`, `trim`, `sharpen`, `median`, `blur`, `gamma` and `threshold` without an argument do what they do in sharp.
    ///    IPX fails. (The first turns an image upright, which is done anyway.)
    /// 6. `embed` means `fit_contain` where there is no `fit`. In OptStuff it has no effect.
    /// 7. Images are upright, as their orientation says. IPX shows them as they are stored.
    /// 8. An animation stays one in every format that can be, with or without `animated`. IPX makes a still WebP of a GIF.
    /// 9. `rotate` comes before a lone `h` too, as before `w`. IPX cuts the turned image to the size that it had before.
    /// 10. A crop beyond the source is cut to it, where IPX fails; and `negate` leaves alpha as it is.
    ///
    /// # Example
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// use http::{Request, Response, StatusCode};
    /// use imgward::dialect::DialectLayer;
    /// use imgward::recipe::{Format, ImageRequest, Step};
    /// use imgward::signature::{Scheme, SignatureLayer, Verifier};
    /// use tower::{ServiceBuilder, ServiceExt, service_fn};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let service = ServiceBuilder::new()
    ///     .layer(SignatureLayer::new(Verifier::unsigned(Scheme::optstuff())))
    ///     .layer(DialectLayer::ipx())
    ///     .service(service_fn(async |request: Request<()>| {
    ///         let image = request.extensions().get::<Arc<ImageRequest>>().unwrap();
    ///         assert_eq!(&*image.sources[0], "cats/photo.jpg");
    ///         assert!(matches!(&image.recipe.steps[..], [Step::Resize(_), Step::Blur { .. }]));
    ///         assert_eq!(image.recipe.output.format, Some(Format::WebP));
    ///         Ok::<_, std::convert::Infallible>(Response::new(()))
    ///     }));
    ///
    /// let request = |path: &str| Request::get(path).body(());
    /// let allowed = request("/blur_3&f:webp&s_300x200/cats/photo.jpg")?;
    /// assert_eq!(service.clone().oneshot(allowed).await?.status(), StatusCode::OK);
    ///
    /// let refused = request("/blur_3&s_300x0x0/cats/photo.jpg")?;
    /// assert_eq!(service.oneshot(refused).await?.status(), StatusCode::BAD_REQUEST);
    /// # Ok(())
    /// # }
    /// ```
    pub fn ipx() -> Self {
        Self {
            grammar: Grammar::Ipx { optstuff: false },
            mount: MountPath::root(),
            site: Site::default(),
        }
    }

    /// Whether IPX's URLs have to be such as [OptStuff](Self::ipx) lets through. Off by default; without effect in
    /// other grammars.
    pub fn optstuff(mut self, gate: bool) -> Self {
        if let Grammar::Ipx { optstuff } = &mut self.grammar {
            *optstuff = gate;
        }
        self
    }
}

impl GuardLayer<Dialect> {
    /// A layer that parses [IPX's URLs](Dialect::ipx) everywhere.
    pub fn ipx() -> Self {
        Self::new(Dialect::ipx())
    }
}

pub(super) fn parse(target: &VerifiedTarget, optstuff: bool) -> Result<ImageRequest, Rejection> {
    let text = str::from_utf8(target.bytes())
        .map_err(|_| Rejection::bad_request("the URL is not UTF-8"))?;
    let as_sent = !target.decoded();
    let (segment, image) = text.split_once('/').unwrap_or((text, ""));
    if segment.is_empty() {
        return Err(Rejection::bad_request("the URL has no operations"));
    }
    // OptStuff decodes the segment before it looks at it, IPX each value.
    let decoded = if optstuff && as_sent {
        let why = "the operations do not decode";
        decode(segment).ok_or_else(|| Rejection::bad_request(why))?
    } else {
        Cow::Borrowed(segment)
    };
    if optstuff {
        gate::check(&decoded)?;
    }
    let mut pipeline = Pipeline::default();
    for operation in operations(&decoded, as_sent && !optstuff)? {
        pipeline.call(&operation)?;
    }
    let name = name(image, if as_sent { 1 + u8::from(optstuff) } else { 0 })?;
    if optstuff {
        gate::check_name(&name)?;
    }
    let name = name.trim_start_matches('/');
    check_name(name)?;
    let (steps, output) = pipeline.finish();
    let recipe = Recipe {
        steps,
        output,
        ..Recipe::default()
    };
    Ok(ImageRequest::new(name, recipe))
}

/// The name of the image, decoded so often. What took the second slash from `https://` did so on the way here.
fn name(image: &str, decodings: u8) -> Result<Cow<'_, str>, Rejection> {
    let mut name = Cow::Borrowed(image);
    for _ in 0..decodings {
        if name.contains('%') {
            let why = "the name of the image does not decode";
            let decoded = decode(&name).ok_or_else(|| Rejection::bad_request(why))?;
            name = decoded.into_owned().into();
        }
    }
    let slashes = ["https:/", "http:/"].iter().find_map(|scheme| {
        let after = name.strip_prefix(scheme)?;
        (!after.starts_with('/')).then_some(scheme.len())
    });
    if let Some(at) = slashes {
        name.to_mut().insert(at, '/');
    }
    Ok(name)
}

/// Percent-decodes. `None` where an escape is none, or what it decodes to is no UTF-8.
fn decode(text: &str) -> Option<Cow<'_, str>> {
    let escapes_are_whole = text.split('%').skip(1).all(|escape| {
        let mut digits = escape.bytes().take(2);
        digits.len() == 2 && digits.all(|digit| digit.is_ascii_hexdigit())
    });
    if !escapes_are_whole {
        return None;
    }
    percent_decode_str(text).decode_utf8().ok()
}

/// The beginning of a text of the client's, escaped.
fn cut(text: &str) -> String {
    let beginning: String = text.chars().take(32).collect();
    beginning.escape_debug().to_string()
}

#[cfg(test)]
mod tests;
