//! What an image should look like, computed in another way than the engine's: pixel by pixel, in floating point, from the
//! boxes and sizes that a row states.
//!
//! A reference is steps, with `; ` between them, that begin with the main source as it is stored:
//!
//! | step | does |
//! |---|---|
//! | `plain WIDTH HEIGHT COLOR` | begins anew, with one colour |
//! | `source NAME` | begins anew, with another source |
//! | `box LEFT TOP WIDTH HEIGHT` | cuts that out |
//! | `scale WIDTH HEIGHT` | takes the mean of what a pixel covers, or what lies between pixels |
//! | `blocks N` | makes N by N pixels of each |
//! | `canvas WIDTH HEIGHT LEFT TOP COLOR` | lays it on a canvas, its corner there |
//! | `turn N` | turns it by N quarters, clockwise |
//! | `mirror`, `flip` | swaps left and right, top and bottom |
//! | `lay COLOR` | lays it on a colour |
//! | `under NAME LEFT TOP WIDTH HEIGHT OPACITY` | draws another source over it, scaled so |
//! | `line A B` | makes `A * v + B` of every sample v |
//! | `add RED GREEN BLUE` | adds to the samples |
//! | `matrix` and nine numbers | mixes the samples |
//! | `fade FACTOR` | multiplies alpha |
//! | `corners ACROSS DOWN` | makes transparent what is outside of ellipses in the corners |
//! | `blur SIGMA` | blurs by a Gaussian |

use image::RgbaImage;

use crate::sources;

/// Samples from 0 to 255; colours are multiplied by alpha.
#[derive(Clone, Debug)]
pub(crate) struct Reference {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pixels: Vec<[f64; 4]>,
}

impl Reference {
    /// What the steps make of a source.
    pub(crate) fn of(source: &str, steps: &str) -> Self {
        // A source that nothing is made of need not be one that is known here.
        let begins_anew = steps.starts_with("plain ") || steps.starts_with("source ");
        let mut image = if begins_anew {
            Self::plain(1, 1, [0.0; 4])
        } else {
            Self::from(&sources::pixels(source))
        };
        for step in steps.split("; ").filter(|step| *step != "as it is") {
            let mut words = step.split(' ');
            let name = words.next().unwrap_or_default();
            let words: Vec<&str> = words.collect();
            image = image
                .step(name, &words)
                .unwrap_or_else(|| panic!("{step:?} is not a step"));
        }
        image
    }

    /// The same, and `None` where the step is none.
    fn step(self, name: &str, words: &[&str]) -> Option<Self> {
        let whole = |at: usize| words.get(at)?.parse::<usize>().ok();
        let signed = |at: usize| words.get(at)?.parse::<i64>().ok();
        let number = |at: usize| words.get(at)?.parse::<f64>().ok();
        let color = |at: usize| Some(premultiplied(sources::color(words.get(at)?).0));
        Some(match (name, words.len()) {
            ("plain", 3) => Self::plain(whole(0)?, whole(1)?, color(2)?),
            ("source", 1) => Self::from(&sources::pixels(words[0])),
            ("box", 4) => self.cut(whole(0)?, whole(1)?, whole(2)?, whole(3)?),
            ("scale", 2) => self.scale(whole(0)?, whole(1)?),
            ("blocks", 1) => {
                let side = whole(0)?;
                let (width, height) = (self.width * side, self.height * side);
                Self::new(width, height, |x, y| self.at(x / side, y / side))
            }
            ("canvas", 5) => {
                Self::plain(whole(0)?, whole(1)?, color(4)?).under(&self, signed(2)?, signed(3)?)
            }
            ("turn", 1) => (0..whole(0)?).fold(self, |image, _| image.turn()),
            ("mirror", 0) => Self::new(self.width, self.height, |x, y| {
                self.at(self.width - 1 - x, y)
            }),
            ("flip", 0) => Self::new(self.width, self.height, |x, y| {
                self.at(x, self.height - 1 - y)
            }),
            ("lay", 1) => Self::plain(self.width, self.height, color(0)?).under(&self, 0, 0),
            ("under", 6) => {
                let other = Self::from(&sources::pixels(words[0]));
                let other = other.scale(whole(3)?, whole(4)?).fade(number(5)?);
                self.under(&other, signed(1)?, signed(2)?)
            }
            ("line", 2) => {
                let (factor, offset) = (number(0)?, number(1)?);
                self.opaque(|color| color.map(|value| factor * value + offset))
            }
            ("add", 3) => {
                let add = [number(0)?, number(1)?, number(2)?];
                self.opaque(|color| [0, 1, 2].map(|at| color[at] + add[at]))
            }
            ("matrix", 9) => {
                let mut factors = [0.0; 9];
                for (at, factor) in factors.iter_mut().enumerate() {
                    *factor = number(at)?;
                }
                self.opaque(|color| {
                    [0, 3, 6].map(|row| (0..3).map(|at| factors[row + at] * color[at]).sum())
                })
            }
            ("fade", 1) => self.fade(number(0)?),
            ("corners", 2) => self.corners(number(0)?, number(1)?),
            ("blur", 1) => self.blur(number(0)?),
            _ => return None,
        })
    }

    fn new(width: usize, height: usize, pixel: impl Fn(usize, usize) -> [f64; 4]) -> Self {
        let rows = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        Self {
            width,
            height,
            pixels: rows.map(|(x, y)| pixel(x, y)).collect(),
        }
    }

    fn plain(width: usize, height: usize, color: [f64; 4]) -> Self {
        Self::new(width, height, |_, _| color)
    }

    pub(crate) fn at(&self, x: usize, y: usize) -> [f64; 4] {
        self.pixels[y * self.width + x]
    }

    fn cut(&self, left: usize, top: usize, width: usize, height: usize) -> Self {
        assert!(
            left + width <= self.width && top + height <= self.height,
            "the box sticks out"
        );
        Self::new(width, height, |x, y| self.at(left + x, top + y))
    }

    fn turn(&self) -> Self {
        Self::new(self.height, self.width, |x, y| {
            self.at(y, self.height - 1 - x)
        })
    }

    fn scale(&self, width: usize, height: usize) -> Self {
        let across: Vec<_> = (0..width)
            .map(|at| weights(at, width, self.width))
            .collect();
        let down: Vec<_> = (0..height)
            .map(|at| weights(at, height, self.height))
            .collect();
        let narrow = Self::new(width, self.height, |x, y| {
            mean(&across[x], |at| self.at(at, y))
        });
        Self::new(width, height, |x, y| mean(&down[y], |at| narrow.at(x, at)))
    }

    /// `other` over this.
    fn under(&self, other: &Self, left: i64, top: i64) -> Self {
        Self::new(self.width, self.height, |x, y| {
            let below = self.at(x, y);
            let inside = |at: usize, start: i64, length: usize| {
                let at = usize::try_from(at as i64 - start).ok()?;
                (at < length).then_some(at)
            };
            let (Some(x), Some(y)) = (inside(x, left, other.width), inside(y, top, other.height))
            else {
                return below;
            };
            let above = other.at(x, y);
            [0, 1, 2, 3].map(|at| above[at] + below[at] * (1.0 - above[3] / 255.0))
        })
    }

    /// Each colour, by a function of it that takes no heed of alpha.
    fn opaque(&self, change: impl Fn([f64; 3]) -> [f64; 3]) -> Self {
        Self::new(self.width, self.height, |x, y| {
            let [red, green, blue, alpha] = self.at(x, y);
            if alpha <= 0.0 {
                return [0.0; 4];
            }
            let color = change([red, green, blue].map(|value| value * 255.0 / alpha));
            let [red, green, blue] = color.map(|value| value.clamp(0.0, 255.0) * alpha / 255.0);
            [red, green, blue, alpha]
        })
    }

    fn fade(&self, factor: f64) -> Self {
        Self::new(self.width, self.height, |x, y| {
            self.at(x, y).map(|value| value * factor)
        })
    }

    fn corners(&self, across: f64, down: f64) -> Self {
        let beyond = |at: usize, radius: f64, length: usize| {
            let (at, length) = (at as f64 + 0.5, length as f64);
            (radius - at.min(length - at)).max(0.0) / radius
        };
        Self::new(self.width, self.height, |x, y| {
            let (x_beyond, y_beyond) =
                (beyond(x, across, self.width), beyond(y, down, self.height));
            if x_beyond.hypot(y_beyond) > 1.0 {
                [0.0; 4]
            } else {
                self.at(x, y)
            }
        })
    }

    fn blur(&self, sigma: f64) -> Self {
        let reach = (3.0 * sigma).ceil() as i64;
        let weights = |at: usize, length: usize| {
            let near = (-reach..=reach).map(|offset| {
                let at = (at as i64 + offset).clamp(0, length as i64 - 1) as usize;
                (
                    at,
                    (-(offset * offset) as f64 / (2.0 * sigma * sigma)).exp(),
                )
            });
            near.collect::<Vec<_>>()
        };
        let across: Vec<_> = (0..self.width).map(|at| weights(at, self.width)).collect();
        let down: Vec<_> = (0..self.height)
            .map(|at| weights(at, self.height))
            .collect();
        let first = Self::new(self.width, self.height, |x, y| {
            mean(&across[x], |at| self.at(at, y))
        });
        Self::new(self.width, self.height, |x, y| {
            mean(&down[y], |at| first.at(x, at))
        })
    }
}

impl From<&RgbaImage> for Reference {
    fn from(image: &RgbaImage) -> Self {
        let (width, height) = (image.width() as usize, image.height() as usize);
        Self {
            width,
            height,
            pixels: image.pixels().map(|pixel| premultiplied(pixel.0)).collect(),
        }
    }
}

fn premultiplied([red, green, blue, alpha]: [u8; 4]) -> [f64; 4] {
    let [red, green, blue] =
        [red, green, blue].map(|value| f64::from(value) * f64::from(alpha) / 255.0);
    [red, green, blue, alpha.into()]
}

fn mean(weights: &[(usize, f64)], pixel: impl Fn(usize) -> [f64; 4]) -> [f64; 4] {
    let total: f64 = weights.iter().map(|(_, weight)| weight).sum();
    let mut sum = [0.0; 4];
    for &(at, weight) in weights {
        for (sum, value) in sum.iter_mut().zip(pixel(at)) {
            *sum += value * weight / total;
        }
    }
    sum
}

/// The pixels of a line of `from` that one of a line of `to` is made of: where lines shrink, those that it covers, by how
/// much of each; where they grow, the two beside its middle.
fn weights(at: usize, to: usize, from: usize) -> Vec<(usize, f64)> {
    let ratio = from as f64 / to as f64;
    if ratio >= 1.0 {
        let (start, end) = (at as f64 * ratio, (at + 1) as f64 * ratio);
        let first = start.floor() as usize;
        let last = (end.ceil() as usize).min(from);
        let covered = |at: usize| (at as f64 + 1.0).min(end) - (at as f64).max(start);
        return (first..last).map(|at| (at, covered(at))).collect();
    }
    let middle = ((at as f64 + 0.5) * ratio - 0.5).clamp(0.0, (from - 1) as f64);
    let first = middle.floor() as usize;
    let second = middle - middle.floor();
    vec![(first, 1.0 - second), ((first + 1).min(from - 1), second)]
}
