//! Which drives are whose: pools, Ceph clusters, hosts, virtual machines; and what a pool holds.

use super::Derived;
use super::inventory::{CardId, Drive, DriveId};
use crate::grammar::Bytes;
use crate::lab::{ClusterId, DeviceId, HostId, Kind, Lab, PoolId, ThingId, VmId};
use crate::resolve::UNKNOWN_NAME;
use crate::written::{DriveList, DriveUseKind, Pool, PoolKind, Vdev, VdevKind};
use lab_source::{Diagnostic, Span, Spanned};
use std::sync::Arc;

/// What a drive does for its owner.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum DriveRole {
    /// Holds data.
    Data,
    /// ZFS log.
    Log,
    /// ZFS read cache.
    Cache,
    /// ZFS special vdev.
    Special,
    /// Ready to replace another.
    Spare,
    /// A Ceph OSD.
    Osd,
    /// Operating system.
    System,
    /// Handed through to a virtual machine.
    PassedThrough,
}

/// One use of a drive.
#[derive(Clone, Debug)]
pub struct DriveOwner {
    /// The drive.
    pub drive: DriveId,
    /// Who uses it: a pool, a cluster, a host, a virtual machine.
    pub owner: ThingId,
    /// What for.
    pub role: DriveRole,
    /// Where it is written.
    pub span: Span,
}

/// A group of drives of a pool.
#[derive(Clone, Debug)]
pub struct VdevFacts {
    /// Its layout.
    pub kind: VdevKind,
    /// Its drives; those that could not be found are missing.
    pub drives: Vec<DriveId>,
    /// Where each of `drives` is written; those of one range share a place.
    pub drive_spans: Vec<Span>,
    /// How many were written.
    pub written: usize,
    /// Where it is written.
    pub span: Span,
}

impl VdevFacts {
    /// How many drives may fail in any combination without loss; `None` when the layout does not say.
    pub fn tolerates(&self) -> usize {
        match self.kind {
            VdevKind::Stripe => 0,
            VdevKind::Mirror => self.written.saturating_sub(1),
            VdevKind::Raidz1 | VdevKind::Raid5 | VdevKind::Shr | VdevKind::Raid10 => 1,
            VdevKind::Raidz2 | VdevKind::Raid6 | VdevKind::Shr2 => 2,
            VdevKind::Raidz3 => 3,
        }
    }
}

/// The drives of a pool.
#[derive(Clone, Debug, Default)]
pub struct PoolFacts {
    /// Groups that hold data.
    pub vdevs: Vec<VdevFacts>,
    /// The log.
    pub log: Option<VdevFacts>,
    /// The special vdev.
    pub special: Option<VdevFacts>,
    /// Read cache.
    pub cache: Vec<DriveId>,
    /// Spares.
    pub spares: Vec<DriveId>,
    /// The device whose bays a bare bay name means.
    pub device: Option<DeviceId>,
}

/// The OSD drives of a Ceph cluster.
#[derive(Clone, Debug, Default)]
pub struct ClusterDrives {
    /// The drives.
    pub osds: Vec<DriveId>,
}

/// Something handed through to a virtual machine.
#[derive(Clone, Debug)]
pub struct PassedThrough {
    /// The machine.
    pub vm: VmId,
    /// The device it is in.
    pub device: DeviceId,
    /// The card, when it is one.
    pub card: Option<CardId>,
    /// The drive, when it is one.
    pub drive: Option<DriveId>,
    /// Where it is written.
    pub span: Span,
}

/// Fills pools, OSDs and owners of drives.
pub(super) fn derive(lab: &Lab, derived: &mut Derived, findings: &mut Vec<Diagnostic>) {
    for (id, pool) in lab.pools.iter() {
        let facts = pool_facts(lab, derived, pool, findings);
        own_pool_drives(id.into(), pool, &facts, derived);
        derived.pools.push(facts);
    }
    for (id, cluster) in lab.clusters.iter() {
        let mut facts = ClusterDrives::default();
        for item in &cluster.osds.items {
            if let Some(drive) = find_drive(lab, derived, None, item, findings) {
                facts.osds.push(drive);
                own(drive, id.into(), DriveRole::Osd, item.span, derived);
            }
        }
        derived.cluster_drives.push(facts);
    }
    system_drives(lab, derived, findings);
    passed_through(lab, derived, findings);
}

fn own(drive: DriveId, owner: ThingId, role: DriveRole, span: Span, derived: &mut Derived) {
    derived.owners_of_drive.entry(drive).or_default().push(derived.drive_owners.len());
    derived.drive_owners.push(DriveOwner { drive, owner, role, span });
}

fn pool_facts(lab: &Lab, derived: &Derived, pool: &Pool, findings: &mut Vec<Diagnostic>) -> PoolFacts {
    let device =
        pool.drives_in.as_ref().and_then(|device| device.id).or_else(|| device_under(lab, derived, pool));
    let mut list = |drives: &DriveList| -> (Vec<DriveId>, Vec<Span>) {
        let found = |item: &Spanned<Arc<str>>| {
            find_drive(lab, derived, device, item, findings).map(|drive| (drive, item.span))
        };
        drives.items.iter().filter_map(found).unzip()
    };
    let mut vdev = |vdev: &Vdev| {
        let (drives, drive_spans) = list(&vdev.drives);
        let (kind, written, span) = (vdev.kind.value, vdev.drives.items.len(), vdev.span);
        VdevFacts { kind, drives, drive_spans, written, span }
    };
    let vdevs = pool.vdevs.iter().map(&mut vdev).collect();
    let log = pool.log.as_ref().map(&mut vdev);
    let special = pool.special.as_ref().map(&mut vdev);
    PoolFacts { vdevs, log, special, cache: list(&pool.cache).0, spares: list(&pool.spares).0, device }
}

/// The device under the machine that a pool is on.
fn device_under(lab: &Lab, derived: &Derived, pool: &Pool) -> Option<DeviceId> {
    let on = pool.on.as_ref()?.id?;
    match on.kind {
        Kind::Device => Some(DeviceId(on.index)),
        Kind::Host => lab.hosts[HostId(on.index)].on.as_ref()?.id,
        _ => derived.machine(on)?.devices.first().copied(),
    }
}

/// The drive that `device/bay` or a bare bay means, or a finding.
fn find_drive(
    lab: &Lab,
    derived: &Derived,
    device: Option<DeviceId>,
    item: &Spanned<Arc<str>>,
    findings: &mut Vec<Diagnostic>,
) -> Option<DriveId> {
    let text = &*item.value;
    let qualified =
        text.split_once('/').and_then(|(name, bay)| lab.devices.find(name).map(|device| (device, bay)));
    let (device, bay) = match (qualified, device) {
        (Some(found), _) => found,
        (None, Some(device)) => (device, text),
        (None, None) => {
            findings.push(no_device(lab, text, item.span, findings.len()));
            return None;
        }
    };
    let found = derived.find_drive(device, bay);
    if found.is_none() {
        let bays: Vec<&str> =
            derived.device(device).drives.iter().map(|drive| &*derived.drive(*drive).bay).collect();
        let name = &lab.devices[device].name;
        let mut finding = Diagnostic::error(UNKNOWN_NAME, format!("`{name}` has no drive in `{bay}`"))
            .at(item.span, "no drive there")
            .about(lab.subject(device));
        if let Some(near) = lab_source::suggest::nearest(bay, bays.iter().copied()) {
            finding = finding.help(format!("did you mean `{near}`?"));
        }
        let bays = if bays.is_empty() { "none".to_owned() } else { bays.join(", ") };
        findings.push(finding.because(format!("bays with a drive in `{name}`: {bays}")));
    }
    found
}

fn no_device(lab: &Lab, text: &str, span: Span, found: usize) -> Diagnostic {
    let name = text.split_once('/').map_or(text, |(name, _)| name);
    let mut finding = Diagnostic::error(UNKNOWN_NAME, format!("it is not known which device `{text}` is in"))
        .at(span, "write `device/bay`");
    let known = lab.devices.iter().map(|(_, device)| &*device.name.text);
    if let Some(near) = lab_source::suggest::nearest_while_few(found, name, known) {
        finding = finding.help(format!("did you mean `{near}/...`?"));
    }
    finding
}

fn own_pool_drives(id: ThingId, pool: &Pool, facts: &PoolFacts, derived: &mut Derived) {
    let mut groups: Vec<(&VdevFacts, DriveRole)> =
        facts.vdevs.iter().map(|vdev| (vdev, DriveRole::Data)).collect();
    groups.extend(facts.log.as_ref().map(|log| (log, DriveRole::Log)));
    groups.extend(facts.special.as_ref().map(|special| (special, DriveRole::Special)));
    for (vdev, role) in groups {
        for (&drive, &span) in vdev.drives.iter().zip(&vdev.drive_spans) {
            own(drive, id, role, span, derived);
        }
    }
    let lists =
        [(&facts.cache, &pool.cache, DriveRole::Cache), (&facts.spares, &pool.spares, DriveRole::Spare)];
    for (drives, written, role) in lists {
        for &drive in drives {
            own(drive, id, role, written.span().unwrap_or(pool.span), derived);
        }
    }
}

/// The drive each host starts from: the one it names, else those that say `holds: os`.
fn system_drives(lab: &Lab, derived: &mut Derived, findings: &mut Vec<Diagnostic>) {
    for (id, host) in lab.hosts.iter() {
        let Some(device) = host.on.as_ref().and_then(|on| on.id) else { continue };
        if let Some(named) = &host.system_drive {
            let item = Spanned::new(named.text.clone(), named.span);
            if let Some(drive) = find_drive(lab, derived, Some(device), &item, findings) {
                own(drive, id.into(), DriveRole::System, named.span, derived);
            }
            continue;
        }
        let holds =
            |drive: &Drive| drive.said.holds.as_ref().is_some_and(|holds| holds.value == DriveUseKind::Os);
        let drives = derived.device(device).drives.clone();
        for drive in drives.into_iter().filter(|drive| holds(derived.drive(*drive))).collect::<Vec<_>>() {
            let span = derived.drive(drive).span;
            own(drive, id.into(), DriveRole::System, span, derived);
        }
    }
}

fn passed_through(lab: &Lab, derived: &mut Derived, findings: &mut Vec<Diagnostic>) {
    for (id, vm) in lab.vms.iter() {
        for text in &vm.passthrough {
            let split = text.text.split_once('/');
            let Some((device, part)) = split.and_then(|(name, part)| Some((lab.devices.find(name)?, part)))
            else {
                let finding = no_device(lab, &text.text, text.span, findings.len());
                findings.push(finding.about(lab.subject(id)));
                continue;
            };
            let cards = derived.device(device).cards.iter().copied();
            let card = cards.clone().find(|card| &*derived.card(*card).slot == part);
            let drive = derived.find_drive(device, part);
            if card.is_none() && drive.is_none() {
                let slots: Vec<Arc<str>> = cards.map(|card| derived.card(card).slot.clone()).collect();
                let bays =
                    derived.device(device).drives.iter().map(|drive| derived.drive(*drive).bay.clone());
                let known: Vec<Arc<str>> = slots.into_iter().chain(bays).collect();
                findings.push(super::inventory::unknown_port(
                    part,
                    text.span,
                    known.iter().map(|name| &**name),
                    "card or drive",
                ));
                continue;
            }
            if let Some(drive) = drive {
                own(drive, id.into(), DriveRole::PassedThrough, text.span, derived);
            }
            derived.passed_through.push(PassedThrough { vm: id, device, card, drive, span: text.span });
        }
    }
}

impl Derived {
    /// The drives of a pool.
    pub fn pool(&self, id: PoolId) -> &PoolFacts {
        &self.pools[id.0 as usize]
    }

    /// The OSD drives of a cluster.
    pub fn cluster_drives(&self, id: ClusterId) -> &ClusterDrives {
        &self.cluster_drives[id.0 as usize]
    }

    /// All uses of a drive.
    pub fn owners_of(&self, drive: DriveId) -> impl Iterator<Item = &DriveOwner> {
        let indices = self.owners_of_drive.get(&drive).into_iter().flatten();
        indices.map(|&index| &self.drive_owners[index])
    }

    /// What a drive holds, when its model is known.
    pub fn capacity(&self, drive: DriveId) -> Option<Bytes> {
        self.drive(drive).ty.as_ref()?.capacity.as_ref().map(|capacity| capacity.value)
    }

    /// What a group of drives holds after its redundancy, before the file system's own overhead. The smallest drive
    /// counts for all, as in ZFS. `None` when a drive's size is not known.
    pub fn usable_of_vdev(&self, vdev: &VdevFacts) -> Option<Bytes> {
        let sizes: Option<Vec<Bytes>> = vdev.drives.iter().map(|drive| self.capacity(*drive)).collect();
        let sizes = sizes?;
        let smallest = sizes.iter().min()?.bytes();
        let count = sizes.len() as u64;
        let data = match vdev.kind {
            VdevKind::Stripe => return sizes.iter().copied().try_fold(Bytes::ZERO, Bytes::checked_add),
            VdevKind::Mirror => 1,
            VdevKind::Raid10 => count / 2,
            _ => count.saturating_sub(vdev.tolerates() as u64),
        };
        smallest.checked_mul(data).map(Bytes::from_bytes)
    }

    /// What a pool holds after its redundancy, before overhead. For Ceph the sum of the drives of its cluster shared
    /// by its copies or chunks. `None` when something is not known.
    pub fn usable_of_pool(&self, lab: &Lab, id: PoolId) -> Option<Bytes> {
        let pool = &lab.pools[id];
        match pool.kind.as_ref()?.value {
            PoolKind::CephReplicated => {
                let size = pool.size.as_ref().map_or(3, |size| size.value);
                let raw = self.raw_of_cluster(pool.cluster.as_ref()?.id?)?;
                raw.bytes().checked_div(u64::from(size)).map(Bytes::from_bytes)
            }
            PoolKind::CephErasure => {
                let (k, m) = (u64::from(pool.k.as_ref()?.value), u64::from(pool.m.as_ref()?.value));
                let raw = self.raw_of_cluster(pool.cluster.as_ref()?.id?)?.bytes();
                raw.checked_div(k + m).and_then(|share| share.checked_mul(k)).map(Bytes::from_bytes)
            }
            _ => {
                let vdevs = &self.pool(id).vdevs;
                let sizes: Option<Vec<Bytes>> = vdevs.iter().map(|vdev| self.usable_of_vdev(vdev)).collect();
                let sizes = sizes.filter(|sizes| !sizes.is_empty())?;
                sizes.into_iter().try_fold(Bytes::ZERO, Bytes::checked_add)
            }
        }
    }

    /// What all OSD drives of a cluster hold together.
    pub fn raw_of_cluster(&self, cluster: ClusterId) -> Option<Bytes> {
        let osds = &self.cluster_drives(cluster).osds;
        let sizes: Option<Vec<Bytes>> = osds.iter().map(|drive| self.capacity(*drive)).collect();
        let sizes = sizes.filter(|sizes| !sizes.is_empty())?;
        sizes.into_iter().try_fold(Bytes::ZERO, Bytes::checked_add)
    }
}
