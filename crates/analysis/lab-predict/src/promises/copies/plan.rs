//! Claims on the plan of backups, nothing being lost or only the original: how many copies, where, whose, how old, how soon back.

use super::super::{Aspect, Witness};
use super::kept::Kept;
use super::lacks::{Lacks, age, best, capital, named, place, steps};
use super::nothing_kept;
use lab_model::derived::copies::{CopyOf, controller, is_elsewhere, medium};
use lab_model::grammar::Period;
use lab_model::lab::BackupId;
use lab_model::written::{Controller, Medium};
use lab_model::{Lab, ThingId};
use std::collections::BTreeSet;

pub(super) fn three_two_one(lab: &Lab, kept: &[Kept<'_>]) -> Aspect {
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

pub(super) fn own_off_site(lab: &Lab, kept: &[Kept<'_>]) -> Aspect {
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

pub(super) fn restorable(lab: &Lab, kept: &[Kept<'_>]) -> Aspect {
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

pub(super) fn at_most(lab: &Lab, kept: &[Kept<'_>], rpo: Period) -> Aspect {
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
