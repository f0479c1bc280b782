//! What is drawn over an image: other images, rectangles of a colour, texts.

use data_encoding::BASE64_NOPAD;
use percent_encoding::percent_decode_str;

use super::color::{alpha, color};
use super::effects::{default_trim, round};
use super::geometry::side;
use super::number::{Lengths, Number, place, size, whole, within};
use super::params::Params;
use super::{Refuse, bad, not_supported, quoted};
use crate::dialect::MAX_LENGTH;
use crate::guard::Rejection;
use crate::recipe::{
    Align, Blend, Color, Content, Length, Operator, Overlay, Position, Property, Step, Text,
    TextAlign, Variable,
};

/// What stands for a rectangle instead of an image.
pub(super) const CANVAS: &str = "ik_canvas";

/// The parameters of a layer that are about itself, and not about what is done to what it shows.
const OWN: [&str; 9] = ["i", "ie", "lx", "ly", "lxc", "lyc", "lap", "lfo", "lm"];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Image,
    Text,
}

/// A layer, as far as it is read.
pub(super) struct Layer<'a> {
    kind: Kind,
    pub(super) own: Params<'a>,
    /// What it shows, where that is no image; known with the first step.
    content: Option<Content>,
    opacity: f64,
    lengths: Lengths,
    begun: bool,
}

impl<'a> Layer<'a> {
    pub(super) fn of(kind: &str) -> Result<Self, Rejection> {
        Ok(Self {
            kind: match kind {
                "image" => Kind::Image,
                "text" => Kind::Text,
                "video" | "subtitles" => {
                    return Err(not_supported(&format!("l-{kind}"), Refuse::Video));
                }
                kind => return Err(bad(format!("there is no layer {}", quoted(kind)))),
            },
            own: Params::default(),
            content: None,
            opacity: 1.0,
            lengths: Lengths::default(),
            begun: false,
        })
    }

    /// Whether a parameter is about the layer itself.
    pub(super) fn owns(key: &str) -> bool {
        OWN.contains(&key)
    }

    /// Takes what the layer's first step says about what it shows.
    pub(super) fn step(
        &mut self,
        params: &mut Params<'a>,
        steps: &mut Vec<Step>,
    ) -> Result<(), Rejection> {
        if std::mem::replace(&mut self.begun, true) {
            return Ok(());
        }
        if self.kind == Kind::Text {
            self.content = Some(Content::Text(self.text(params)?));
        } else if self.input()?.as_deref() == Some(CANVAS) {
            self.content = Some(self.canvas(params)?);
        } else if !params.has("t") {
            steps.push(default_trim());
        }
        Ok(())
    }

    /// The name of the image that it shows, if any.
    pub(super) fn source(&mut self) -> Result<Option<String>, Rejection> {
        if self.content.is_some() {
            return Ok(None);
        }
        let name = self
            .input()?
            .ok_or_else(|| bad("a layer has neither i nor ie"))?;
        Ok(Some(name.trim_start_matches('/').to_owned()))
    }

    pub(super) fn finish(
        mut self,
        source: Option<usize>,
        steps: Vec<Step>,
    ) -> Result<Overlay, Rejection> {
        let content = self.content.take().or(source.map(Content::Source));
        let content = content.ok_or_else(|| bad("a layer has neither i nor ie"))?;
        let mut overlay = Overlay::new(content);
        overlay.steps = steps;
        overlay.opacity = self.opacity;
        overlay.inside = true;
        (overlay.x, overlay.y) = self.position()?;
        overlay.blend = match self.own.take("lm") {
            None => Blend::Normal,
            Some("multiply") => Blend::Multiply,
            Some("cutter") => Blend::Mask,
            Some("cutout") => Blend::MaskOut,
            Some("displace") => return Err(not_supported("lm-displace", Refuse::Version)),
            Some(text) => return Err(bad(format!("lm is unknown: {}", quoted(text)))),
        };
        self.own.take("i");
        self.own.take("ie");
        self.own.finish()?;
        overlay.lengths = self.lengths.0;
        Ok(overlay)
    }

    /// The text of `ie`, or else of `i`.
    fn input(&self) -> Result<Option<String>, Rejection> {
        /// The most characters of a text as it is, and in base64.
        const MAX_PLAIN: usize = 2000;
        const MAX_ENCODED: usize = 2500;

        let own = &mut self.own.clone();
        let (plain, encoded) = (own.take("i"), own.take("ie"));
        let input = match (plain, encoded) {
            (_, Some(encoded)) => {
                let no = || bad(format!("ie is no base64: {}", quoted(encoded)));
                let text = percent_decode_str(encoded)
                    .decode_utf8()
                    .map_err(|_| no())?;
                if text.len() > MAX_ENCODED {
                    return Err(bad(format!("ie has more than {MAX_ENCODED} characters")));
                }
                let text = text.trim_end_matches('=');
                let bytes = BASE64_NOPAD.decode(text.as_bytes()).map_err(|_| no())?;
                String::from_utf8(bytes).map_err(|_| no())?
            }
            (Some(plain), None) if plain.chars().count() > MAX_PLAIN => {
                return Err(bad(format!("i has more than {MAX_PLAIN} characters")));
            }
            (Some(plain), None) if self.kind == Kind::Image => plain.replace("@@", "/"),
            (Some(plain), None) => plain.to_owned(),
            (None, None) => return Ok(None),
        };
        Ok(Some(input))
    }

    fn canvas(&mut self, params: &mut Params<'a>) -> Result<Content, Rejection> {
        let mut side = |key: &str, of: Property| match params.take(key) {
            Some(text) => self.lengths.of(size(key, text, of)?),
            None => Ok(Length::Fraction(1.0)),
        };
        let (width, height) = (side("w", Property::Width)?, side("h", Property::Height)?);
        let color = match params.take("bg") {
            Some(text) => color("bg", text)?,
            None if params.has("e") => Color::TRANSPARENT,
            None => Color::BLACK,
        };
        if let Some(text) = params.take("al") {
            self.opacity = f64::from(whole("al", text, 1, 9)?) / 10.0;
        }
        Ok(Content::Canvas {
            width,
            height,
            color,
        })
    }

    fn text(&mut self, params: &mut Params<'a>) -> Result<Text, Rejection> {
        let input = self.input()?.filter(|text| !text.is_empty());
        let mut text = Text::new(input.ok_or_else(|| bad("a text has neither i nor ie"))?);
        text.size = match params.take("fs") {
            Some(size) => whole("fs", size, 1, 4096)?.into(),
            None => 45.0,
        };
        if let Some(width) = params.take("w") {
            text.width = Some(self.lengths.of(size("w", width, Property::Width)?)?);
        }
        if let Some(family) = params.take("ff") {
            text.family = family.replace("@@", "/").into();
        }
        if let Some(name) = params.take("co") {
            text.color = color("co", name)?;
        }
        if let Some(tenths) = params.take("al") {
            text.color.alpha = alpha(whole("al", tenths, 1, 9)?, 10);
        }
        if let Some(name) = params.take("bg") {
            text.background = color("bg", name)?;
        }
        text.align = match params.take("ia") {
            None | Some("center") => TextAlign::Center,
            Some("left") => TextAlign::Start,
            Some("right") => TextAlign::End,
            Some(other) => return Err(bad(format!("ia is unknown: {}", quoted(other)))),
        };
        for style in params
            .take("tg")
            .into_iter()
            .flat_map(|styles| styles.split('_'))
        {
            match style {
                "b" => text.bold = true,
                "i" => text.italic = true,
                "strikethrough" => text.strikethrough = true,
                other => return Err(bad(format!("tg is unknown: {}", quoted(other)))),
            }
        }
        if let Some(lengths) = params.take("pa") {
            text.padding = padding(lengths)?;
        }
        if let Some(radius) = params.take("r") {
            text.radius = match round(radius)?.radii {
                [(Length::Pixels(_), _), ..] if !radius.contains('_') => {
                    whole("r", radius, 0, MAX_LENGTH)?
                }
                // As round as it can be: radii are scaled down to what fits.
                _ if radius == "max" => MAX_LENGTH,
                _ => {
                    return Err(not_supported(
                        "r of four corners of a text",
                        Refuse::Version,
                    ));
                }
            };
        }
        if let Some(height) = params.take("lh") {
            text.line_height = within("lh", height, 0.0, 4096.0)? / text.size;
        }
        Ok(text)
    }

    /// Where it is: at a point, or else at a side.
    fn position(&mut self) -> Result<(Position, Position), Rejection> {
        let anchor = self.own.take("lap");
        let focus = self.own.take("lfo");
        let unknown = |key: &str, text: &str| bad(format!("{key} is unknown: {}", quoted(text)));
        let named = |key: &str, text: Option<&str>, default| {
            text.map_or(Ok(default), |text| {
                side(text).ok_or_else(|| unknown(key, text))
            })
        };
        let anchor = named("lap", anchor, (Align::Start, Align::Start))?;
        let focus = named("lfo", focus, (Align::Center, Align::Center))?;
        let mut at = |corner: &'static str, middle: &'static str| {
            let (edge, center) = (self.own.take(corner), self.own.take(middle));
            match (edge, center) {
                (Some(_), Some(_)) => Err(bad(format!("{corner} and {middle} are both there"))),
                (Some(text), None) => place(corner, text).map(|at| Some((at, false))),
                (None, Some(text)) => place(middle, text).map(|at| Some((at, true))),
                (None, None) => Ok(None),
            }
        };
        let (x, y) = (at("lx", "lxc")?, at("ly", "lyc")?);
        if x.is_none() && y.is_none() {
            return Ok((aligned(focus.0), aligned(focus.1)));
        }
        Ok((
            self.along(x, anchor.0, Property::Width)?,
            self.along(y, anchor.1, Property::Height)?,
        ))
    }

    /// A place along an axis, from a point of the image on; of the layer's middle (`true`) or of its left or top edge.
    fn along(
        &mut self,
        at: Option<(Number, bool)>,
        anchor: Align,
        of: Property,
    ) -> Result<Position, Rejection> {
        let (at, middle) = at.unwrap_or((Number::Known(0.0), false));
        // What is negative counts from the other end.
        if let (&Number::Known(distance), false, Align::Start) = (&at, middle, anchor)
            && distance < 0.0
        {
            return Ok(Position::End(Length::Pixels(-distance)));
        }
        let base = || Number::variable(Variable::Base(of));
        let half = |number: Number| number.then(Operator::Divide, Number::Known(2.0));
        let at = match anchor {
            Align::Start => at,
            Align::Center => half(base()).then(Operator::Add, at),
            Align::End => base().then(Operator::Add, at),
        };
        let own = || Number::variable(Variable::Current(of));
        let at = if middle {
            at.then(Operator::Subtract, half(own()))
        } else {
            at
        };
        Ok(Position::Start(self.lengths.of(at)?))
    }
}

fn aligned(align: Align) -> Position {
    let none = Length::default();
    match align {
        Align::Start => Position::Start(none),
        Align::Center => Position::Center(none),
        Align::End => Position::End(none),
    }
}

/// One to four lengths, as in CSS.
fn padding(text: &str) -> Result<[u32; 4], Rejection> {
    let lengths = text.split('_').take(5);
    let lengths = lengths.map(|text| whole("pa", text, 0, MAX_LENGTH));
    Ok(match *lengths.collect::<Result<Vec<_>, _>>()? {
        [all] => [all; 4],
        [vertical, horizontal] => [vertical, horizontal, vertical, horizontal],
        [top, horizontal, bottom] => [top, horizontal, bottom, horizontal],
        [top, right, bottom, left] => [top, right, bottom, left],
        _ => {
            return Err(bad(format!(
                "pa has more than four lengths: {}",
                quoted(text)
            )));
        }
    })
}
