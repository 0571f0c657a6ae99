//! The failures that a lab's promises speak of.

use lab_model::lab::Lab;
use lab_model::written::{Claim, Failing};
use lab_predict::answers::{Forecast, parts_of};
use lab_predict::works::PartId;
use std::collections::BTreeSet;

/// The parts that the promises name, or mean by naming a kind. Empty when no promise is about failing.
pub fn promised(forecast: &Forecast<'_>) -> Vec<PartId> {
    let lab = forecast.lab;
    let claims = lab.promises.iter().filter_map(|(_, promise)| promise.claim.as_ref());
    let parts: BTreeSet<PartId> = claims.flat_map(|claim| of_claim(forecast, lab, claim)).collect();
    parts.into_iter().collect()
}

fn of_claim(forecast: &Forecast<'_>, lab: &Lab, claim: &Claim) -> Vec<PartId> {
    let mut named: Vec<String> = claim.losing.ids().map(|thing| lab.subject(thing)).collect();
    if claim.survives.is_some() {
        let what = claim.of_any.as_ref().map_or(Failing::Parts, |what| what.value);
        named.push(what.to_string());
    }
    if claim.only_single_points.as_ref().is_some_and(|only| only.value) {
        named.push(Failing::Parts.to_string());
    }
    // What stands for nothing that can fail, such as a kind that the lab has none of, adds nothing.
    named.iter().filter_map(|name| parts_of(forecast, name).ok()).flatten().collect()
}
