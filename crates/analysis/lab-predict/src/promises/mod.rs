//! What the owner claims, proved or refuted: each claim is taken apart into aspects, each aspect has a verdict with a witness.
//!
//! One file a family of claims. An aspect that nobody here can judge says so and why; a promise is proved only when every aspect of its
//! claim is.

mod battery;
mod capacity;
pub(crate) mod copies;
mod counted;
mod losing;
mod margin;
mod rebuilds;
mod refutation;
mod signed;
mod single_points;
mod speed;
mod starts;
mod survives;
mod takeover;
mod target;
#[cfg(test)]
mod tests;
mod verdict;
pub(crate) mod why;
mod within;
mod without;
mod zones;

pub use verdict::{Aspect, Verdict, Witness, answer};

use crate::forecast::Forecast;
use lab_model::lab::PromiseId;
use lab_model::written::Claim;

/// A promise with the verdicts on what it claims.
#[derive(Clone, Debug)]
pub struct Judged {
    /// The promise.
    pub promise: PromiseId,
    /// One for each thing that it claims. Empty when the promise has no claim that can be proved.
    pub aspects: Vec<Aspect>,
}

impl Judged {
    /// The verdict on the whole: refuted when any aspect is, proved when all are.
    pub fn verdict(&self) -> Verdict {
        let worst = self.aspects.iter().map(|aspect| aspect.verdict).max();
        worst.unwrap_or(Verdict::NotJudged)
    }
}

/// A family of claims: says what it has to say of a claim, and nothing when the claim is of another family.
type Judge = fn(&Forecast<'_>, &Claim) -> Vec<Aspect>;

/// Every family. A new one is a file and a line.
const JUDGES: &[Judge] = &[
    survives::judge,
    losing::judge,
    single_points::judge,
    within::judge,
    capacity::judge,
    battery::judge,
    starts::judge,
    copies::judge_losing,
    copies::judge,
    zones::judge,
    speed::judge,
    signed::judge,
    without::judge,
    counted::judge,
];

/// Why there is no verdict on a claim that no family takes up.
const NOTHING_SAID: &str = "Its keys together say nothing that can be judged: perhaps what fails, or what must be there afterwards, is missing.";

/// Judges every promise, in the order of the text.
pub fn judge(forecast: &Forecast<'_>) -> Vec<Judged> {
    let promises = forecast.lab.promises.iter();
    promises
        .map(|(promise, written)| {
            let judged = |claim: &Claim| {
                let mut aspects: Vec<Aspect> =
                    JUDGES.iter().flat_map(|judge| judge(forecast, claim)).collect();
                if aspects.is_empty() {
                    aspects.push(Aspect::not_judged("the claim", NOTHING_SAID));
                }
                aspects
            };
            Judged { promise, aspects: written.claim.as_ref().map(judged).unwrap_or_default() }
        })
        .collect()
}
