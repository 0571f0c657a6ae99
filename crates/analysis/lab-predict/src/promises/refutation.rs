//! What a set of failures does to what is kept, told as a refutation; and whether the owner takes the risk.

use super::{Aspect, Witness, why};
use crate::forecast::consequence::Harm;
use crate::forecast::{Forecast, words};
use crate::works::{Fate, MachineKind, Outcome, PartId, Subject};
use lab_model::ThingId;
use std::collections::BTreeSet;

/// The code of the accepted risks that are about failures.
const CODE: &str = "single-point-of-failure";

/// An aspect that these failures refute, since they bring some of `targets` about.
pub(super) fn refuted(forecast: &Forecast<'_>, said: String, set: &[PartId], targets: &[usize]) -> Aspect {
    let holding = forecast.holds_after(set);
    let hit = targets.iter().filter(|at| holding.contains(at)).map(|at| forecast.compiled.outcomes[*at].0);
    let hit: Vec<Outcome> = hit.collect();
    let mut sentences = harm(forecast, &hit);
    // What has an explanation is not counted up as well.
    let told = why::explain(forecast, set, &hit);
    if sentences.is_empty() && told.is_empty() {
        sentences = words::harm_phrases(forecast, &Harm::of(forecast, hit.iter().copied()));
    }
    let mut sentences: Vec<String> = match sentences.is_empty() {
        true => Vec::new(),
        false => vec![format!("{}.", sentences.join("; "))],
    };
    sentences.extend(told);
    let taken = if set.len() == 1 { accepted(forecast, set) } else { None };
    sentences.extend(taken);
    let because = format!("Without {}: {}", words::parts(forecast, set), sentences.join(" "));
    Aspect::refuted(said, because).with(facts(forecast, set, &hit))
}

/// Harm that has no explanation of its own: people, and machines that stop.
fn harm(forecast: &Forecast<'_>, hit: &[Outcome]) -> Vec<String> {
    let unexplained = hit.iter().copied().filter(|outcome| {
        matches!(outcome.subject, Subject::Vantage(_)) || matches!(outcome.fate, Fate::GoneFor(_))
    });
    let mut phrases = words::harm_phrases(forecast, &Harm::of(forecast, unexplained));
    let stopped: Vec<&str> = hit
        .iter()
        .filter(|outcome| matches!(outcome.fate, Fate::Off | Fate::Down))
        .map(|outcome| forecast.works.label(outcome.subject))
        .collect();
    if !stopped.is_empty() {
        phrases.push(format!("stopped: {}", words::names(stopped)));
    }
    phrases
}

fn facts(forecast: &Forecast<'_>, set: &[PartId], hit: &[Outcome]) -> Vec<Witness> {
    let works = &forecast.works;
    let fails =
        set.iter().map(|part| Witness::new(format!("fails: {}", works[*part].label), works[*part].span));
    let then = hit.iter().map(|outcome| {
        let label = works.label(outcome.subject);
        Witness::new(format!("then: {label} {}", fate_words(outcome.fate)), works.span(outcome.subject))
    });
    fails.chain(then).collect()
}

fn fate_words(fate: Fate) -> &'static str {
    match fate {
        Fate::Off => "is off",
        Fate::Down => "does not run",
        Fate::NoQuorum => "cannot decide",
        Fate::NoInternet => "has no Internet",
        Fate::GoneFor(_) | Fate::Gone => "is gone",
        Fate::Stopped => "cannot be read and written",
        Fate::Lost => "is lost",
    }
}

/// That the owner takes the risk that these parts are, when every one of them is named in `accept` and none of that has run out. A
/// host and the device under it are one.
pub(super) fn accepted(forecast: &Forecast<'_>, parts: &[PartId]) -> Option<String> {
    let (lab, works) = (forecast.lab, &forecast.works);
    let things: BTreeSet<ThingId> = parts.iter().filter_map(|part| works[*part].thing).collect();
    let alike = |thing: &ThingId| {
        let hosts = works.machines.iter().filter_map(|machine| match machine.kind {
            MachineKind::Host { unit: Some(unit) } => Some((machine.thing, works[unit].thing)),
            _ => None,
        });
        let pairs = hosts.filter(|(host, device)| host == thing || device == thing);
        let mut all: Vec<ThingId> = pairs.flat_map(|(host, device)| [host, device]).collect();
        all.push(*thing);
        all
    };
    let mut names = BTreeSet::new();
    for thing in &things {
        let subjects: Vec<String> = alike(thing).into_iter().map(|thing| lab.subject(thing)).collect();
        let (name, risk) = lab.accept.iter().find(|(_, risk)| {
            risk.code.as_ref().is_some_and(|code| &*code.text == CODE)
                && risk.until.as_ref().is_none_or(|until| until.value.0 >= forecast.today)
                && subjects.iter().any(|subject| risk.covers(subject))
        })?;
        let because = risk.because.as_ref().map_or("", |because| &*because.text);
        names.insert(format!("`{name}`: \"{because}\""));
    }
    let names: Vec<String> = names.into_iter().collect();
    (!names.is_empty()).then(|| format!("The owner accepts this as {}.", names.join(" and ")))
}

#[cfg(test)]
mod tests {
    use super::super::tests::because;

    #[test]
    fn risks_that_are_taken_are_said_and_still_refute() {
        let lab = |until: &str| {
            format!(
                "
devices: {{ n1: {{ role: server }} }}
hosts: {{ h1: {{ on: n1 }} }}
services: {{ web: {{ on: host/h1 }} }}
promises: {{ it: {{ says: it, claim: {{ survives: 1, of-any: hosts, keeps: service, of: web }} }} }}
accept: {{ one: {{ code: single-point-of-failure, where: host/h1, because: cheap{until} }} }}
"
            )
        };
        assert!(
            because(&lab("")).ends_with("The owner accepts this as `one`: \"cheap\"."),
            "{}",
            because(&lab(""))
        );
        assert!(!because(&lab(", until: 2026-01-01")).contains("accepts"));
    }
}
