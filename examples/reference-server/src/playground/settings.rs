//! What the controls of the page say.

use imgward::recipe::Align;

use super::query::Query;

/// A recipe in the words of the page. Sides are those of the image as it is turned and mirrored.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Settings {
    /// 0: whatever the height makes it.
    pub(super) width: u32,
    /// 0: whatever the width makes it.
    pub(super) height: u32,
    pub(super) fit: Fit,
    pub(super) enlarge: bool,
    /// What is kept where something is cut off.
    pub(super) keep: Keep,
    pub(super) trim: bool,
    /// Quarter turns, clockwise, 0 to 3.
    pub(super) turns: u8,
    /// Whether left and right, top and bottom are swapped, after the turn.
    pub(super) mirror: [bool; 2],
    /// Standard deviations, in halves of a pixel. 0: none.
    pub(super) blur: f64,
    pub(super) sharpen: f64,
    /// In percent, -100 to 100.
    pub(super) brightness: f64,
    pub(super) contrast: f64,
    pub(super) saturation: f64,
    pub(super) grayscale: bool,
    /// Six hexadecimal digits.
    pub(super) background: Option<String>,
    /// Of the corners. 0: none.
    pub(super) radius: u32,
    pub(super) text: Option<Text>,
    /// `None`: the source's, or what the client accepts.
    pub(super) format: Option<&'static str>,
    pub(super) quality: Option<u8>,
}

/// How an image fills the box.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fit {
    /// Within it.
    Inside,
    /// Covers it, and is cut.
    Fill,
    /// Within it, on a canvas of its size.
    Pad,
    /// Becomes the box.
    Stretch,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Keep {
    Side(Align, Align),
    Smart,
    /// A point, in parts of the width and the height.
    Point(f64, f64),
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Text {
    pub(super) words: String,
    pub(super) place: (Align, Align),
    /// Pixels.
    pub(super) size: u32,
    /// Six hexadecimal digits.
    pub(super) color: String,
}

/// The longest side that the page asks for, in pixels.
const MAX_LENGTH: u32 = 4000;

/// The most characters of a text.
const MAX_TEXT: usize = 200;

const FITS: [(&str, Fit); 4] = [
    ("inside", Fit::Inside),
    ("fill", Fit::Fill),
    ("pad", Fit::Pad),
    ("stretch", Fit::Stretch),
];

/// The sides, in the words of imgproxy and ImageKit.
pub(super) const SIDES: [(&str, (Align, Align)); 9] = [
    ("center", (Align::Center, Align::Center)),
    ("top", (Align::Center, Align::Start)),
    ("bottom", (Align::Center, Align::End)),
    ("left", (Align::Start, Align::Center)),
    ("right", (Align::End, Align::Center)),
    ("top_left", (Align::Start, Align::Start)),
    ("top_right", (Align::End, Align::Start)),
    ("bottom_left", (Align::Start, Align::End)),
    ("bottom_right", (Align::End, Align::End)),
];

const FORMATS: [&str; 5] = ["jpeg", "png", "webp", "avif", "gif"];

impl Settings {
    /// Reads them. What is not there is as it is before anybody touches a control; the error names what makes no sense.
    pub(super) fn read(query: &Query) -> Result<Self, String> {
        let percent = |name| number(query, name, -100.0, 100.0);
        Ok(Self {
            width: whole(query, "w", MAX_LENGTH)?,
            height: whole(query, "h", MAX_LENGTH)?,
            fit: choice(query, "fit", &FITS, Fit::Inside)?,
            enlarge: flag(query, "enlarge")?,
            keep: match query.get("keep") {
                "smart" => Keep::Smart,
                "point" => {
                    let percent = |name| number(query, name, 0.0, 100.0);
                    Keep::Point(percent("x")? / 100.0, percent("y")? / 100.0)
                }
                _ => {
                    let (x, y) = choice(query, "keep", &SIDES, (Align::Center, Align::Center))?;
                    Keep::Side(x, y)
                }
            },
            trim: flag(query, "trim")?,
            turns: choice(
                query,
                "rotate",
                &[("0", 0), ("90", 1), ("180", 2), ("270", 3)],
                0,
            )?,
            mirror: [flag(query, "flip_h")?, flag(query, "flip_v")?],
            blur: (number(query, "blur", 0.0, 50.0)? * 2.0).round() / 2.0,
            sharpen: number(query, "sharpen", 0.0, 10.0)?,
            brightness: percent("brightness")?,
            contrast: percent("contrast")?,
            saturation: percent("saturation")?,
            grayscale: flag(query, "grayscale")?,
            background: color(query, "background")?,
            radius: whole(query, "radius", MAX_LENGTH)?,
            text: text(query)?,
            format: match query.get("format") {
                "" | "auto" => None,
                name => {
                    let format = FORMATS.iter().find(|format| **format == name);
                    Some(*format.ok_or_else(|| wrong("format", name))?)
                }
            },
            quality: u8::try_from(whole(query, "quality", 100)?)
                .ok()
                .filter(|&quality| quality > 0),
        })
    }
}

fn text(query: &Query) -> Result<Option<Text>, String> {
    let text = query.get("text");
    if text.is_empty() {
        return Ok(None);
    }
    if text.chars().count() > MAX_TEXT || text.contains(char::is_control) {
        return Err(format!(
            "text has more than {MAX_TEXT} characters, or ones for control"
        ));
    }
    let size = whole(query, "text_size", 400)?;
    Ok(Some(Text {
        words: text.to_owned(),
        place: choice(query, "text_place", &SIDES, (Align::Center, Align::Center))?,
        size: if size == 0 { 32 } else { size },
        color: color(query, "text_color")?.unwrap_or_else(|| "ffffff".into()),
    }))
}

fn wrong(name: &str, text: &str) -> String {
    let beginning: String = text.chars().take(32).collect();
    format!("{name} cannot be {beginning:?}")
}

fn number(query: &Query, name: &str, least: f64, most: f64) -> Result<f64, String> {
    let text = match query.get(name) {
        "" => "0",
        text => text,
    };
    let number = text.parse().ok();
    number
        .filter(|number| (least..=most).contains(number))
        .ok_or_else(|| wrong(name, text))
}

fn whole(query: &Query, name: &str, most: u32) -> Result<u32, String> {
    match query.get(name) {
        "" => Ok(0),
        text => {
            let whole = text.parse().ok().filter(|&whole| whole <= most);
            whole.ok_or_else(|| wrong(name, text))
        }
    }
}

fn flag(query: &Query, name: &str) -> Result<bool, String> {
    choice(query, name, &[("0", false), ("1", true)], false)
}

fn choice<T: Copy>(
    query: &Query,
    name: &str,
    choices: &[(&str, T)],
    default: T,
) -> Result<T, String> {
    match query.get(name) {
        "" => Ok(default),
        text => {
            let choice = choices.iter().find(|(name, _)| *name == text);
            let (_, choice) = choice.ok_or_else(|| wrong(name, text))?;
            Ok(*choice)
        }
    }
}

/// `#` may stand before the digits.
fn color(query: &Query, name: &str) -> Result<Option<String>, String> {
    let text = query.get(name);
    let digits = text.strip_prefix('#').unwrap_or(text);
    if text.is_empty() {
        return Ok(None);
    }
    if digits.len() != 6 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(wrong(name, text));
    }
    Ok(Some(digits.to_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_makes_no_sense_is_named() {
        for (query, name) in [
            ("w=4001", "w"),
            ("w=-1", "w"),
            ("h=1.5", "h"),
            ("fit=cover", "fit"),
            ("keep=middle", "keep"),
            ("keep=point&x=101", "x"),
            ("rotate=45", "rotate"),
            ("trim=yes", "trim"),
            ("blur=NaN", "blur"),
            ("brightness=-101", "brightness"),
            ("background=fff", "background"),
            ("background=%23gggggg", "background"),
            ("format=bmp", "format"),
            ("quality=101", "quality"),
            ("text=a%00b", "text"),
            ("text=a&text_place=no", "text_place"),
        ] {
            let error = Settings::read(&Query::parse(query)).unwrap_err();
            assert!(error.starts_with(&format!("{name} ")), "{query}: {error}");
        }
    }

    #[test]
    fn nothing_said_is_nothing_done() {
        let settings = Settings::read(&Query::parse("")).unwrap();
        assert_eq!(
            settings,
            Settings::read(&Query::parse("w=0&blur=0&quality=0")).unwrap()
        );
        assert_eq!(
            (settings.width, settings.format, settings.quality),
            (0, None, None)
        );
        assert_eq!(settings.keep, Keep::Side(Align::Center, Align::Center));
    }
}
