use super::Damage;
use super::filter::{self, Filter, Strength};
use super::header::Header;
use super::macroblock::{ABOVE, Areas, Coefficients, Contexts};
use super::modes::{BlockMode, Modes};
use super::predict::START;
use super::tokens::by_position;

/// The samples of a frame, of whole macroblocks.
pub(super) struct Planes {
    pub(super) luma: Vec<u8>,
    pub(super) chroma: [Vec<u8>; 2],
    /// The length of a row of luma, which is twice that of chroma.
    pub(super) stride: usize,
}

impl Planes {
    /// Decodes the frame that begins with this header. How large it may be has been decided.
    pub(super) fn decode(mut header: Header<'_>) -> Result<Self, Damage> {
        let columns = header.width.div_ceil(16) as usize;
        let rows = header.height.div_ceil(16) as usize;
        let mut planes = Self {
            luma: vec![0; 256 * columns * rows],
            chroma: [vec![0; 64 * columns * rows], vec![0; 64 * columns * rows]],
            stride: 16 * columns,
        };
        let positions = by_position(&header.probabilities);
        let mut contexts: Vec<Contexts> = vec![[0; 9]; columns];
        let mut above = vec![[BlockMode::Mean; 4]; columns];
        let mut areas = Areas::new();
        let mut coefficients = Coefficients::new();
        let mut strengths = vec![Strength::default(); columns];
        let mut last_strengths = strengths.clone();

        for y in 0..rows {
            let turn = y % header.partitions.len();
            let Some(bits) = header.partitions.get_mut(turn) else {
                return Err(Damage);
            };
            let mut left_contexts = [0; 9];
            let mut left = [BlockMode::Mean; 4];
            areas.begin(y > 0);
            for x in 0..columns {
                let modes = Modes::read(
                    &mut header.modes,
                    header.segments,
                    header.skip,
                    &mut above[x],
                    &mut left,
                );
                let any = coefficients.read(
                    bits,
                    &positions,
                    &header.steps[modes.segment],
                    &modes,
                    &mut contexts[x],
                    &mut left_contexts,
                );
                planes.lend(&mut areas, x, y);
                areas.reconstruct(&modes, &mut coefficients, y > 0, x > 0);
                planes.take(&areas, x, y);
                areas.advance();
                let blocks = modes.in_blocks();
                let strength = &mut strengths[x];
                *strength = header.strengths[modes.segment][usize::from(blocks)];
                strength.inner = any || blocks;
            }
            header.modes.check()?;
            bits.check()?;
            // A row is filtered when the next no longer needs it as it was.
            if y > 0 {
                planes.filter(header.filter, &last_strengths, y - 1);
            }
            std::mem::swap(&mut strengths, &mut last_strengths);
        }
        planes.filter(header.filter, &last_strengths, rows - 1);
        Ok(planes)
    }

    /// Gives a macroblock what is above it.
    #[inline]
    fn lend(&self, areas: &mut Areas, x: usize, y: usize) {
        let (luma, chroma) = (&mut areas.luma[0], &mut areas.chroma);
        if y == 0 {
            luma[START..START + 20].fill(ABOVE);
            for area in chroma {
                area[0][START..].fill(ABOVE);
            }
            return;
        }
        let row = &self.luma[(16 * y - 1) * self.stride..][..self.stride];
        luma[START..START + 16].copy_from_slice(&row[16 * x..16 * x + 16]);
        // The last stays as it is, to the right of the frame.
        if let Some(right) = row.get(16 * x + 16..16 * x + 20) {
            luma[START + 16..START + 20].copy_from_slice(right);
        } else {
            let last = luma[START + 15];
            luma[START + 16..START + 20].fill(last);
        }
        let stride = self.stride / 2;
        for (area, plane) in chroma.iter_mut().zip(&self.chroma) {
            let at = (8 * y - 1) * stride + 8 * x;
            area[0][START..].copy_from_slice(&plane[at..at + 8]);
        }
    }

    /// Takes over the samples of a macroblock.
    #[inline]
    fn take(&mut self, areas: &Areas, x: usize, y: usize) {
        let (at, stride) = (16 * (y * self.stride + x), self.stride);
        let rows = self.luma[at..].chunks_mut(stride);
        for (row, samples) in rows.zip(&areas.luma[1..]) {
            row[..16].copy_from_slice(&samples[START..START + 16]);
        }
        let (at, stride) = (8 * (y * stride / 2 + x), stride / 2);
        for (plane, area) in self.chroma.iter_mut().zip(&areas.chroma) {
            let rows = plane[at..].chunks_mut(stride);
            for (row, samples) in rows.zip(&area[1..]) {
                row[..8].copy_from_slice(&samples[START..]);
            }
        }
    }

    fn filter(&mut self, filter: Filter, strengths: &[Strength], y: usize) {
        if filter == Filter::None {
            return;
        }
        let [cb, cr] = &mut self.chroma;
        for (x, &strength) in strengths.iter().enumerate() {
            let planes = [&mut *self.luma, &mut *cb, &mut *cr];
            filter::filter(planes, self.stride, (x, y), filter, strength);
        }
    }
}
