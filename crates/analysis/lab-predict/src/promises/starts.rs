//! "After the power was gone it starts without a hand": a black start, played through.

use super::target::outcomes;
use super::{Aspect, Witness};
use crate::forecast::{Forecast, words};
use crate::simulate::Simulator;
use crate::simulate::cold_start::{Pace, cold_start};
use crate::works::{Subject, UnitId};
use lab_model::lab::DeviceId;
use lab_model::written::{Claim, DeviceRole, Keeps};
use std::collections::BTreeSet;

/// Starts the lab from nothing and looks for circles and hands.
pub(super) fn judge(forecast: &Forecast<'_>, claim: &Claim) -> Vec<Aspect> {
    if !claim.starts_alone.as_ref().is_some_and(|alone| alone.value) {
        return Vec::new();
    }
    let works = &forecast.works;
    let said = "it starts without a hand once power is back".to_owned();
    let course = cold_start(&Simulator::new(works), &[], Pace::default());
    let watched = outcomes(forecast, &claim.of, Keeps::Service);
    let everything = claim.of.ids().next().is_none();
    let meant: BTreeSet<Subject> =
        watched.iter().map(|at| forecast.compiled.outcomes[*at].0.subject).collect();
    let is_meant = |subject: &Subject| everything || meant.contains(subject);
    let label = |subject: &Subject| works.label(*subject);
    let never: Vec<&str> = course.never.iter().filter(|subject| is_meant(subject)).map(label).collect();
    let late: Vec<&str> = course
        .starts
        .iter()
        .filter(|start| start.after_hand && is_meant(&start.subject))
        .map(|start| works.label(start.subject))
        .collect();
    let circle = course.circles.first().filter(|_| !never.is_empty()).map(|circle| {
        let way: Vec<&str> = circle.rows.iter().chain(circle.rows.first()).map(label).collect();
        (way.join(" waits for "), label(&circle.cut_at))
    });
    let hands: Vec<&str> = course.by_hand.iter().map(|unit| works[*unit].label.as_str()).collect();
    if !never.is_empty() {
        let n = never.len();
        let why = match &circle {
            Some((way, cut)) => format!(
                "{way}: a circle that nothing starts. {n} things stay down until somebody starts {cut} in some other way: {}.",
                words::names(never)
            ),
            None => format!("{n} things do not come up, needing what is not there: {}.", words::names(never)),
        };
        let rows = course.circles.first().map_or(&[][..], |circle| &circle.rows);
        return vec![Aspect::refuted(said, why).with(
            rows.iter().map(|row| Witness::new(format!("in the circle: {}", label(row)), works.span(*row))),
        )];
    }
    if !late.is_empty() || (everything && !hands.is_empty()) {
        let why = format!(
            "Somebody has to switch on {}, which do not start with the power; {} wait for that.",
            words::drawn_together(hands.iter().copied()).join(", "),
            if late.is_empty() { "others".to_owned() } else { words::names(late) }
        );
        let facts = course.by_hand.iter().map(|unit| {
            Witness::new(format!("does not start with power: {}", works[*unit].label), works[*unit].span)
        });
        return vec![Aspect::refuted(said, why).with(facts)];
    }
    // A laptop or a printer is nobody's need.
    let is_needed = |unit: &&UnitId| {
        let device = DeviceId::try_from(works[**unit].thing).ok();
        let role = device.and_then(|device| forecast.lab.derived.device(device).role);
        !matches!(role, Some(DeviceRole::Endpoint | DeviceRole::Printer))
    };
    let unsaid: Vec<&UnitId> = course.unsaid.iter().filter(is_needed).collect();
    if !unsaid.is_empty() {
        let units = words::drawn_together(unsaid.iter().map(|unit| works[**unit].label.as_str()));
        let why = format!(
            "The order has no circle. Whether {} starts when power returns nobody says (`power-restore`).",
            words::names(units.iter().map(String::as_str))
        );
        return vec![Aspect::not_judged(said, why)];
    }
    let last = course.starts.iter().filter(|start| is_meant(&start.subject)).map(|start| start.seconds);
    let last = last.fold(0.0, f64::max);
    let why = format!(
        "Nothing waits for itself or a hand; the last is up after about {:.0} min.",
        (last / 60.0).ceil()
    );
    vec![Aspect::proved(said, why)]
}

#[cfg(test)]
mod tests {
    use super::super::tests::{because, verdicts};

    #[test]
    fn a_circle_refutes() {
        let lab = |needs: &str| {
            format!(
                "
devices: {{ n1..2: {{ role: server, power-restore: on }} }}
hosts: {{ h1: {{ on: n1 }}, h2: {{ on: n2 }} }}
services:
  names: {{ on: host/h1, needs: [{needs}] }}
  keys: {{ on: host/h2, needs: names }}
promises: {{ it: {{ says: it, claim: {{ starts-alone: true, of: everything }} }} }}
"
            )
        };
        assert_eq!(verdicts(&lab("")), ["proved"]);
        let circle = lab("keys");
        assert_eq!(verdicts(&circle), ["REFUTED"]);
        assert!(because(&circle).contains("waits for"), "{}", because(&circle));
    }
}
