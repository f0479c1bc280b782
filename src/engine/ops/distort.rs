use super::soft::stretched;
use super::warp::warped;
use crate::engine::plan::{Size, whole};
use crate::engine::{Layout, Picture, RenderError};
use crate::recipe::{Color, Distortion};

/// Moves the pixels of a picture, whose size stays. What is left has no colour.
pub(in crate::engine) fn distort(
    picture: Picture,
    distortion: Distortion,
) -> Result<Picture, RenderError> {
    match distortion {
        Distortion::Perspective(corners) => perspective(picture, corners),
        Distortion::Arc(degrees) => arc(picture, degrees),
    }
}

/// Corners that make no quadrilateral leave nothing.
fn perspective(picture: Picture, corners: [(f64, f64); 4]) -> Result<Picture, RenderError> {
    let size = picture.size();
    let Some(back) = Homography::of_unit_square(corners).and_then(Homography::inverse) else {
        return Picture::new(
            size.width,
            size.height,
            Layout::GrayAlpha,
            vec![0; picture.data().len() / picture.layout().samples() * 2],
        );
    };
    let area = f64::from(size.width) * f64::from(size.height);
    let picture = shrunk(picture, (quad_area(corners) / area).sqrt())?;
    let (width, height) = (f64::from(picture.width()), f64::from(picture.height()));
    warped(&picture, size, Color::TRANSPARENT, |x, y| {
        let (u, v) = back.apply(x, y)?;
        Some((u * width, v * height))
    })
}

/// Made smaller beforehand, where what is looked up would be only some of the pixels.
fn shrunk(picture: Picture, factor: f64) -> Result<Picture, RenderError> {
    if factor.is_nan() || factor > 0.75 {
        return Ok(picture);
    }
    let length = |length: u32| whole((f64::from(length) * factor).ceil()).clamp(1, length);
    let size = Size::new(length(picture.width()), length(picture.height()));
    stretched(picture, size)
}

fn quad_area(corners: [(f64, f64); 4]) -> f64 {
    let next = corners.iter().cycle().skip(1);
    let crosses = corners.iter().zip(next).map(|(a, b)| a.0 * b.1 - b.0 * a.1);
    (crosses.sum::<f64>() / 2.0).abs()
}

/// A projective map of the plane.
#[derive(Clone, Copy, Debug)]
struct Homography([[f64; 3]; 3]);

impl Homography {
    /// The one that takes (0, 0), (1, 0), (1, 1) and (0, 1) to four points, no three of which are in line.
    fn of_unit_square(corners: [(f64, f64); 4]) -> Option<Self> {
        let [(x0, y0), (x1, y1), (x2, y2), (x3, y3)] = corners;
        let (dx1, dx2, sx) = (x1 - x2, x3 - x2, x0 - x1 + x2 - x3);
        let (dy1, dy2, sy) = (y1 - y2, y3 - y2, y0 - y1 + y2 - y3);
        let det = dx1 * dy2 - dx2 * dy1;
        let (g, h) = ((sx * dy2 - dx2 * sy) / det, (dx1 * sy - sx * dy1) / det);
        let map = Self([
            [x1 - x0 + g * x1, x3 - x0 + h * x3, x0],
            [y1 - y0 + g * y1, y3 - y0 + h * y3, y0],
            [g, h, 1.0],
        ]);
        let finite = map.0.iter().flatten().all(|value| value.is_finite());
        finite.then_some(map)
    }

    fn inverse(self) -> Option<Self> {
        let rows = self.0;
        // Going around, a minor has the cofactor's sign.
        let cofactor = |row: usize, column: usize| {
            let at = |down: usize, right: usize| rows[(row + down) % 3][(column + right) % 3];
            at(1, 1) * at(2, 2) - at(1, 2) * at(2, 1)
        };
        let det: f64 = (0..3).map(|i| rows[0][i] * cofactor(0, i)).sum();
        let inverse: [[f64; 3]; 3] =
            std::array::from_fn(|row| std::array::from_fn(|column| cofactor(column, row) / det));
        let finite = inverse.iter().flatten().all(|value| value.is_finite());
        (finite && det.abs() > 1e-9).then_some(Self(inverse))
    }

    /// Where a point goes; `None` is behind the one who looks.
    fn apply(&self, x: f64, y: f64) -> Option<(f64, f64)> {
        let [u, v, depth] = self
            .0
            .map(|[across, down, fixed]| across * x + down * y + fixed);
        (depth > 0.0).then(|| (u / depth, v / depth))
    }
}

/// The picture bent along an arc, its top outside (inside for less than 0 degrees), its middle as long as before; then
/// shrunk, or enlarged, to fit the size that it had.
fn arc(picture: Picture, degrees: f64) -> Result<Picture, RenderError> {
    let degrees = degrees.clamp(-360.0, 360.0);
    if degrees.is_nan() || degrees.abs() < 0.01 {
        return Ok(picture);
    }
    let size = picture.size();
    let angle = degrees.abs().to_radians();
    let (width, height) = (f64::from(size.width), f64::from(size.height));
    let middle = (width / angle).max(height / 2.0);
    let (inner, outer) = (middle - height / 2.0, middle + height / 2.0);

    // The hull of the arc, with the middle of its circle at (0, 0), y down.
    let half = angle / 2.0;
    let right = outer * half.min(std::f64::consts::FRAC_PI_2).sin();
    let bottom = (inner * -half.cos()).max(outer * -half.cos());
    let (hull_width, hull_height) = (2.0 * right, outer + bottom);
    let scale = (width / hull_width).min(height / hull_height);
    let hull_middle = (bottom - outer) / 2.0;

    let picture = shrunk(picture, scale)?;
    let (from_width, from_height) = (f64::from(picture.width()), f64::from(picture.height()));
    let upside_down = degrees < 0.0;
    warped(&picture, size, Color::TRANSPARENT, |x, y| {
        let y = if upside_down { height - y } else { y };
        let x = (x - width / 2.0) / scale;
        let y = (y - height / 2.0) / scale + hull_middle;
        let (along, across) = (
            0.5 + x.atan2(-y) / angle,
            (outer - x.hypot(y)) / (outer - inner),
        );
        let across = if upside_down { 1.0 - across } else { across };
        Some((along * from_width, across * from_height))
    })
}
