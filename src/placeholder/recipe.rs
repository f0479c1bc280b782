//! What of a recipe is for the place on the page, and not for the picture.

use std::sync::Arc;

use super::layer::NAME;
use crate::recipe::{Choice, Computed, ImageRequest, Metadata, Output, Recipe, Step};

/// What a placeholder is asked for, in the place of an image.
pub(super) fn for_place(image: &ImageRequest) -> Arc<ImageRequest> {
    let Recipe { steps, output, .. } = &image.recipe;
    let recipe = Recipe {
        steps: kept(steps),
        output: Output {
            // A placeholder need not be like anything.
            likeness: None,
            metadata: Metadata::Strip,
            ..output.clone()
        },
        ..Recipe::default()
    };
    Arc::new(ImageRequest::new(NAME, recipe))
}

fn kept(steps: &[Step]) -> Vec<Step> {
    steps.iter().filter_map(keep).collect()
}

fn keep(step: &Step) -> Option<Step> {
    Some(match step {
        Step::Resize(_) | Step::Extend(_) | Step::Flatten(_) | Step::RoundCorners(_) => {
            step.clone()
        }
        Step::Computed(computed) => Step::Computed(Box::new(Computed {
            lengths: computed.lengths.clone(),
            steps: kept(&computed.steps),
        })),
        Step::If(choice) => Step::If(Box::new(Choice {
            condition: choice.condition.clone(),
            then: kept(&choice.then),
            otherwise: kept(&choice.otherwise),
        })),
        _ => return None,
    })
}
