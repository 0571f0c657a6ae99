//! "Only these are single points of failure": the named ones are, and nothing else is.
//!
//! A part that takes only the thing it is a piece of is none. Rooms and other shared risks are left out: nobody means them.

use super::target::outcomes;
use super::{Aspect, Witness, refutation};
use crate::forecast::{Forecast, words};
use crate::works::{Mode, PartId, PartKind, Subject};
use lab_model::written::{Claim, Keeps};
use lab_model::{Kind, Refs, ThingId};
use std::collections::{BTreeMap, BTreeSet};

/// Compares the single points of failure with those the owner names.
pub(super) fn judge(forecast: &Forecast<'_>, claim: &Claim) -> Vec<Aspect> {
    if !claim.only_single_points.as_ref().is_some_and(|only| only.value) {
        return Vec::new();
    }
    let keeps = claim.keeps.as_ref().map_or(Keeps::Service, |keeps| keeps.value);
    let points = Points::of(forecast, keeps, claim);
    let names: Vec<&str> = claim.of.items.iter().map(|item| &*item.text).collect();
    if names.is_empty() || points.targets.is_empty() {
        let said = format!("the single points of failure of {keeps} are named");
        return vec![Aspect::not_judged(
            said,
            "It says too little: `of` names none, or nothing is described that would fail.",
        )];
    }
    vec![points.are_all(&names.join(", "), claim), points.are_no_others(claim)]
}

/// Parts that alone take more than the thing they are a piece of, with what they take.
struct Points<'f, 'l> {
    forecast: &'f Forecast<'l>,
    keeps: Keeps,
    targets: BTreeSet<usize>,
    by_part: BTreeMap<PartId, Vec<Subject>>,
}

impl<'f, 'l> Points<'f, 'l> {
    fn of(forecast: &'f Forecast<'l>, keeps: Keeps, claim: &Claim) -> Self {
        let everything = Refs { items: Vec::new(), span: None };
        // Every unit has itself as a single point of failure; what takes others with it is what is meant.
        let of = if keeps == Keeps::Power { &everything } else { &claim.of };
        let targets: BTreeSet<usize> = outcomes(forecast, of, keeps).into_iter().collect();
        let parts = (0..).map(PartId).zip(&forecast.works.parts);
        let meant = parts.filter(|(_, part)| {
            // A cable that feeds one device over Ethernet is a cord of its own.
            let is_cord = keeps == Keeps::Power && part.kind == PartKind::Cable;
            part.kind != PartKind::Shared && part.mode != Mode::Briefly && !is_cord
        });
        let taken = |part: PartId| -> Vec<Subject> {
            let own = forecast.works[part].thing;
            let hit = forecast.holds_after(&[part]).into_iter().filter(|at| targets.contains(at));
            let subjects = hit.map(|at| forecast.compiled.outcomes[at].0.subject);
            subjects.filter(|subject| forecast.works.thing(*subject) != own).collect()
        };
        let by_part = meant.map(|(id, _)| (id, taken(id))).filter(|(_, taken)| !taken.is_empty()).collect();
        Self { forecast, keeps, targets, by_part }
    }

    fn are_all(&self, names: &str, claim: &Claim) -> Aspect {
        let forecast = self.forecast;
        let said = format!("each of {names} is a single point of failure of {}", self.keeps);
        let things: BTreeSet<ThingId> =
            self.by_part.keys().filter_map(|part| forecast.works[*part].thing).collect();
        let idle: Vec<ThingId> = claim.of.ids().filter(|thing| !things.contains(thing)).collect();
        if !idle.is_empty() {
            let labels: Vec<String> =
                idle.iter().map(|thing| forecast.lab.name(*thing).to_string()).collect();
            let why = format!("Nothing else goes with {}.", words::names(labels.iter().map(String::as_str)));
            let facts = idle.iter().map(|thing| {
                Witness::new(
                    format!("takes nothing: {}", forecast.lab.subject(*thing)),
                    Some(forecast.lab.name(*thing).span),
                )
            });
            return Aspect::refuted(said, why).with(facts);
        }
        Aspect::proved(said, "Each of them takes others with it.")
    }

    fn are_no_others(&self, claim: &Claim) -> Aspect {
        let (forecast, works) = (self.forecast, &self.forecast.works);
        let said = format!("nothing else is a single point of failure of {}", self.keeps);
        let named: BTreeSet<ThingId> = claim.of.ids().collect();
        let is_named = |part: &PartId| works[*part].thing.is_some_and(|thing| named.contains(&thing));
        let others: Vec<PartId> = self.by_part.keys().copied().filter(|part| !is_named(part)).collect();
        if others.is_empty() {
            let why = format!(
                "Of {} parts, {} alone take more than themselves, and all of those are pieces of what is named.",
                works.parts.len(),
                self.by_part.len()
            );
            return Aspect::proved(said, why);
        }
        let feeds = |part: &PartId| {
            matches!(
                works[*part].kind,
                PartKind::Grid | PartKind::PowerNode | PartKind::Ups | PartKind::Pdu | PartKind::Cord
            )
        };
        let (power, rest): (Vec<PartId>, Vec<PartId>) =
            others.iter().partition(|part| self.keeps != Keeps::Power && feeds(part));
        let mut phrases = Vec::new();
        if !rest.is_empty() {
            phrases.push(format!("So is {}.", self.things(&rest).join("; so is ")));
        }
        if !power.is_empty() {
            phrases.push(format!(
                "And all of it hangs on one chain of power: {}.",
                self.labels(&power).join(", ")
            ));
        }
        phrases.extend(refutation::accepted(forecast, &others));
        let facts = others
            .iter()
            .map(|part| Witness::new(format!("also: {}", works[*part].label), works[*part].span));
        Aspect::refuted(said, phrases.join(" ")).with(facts)
    }

    /// What a part is called: a piece of a device by the device.
    fn label(&self, part: PartId) -> &str {
        let works = &self.forecast.works;
        match works[part].thing {
            Some(thing) if thing.kind == Kind::Device => &self.forecast.lab.name(thing).text,
            _ => &works[part].label,
        }
    }

    fn labels(&self, parts: &[PartId]) -> Vec<String> {
        words::drawn_together(parts.iter().map(|part| self.label(*part)))
    }

    /// Each thing with what it takes.
    fn things(&self, parts: &[PartId]) -> Vec<String> {
        let mut taken: BTreeMap<&str, BTreeSet<Subject>> = BTreeMap::new();
        for part in parts {
            taken.entry(self.label(*part)).or_default().extend(&self.by_part[part]);
        }
        let told = taken.into_iter().map(|(label, subjects)| {
            let takes =
                words::drawn_together(subjects.iter().map(|subject| self.forecast.works.label(*subject)));
            format!("{label}, which takes {}", words::names(takes.iter().map(String::as_str)))
        });
        told.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{because, verdicts};

    /// A strip that feeds two machines, fed by the grid.
    fn lab(of: &str) -> String {
        format!(
            "
device-types:
  own/strip:
    manufacturer: own
    model: strip
    role: pdu
    power-ports: [{{ name: in, type: iec-60320-c14 }}]
    power-outlets: [{{ names: 1..2, type: iec-60320-c13 }}]
  own/server:
    manufacturer: own
    model: server
    power-ports: [{{ name: psu-1, type: iec-60320-c14 }}]
power: {{ grid: {{ kind: utility }} }}
rooms: {{ cellar: {{}} }}
devices:
  strip: {{ type: own/strip, at: cellar, inlets: {{ in: grid }} }}
  n1: {{ type: own/server, at: cellar, inlets: {{ psu-1: 'strip:1' }} }}
  n2: {{ type: own/server, at: cellar, inlets: {{ psu-1: 'strip:2' }} }}
promises: {{ it: {{ says: it, claim: {{ only-single-points: true, keeps: power, of: [{of}] }} }} }}
"
        )
    }

    #[test]
    fn the_named_ones_are_and_no_others() {
        assert_eq!(verdicts(&lab("grid, strip")), ["proved"]);
        assert_eq!(verdicts(&lab("grid")), ["REFUTED"]);
        assert!(
            because(&lab("grid")).contains("So is strip, which takes n1..2."),
            "{}",
            because(&lab("grid"))
        );
        assert_eq!(verdicts(&lab("grid, strip, n1")), ["REFUTED"]);
        assert!(because(&lab("grid, strip, n1")).contains("Nothing else goes with n1."));
    }
}
