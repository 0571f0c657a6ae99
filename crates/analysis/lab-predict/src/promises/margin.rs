//! Why nothing comes about although so many things fail: what stands in, and how much of it is left.
//!
//! It explains and decides nothing: that nothing comes about is the circuit's word.

use super::within::{OF_STATEFUL_SETS, has_disk, says_workload};
use crate::forecast::{Forecast, words};
use crate::works::{Ceph, DriveId, Fate, Layout, Outcome, Placement, Pool, ServiceId, Subject};
use lab_model::written::Failing;
use std::collections::{BTreeMap, BTreeSet};

/// Sentences on why nothing of what is watched comes about although `n` of these fail.
pub(super) fn of(forecast: &Forecast<'_>, watched: &[Outcome], n: usize, what: Failing) -> Vec<String> {
    let works = &forecast.works;
    let mut told: Vec<(String, Vec<&str>)> = Vec::new();
    let mut tight: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for outcome in watched {
        let (label, why) = match (outcome.subject, outcome.fate) {
            (Subject::Pool(id), fate) => {
                let pool = &works[id];
                if what != Failing::Cables {
                    let limits = [stops_before(forecast, pool, fate, n), nowhere_to_rebuild(pool, n)];
                    limits
                        .into_iter()
                        .flatten()
                        .for_each(|why| tight.entry(why).or_default().push(&pool.label));
                }
                (pool.label.as_str(), pool_margin(forecast, pool, fate, what))
            }
            (Subject::Cluster(id), _) if works[id].quorum > 0 => {
                let cluster = &works[id];
                let why = format!("{} of {} votes decide", cluster.quorum, cluster.members.len());
                (cluster.label.as_str(), Some(why))
            }
            _ => continue,
        };
        let Some(why) = why else { continue };
        match told.iter_mut().find(|(known, _)| *known == why) {
            Some((_, labels)) if labels.contains(&label) => {}
            Some((_, labels)) => labels.push(label),
            None => told.push((why, vec![label])),
        }
    }
    const REASONS_MAX: usize = 3;
    let mut sentences: Vec<String> = told
        .into_iter()
        .take(REASONS_MAX)
        .map(|(why, labels)| format!("{}: {why}.", words::names(labels)))
        .collect();
    sentences.extend(tight.into_keys());
    sentences.extend(services(forecast, watched, what));
    sentences.extend(supplies(forecast, watched));
    sentences
}

/// That every unit has a supply more than it needs, where it is so.
fn supplies(forecast: &Forecast<'_>, watched: &[Outcome]) -> Option<String> {
    let units = watched.iter().filter_map(|outcome| match (outcome.subject, outcome.fate) {
        (Subject::Unit(id), Fate::Off) => Some(&forecast.works[id]),
        _ => None,
    });
    let has_spare = |unit: &&crate::works::Unit| unit.supplies.len() > unit.supplies_needed as usize;
    let (spare, single): (Vec<_>, Vec<_>) = units.partition(has_spare);
    (!spare.is_empty() && single.is_empty())
        .then(|| "Each has a supply more than it needs, on a way of its own.".to_owned())
}

fn pool_margin(forecast: &Forecast<'_>, pool: &Pool, fate: Fate, what: Failing) -> Option<String> {
    if what == Failing::Cables {
        return paths(forecast, pool);
    }
    match (&pool.layout, fate) {
        (Layout::Groups(groups), _) => {
            let weakest = groups.iter().min_by_key(|group| group.tolerates)?;
            let drives = weakest.drives.len();
            Some(format!("{} bears the loss of {} of its {drives} drives", weakest.label, weakest.tolerates))
        }
        (Layout::Separate(group), _) => {
            Some(format!("{} bears the loss of {} drives", group.label, group.tolerates))
        }
        (Layout::Ceph(ceph), Fate::Lost) => Some(format!(
            "{} in {} failure domains, and data is lost when drives die in {} of those",
            pieces(ceph),
            ceph.domains.len(),
            ceph.lost_at
        )),
        (Layout::Ceph(ceph), _) => Some(format!(
            "{}, serving with {} of them, so {} of {} failure domains may be away",
            pieces(ceph),
            ceph.min_copies,
            ceph.copies.saturating_sub(ceph.min_copies),
            ceph.domains.len()
        )),
        (Layout::Unknown, _) => None,
    }
}

/// By how many ways the drives of a pool are reached.
fn paths(forecast: &Forecast<'_>, pool: &Pool) -> Option<String> {
    let drives: Vec<DriveId> = match &pool.layout {
        Layout::Groups(groups) => groups.iter().flat_map(|group| group.drives.clone()).collect(),
        _ => return None,
    };
    let fewest = drives.iter().map(|drive| forecast.works[*drive].paths.len()).min()?;
    (fewest > 1).then(|| format!("each drive is reached by {fewest} ways that share no cable"))
}

/// `3 copies`, or chunks when fewer lost ones than all are too many.
pub(super) fn pieces(ceph: &Ceph) -> String {
    if ceph.lost_at < ceph.copies {
        let coding = ceph.lost_at.saturating_sub(1);
        return format!("{} chunks (erasure-coded {}+{coding})", ceph.copies, ceph.copies - coding);
    }
    format!("{} copies", ceph.copies)
}

/// Data outlives failures that already stop reading and writing.
fn stops_before(forecast: &Forecast<'_>, pool: &Pool, fate: Fate, n: usize) -> Option<String> {
    let Layout::Ceph(ceph) = &pool.layout else { return None };
    let n = n as u32;
    let left = ceph.copies.saturating_sub(n);
    if fate != Fate::Lost || left >= ceph.min_copies {
        return None;
    }
    let cluster = &forecast.works[ceph.cluster];
    let votes = (cluster.members.len() as u32).saturating_sub(n);
    let monitors = match votes < cluster.quorum {
        true => format!(", and {votes} of {} monitors is no quorum", cluster.members.len()),
        false => String::new(),
    };
    Some(format!(
        "Kept is not served: with {n} domains away {left} of {} {} left where {} must be (min_size), the placement groups are inactive{monitors}: reads stop as well as writes, there is no read-only mode.",
        pieces(ceph),
        if left == 1 { "is" } else { "are" },
        ceph.min_copies
    ))
}

/// Ceph rebuilds copies in other domains only while there are at least as many domains as copies.
fn nowhere_to_rebuild(pool: &Pool, n: usize) -> Option<String> {
    let Layout::Ceph(ceph) = &pool.layout else { return None };
    let left = ceph.domains.len().checked_sub(n)?;
    (left < ceph.copies as usize).then(|| {
        format!(
            "Nothing is rebuilt until what failed is back: {} pieces of an object need as many failure domains, and {left} {}.",
            ceph.copies,
            if left == 1 { "is left" } else { "are left" }
        )
    })
}

/// How services outlive machines: started elsewhere, or on several at once.
fn services(forecast: &Forecast<'_>, watched: &[Outcome], what: Failing) -> Option<String> {
    let is_machines = matches!(what, Failing::Hosts | Failing::Members | Failing::Vms | Failing::Parts);
    if !is_machines {
        return None;
    }
    let works = &forecast.works;
    let ids: BTreeSet<ServiceId> = watched
        .iter()
        .filter_map(|outcome| match (outcome.subject, outcome.fate) {
            (Subject::Service(id), Fate::Gone) => Some(id),
            _ => None,
        })
        .collect();
    let (mut moved, mut several, mut with_disk) = (Vec::new(), Vec::new(), false);
    for id in ids {
        match &works[id].placement {
            Placement::Movable { by: Some(by), replicas: 1, .. } => {
                with_disk |= has_disk(forecast, id) && !says_workload(forecast, id);
                let seconds = works[*by].eviction_seconds + works[id].detach_seconds;
                moved.push((works[id].label.as_str(), seconds));
            }
            Placement::Movable { replicas, .. } if *replicas > 1 => several.push(works[id].label.as_str()),
            Placement::Fixed(places) if places.len() > 1 => several.push(works[id].label.as_str()),
            _ => {}
        }
    }
    let mut phrases = Vec::new();
    if !several.is_empty() {
        let verb = if several.len() == 1 { "runs" } else { "run" };
        phrases.push(format!("{} {verb} on several machines at once", words::names(several)));
    }
    if let Some(slowest) = moved.iter().map(|(_, seconds)| *seconds).max_by(f64::total_cmp) {
        let verb = if moved.len() == 1 { "is" } else { "are" };
        phrases.push(format!(
            "{} {verb} gone for up to some {:.0} minutes, until started elsewhere",
            words::names(moved.into_iter().map(|(label, _)| label)),
            (slowest / 60.0).ceil() + 1.0
        ));
    }
    let of_stateful_sets = if with_disk { format!(" {OF_STATEFUL_SETS}") } else { String::new() };
    (!phrases.is_empty()).then(|| format!("{}.{of_stateful_sets}", phrases.join("; ")))
}
