//! How the code of a caller repeats a request: at which pace, and whether it ever ends.

use super::model::Repeating;
use super::program::limits::{Count, Growth, Repeats};
use crate::facts::answer::Answer;
use crate::facts::call::Layer;
use crate::facts::network::Retries;
use crate::source::symbol::Symbol;

/// The layers that repeat it. `counted` tells of the same layers how often, in the same order.
pub fn repeating(layers: &[Layer<Repeats>], counted: &[Layer<Retries>]) -> Vec<Repeating> {
    let pairs = layers.iter().zip(counted).filter(|(_, counted)| !counted.answer.is_absent());
    pairs
        .filter_map(|(layer, _)| match &layer.answer {
            Answer::Present(repeats, _) => Some(Repeating {
                kind: layer.kind,
                endless: matches!(repeats.count, Count::Unlimited),
                spread: spread(repeats),
                pace: Symbol::new(&pace(repeats)),
                knob: repeats.help.unwrap_or_else(|| Symbol::new("")),
                place: repeats.span,
            }),
            Answer::Absent(_) | Answer::Unknown(_) => None,
        })
        .collect()
}

/// Growth alone does not help: callers that failed together come back together.
fn spread(repeats: &Repeats) -> Option<bool> {
    match (repeats.growth, repeats.jitter) {
        (Growth::Unclear, Some(false)) => None,
        (_, jitter) => jitter,
    }
}

fn pace(repeats: &Repeats) -> String {
    match (repeats.growth, repeats.delay_ms) {
        (Growth::None | Growth::Constant, Some(0)) => "at once".to_owned(),
        (Growth::None | Growth::Constant, Some(ms)) => format!("every {ms} ms"),
        (Growth::Linear | Growth::Exponential, _) => "after waits that grow alike for every caller".to_owned(),
        (Growth::None | Growth::Constant | Growth::Unclear, _) => {
            "after waits that are the same for every caller".to_owned()
        }
    }
}
