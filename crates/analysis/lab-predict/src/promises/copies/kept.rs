//! What a claim on copies is about: things that keep data, each with the copies that do not stand on its own devices.

use lab_model::derived::copies::{CopyOf, Site, by_thing, copies_of, devices, home};
use lab_model::lab::{BackupId, PoolId, ServiceId};
use lab_model::written::{Importance, Promised};
use lab_model::{Kind, Lab, Refs, ThingId};
use std::collections::{BTreeMap, BTreeSet};

/// Something that is worth keeping, with its copies.
pub(super) struct Kept<'a> {
    pub(super) thing: ThingId,
    pub(super) copies: Vec<CopyOf<'a>>,
    pub(super) home: Option<Site>,
}

/// What the claim is about, as things that keep data. Without names, or with `everything`: what is not said to be replaceable, and is no
/// copy itself.
pub(super) fn kept<'a>(lab: &'a Lab, of: &Refs<Promised>) -> Vec<Kept<'a>> {
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

/// True when something has a copy that does not stand on its own devices.
pub(crate) fn has_copy(lab: &Lab, thing: ThingId) -> bool {
    copies_of(lab, &by_thing(lab), thing).iter().any(|copy| is_apart(lab, thing, copy))
}
