//! How much memory overlays take.

use super::job::{Job, decoding, scale};
use crate::engine::plan::{Plan, Size, Stage, content, pixels, plan_over};
use crate::engine::run::MAX_DEPTH;
use crate::engine::{Engine, RenderError, probe};
use crate::recipe::{Content, Overlay, Recipe, Step};

impl Engine {
    /// About how many bytes of memory the pixels of the overlays take at their most, beside [those of the image](Self::needs).
    /// Of an overlay that cannot be drawn, what there is to say is said when it is drawn.
    pub(crate) fn overlay_memory(&self, sources: &[&[u8]], recipe: &Recipe) -> u64 {
        // Most have none, and the header of their source need not be read again.
        let are_plain =
            |step: &Step| !matches!(step, Step::Overlay(_) | Step::Computed(_) | Step::If(_));
        if recipe.steps.iter().all(are_plain) {
            return 0;
        }
        let main = sources.first().copied().unwrap_or_default();
        Job::of(self, main, recipe).map_or(0, |job| self.of_stages(&job.plan, sources, 0))
    }

    /// One is drawn after the other.
    fn of_stages(&self, plan: &Plan<'_>, sources: &[&[u8]], depth: u32) -> u64 {
        let stages = plan.stages.iter().zip(&plan.sizes);
        let overlays = stages.filter_map(|(stage, &base)| match stage {
            Stage::Overlay(overlay) => self.of_overlay(overlay, base, sources, depth).ok(),
            _ => None,
        });
        overlays.max().unwrap_or(0)
    }

    fn of_overlay(
        &self,
        overlay: &Overlay,
        base: Size,
        sources: &[&[u8]],
        depth: u32,
    ) -> Result<u64, RenderError> {
        if depth >= MAX_DEPTH {
            return Ok(0);
        }
        let planned = |size| plan_over(Some(base), size, &overlay.steps, &self.limits);
        let (first, plan) = match &*content(overlay, base)? {
            Content::Source(index) => {
                let source = sources.get(*index).copied().unwrap_or_default();
                let (reader, probe) = probe::probe(&self.codecs, source, &self.limits)?;
                let plan = planned(probe.upright_size())?;
                let scale = reader.decoded_scale(scale(&plan, &probe, &self.limits));
                (decoding(&probe, scale), plan)
            }
            &Content::Canvas { width, height, .. } => {
                let size = Size::new(pixels(width, base.width), pixels(height, base.height));
                (size.pixels().saturating_mul(8), planned(size)?)
            }
            // Of the size of its letters, which only the fonts know; most often it is within the image.
            Content::Text(_) => (base.pixels().saturating_mul(8), planned(base)?),
        };
        let steps = plan.most_pixels().saturating_mul(8);
        let within = self.of_stages(&plan, sources, depth + 1);
        Ok(first.saturating_add(steps).saturating_add(within))
    }
}
