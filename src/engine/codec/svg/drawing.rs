//! How much there is to paint.

use resvg::usvg::{Fill, Group, Node, NonZeroRect, Paint, Path, Rect, Stroke, Tree, filter};

use crate::engine::{Limits, Probe, RenderError};

/// The most dashes of all lines together.
const MAX_DASHES: f64 = 200_000.0;

/// The widest blur, in pixels. Much wider ones are more than resvg can count.
const MAX_BLUR: f64 = 1e6;

/// How far from the canvas' corner a path may reach, in pixels. What is much farther is more than tiny-skia can count.
const MAX_REACH: f64 = 1e7;

/// Refuses a drawing for which more pixels have to be painted than the limits let a source have many times over, or more
/// at the same time.
pub(super) fn check(
    tree: &Tree,
    drawn: &Probe,
    across: f64,
    down: f64,
    limits: &Limits,
) -> Result<(), RenderError> {
    let canvas = f64::from(drawn.width) * f64::from(drawn.height);
    #[expect(clippy::cast_precision_loss, reason = "a limit need not be exact")]
    let most = limits.max_source_pixels as f64;
    let mut work = Work {
        scale: (across, down),
        // Layers can reach over the canvas by twice its size on each side.
        largest: 25.0 * canvas,
        painted: 0.0,
        dashes: 0.0,
        most_painted: 16.0 * most,
        most_at_once: 4.0 * most,
    };
    work.group(tree.root(), canvas, canvas)
}

struct Work {
    /// The pixels of a unit.
    scale: (f64, f64),
    largest: f64,
    painted: f64,
    dashes: f64,
    most_painted: f64,
    most_at_once: f64,
}

impl Work {
    fn paint(&mut self, pixels: f64) -> Result<(), RenderError> {
        self.painted += pixels;
        // Not a number is too large, too.
        if self.painted <= self.most_painted && self.dashes <= MAX_DASHES {
            return Ok(());
        }
        Err(RenderError::too_large("the SVG has too much to paint"))
    }

    /// The pixels of a box, of which a layer can hold so many.
    fn area(&self, width: f32, height: f32, layer: f64) -> f64 {
        let (across, down) = self.scale;
        let width = f64::from(width) * across + 4.0;
        let height = f64::from(height) * down + 4.0;
        (width * height).min(layer)
    }

    /// Counts a group, which is drawn on a layer of so many pixels, while so many are in memory.
    fn group(&mut self, group: &Group, layer: f64, held: f64) -> Result<(), RenderError> {
        let (mut layer, mut held) = (layer, held);
        if group.should_isolate() {
            let bounds: NonZeroRect = group.abs_layer_bounding_box();
            layer = self.area(bounds.width(), bounds.height(), self.largest);
            let mut layers = 2.0;
            let (x, y) = group.abs_transform().get_scale();
            let unit = (self.scale.0 * f64::from(x), self.scale.1 * f64::from(y));
            for primitive in group
                .filters()
                .iter()
                .flat_map(|filter| filter.primitives())
            {
                layers += 1.0;
                self.paint(layer * weight(primitive.kind(), unit))?;
            }
            held += layers * layer;
            self.paint(layers * layer)?;
            if held > self.most_at_once {
                return Err(RenderError::too_large(
                    "the SVG needs too many layers at once",
                ));
            }
        }
        // All that is drawn beside the group's own: clips, masks, images of filters.
        let mut inner = Ok(());
        if let Some(clip) = group.clip_path() {
            inner = inner.and(self.group(clip.root(), layer, held + layer));
            let mut next = clip.clip_path();
            while let Some(clip) = next {
                inner = inner.and(self.group(clip.root(), layer, held + 2.0 * layer));
                next = clip.clip_path();
            }
        }
        let mut next = group.mask();
        while let Some(mask) = next {
            inner = inner.and(self.group(mask.root(), layer, held + 2.0 * layer));
            next = mask.mask();
        }
        for primitive in group
            .filters()
            .iter()
            .flat_map(|filter| filter.primitives())
        {
            if let filter::Kind::Image(image) = primitive.kind() {
                inner = inner.and(self.group(image.root(), layer, held + layer));
            }
        }
        inner?;
        for child in group.children() {
            match child {
                Node::Group(group) => self.group(group, layer, held)?,
                Node::Path(path) => self.path(path, layer, held)?,
                Node::Image(_) | Node::Text(_) => {} // which are not drawn
            }
        }
        Ok(())
    }

    fn path(&mut self, path: &Path, layer: f64, held: f64) -> Result<(), RenderError> {
        if !path.is_visible() {
            return Ok(());
        }
        let bounds: Rect = path.abs_stroke_bounding_box();
        let (across, down) = self.scale;
        let is_near = |at: f32, scale: f64| f64::from(at.abs()) * scale <= MAX_REACH;
        if !(is_near(bounds.left(), across)
            && is_near(bounds.right(), across)
            && is_near(bounds.top(), down)
            && is_near(bounds.bottom(), down))
        {
            return Err(RenderError::too_large("a path of the SVG reaches too far"));
        }
        let area = self.area(bounds.width(), bounds.height(), layer);
        let paints = [
            path.fill().map(Fill::paint),
            path.stroke().map(Stroke::paint),
        ];
        for paint in paints.into_iter().flatten() {
            self.paint(area)?;
            if let Paint::Pattern(pattern) = paint {
                let (transform, own) = (path.abs_transform(), pattern.transform());
                let (x, y) = (
                    transform.get_scale().0 * own.get_scale().0,
                    transform.get_scale().1 * own.get_scale().1,
                );
                let rect = pattern.rect();
                // A tile is as large as it says.
                let tile = self.area(rect.width() * x, rect.height() * y, f64::INFINITY);
                self.paint(tile)?;
                if held + tile > self.most_at_once {
                    return Err(RenderError::too_large(
                        "a pattern of the SVG has tiles that are too large",
                    ));
                }
                self.group(pattern.root(), tile, held + tile)?;
            }
        }
        if let Some(dashes) = path.stroke().and_then(|stroke| stroke.dasharray()) {
            let lengths: f64 = dashes.iter().map(|&length| f64::from(length)).sum();
            let rounds = length(path) / lengths.max(1e-6);
            self.dashes += dashes.iter().map(|_| rounds).sum::<f64>();
            self.paint(0.0)?;
        }
        Ok(())
    }
}

/// How much work a step of a filter is for a pixel, in that of painting it. Without bound, if it cannot be done.
fn weight(kind: &filter::Kind, (across, down): (f64, f64)) -> f64 {
    let blur = |x: f32, y: f32| {
        let widest = (f64::from(x) * across).max(f64::from(y) * down);
        if widest <= MAX_BLUR {
            12.0
        } else {
            f64::INFINITY
        }
    };
    match kind {
        filter::Kind::GaussianBlur(it) => blur(it.std_dev_x().get(), it.std_dev_y().get()),
        filter::Kind::DropShadow(it) => blur(it.std_dev_x().get(), it.std_dev_y().get()),
        filter::Kind::DiffuseLighting(_) | filter::Kind::SpecularLighting(_) => 20.0,
        filter::Kind::Turbulence(turbulence) => 40.0 * f64::from(turbulence.num_octaves().max(1)),
        filter::Kind::ConvolveMatrix(convolve) => {
            let matrix = convolve.matrix();
            f64::from(matrix.columns()) * f64::from(matrix.rows())
        }
        filter::Kind::Morphology(morphology) => {
            let x = f64::from(morphology.radius_x().get()) * across;
            let y = f64::from(morphology.radius_y().get()) * down;
            (2.0 * x + 1.0) * (2.0 * y + 1.0)
        }
        _ => 4.0,
    }
}

/// At most how long a path is: its curves are shorter than the lines between the points that shape them.
fn length(path: &Path) -> f64 {
    let points = path.data().points();
    let pairs = points.iter().zip(points.iter().skip(1));
    pairs
        .map(|(from, to)| f64::from(to.x - from.x).hypot(f64::from(to.y - from.y)))
        .sum()
}
