//! Presets: options under a name.

use super::{Imgproxy, ImgproxyConfigError, MAX_PRESET_DEPTH, Reader, quoted};
use crate::guard::Rejection;
use crate::url_lex::imgproxy::{Part, Parts};

impl<'a> Reader<'a> {
    /// Takes in the options of presets, by their names: `NAME:NAME`.
    pub(super) fn presets(&mut self, names: &'a str) -> Result<(), Rejection> {
        for name in names.split(':') {
            self.preset(name)?;
        }
        Ok(())
    }

    fn preset(&mut self, name: &'a str) -> Result<(), Rejection> {
        self.count_option()?;
        let settings = self.settings;
        let Some(options) = settings.presets.get(name) else {
            return Err(Rejection::bad_request(format!(
                "{} is not a preset",
                quoted(name)
            )));
        };
        if self.within.contains(&name) {
            return Err(Rejection::bad_request("a preset lies in itself"));
        }
        if self.within.len() >= MAX_PRESET_DEPTH {
            return Err(Rejection::bad_request("presets lie too deep in presets"));
        }
        self.within.push(name);
        for part in Parts::of(options) {
            if let Part::Option(option) = part {
                self.option(option)?;
            }
        }
        self.within.pop();
        Ok(())
    }
}

/// Reads every preset, as a request that asks for it would.
pub(super) fn check(settings: &Imgproxy) -> Result<(), ImgproxyConfigError> {
    for (name, options) in &settings.presets {
        let wrong = |why: &str| ImgproxyConfigError {
            preset: Some(name.clone()),
            why: why.into(),
        };
        if name.is_empty() || name.contains([':', '/', '%', '?', '#']) || !name.is_ascii() {
            return Err(wrong("such a name cannot be written in a URL"));
        }
        let mut parts = Parts::of(options);
        for part in parts.by_ref() {
            match part {
                Part::Chain => return Err(wrong("a preset has no chained pipelines")),
                // The signature layer reads expiries, and does not see presets.
                Part::Option(option) if matches!(option.name, "expires" | "exp") => {
                    return Err(wrong("a preset cannot expire"));
                }
                Part::Option(_) => {}
            }
        }
        if let Some(rest) = parts.rest() {
            let why = format!("{} is not an option", quoted(rest));
            return Err(wrong(&why));
        }
        let mut reader = Reader::new(settings);
        reader.preset(name).map_err(|why| wrong(why.detail()))?;
    }
    Ok(())
}
