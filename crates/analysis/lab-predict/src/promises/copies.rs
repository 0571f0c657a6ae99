//! "Three copies, two media, one elsewhere", "at most so old", "it can be restored", "that may be gone and the data is not": claims on
//! the plan of backups.
//!
//! A copy counts when it is in use and does not stand on the devices of the original. Whether a job really runs is not known here.

use super::target::{lost_with, outcomes, parts_of_thing};
use super::{Aspect, Witness};
use crate::answers::{Forecast, names_words, parts_words};
use crate::works::{PartId, Subject};
use lab_model::derived::copies::{
    CopyOf, Site, by_thing, chain, controller, copies_of, devices, home, is_elsewhere, lag, medium,
};
use lab_model::grammar::Period;
use lab_model::lab::{BackupId, DatasetId, DeviceId, PoolId, ServiceId, VolumeId};
use lab_model::written::{Claim, Controller, Importance, Keeps, Medium, Promised};
use lab_model::{Kind, Lab, Refs, ThingId};
use std::collections::{BTreeMap, BTreeSet};

/// Judges what a claim says of copies, nothing being lost or only the original.
pub(super) fn judge(forecast: &Forecast<'_>, claim: &Claim) -> Vec<Aspect> {
    let lab = forecast.lab;
    let wants = |said: &Option<lab_source::Spanned<bool>>| said.as_ref().is_some_and(|said| said.value);
    let mut aspects = Vec::new();
    if wants(&claim.three_two_one) {
        aspects.push(three_two_one(lab, &kept(lab, &claim.of)));
    }
    if wants(&claim.own_off_site) {
        aspects.push(own_off_site(lab, &kept(lab, &claim.of)));
    }
    if wants(&claim.restorable) {
        aspects.push(restorable(lab, &kept(lab, &claim.of)));
    }
    if let Some(rpo) = claim.rpo.as_ref().filter(|_| claim.losing.is_empty()) {
        aspects.push(at_most(lab, &kept(lab, &claim.of), rpo.value));
    }
    aspects
}

/// Something that is worth keeping, with its copies.
struct Kept<'a> {
    thing: ThingId,
    copies: Vec<CopyOf<'a>>,
    home: Option<Site>,
}

/// What the claim is about, as things that keep data. Without names, or with `everything`: what is not said to be replaceable, and is no
/// copy itself.
fn kept<'a>(lab: &'a Lab, of: &Refs<Promised>) -> Vec<Kept<'a>> {
    let all = by_thing(lab);
    let is_word = |item: &lab_model::record::Ref<Promised>| item.id.is_none() && &*item.text == "everything";
    let mut things: BTreeSet<ThingId> = BTreeSet::new();
    let mut jobs: BTreeMap<ThingId, BackupId> = BTreeMap::new();
    if of.is_empty() || of.items.iter().any(is_word) {
        things.extend(worth_keeping(lab));
    }
    for thing in of.ids() {
        match BackupId::try_from(thing) {
            Ok(job) => jobs.extend(lab.backups[job].of.ids().map(|of| (of, job))),
            Err(()) => things.extend(keepers(lab, thing)),
        }
    }
    things.extend(jobs.keys());
    let kept = |thing: ThingId| {
        let mut copies = copies_of(lab, &all, thing);
        copies
            .retain(|copy| jobs.get(&thing).is_none_or(|job| *job == copy.job) && is_apart(lab, thing, copy));
        Kept { thing, copies, home: home(lab, thing) }
    };
    things.into_iter().map(kept).collect()
}

/// False for a copy that is on devices of the original and nowhere else: what takes the one takes the other.
fn is_apart(lab: &Lab, thing: ThingId, copy: &CopyOf<'_>) -> bool {
    let Some(to) = copy.copy.to.as_ref().and_then(|to| to.id) else { return true };
    let (there, here) = (devices(lab, to), devices(lab, thing));
    there.is_empty() || !there.is_subset(&here)
}

fn worth_keeping(lab: &Lab) -> impl Iterator<Item = ThingId> + '_ {
    let targets: BTreeSet<ThingId> = lab
        .backups
        .iter()
        .flat_map(|(_, job)| job.copies.iter().filter_map(|copy| copy.to.as_ref()?.id).collect::<Vec<_>>())
        .collect();
    let dear = |importance: Option<Importance>| {
        !matches!(importance, Some(Importance::Ephemeral | Importance::Replaceable))
    };
    let datasets = lab
        .datasets
        .iter()
        .filter(move |(_, dataset)| dear(dataset.importance.as_ref().map(|importance| importance.value)));
    let volumes = lab
        .volumes
        .iter()
        .filter(move |(_, volume)| dear(volume.importance.as_ref().map(|importance| importance.value)));
    let all = datasets.map(|(id, _)| ThingId::from(id)).chain(volumes.map(|(id, _)| ThingId::from(id)));
    all.filter(move |thing| !targets.contains(thing))
}

/// The data of a thing: datasets and volumes on a pool, volumes of a service and datasets that it needs; else the thing itself.
fn keepers(lab: &Lab, thing: ThingId) -> Vec<ThingId> {
    let found: Vec<ThingId> = match thing.kind {
        Kind::Pool => {
            let on = |place: &ThingId| lab.pools_of(*place).contains(&PoolId(thing.index));
            worth_keeping(lab).filter(on).collect()
        }
        Kind::Service => of_service(lab, ServiceId(thing.index)),
        Kind::Cluster => {
            let on = lab.services.iter().filter(|(_, service)| service.on.ids().any(|on| on == thing));
            on.flat_map(|(id, _)| of_service(lab, id)).collect()
        }
        _ => Vec::new(),
    };
    if found.is_empty() { vec![thing] } else { found }
}

fn of_service(lab: &Lab, id: ServiceId) -> Vec<ThingId> {
    let own = lab.volumes.iter().filter(|(_, volume)| volume.service.iter().any(|of| of.id == Some(id)));
    let needed =
        lab.services[id].needs.ids().filter(|need| matches!(need.kind, Kind::Dataset | Kind::Volume));
    own.map(|(volume, _)| volume.into()).chain(needed).collect()
}

/// `photos, files and 4 more`.
fn named(lab: &Lab, things: &[ThingId]) -> String {
    let names: Vec<String> = things.iter().map(|thing| lab.name(*thing).to_string()).collect();
    names_words(names.iter().map(String::as_str))
}

/// Where a copy goes, as written.
fn place<'a>(copy: &CopyOf<'a>) -> &'a str {
    copy.copy.to.as_ref().map_or("a place that is not said", |to| &to.text)
}

/// The steps to a copy, the first one from the original.
fn steps(lab: &Lab, copy: &CopyOf<'_>) -> Vec<Witness> {
    let backup = &lab.backups[copy.job];
    let way = chain(backup, copy.index).unwrap_or_else(|| vec![copy.index]);
    let step = |at: usize| {
        let step = &backup.copies[at];
        let to = step.to.as_ref().map_or("?", |to| &to.text);
        let when = step
            .every
            .as_ref()
            .map_or_else(|| "when is not said".to_owned(), |every| every.value.to_string());
        let hand = if step.by_hand.is_some_and(|hand| hand.value) { ", by hand" } else { "" };
        let span = step.every.as_ref().map_or(step.span, |every| every.span);
        Witness::new(format!("{}: copied to {to}, {when}{hand}", backup.name), Some(span))
    };
    way.into_iter().map(step).collect()
}

/// An age in words.
fn age(age: Period) -> String {
    if age == Period::ZERO { "nearly nothing".to_owned() } else { age.to_string() }
}

/// What is wrong, and with what: one phrase for all things of which it is.
#[derive(Default)]
struct Lacks(BTreeMap<String, Vec<ThingId>>);

impl Lacks {
    fn add(&mut self, what: impl Into<String>, thing: ThingId) {
        self.0.entry(what.into()).or_default().push(thing);
    }

    /// `no copy: a, b; ...`, and each thing with the place where it is written.
    fn told(&self, lab: &Lab) -> (String, Vec<Witness>) {
        let phrases = self.0.iter().map(|(what, things)| format!("{what}: {}", named(lab, things)));
        let facts = self.0.iter().flat_map(|(what, things)| {
            let fact = move |thing: &ThingId| {
                Witness::new(format!("{}: {what}", lab.subject(*thing)), Some(lab.name(*thing).span))
            };
            things.iter().map(fact)
        });
        (phrases.collect::<Vec<_>>().join("; "), facts.collect())
    }

    /// A word on those of which nobody says how much they matter.
    fn unsaid(&self, lab: &Lab) -> String {
        let things: BTreeSet<ThingId> = self.0.values().flatten().copied().collect();
        let is_unsaid = |thing: &&ThingId| match thing.kind {
            Kind::Dataset => lab.datasets[DatasetId(thing.index)].importance.is_none(),
            Kind::Volume => lab.volumes[VolumeId(thing.index)].importance.is_none(),
            _ => false,
        };
        match things.iter().filter(is_unsaid).count() {
            0 => String::new(),
            n => format!(
                " Of {n} of them nobody says how much they matter (`importance`); they count as worth keeping."
            ),
        }
    }

    fn n_things(&self) -> usize {
        self.0.values().flatten().collect::<BTreeSet<_>>().len()
    }
}

fn nothing_kept(said: String) -> Aspect {
    Aspect::not_judged(said, "Nothing that keeps data is described for it.")
}

fn three_two_one(lab: &Lab, kept: &[Kept<'_>]) -> Aspect {
    let said = "three copies, on two media, one elsewhere".to_owned();
    if kept.is_empty() {
        return nothing_kept(said);
    }
    let mut lacks = Lacks::default();
    for of in kept {
        let places: BTreeSet<&str> = of.copies.iter().map(place).collect();
        let media: BTreeSet<Medium> =
            of.copies.iter().map(|copy| medium(lab, copy.copy)).chain([Medium::Disk]).collect();
        let away = of.copies.iter().any(|copy| is_elsewhere(lab, copy, of.home.as_ref()));
        match places.len() {
            0 => lacks.add("no copy beside the original", of.thing),
            1 => lacks.add("2 copies, the original counted", of.thing),
            _ => {}
        }
        if !places.is_empty() && media.len() < 2 {
            lacks.add("all on one kind of medium", of.thing);
        }
        if !places.is_empty() && !away {
            lacks.add("none elsewhere", of.thing);
        }
    }
    if lacks.0.is_empty() {
        let fewest = kept.iter().min_by_key(|of| of.copies.len()).expect("something is kept");
        let places: Vec<String> = fewest
            .copies
            .iter()
            .map(|copy| format!("{} ({})", place(copy), medium(lab, copy.copy)))
            .collect();
        let why = format!(
            "{} of {0}: {} has its original on disk, and copies at {}.",
            kept.len(),
            lab.name(fewest.thing),
            places.join(" and ")
        );
        return Aspect::proved(said, why).with(fewest.copies.iter().flat_map(|copy| steps(lab, copy)));
    }
    let (phrases, facts) = lacks.told(lab);
    Aspect::refuted(
        said,
        format!(
            "{} of {} fall short. {}.{}",
            lacks.n_things(),
            kept.len(),
            capital(&phrases),
            lacks.unsaid(lab)
        ),
    )
    .with(facts)
}

fn own_off_site(lab: &Lab, kept: &[Kept<'_>]) -> Aspect {
    let said = "a copy elsewhere that the owner controls".to_owned();
    if kept.is_empty() {
        return nothing_kept(said);
    }
    let (mut lacks, mut facts, mut hand) = (Lacks::default(), Vec::new(), BTreeSet::new());
    for of in kept {
        let away: Vec<&CopyOf<'_>> =
            of.copies.iter().filter(|copy| is_elsewhere(lab, copy, of.home.as_ref())).collect();
        match away.iter().find(|copy| controller(lab, copy.copy) != Controller::Vendor) {
            Some(copy) => {
                facts = if facts.is_empty() { steps(lab, copy) } else { facts };
                if copy.copy.every.is_none() {
                    hand.insert(place(copy));
                }
            }
            None if of.copies.is_empty() => lacks.add("no copy at all", of.thing),
            None if away.is_empty() => lacks.add("no copy elsewhere", of.thing),
            None => {
                lacks.add("elsewhere only in a vendor's hands, who can lose, lock or delete it", of.thing)
            }
        }
    }
    if lacks.0.is_empty() {
        let when = match hand.into_iter().next() {
            Some(place) => format!(" How often {place} gets one is not said, so its age is anybody's guess."),
            None => String::new(),
        };
        return Aspect::proved(said, format!("{} of {0} have one.{when}", kept.len())).with(facts);
    }
    let (phrases, wrong) = lacks.told(lab);
    let unsaid = lacks.unsaid(lab);
    let why = format!("{} of {} have none. {}.{unsaid}", lacks.n_things(), kept.len(), capital(&phrases));
    Aspect::refuted(said, why).with(wrong)
}

fn restorable(lab: &Lab, kept: &[Kept<'_>]) -> Aspect {
    let said = "everything that keeps something has a backup, and a time in which it is back".to_owned();
    if kept.is_empty() {
        return nothing_kept(said);
    }
    let (mut lacks, mut unsaid) = (Lacks::default(), Lacks::default());
    let mut untried: BTreeSet<BackupId> = BTreeSet::new();
    let mut jobs: BTreeSet<BackupId> = BTreeSet::new();
    for of in kept {
        jobs.extend(of.copies.iter().map(|copy| copy.job));
        if of.copies.is_empty() {
            lacks.add("no backup", of.thing);
        } else if of.copies.iter().all(|copy| lab.backups[copy.job].rto.is_none()) {
            unsaid.add("nobody says how long a restore may take (`rto`)", of.thing);
        }
        if of.copies.iter().all(|copy| copy.copy.restored.is_none()) {
            untried.extend(of.copies.iter().map(|copy| copy.job));
        }
    }
    let names: Vec<ThingId> = untried.into_iter().map(ThingId::from).collect();
    let hope = match names.is_empty() {
        true => String::new(),
        false => format!(" No restore from {} is known to have been tried.", named(lab, &names)),
    };
    if lacks.0.is_empty() && !unsaid.0.is_empty() {
        let (phrases, facts) = unsaid.told(lab);
        let why = format!("Each of {} has a backup, and {phrases}.{hope}", kept.len());
        return Aspect::not_judged(said, why).with(facts);
    }
    if lacks.0.is_empty() {
        let longest =
            jobs.iter().filter_map(|job| lab.backups[*job].rto.as_ref()).max_by_key(|rto| rto.value);
        let within = longest.map_or_else(String::new, |rto| format!(", the slowest within {}", rto.value));
        let facts = longest.map(|rto| Witness::new(format!("rto: {}", rto.value), Some(rto.span)));
        return Aspect::proved(said, format!("{} of {0} have both{within}.{hope}", kept.len())).with(facts);
    }
    let (phrases, facts) = lacks.told(lab);
    let why = format!("{} of {} have no backup. {}.{hope}", lacks.n_things(), kept.len(), capital(&phrases));
    Aspect::refuted(said, why).with(facts)
}

/// The copy that is least behind, with how far; the first one of unknown age when none has a known one.
fn best<'c, 'a>(
    lab: &Lab,
    copies: impl IntoIterator<Item = &'c CopyOf<'a>>,
) -> Option<(Option<Period>, &'c CopyOf<'a>)>
where
    'a: 'c,
{
    let aged = copies.into_iter().map(|copy| (lag(&lab.backups[copy.job], copy.index), copy));
    aged.min_by_key(|(age, _)| age.unwrap_or(Period::from_milliseconds(u64::MAX)))
}

fn at_most(lab: &Lab, kept: &[Kept<'_>], rpo: Period) -> Aspect {
    let said = format!("at most {} is lost", age(rpo));
    if kept.is_empty() {
        return nothing_kept(said);
    }
    let (mut lacks, mut unknown) = (Lacks::default(), Lacks::default());
    let mut worst: Option<(Period, &CopyOf<'_>)> = None;
    for of in kept {
        match best(lab, &of.copies) {
            None => lacks.add("no copy apart from the original", of.thing),
            Some((None, copy)) => {
                unknown.add(format!("nobody says when the copy at {} is made", place(copy)), of.thing);
            }
            Some((Some(behind), copy)) => {
                if behind > rpo {
                    lacks.add(format!("up to {} behind at {}", age(behind), place(copy)), of.thing);
                }
                if worst.is_none_or(|(known, _)| behind > known) {
                    worst = Some((behind, copy));
                }
            }
        }
    }
    let way = worst.map(|(_, copy)| steps(lab, copy)).unwrap_or_default();
    if !lacks.0.is_empty() {
        let (phrases, facts) = lacks.told(lab);
        let unsaid = lacks.unsaid(lab);
        let why = format!("Not for {} of {}. {}.{unsaid}", lacks.n_things(), kept.len(), capital(&phrases));
        return Aspect::refuted(said, why).with(facts);
    }
    if !unknown.0.is_empty() {
        let (phrases, facts) = unknown.told(lab);
        return Aspect::not_judged(said, format!("{}.", capital(&phrases))).with(facts);
    }
    let behind = worst.map_or_else(String::new, |(behind, copy)| {
        format!(" The one furthest behind is up to {} old, at {}.", age(behind), place(copy))
    });
    let why =
        format!("Each of {} has a copy that recent, gaps along the chain added up.{behind}", kept.len());
    Aspect::proved(said, why).with(way)
}

/// Lets the named things be gone for good, with what is on them, and looks for what is left of the data, here or in a copy.
pub(super) fn judge_losing(forecast: &Forecast<'_>, claim: &Claim) -> Vec<Aspect> {
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
        format!("they are not on {}", parts_words(self.forecast, &self.parts))
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::super::tests::{because, verdicts};

    fn lab(claim: &str) -> String {
        format!(
            "
sites: {{ home: {{}}, parents: {{ controller: family }} }}
externals: {{ bucket: {{ kind: storage }} }}
devices:
  nas-(a,b): {{ role: nas }}
pools: {{ tank: {{ kind: nas, on: nas-a }}, second: {{ kind: nas, on: nas-b }} }}
datasets:
  photos: {{ pool: tank, importance: irreplaceable }}
  films: {{ pool: tank, importance: replaceable }}
  papers: {{ pool: tank, importance: important }}
  beside: {{ pool: tank }}
  (copies,more): {{ pool: second }}
backups:
  nightly:
    of: photos
    rto: 1 d
    copies:
      - {{ to: copies, every: every 6 h }}
      - {{ to: bucket, every: daily }}
      - {{ to: parents, from: source, every: weekly, medium: disk }}
  local: {{ of: papers, copies: [{{ to: beside, every: every 1 h }}] }}
  without-rto: {{ of: films, copies: [{{ to: more, every: daily }}] }}
promises: {{ it: {{ says: it, claim: {claim} }} }}
"
        )
    }

    #[test]
    fn plans_of_backups_are_judged() {
        for (claim, expected) in [
            ("{ three-two-one: true, of: dataset/photos }", "proved"),
            ("{ three-two-one: true, of: everything }", "REFUTED"),
            ("{ own-off-site: true, of: dataset/photos }", "proved"),
            ("{ rpo: 6 h, of: dataset/photos }", "proved"),
            ("{ rpo: 5 h, of: dataset/photos }", "REFUTED"),
            // A copy beside the original is none.
            ("{ rpo: 1 d, of: dataset/papers }", "REFUTED"),
            ("{ restorable: true, of: dataset/photos }", "proved"),
            ("{ restorable: true, of: dataset/papers }", "REFUTED"),
            ("{ restorable: true, of: dataset/films }", "not judged"),
            ("{ losing: device/nas-a, keeps: data, of: dataset/photos }", "proved"),
            ("{ losing: device/nas-a, keeps: data, of: dataset/papers }", "REFUTED"),
            ("{ losing: device/nas-b, keeps: data, of: dataset/papers }", "proved"),
            (
                "{ losing: [device/nas-a, device/nas-b], keeps: data, rpo: 6 h, of: dataset/photos }",
                "REFUTED",
            ),
            ("{ losing: device/nas-b, rpo: 30 h, of: backup/nightly }", "proved"),
            ("{ losing: device/nas-b, rpo: 6 h, of: backup/nightly }", "REFUTED"),
        ] {
            assert_eq!(verdicts(&lab(claim)), [expected], "{claim}");
        }
    }

    #[test]
    fn gaps_along_a_chain_add_up() {
        let why = because(&lab("{ losing: device/nas-b, rpo: 6 h, of: backup/nightly }"));
        assert!(why.contains("bucket, up to 1 d 6 h behind"), "{why}");
        assert!(why.contains("Only the copy at copies is never more than 6 h behind"), "{why}");
    }
}
