//! What was found about a circuit, as text that a person reads and as JSON that another program reads. Both say how far the answer is
//! exact.

mod json;
#[cfg(test)]
mod tests;
mod text;

pub use json::{JSON_VERSION, render_json};
pub use text::{TextOptions, render_text};

use crate::circuit::{Circuit, Reduced};
use crate::cutsets::{Answer, CutSetsError, Limits, minimal_cut_sets_of};
use crate::probability::{Bounds, Probabilities, Probability, bounds};
use std::sync::Arc;

/// How much is asked about probabilities.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Wanted {
    /// Cut sets only.
    Nothing,
    /// Bounds from the cut sets.
    Bounds,
    /// The exact number where a diagram of at most that many nodes gives it, and bounds.
    Exact {
        /// For all tops together.
        nodes_max: usize,
    },
}

/// Everything about one circuit.
#[derive(Debug)]
pub struct Report<'a> {
    circuit: &'a Circuit,
    limits: Limits,
    answer: Answer,
    likelihoods: Vec<Likelihood>,
}

/// What is known of the probability of one top.
#[derive(Clone, PartialEq, Debug)]
struct Likelihood {
    /// None if it was not asked for.
    probability: Option<Probability>,
    bounds: Option<Bounds>,
}

impl<'a> Report<'a> {
    /// Finds everything.
    ///
    /// # Errors
    /// As [`crate::minimal_cut_sets`].
    pub fn new(circuit: &'a Circuit, limits: Limits, wanted: Wanted) -> Result<Self, CutSetsError> {
        let reduced = Arc::new(Reduced::new(circuit));
        let answer = minimal_cut_sets_of(&reduced, limits)?;
        let probabilities = match wanted {
            Wanted::Exact { nodes_max } => Some(Probabilities::of(circuit, reduced, |_| true, nodes_max)),
            Wanted::Nothing | Wanted::Bounds => None,
        };
        let likelihood = |(place, cut_sets)| Likelihood {
            probability: probabilities.as_ref().map(|probabilities| probabilities.top(place)),
            bounds: match wanted {
                Wanted::Nothing => None,
                Wanted::Bounds | Wanted::Exact { .. } => {
                    bounds(circuit, circuit.tops()[place].node, cut_sets)
                }
            },
        };
        let likelihoods = answer.tops.iter().enumerate().map(likelihood).collect();
        Ok(Self { circuit, limits, answer, likelihoods })
    }

    /// True if every minimal cut set of the orders asked for was found.
    pub fn is_complete(&self) -> bool {
        self.answer.tops.iter().all(|top| top.complete_to >= self.limits.order)
    }
}
