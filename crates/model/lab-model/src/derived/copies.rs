//! Copies of data: what each is a copy of, where it is and on what, how old it can be, who decides over it, and what holds what it is
//! a copy of. One home for what rules, views and predictions know of backups.
//!
//! Only copies that are in use count ([`is_made`]); what is planned or given up is no copy. What is not said is not guessed, with two
//! exceptions that say so: [`medium`] and [`controller`].

use crate::grammar::Period;
use crate::lab::{
    BackupId, DatasetId, DeviceId, ExternalId, Kind, Lab, PoolId, ServiceId, SiteId, ThingId, VolumeId,
};
use crate::written::{Backup, BackupCopy, Controller, DeviceRole, ExternalKind, Importance, Medium, Status};
use lab_source::{Span, Spanned};
use std::collections::{BTreeMap, BTreeSet};

/// Where a copy, or an original, is.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Site {
    /// At a site of the lab.
    Site(SiteId),
    /// With an outside service.
    External(ExternalId),
}

/// One copy of one thing.
#[derive(Clone, Copy, Debug)]
pub struct CopyOf<'a> {
    /// The job.
    pub job: BackupId,
    /// Its place in the job.
    pub index: usize,
    /// What is written of it.
    pub copy: &'a BackupCopy,
}

impl CopyOf<'_> {
    /// Where it is written.
    pub fn span(&self) -> Span {
        self.copy.to.as_ref().map_or(self.copy.span, |to| to.span)
    }
}

/// Every thing that has copies in use, with all of them.
pub fn by_thing(lab: &Lab) -> BTreeMap<ThingId, Vec<CopyOf<'_>>> {
    let mut all: BTreeMap<ThingId, Vec<CopyOf<'_>>> = BTreeMap::new();
    for (job, backup) in lab.backups.iter() {
        for thing in backup.of.ids() {
            let copies = all.entry(thing).or_default();
            let of_job = backup.record.copies.iter().enumerate().filter(|(_, copy)| is_made(copy));
            copies.extend(of_job.map(|(index, copy)| CopyOf { job, index, copy }));
        }
    }
    all
}

/// True for a copy that is in use.
pub fn is_made(copy: &BackupCopy) -> bool {
    copy.status.as_ref().is_none_or(|status| status.value == Status::Active)
}

/// The things whose copies are copies of `thing` as well: itself, the dataset and pool that it is in, its service.
pub fn holders(lab: &Lab, thing: ThingId) -> Vec<ThingId> {
    let mut all = vec![thing];
    all.extend(lab.dataset_of(thing).map(ThingId::from));
    if let [pool] = lab.pools_of(thing)[..] {
        all.push(pool.into());
    }
    if let Ok(volume) = VolumeId::try_from(thing) {
        all.extend(lab.volumes[volume].service.iter().filter_map(|service| service.id).map(ThingId::from));
    }
    all
}

/// The copies of a thing and of whatever holds it.
pub fn copies_of<'a>(lab: &Lab, all: &BTreeMap<ThingId, Vec<CopyOf<'a>>>, thing: ThingId) -> Vec<CopyOf<'a>> {
    let mut seen = BTreeSet::new();
    holders(lab, thing)
        .iter()
        .filter_map(|holder| all.get(holder))
        .flatten()
        .filter(|copy| seen.insert((copy.job, copy.index)))
        .copied()
        .collect()
}

/// Datasets and volumes with what they are worth, where that is said.
pub fn valued(lab: &Lab) -> Vec<(ThingId, &Spanned<Importance>)> {
    let datasets = lab
        .datasets
        .iter()
        .filter_map(|(id, dataset)| Some((ThingId::from(id), dataset.record.importance.as_ref()?)));
    let volumes = lab
        .volumes
        .iter()
        .filter_map(|(id, volume)| Some((ThingId::from(id), volume.record.importance.as_ref()?)));
    datasets.chain(volumes).collect()
}

/// True for what cannot be had again.
pub fn is_irreplaceable(lab: &Lab, thing: ThingId) -> bool {
    let importance = match thing.kind {
        Kind::Dataset => lab.datasets[DatasetId(thing.index)].importance.as_ref(),
        Kind::Volume => lab.volumes[VolumeId(thing.index)].importance.as_ref(),
        _ => None,
    };
    importance.is_some_and(|importance| importance.value == Importance::Irreplaceable)
}

/// The pools that a place is on.
pub fn pools(lab: &Lab, place: ThingId) -> BTreeSet<PoolId> {
    if let Ok(service) = ServiceId::try_from(place) {
        let needed = lab.services[service].needs.ids();
        let kept = lab
            .volumes
            .iter()
            .filter(|(_, volume)| volume.service.as_ref().and_then(|service| service.id) == Some(service));
        let places = needed.chain(kept.map(|(id, _)| id.into()));
        let pools: BTreeSet<PoolId> = places.flat_map(|place| lab.pools_of(place)).collect();
        // With several it is not known which of them the copied data is on.
        return if pools.len() == 1 { pools } else { BTreeSet::new() };
    }
    lab.pools_of(place).into_iter().collect()
}

/// The devices that a place is on; none when that is not known.
pub fn devices(lab: &Lab, place: ThingId) -> BTreeSet<DeviceId> {
    let pools = lab.pools_of(place);
    if pools.is_empty() {
        return lab.devices_under(place).into_iter().collect();
    }
    pools.into_iter().flat_map(|pool| lab.devices_of_pool(pool)).collect()
}

/// Where a place is. Devices without a place count for the only site there is, or for nothing known.
pub fn site(lab: &Lab, place: ThingId) -> Option<Site> {
    match place.kind {
        Kind::Site => Some(Site::Site(SiteId(place.index))),
        Kind::External => Some(Site::External(ExternalId(place.index))),
        _ => {
            let devices = devices(lab, place);
            let sites: BTreeSet<SiteId> = devices.iter().filter_map(|device| lab.site_of(*device)).collect();
            match sites.len() {
                0 => None,
                1 => sites.first().copied().map(Site::Site),
                _ => None,
            }
        }
    }
}

/// The site of originals: theirs, or the one that most devices of the lab are at when theirs is not said.
pub fn home(lab: &Lab, place: ThingId) -> Option<Site> {
    if let Some(site) = site(lab, place) {
        return Some(site);
    }
    let mut counts: BTreeMap<SiteId, usize> = BTreeMap::new();
    for (id, _) in lab.devices.iter() {
        lab.site_of(id).into_iter().for_each(|site| *counts.entry(site).or_default() += 1);
    }
    counts.into_iter().max_by_key(|(_, count)| *count).map(|(site, _)| Site::Site(site))
}

/// True when a copy is known to be at another place than `home`; a copy at a named site or outside service is, when the
/// original is on a device.
pub fn is_elsewhere(lab: &Lab, copy: &CopyOf<'_>, home: Option<&Site>) -> bool {
    let Some(to) = copy.copy.to.as_ref().and_then(|to| to.id) else { return false };
    match (site(lab, to), home) {
        (Some(Site::External(_)), _) => true,
        (Some(there), Some(home)) => there != *home,
        (Some(Site::Site(_)), None) => to.kind == Kind::Site,
        (None, _) => false,
    }
}

/// Who decides over a copy: as said, else as its place says, else the owner.
pub fn controller(lab: &Lab, copy: &BackupCopy) -> Controller {
    if let Some(said) = &copy.controller {
        return said.value;
    }
    let Some(to) = copy.to.as_ref().and_then(|to| to.id) else { return Controller::Owner };
    match site(lab, to) {
        Some(Site::External(id)) => {
            lab.externals[id].controller.as_ref().map_or(Controller::Vendor, |said| said.value)
        }
        Some(Site::Site(id)) => {
            lab.sites[id].controller.as_ref().map_or(Controller::Owner, |said| said.value)
        }
        None => Controller::Owner,
    }
}

/// Where it is said that a vendor decides over a copy.
pub fn vendor_span(lab: &Lab, copy: &BackupCopy) -> Option<Span> {
    if controller(lab, copy) != Controller::Vendor {
        return None;
    }
    let of_place = || match site(lab, copy.to.as_ref()?.id?)? {
        Site::External(id) => lab.externals[id].controller.as_ref(),
        Site::Site(id) => lab.sites[id].controller.as_ref(),
    };
    copy.controller.as_ref().or_else(of_place).map(|said| said.span)
}

/// What a copy is written on: as said, else as its place tells.
pub fn medium(lab: &Lab, copy: &BackupCopy) -> Medium {
    if let Some(said) = &copy.medium {
        return said.value;
    }
    let to = copy.to.as_ref().and_then(|to| to.id);
    let usual = match to.map(|to| to.kind) {
        Some(Kind::External) => Medium::ObjectStorage,
        _ => Medium::Disk,
    };
    to.and_then(|to| medium_of(lab, to)).unwrap_or(usual)
}

/// What a place keeps data on; `None` for a site, and for an outside service that is not said to be storage.
pub fn medium_of(lab: &Lab, place: ThingId) -> Option<Medium> {
    match place.kind {
        Kind::External => {
            let kind = lab.externals[ExternalId(place.index)].kind.as_ref().map(|kind| kind.value);
            (kind == Some(ExternalKind::Storage)).then_some(Medium::ObjectStorage)
        }
        Kind::Device if lab.derived.device(DeviceId(place.index)).role == Some(DeviceRole::TapeLibrary) => {
            Some(Medium::Tape)
        }
        Kind::Device
        | Kind::Host
        | Kind::Vm
        | Kind::Cluster
        | Kind::Pool
        | Kind::Dataset
        | Kind::StorageClass
        | Kind::Volume
        | Kind::Service => Some(Medium::Disk),
        _ => None,
    }
}

/// True when whoever breaks the original cannot reach the copy.
pub fn is_offline(lab: &Lab, copy: &BackupCopy) -> bool {
    let said = copy.offline.as_ref().is_some_and(|offline| offline.value);
    said || matches!(medium(lab, copy), Medium::OfflineDisk | Medium::Optical)
}

/// The copies from the original to the one at `index`, in order; `None` when the chain is broken.
pub fn chain(backup: &Backup, index: usize) -> Option<Vec<usize>> {
    let mut way = vec![index];
    let mut at = index;
    loop {
        at = match &backup.copies[at].from {
            Some(from) if &*from.text == "source" => break,
            Some(from) => backup
                .copies
                .iter()
                .position(|copy| copy.name.as_ref().is_some_and(|name| name.text == from.text))?,
            None if at == 0 => break,
            None => at - 1,
        };
        if way.contains(&at) {
            return None;
        }
        way.push(at);
    }
    way.reverse();
    Some(way)
}

/// The longest time that the newest data of a copy can be behind: the sum of the longest gaps on the way to it. `None`
/// when one is made by hand or nothing is said.
pub fn lag(backup: &Backup, index: usize) -> Option<Period> {
    let mut sum = Period::ZERO;
    for at in chain(backup, index)? {
        sum = sum.checked_add(backup.copies[at].every.as_ref()?.value.longest_gap()?)?;
    }
    Some(sum)
}
