//! "That may be gone, and the data is not": what is left of the data, here or in a copy, once the named things are gone for good.

use super::super::target::{lost_with, outcomes, parts_of_thing};
use super::super::{Aspect, Witness};
use super::kept::{Kept, kept};
use super::lacks::{Lacks, age, best, capital, place, steps};
use super::nothing_kept;
use crate::forecast::{Forecast, words};
use crate::works::{PartId, Subject};
use lab_model::derived::copies::{CopyOf, devices, lag};
use lab_model::grammar::Period;
use lab_model::lab::{BackupId, DatasetId, DeviceId, PoolId};
use lab_model::written::{Claim, Keeps};
use lab_model::{Refs, ThingId};
use std::collections::{BTreeMap, BTreeSet};

/// Lets the named things be gone for good, with what is on them, and looks for what is left of the data, here or in a copy.
pub(in crate::promises) fn judge_losing(forecast: &Forecast<'_>, claim: &Claim) -> Vec<Aspect> {
    let keeps_data = claim.keeps.as_ref().is_none_or(|keeps| keeps.value == Keeps::Data);
    if claim.losing.is_empty() || !keeps_data || (claim.keeps.is_none() && claim.rpo.is_none()) {
        return Vec::new();
    }
    let lab = forecast.lab;
    let names: Vec<&str> = claim.losing.items.iter().map(|item| &*item.text).collect();
    let most =
        claim.rpo.as_ref().map_or_else(String::new, |rpo| format!(", at most {} of it lost", age(rpo.value)));
    let said = format!("without {}, data is kept{most}", names.join(", "));
    let loss = Loss::of(forecast, claim);
    let kept = kept(lab, &claim.of);
    if kept.is_empty() {
        return vec![nothing_kept(said)];
    }
    let of_job: BTreeSet<ThingId> = claim
        .of
        .ids()
        .filter_map(|of| BackupId::try_from(of).ok())
        .flat_map(|job| lab.backups[job].of.ids().collect::<Vec<_>>())
        .collect();
    vec![loss.judge(said, &kept, &of_job, claim.rpo.as_ref().map(|rpo| rpo.value))]
}

/// What is gone.
struct Loss<'f, 'l> {
    forecast: &'f Forecast<'l>,
    things: BTreeSet<ThingId>,
    devices: BTreeSet<DeviceId>,
    parts: Vec<PartId>,
    /// What is lost by the circuit: data and pools.
    lost: BTreeSet<ThingId>,
}

impl<'f, 'l> Loss<'f, 'l> {
    fn of(forecast: &'f Forecast<'l>, claim: &Claim) -> Self {
        let things: BTreeSet<ThingId> = claim.losing.ids().collect();
        let devices = things.iter().filter_map(|thing| DeviceId::try_from(*thing).ok()).collect();
        let parts: BTreeSet<PartId> = things
            .iter()
            .flat_map(|thing| {
                let mut parts = parts_of_thing(forecast, *thing);
                parts.extend(lost_with(forecast, *thing));
                parts
            })
            .collect();
        let parts: Vec<PartId> = parts.into_iter().collect();
        let watched = outcomes(forecast, &Refs { items: Vec::new(), span: None }, Keeps::Data);
        let holding = forecast.holds_after(&parts);
        let lost = watched.into_iter().filter(|at| holding.contains(at)).filter_map(|at| {
            let subject = forecast.compiled.outcomes[at].0.subject;
            matches!(subject, Subject::Pool(_) | Subject::Data(_)).then(|| forecast.works.thing(subject))?
        });
        Self { forecast, things, devices, lost: lost.collect(), parts }
    }

    /// True when nothing is left at a place.
    fn is_gone(&self, place: ThingId) -> bool {
        let lab = self.forecast.lab;
        let on = devices(lab, place);
        let pools = lab.pools_of(place);
        let pool_gone = |pool: &PoolId| {
            let thing = ThingId::from(*pool);
            self.things.contains(&thing) || self.lost.contains(&thing)
        };
        self.things.contains(&place)
            || self.lost.contains(&place)
            || (!on.is_empty() && on.is_subset(&self.devices))
            || (!pools.is_empty() && pools.iter().all(pool_gone))
    }

    fn judge(
        &self,
        said: String,
        kept: &[Kept<'_>],
        of_job: &BTreeSet<ThingId>,
        rpo: Option<Period>,
    ) -> Aspect {
        let lab = self.forecast.lab;
        let (mut lacks, mut unknown, mut untouched) = (Lacks::default(), Lacks::default(), 0);
        let mut left: Option<(Option<Period>, &CopyOf<'_>)> = None;
        let mut facts: Vec<Witness> = Vec::new();
        for of in kept {
            let is_gone = self.is_gone(of.thing);
            if !is_gone && !of_job.contains(&of.thing) {
                untouched += 1;
                continue;
            }
            let there = |copy: &&CopyOf<'_>| {
                !copy.copy.to.as_ref().and_then(|to| to.id).is_some_and(|to| self.is_gone(to))
            };
            match best(lab, of.copies.iter().filter(there)) {
                None => lacks.add(self.why_gone(of), of.thing),
                Some((Some(behind), copy)) if rpo.is_some_and(|rpo| behind > rpo) => {
                    if lacks.0.is_empty() {
                        facts = steps(lab, copy);
                    }
                    lacks.add(
                        format!("what is left is at {}, up to {} behind", place(copy), age(behind)),
                        of.thing,
                    );
                }
                Some((None, copy)) if rpo.is_some() => {
                    unknown.add(format!("nobody says when the copy at {} is made", place(copy)), of.thing);
                }
                Some((behind, copy)) => {
                    left = left.filter(|(known, _)| *known >= behind).or(Some((behind, copy)))
                }
            }
        }
        if !lacks.0.is_empty() {
            let (phrases, things) = lacks.told(lab);
            return Aspect::refuted(said, format!("{}.{}", capital(&phrases), self.nearer(kept, rpo)))
                .with(facts)
                .with(things);
        }
        if !unknown.0.is_empty() {
            let (phrases, things) = unknown.told(lab);
            return Aspect::not_judged(said, format!("{}.", capital(&phrases))).with(things);
        }
        match left {
            Some((_, copy)) => {
                let why = format!("{} To use it, it has to be restored first.", self.copies_left(kept));
                Aspect::proved(said, why).with(steps(lab, copy))
            }
            None => {
                let also = self.stands();
                Aspect::proved(
                    said,
                    format!("None of the {untouched} datasets and volumes loses anything: {also}."),
                )
            }
        }
    }

    /// Each place where a copy is left, with the age of the oldest there.
    fn copies_left(&self, kept: &[Kept<'_>]) -> String {
        let lab = self.forecast.lab;
        let mut places: BTreeMap<&str, Option<Period>> = BTreeMap::new();
        for copy in kept.iter().flat_map(|of| &of.copies) {
            if copy.copy.to.as_ref().and_then(|to| to.id).is_some_and(|to| self.is_gone(to)) {
                continue;
            }
            let behind = lag(&lab.backups[copy.job], copy.index);
            places
                .entry(place(copy))
                .and_modify(|known| *known = known.zip(behind).map(|(known, behind)| known.max(behind)))
                .or_insert(behind);
        }
        let mut places: Vec<(&str, Option<Period>)> = places.into_iter().collect();
        places.sort_by_key(|(place, behind)| (behind.is_none(), *behind, *place));
        let told: Vec<String> = places
            .into_iter()
            .map(|(place, behind)| match behind {
                Some(behind) => format!("{place} (up to {} old)", age(behind)),
                None => format!("{place} (how old is not said)"),
            })
            .collect();
        format!("A copy is left at {}.", told.join(" and at "))
    }

    /// Why the data has nothing to fall back on.
    fn why_gone(&self, of: &Kept<'_>) -> String {
        let lab = self.forecast.lab;
        let snapshots = DatasetId::try_from(of.thing).is_ok_and(|id| lab.datasets[id].snapshots.is_some());
        match (of.copies.is_empty(), snapshots) {
            (true, true) => {
                "gone, its snapshots with it, being on the same pool; there is no copy".to_owned()
            }
            (true, false) => "gone, and there is no copy".to_owned(),
            (false, _) => "gone, and so are all its copies".to_owned(),
        }
    }

    /// A word on copies that would have been recent enough, and are gone too.
    fn nearer(&self, kept: &[Kept<'_>], rpo: Option<Period>) -> String {
        let lab = self.forecast.lab;
        let gone = |copy: &&CopyOf<'_>| {
            copy.copy.to.as_ref().and_then(|to| to.id).is_some_and(|to| self.is_gone(to))
        };
        let near = kept.iter().flat_map(|of| of.copies.iter().filter(gone));
        let near = near.filter_map(|copy| Some((lag(&lab.backups[copy.job], copy.index)?, copy)));
        let near = near
            .filter(|(behind, _)| rpo.is_some_and(|rpo| *behind <= rpo))
            .min_by_key(|(behind, _)| *behind);
        near.map_or_else(String::new, |(behind, copy)| {
            format!(
                " Only the copy at {} is never more than {} behind, and it is gone as well.",
                place(copy),
                age(behind)
            )
        })
    }

    fn stands(&self) -> String {
        if self.parts.is_empty() {
            return "they are on nothing that is gone".to_owned();
        }
        format!("they are not on {}", words::parts(self.forecast, &self.parts))
    }
}
