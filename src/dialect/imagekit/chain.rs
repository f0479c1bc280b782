//! Chains: steps joined by `:`, of parameters joined by `,`, in which layers and conditions hold chains of their own.

use super::hints::Hints;
use super::layer::Layer;
use super::number::{Lengths, condition};
use super::params::{Params, settings};
use super::{
    MAX_CONDITIONS, MAX_DEPTH, MAX_OVERLAYS, MAX_STEPS, Options, bad, color, effects, geometry,
    quoted,
};
use crate::dialect::check_name;
use crate::guard::Rejection;
use crate::recipe::{Choice, ImageRequest, Step};

/// What ends a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// The end of the text.
    Text,
    /// `l-end`.
    Layer,
    /// `if-else`, or `if-end`.
    Then,
    /// `if-end`.
    Otherwise,
}

/// What stands behind a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Separator {
    /// `,`: more of the step.
    Comma,
    /// `:`: another step.
    Colon,
    None,
}

/// A chain that was read to its end.
struct Ended<'a> {
    steps: Vec<Step>,
    /// The word that ended it; empty at the end of the text.
    word: &'a str,
    /// What stands behind that.
    separator: Separator,
}

/// What is made of a chain.
pub(super) struct Reader<'a> {
    image: &'a mut ImageRequest,
    rest: Option<&'a str>,
    /// `None` within a preset, which names no presets.
    options: Option<&'a Options>,
    hints: Hints,
    /// How many steps there are.
    steps: usize,
    /// How many layers this is in.
    depth: u32,
    /// How many conditions this is in.
    conditions: u32,
}

impl<'a> Reader<'a> {
    pub(super) fn new(
        image: &'a mut ImageRequest,
        chain: &'a str,
        options: &'a Options,
        hints: Hints,
    ) -> Self {
        Self {
            options: Some(options),
            hints,
            ..Self::of_preset(image, chain)
        }
    }

    pub(super) fn of_preset(image: &'a mut ImageRequest, chain: &'a str) -> Self {
        Self {
            image,
            rest: not_empty(chain),
            options: None,
            hints: Hints::default(),
            steps: 0,
            depth: 0,
            conditions: 0,
        }
    }

    pub(super) fn read(mut self) -> Result<Vec<Step>, Rejection> {
        let steps = self.chain(End::Text, None)?.steps;
        self.image.client_hints = self.hints.used;
        Ok(steps)
    }

    /// The next parameter, and what stands behind it.
    fn next(&mut self) -> Option<(&'a str, Separator)> {
        let text = self.rest?;
        let Some(at) = text.find([',', ':']) else {
            self.rest = None;
            return Some((text, Separator::None));
        };
        let (param, rest) = text.split_at(at);
        self.rest = rest.get(1..);
        let separator = if rest.starts_with(',') {
            Separator::Comma
        } else {
            Separator::Colon
        };
        Some((param, separator))
    }

    /// Whether what comes next ends the chain.
    fn at_end(&self, end: End) -> bool {
        let Some(rest) = self.rest else {
            return end == End::Text;
        };
        let next = || rest.split([',', ':']).next().unwrap_or_default();
        match end {
            End::Text => false,
            End::Layer => next() == "l-end",
            End::Then => matches!(next(), "if-else" | "if-end"),
            End::Otherwise => next() == "if-end",
        }
    }

    /// Reads a chain to its end. Of a layer's chain, what is said about the layer itself goes there.
    fn chain(
        &mut self,
        end: End,
        mut layer: Option<&mut Layer<'a>>,
    ) -> Result<Ended<'a>, Rejection> {
        let mut steps = Vec::new();
        loop {
            let mut params = Params::default();
            let mut overlays = Vec::new();
            let mut block = false;
            // The word that ends the chain, or `None` where another step follows.
            let ended = loop {
                if self.at_end(end) {
                    break Some(self.next().unwrap_or(("", Separator::None)));
                }
                let (param, separator) = self.next().ok_or_else(|| {
                    bad(match end {
                        End::Layer => "a layer has no l-end",
                        _ => "an if has no if-end",
                    })
                })?;
                if block {
                    return Err(bad("a step with an if has nothing else in it"));
                }
                let separator = self.param(
                    (param, separator),
                    &mut params,
                    (&mut steps, &mut overlays),
                    &mut block,
                    layer.as_deref_mut(),
                )?;
                match separator {
                    Separator::Colon => break None,
                    Separator::None if end == End::Text => break Some(("", Separator::None)),
                    Separator::None | Separator::Comma => {}
                }
            };
            if let Some(layer) = layer.as_deref_mut() {
                layer.step(&mut params, &mut steps)?;
            }
            self.step(&mut params, &mut steps)?;
            steps.append(&mut overlays);
            if let Some((word, separator)) = ended {
                return Ok(Ended {
                    steps,
                    word,
                    separator,
                });
            }
        }
    }

    /// Reads a parameter, or all that a layer or a condition holds: what stands behind it is returned.
    fn param(
        &mut self,
        (param, separator): (&'a str, Separator),
        params: &mut Params<'a>,
        (steps, overlays): (&mut Vec<Step>, &mut Vec<Step>),
        block: &mut bool,
        layer: Option<&mut Layer<'a>>,
    ) -> Result<Separator, Rejection> {
        let (key, value) = param.split_once('-').unwrap_or((param, ""));
        let only_presets = self.options.is_some_and(|options| options.only_presets);
        if only_presets && key != "n" {
            return Err(bad("only named transformations may be asked for"));
        }
        let (made, behind) = match key {
            "l" => self.layer(value, separator)?,
            "if" => {
                if !(params.is_empty() && overlays.is_empty()) {
                    return Err(bad("a step with an if has nothing else in it"));
                }
                *block = true;
                self.choice(value, separator)?
            }
            "n" => {
                steps.extend(self.named(value)?);
                return Ok(separator);
            }
            _ => {
                match layer {
                    Some(layer) if Layer::owns(key) => layer.own.add(param)?,
                    _ => params.add(param)?,
                }
                return Ok(separator);
            }
        };
        overlays.push(made);
        Ok(behind)
    }

    /// What lies between `l-image` or `l-text` and its `l-end`.
    fn layer(
        &mut self,
        kind: &'a str,
        separator: Separator,
    ) -> Result<(Step, Separator), Rejection> {
        let mut layer = Layer::of(kind)?;
        if separator != Separator::Comma {
            return Err(bad("a layer has nothing in it"));
        }
        if self.depth >= MAX_DEPTH {
            return Err(bad(format!("layers lie more than {MAX_DEPTH} deep")));
        }
        self.depth += 1;
        let ended = self.chain(End::Layer, Some(&mut layer))?;
        self.depth -= 1;
        let source = layer.source()?;
        let source = source.map(|name| self.add_source(&name)).transpose()?;
        self.count_step()?;
        let overlay = layer.finish(source, ended.steps)?;
        Ok((Step::Overlay(Box::new(overlay)), ended.separator))
    }

    /// What lies between `if-CONDITION` and its `if-end`.
    fn choice(
        &mut self,
        text: &'a str,
        separator: Separator,
    ) -> Result<(Step, Separator), Rejection> {
        let condition = condition(text)?;
        if separator != Separator::Comma {
            return Err(bad("an if has nothing in it"));
        }
        if self.conditions >= MAX_CONDITIONS {
            return Err(bad(format!(
                "conditions lie more than {MAX_CONDITIONS} deep"
            )));
        }
        self.conditions += 1;
        let mut ended = self.chain(End::Then, None)?;
        let then = std::mem::take(&mut ended.steps);
        if ended.word == "if-else" {
            if ended.separator != Separator::Comma {
                return Err(bad("an if-else has nothing in it"));
            }
            ended = self.chain(End::Otherwise, None)?;
        }
        self.conditions -= 1;
        self.count_step()?;
        let choice = Choice {
            condition,
            then,
            otherwise: ended.steps,
        };
        Ok((Step::If(Box::new(choice)), ended.separator))
    }

    /// The steps of a named transformation.
    fn named(&mut self, name: &'a str) -> Result<Vec<Step>, Rejection> {
        let Some(options) = self.options.filter(|_| self.depth == 0) else {
            return Err(bad("n is for images, and not for presets and layers"));
        };
        let chain = options
            .presets
            .get(name)
            .ok_or_else(|| bad(format!("there is no named transformation {}", quoted(name))))?;
        let rest = std::mem::replace(&mut self.rest, not_empty(chain));
        self.options = None;
        let ended = self.chain(End::Text, None)?;
        (self.rest, self.options) = (rest, Some(options));
        Ok(ended.steps)
    }

    /// The place of an image among the sources.
    fn add_source(&mut self, name: &str) -> Result<usize, Rejection> {
        check_name(name)?;
        let sources = &mut self.image.sources;
        if sources.len() > MAX_OVERLAYS {
            return Err(bad(format!("there are more than {MAX_OVERLAYS} overlays")));
        }
        sources.push(name.into());
        Ok(sources.len() - 1)
    }

    /// One step's parameters.
    fn step(&mut self, params: &mut Params<'_>, steps: &mut Vec<Step>) -> Result<(), Rejection> {
        settings(params, self.image, self.depth > 0, self.conditions > 0)?;
        if params.is_empty() {
            return Ok(());
        }
        let before = steps.len();
        if let Some(text) = params.take("t") {
            steps.extend(effects::trim(text)?);
        }
        let backdrop = params.take("bg").map(color::backdrop).transpose()?;
        // A layer has a size of its own.
        let no_hints = &mut Hints::default();
        let hints = if self.depth > 0 {
            no_hints
        } else {
            &mut self.hints
        };
        let geometry = geometry::Geometry::read(params, backdrop, hints)?;
        let mut lengths = Lengths::default();
        let after = effects::read(params, backdrop, &geometry, &mut lengths)?;
        params.finish()?;
        let made = geometry.steps(&lengths, after)?;
        for _ in before..steps.len() {
            self.count_step()?;
        }
        self.count(&made)?;
        steps.extend(made);
        Ok(())
    }

    /// Counts steps, and those within them.
    fn count(&mut self, steps: &[Step]) -> Result<(), Rejection> {
        for step in steps {
            match step {
                Step::Computed(computed) => self.count(&computed.steps)?,
                Step::If(choice) => {
                    self.count(&choice.then)?;
                    self.count(&choice.otherwise)?;
                }
                _ => self.count_step()?,
            }
        }
        Ok(())
    }

    fn count_step(&mut self) -> Result<(), Rejection> {
        self.steps += 1;
        if self.steps > MAX_STEPS {
            return Err(bad(format!("there are more than {MAX_STEPS} steps")));
        }
        Ok(())
    }
}

fn not_empty(chain: &str) -> Option<&str> {
    (!chain.is_empty()).then_some(chain)
}
