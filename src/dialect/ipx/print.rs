//! IPX's grammar, and OptStuff's, from a request to a URL.

use crate::dialect::print::{
    Printed, encoded_name, inverse, missing, no_such, pixels, pixels_or_none, tidy, unsayable,
};
use crate::recipe::{
    Align, Backdrop, Color, Extend, Extract, Format, Gravity, ImageRequest, Kernel, Length, Resize,
    ResizeMode, Sharpen, Step, TrimColor,
};

/// What OptStuff lets through.
const OPTSTUFF: [&str; 6] = ["w", "h", "s", "q", "f", "fit"];

/// The request as a URL below its mount, whose name is decoded `decodings` times on the way to the parser. `optstuff`:
/// whether it has to pass OptStuff's gate.
pub(in crate::dialect) fn print(request: &ImageRequest, optstuff: bool, decodings: u8) -> Printed {
    let mut operations = Operations::default();
    for step in &request.recipe.steps {
        operations.step(step)?;
    }
    operations.output(request)?;
    let foreign = operations.list.iter().find(|operation| {
        let fits = !matches!(&*operation.arguments, "inside" | "outside");
        optstuff && !(OPTSTUFF.contains(&operation.name) && fits)
    });
    if let Some(operation) = foreign {
        return unsayable(operation.field, "OptStuff lets no such operation pass");
    }
    let texts: Vec<String> = operations.list.iter().map(Operation::text).collect();
    let segment = if texts.is_empty() {
        "_".to_owned()
    } else {
        texts.join(",")
    };
    let name = request.sources.first().map_or("", |name| name);
    let mut image = encoded_name(name);
    for _ in 1..decodings {
        image = image.replace('%', "%25");
    }
    Ok(format!("{segment}/{image}"))
}

struct Operation {
    name: &'static str,
    arguments: String,
    /// The field that it is about.
    field: &'static str,
}

impl Operation {
    fn text(&self) -> String {
        let separator = if self.arguments.is_empty() { "" } else { "_" };
        format!("{}{separator}{}", self.name, self.arguments)
    }
}

/// The operations so far. Their order says nothing: what is done has an order of its own.
#[derive(Default)]
struct Operations {
    list: Vec<Operation>,
    /// The exponent of what was made darker first.
    darkened: Option<f64>,
}

impl Operations {
    fn has(&self, name: &str) -> bool {
        self.list.iter().any(|operation| operation.name == name)
    }

    #[expect(clippy::needless_pass_by_value, reason = "it is made to be passed")]
    fn add(&mut self, name: &'static str, arguments: impl ToString, field: &'static str) {
        self.list.push(Operation {
            name,
            arguments: arguments.to_string(),
            field,
        });
    }

    /// Sets what may be set once; what was there before is for the parser to notice.
    fn set(&mut self, name: &'static str, arguments: impl ToString, field: &'static str) {
        if !self.has(name) {
            self.add(name, arguments, field);
        }
    }

    fn background(&mut self, color: Color, field: &'static str) {
        // Black is what it is anyway.
        if color != Color::BLACK {
            self.set("b", color_digits(color), field);
        }
    }

    fn step(&mut self, step: &Step) -> Printed<()> {
        match step {
            Step::Trim(trim) => match trim.color {
                TrimColor::TopLeft => self.add("trim", tidy(trim.tolerance), "Step::Trim"),
                color => return no_such(&color),
            },
            Step::Extract(extract) => self.extract(extract)?,
            Step::Resize(resize) => self.resize(resize)?,
            Step::Extend(extend) => self.extend(extend)?,
            Step::Flip {
                horizontal,
                vertical,
            } => {
                if *vertical {
                    self.add("flip", "", "Step::Flip");
                }
                if *horizontal {
                    self.add("flop", "", "Step::Flip");
                }
            }
            Step::Rotate(rotate) => {
                self.background(rotate.background, "Rotate.background");
                self.add("rotate", tidy(rotate.degrees), "Step::Rotate");
            }
            Step::Flatten(Backdrop::Color(color)) => {
                self.background(*color, "Step::Flatten");
                self.add("flatten", "", "Step::Flatten");
            }
            Step::Flatten(backdrop) => return no_such(backdrop),
            step => self.filter(step)?,
        }
        Ok(())
    }

    fn filter(&mut self, step: &Step) -> Printed<()> {
        match step {
            Step::Blur { sigma } => self.add("blur", tidy(*sigma), "Step::Blur"),
            Step::Sharpen(Sharpen {
                sigma,
                flat,
                jagged,
                ..
            }) => {
                let [sigma, flat, jagged] = [sigma, flat, jagged].map(|number| tidy(*number));
                self.add(
                    "sharpen",
                    format!("{sigma}_{flat}_{jagged}"),
                    "Step::Sharpen",
                );
            }
            Step::Median { size } => self.add("median", size, "Step::Median"),
            Step::Modulate(modulation) => {
                let [lightness, saturation, hue] =
                    [modulation.lightness, modulation.saturation, modulation.hue].map(tidy);
                let arguments = format!("{lightness}_{saturation}_{hue}");
                self.add("modulate", arguments, "Step::Modulate");
            }
            Step::Grayscale => self.add("grayscale", "", "Step::Grayscale"),
            Step::Negate => self.add("negate", "", "Step::Negate"),
            Step::Tint(color) => self.add("tint", color_digits(*color), "Step::Tint"),
            Step::Gamma(gamma) => match self.darkened {
                None => self.darkened = Some(*gamma),
                Some(darkened) => {
                    let before = inverse(darkened, 1.0 / darkened, |gamma| 1.0 / gamma);
                    let arguments = format!("{before}_{}", tidy(*gamma));
                    self.add("gamma", arguments, "Step::Gamma");
                }
            },
            Step::Normalize => self.add("normalize", "", "Step::Normalize"),
            Step::Threshold(least) => self.add("threshold", least, "Step::Threshold"),
            step => return no_such(step),
        }
        Ok(())
    }

    /// The first is cut out before the size is changed.
    fn extract(&mut self, extract: &Extract) -> Printed<()> {
        let Gravity::Anchor { x, y, .. } = extract.gravity else {
            return no_such(&extract.gravity);
        };
        let arguments = format!(
            "{}_{}_{}_{}",
            pixels(x, "Extract.gravity")?,
            pixels(y, "Extract.gravity")?,
            pixels_or_none(extract.width, "Extract.width")?,
            pixels_or_none(extract.height, "Extract.height")?
        );
        // They are called in the order of their names.
        let name = if self.has("crop") { "extract" } else { "crop" };
        self.add(name, arguments, "Step::Extract");
        Ok(())
    }

    fn resize(&mut self, resize: &Resize) -> Printed<()> {
        const FIELD: &str = "Step::Resize";

        let (width, height) = (
            pixels_or_none(resize.width, "Resize.width")?,
            pixels_or_none(resize.height, "Resize.height")?,
        );
        if width > 0.0 && height > 0.0 {
            self.add("s", format!("{width}x{height}"), FIELD);
            let fit = match resize.mode {
                ResizeMode::Fill => "cover",
                ResizeMode::Fit => "inside",
                ResizeMode::Force => "fill",
                ResizeMode::Cover => "outside",
                ResizeMode::Auto => return no_such(&resize.mode),
            };
            self.add("fit", fit, "Resize.mode");
            if let Some(kernel) = kernel(resize.kernel)? {
                self.add("kernel", kernel, "Resize.kernel");
            }
            if !resize.enlarge {
                return unsayable("Resize.enlarge", "a box is made smaller there instead");
            }
            if !resize.within_source {
                self.add("enlarge", "", "Resize.within_source");
            }
        } else {
            if width > 0.0 {
                self.add("w", width, FIELD);
            } else {
                self.add("h", height, FIELD);
            }
            if resize.enlarge {
                self.add("enlarge", "", "Resize.enlarge");
            }
            return Ok(());
        }
        let part = |length: Length| match length {
            Length::Fraction(0.0) => Align::Start,
            Length::Fraction(1.0) => Align::End,
            _ => Align::Center,
        };
        match &resize.gravity {
            Gravity::Point { x, y } => self.position(part(*x), part(*y)),
            Gravity::Smart => self.set("pos", "attention", "Resize.gravity"),
            gravity => return no_such(gravity),
        }
        Ok(())
    }

    fn position(&mut self, horizontal: Align, vertical: Align) {
        use Align::{Center, End, Start};

        let position = match (horizontal, vertical) {
            (Center, Center) => return,
            (Center, Start) => "top",
            (Center, End) => "bottom",
            (Start, Center) => "left",
            (End, Center) => "right",
            (Start, Start) => "northwest",
            (End, Start) => "northeast",
            (Start, End) => "southwest",
            (End, End) => "southeast",
        };
        self.set("pos", position, "Resize.gravity");
    }

    /// What fills the box of the resize before it, or else margins.
    fn extend(&mut self, extend: &Extend) -> Printed<()> {
        let Backdrop::Color(color) = extend.backdrop else {
            return no_such(&extend.backdrop);
        };
        self.background(color, "Extend.backdrop");
        if extend.width.is_some() || extend.height.is_some() {
            let fit = self
                .list
                .iter_mut()
                .find(|operation| operation.name == "fit");
            let Some(fit) = fit else {
                return missing("Extend.width");
            };
            "contain".clone_into(&mut fit.arguments);
            return Ok(());
        }
        let arguments = format!(
            "{}_{}_{}_{}",
            pixels(extend.top, "Extend.top")?,
            pixels(extend.right, "Extend.right")?,
            pixels(extend.bottom, "Extend.bottom")?,
            pixels(extend.left, "Extend.left")?
        );
        self.add("extend", arguments, "Step::Extend");
        Ok(())
    }

    fn output(&mut self, request: &ImageRequest) -> Printed<()> {
        let output = &request.recipe.output;
        match output.format {
            None => {}
            Some(Format::Jpeg) => self.add("f", "jpg", "Output.format"),
            Some(
                format @ (Format::Png | Format::WebP | Format::Avif | Format::Gif | Format::Tiff),
            ) => self.add("f", format, "Output.format"),
            Some(format) => return no_such(&format),
        }
        if let Some(quality) = output.quality {
            self.add("q", quality, "Output.quality");
        }
        Ok(())
    }
}

fn kernel(kernel: Kernel) -> Printed<Option<&'static str>> {
    Ok(Some(match kernel {
        Kernel::Nearest => "nearest",
        Kernel::Linear => "linear",
        Kernel::Cubic => "cubic",
        Kernel::Mitchell => "mitchell",
        Kernel::Lanczos2 => "lanczos2",
        Kernel::Lanczos3 => return Ok(None),
        Kernel::Box => return no_such(&kernel),
    }))
}

/// Six digits, or eight with alpha.
fn color_digits(color: Color) -> String {
    let digits = crate::dialect::print::hex(color);
    if color.alpha == u8::MAX {
        digits
    } else {
        format!("{digits}{:02x}", color.alpha)
    }
}
