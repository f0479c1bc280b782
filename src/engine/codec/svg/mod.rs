mod drawing;
mod scan;

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{ImageHrefResolver, Options, Tree};

use super::{Codec, EncodeOptions, Wanted, Writes};
use crate::engine::{Frames, Layout, Limits, Picture, Pixels, Probe, RenderError, Still};
use crate::recipe::Format;

/// SVG: is drawn, by resvg, and never written, nor handed on as it is.
///
/// - Its size is that of its root element, a CSS pixel for a pixel, else that of what is drawn.
/// - Nothing is loaded: not files, not from the network, not data URLs. Embedded raster images are not drawn.
/// - Text is not drawn: there are no fonts. Scripts, links and animations have no meaning here.
/// - It is refused as too large before anything is drawn: beyond 5 MB, 100,000 nodes, 64 levels, or if what it refers to
///   adds up to too much, in elements or in pixels to be painted: sixteen times [`Limits::max_source_pixels`], and four
///   times at once.
/// - A file that is compressed (svgz) is not read.
#[derive(Clone, Copy, Debug)]
pub struct Svg;

impl Codec for Svg {
    fn format(&self) -> Format {
        Format::Svg
    }

    fn recognizes(&self, source: &[u8]) -> bool {
        scan::is_svg(source)
    }

    fn probe(&self, source: &[u8], _limits: &Limits) -> Result<Probe, RenderError> {
        Ok(probe_of(&tree(source)?))
    }

    fn decode<'a>(
        &self,
        source: &'a [u8],
        wanted: &Wanted,
        limits: &Limits,
    ) -> Result<Box<dyn Frames + Send + 'a>, RenderError> {
        let tree = tree(source)?;
        let probe = probe_of(&tree);
        let density = wanted.density.map_or(1.0, |density| density / 96.0);
        let factor = (wanted.scale * density).max(0.0);
        let drawn = Probe {
            width: scaled(probe.width, factor),
            height: scaled(probe.height, factor),
            ..probe
        };
        limits.check_source(&drawn)?;
        let (across, down) = (
            f64::from(drawn.width) / f64::from(tree.size().width()),
            f64::from(drawn.height) / f64::from(tree.size().height()),
        );
        drawing::check(&tree, &drawn, across, down, limits)?;
        let mut pixmap = Pixmap::new(drawn.width, drawn.height)
            .ok_or_else(|| RenderError::too_large("the drawing does not fit into memory"))?;
        #[expect(
            clippy::cast_possible_truncation,
            reason = "resvg draws in single precision"
        )]
        let transform = Transform::from_scale(across as f32, down as f32);
        resvg::render(&tree, transform, &mut pixmap.as_mut());
        let data = pixmap.take_demultiplied();
        let picture = Picture::new(drawn.width, drawn.height, Layout::Rgba, data)?;
        Ok(Box::new(Still::new(picture)))
    }

    fn writes(&self) -> Writes {
        Writes::Nothing
    }

    fn encode(&self, _picture: &Pixels, _options: &EncodeOptions) -> Result<Vec<u8>, RenderError> {
        Err(RenderError::unsupported("SVG is not written"))
    }
}

fn tree(source: &[u8]) -> Result<Tree, RenderError> {
    let text = scan::text(source)?;
    let document = scan::document(text)?;
    scan::check(&document)?;
    let options = Options {
        image_href_resolver: ImageHrefResolver {
            resolve_data: Box::new(|_, _, _| None),
            resolve_string: Box::new(|_, _| None),
        },
        ..Options::default()
    };
    Tree::from_xmltree(&document, &options)
        .map_err(|error| RenderError::corrupt(format!("reading an SVG: {error}")))
}

fn probe_of(tree: &Tree) -> Probe {
    let size = tree.size();
    let pixels = |length: f32| scaled(1, length.into());
    let mut probe = Probe::new(Format::Svg, pixels(size.width()), pixels(size.height()));
    probe.vector = true;
    probe
}

/// A length times a factor, in whole pixels: at least one.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the cast saturates"
)]
fn scaled(length: u32, factor: f64) -> u32 {
    ((f64::from(length) * factor).round() as u32).max(1)
}
