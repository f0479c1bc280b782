use super::Scale;
use super::header::{Colors, Component, Header};
use super::idct::Scaling;
use super::segments::Definitions;
use crate::engine::RenderError;

/// What a sample is that nothing is known of.
pub(super) const NEUTRAL: u8 = 128;

/// The frame, and what is decoded of it.
pub(super) struct Frame {
    /// How many units of blocks there are in a row, and rows of them, where a scan has several components.
    pub(super) units: (u32, u32),
    pub(super) channels: Vec<Channel>,
}

/// A component that is being decoded.
pub(super) struct Channel {
    pub(super) component: Component,
    /// How many samples a side the blocks are made to have, from 1 to 8.
    pub(super) side: u8,
    /// Whether a sample is of the mean light of what it stands for.
    pub(super) light: bool,
    /// The size of the plane.
    pub(super) width: usize,
    pub(super) height: usize,
    /// How many blocks there are in a row, and rows of them, where a scan has this component alone.
    pub(super) blocks: (u32, u32),
    /// The quantisation table, as it is when the component's first scan begins.
    pub(super) scaling: Option<Scaling>,
    /// The samples so far, from the top.
    pub(super) samples: Vec<u8>,
}

impl Frame {
    pub(super) fn new(header: &Header, scale: Scale) -> Self {
        let (across, down) = header.largest_factors();
        // How many components are bright as light is.
        let bright = match header.colors {
            Colors::Gray | Colors::YCbCr => 1,
            Colors::Rgb => 3,
            Colors::Cmyk | Colors::Ycck | Colors::Unknown => 0,
        };
        let channels = header
            .components
            .iter()
            .enumerate()
            .map(|(at, &component)| {
                let (horizontal, vertical) =
                    (component.horizontal.into(), component.vertical.into());
                let side = scale.eighths;
                let samples = |pixels: u32, factor: u32, of: u32| {
                    (pixels * factor * u32::from(side)).div_ceil(of * 8) as usize
                };
                Channel {
                    component,
                    side,
                    light: scale.light && at < bright,
                    width: samples(header.width, horizontal, across),
                    height: samples(header.height, vertical, down),
                    blocks: (
                        (header.width * horizontal).div_ceil(across * 8),
                        (header.height * vertical).div_ceil(down * 8),
                    ),
                    scaling: None,
                    samples: Vec::new(),
                }
            });
        Self {
            units: (
                header.width.div_ceil(across * 8),
                header.height.div_ceil(down * 8),
            ),
            channels: channels.collect(),
        }
    }
}

impl Channel {
    /// The factors of the coefficients. The first call settles them.
    pub(super) fn settle(&mut self, definitions: &Definitions) -> Result<&Scaling, RenderError> {
        let scaling = if let Some(scaling) = self.scaling.take() {
            scaling
        } else {
            let table = definitions.quantization[usize::from(self.component.quantization & 3)]
                .as_ref()
                .ok_or_else(|| RenderError::corrupt("a table of the JPEG is missing"))?;
            Scaling::new(table, self.side.into())
        };
        Ok(self.scaling.insert(scaling))
    }

    /// Takes memory for the plane.
    pub(super) fn reserve(&mut self) {
        self.samples.reserve_exact(self.width * self.height);
    }

    /// Appends to the plane what belongs to it of some rows.
    pub(super) fn append(&mut self, rows: &[u8], stride: usize) {
        for row in rows.chunks_exact(stride) {
            if self.samples.len() >= self.width * self.height {
                break;
            }
            self.samples
                .extend_from_slice(row.get(..self.width).unwrap_or(row));
        }
    }

    /// Makes grey what is missing.
    pub(super) fn complete(&mut self) {
        self.samples.resize(self.width * self.height, NEUTRAL);
    }
}
