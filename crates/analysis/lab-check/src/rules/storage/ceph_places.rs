//! Where the copies of a Ceph pool can be: the failure domains that have OSDs of its class.

use lab_model::derived::DriveId;
use lab_model::lab::{ClusterId, Lab, PoolId};
use lab_model::written::{DriveKind, PoolKind};
use std::collections::BTreeSet;

/// What a pool places, and where it can.
pub(crate) struct Placing<'a> {
    /// The cluster.
    pub(crate) cluster: ClusterId,
    /// Copies or chunks.
    pub(crate) copies: usize,
    /// Where their number is written.
    pub(crate) span: lab_source::Span,
    /// How many places there are for them.
    pub(crate) places: usize,
    /// What a place is: `host`, `rack`, `drive`.
    pub(crate) unit: &'static str,
    /// The failure domain as Ceph calls it.
    pub(crate) domain: &'a str,
    /// The OSDs that count.
    pub(crate) usable: Vec<DriveId>,
}

/// What a Ceph pool places and where; `None` when that is not known.
pub(crate) fn placing(lab: &Lab, id: PoolId) -> Option<Placing<'_>> {
    let pool = &lab.pools[id];
    let (copies, span) = copies(lab, id)?;
    let cluster = pool.cluster.as_ref()?.id?;
    let osds = &lab.derived.cluster_drives(cluster).osds;
    if osds.is_empty() {
        return None;
    }
    let usable: Vec<DriveId> = match pool.device_class.as_ref() {
        Some(class) => osds.iter().copied().filter(|drive| may_be(lab, *drive, &class.text)).collect(),
        None => osds.clone(),
    };
    let domain = pool.failure_domain.as_ref().map_or("host", |domain| &*domain.text);
    let devices: BTreeSet<u32> = usable.iter().map(|drive| lab.derived.drive(*drive).device.0).collect();
    let racks: BTreeSet<_> =
        usable.iter().map(|drive| lab.rack_of(lab.derived.drive(*drive).device)).collect();
    let (places, unit) = match domain {
        "osd" => (usable.iter().collect::<BTreeSet<_>>().len(), "drive"),
        "rack" if !racks.contains(&None) => (racks.len(), "rack"),
        "host" | "chassis" | "rack" => (devices.len(), "host"),
        _ => return None,
    };
    Some(Placing { cluster, copies, span, places, unit, domain, usable })
}

/// How many copies or chunks a pool has, and where that is written.
fn copies(lab: &Lab, id: PoolId) -> Option<(usize, lab_source::Span)> {
    let pool = &lab.pools[id];
    match pool.kind.as_ref()?.value {
        PoolKind::CephReplicated => pool.size.as_ref().map(|size| (size.value as usize, size.span)),
        PoolKind::CephErasure => {
            let (k, m) = (pool.k.as_ref()?, pool.m.as_ref()?);
            Some((k.value as usize + m.value as usize, k.span))
        }
        _ => None,
    }
}

/// False when a drive is known to be of another class.
fn may_be(lab: &Lab, drive: DriveId, class: &str) -> bool {
    let ty = lab.derived.drive(drive).ty.as_ref();
    let Some(kind) = ty.and_then(|ty| ty.kind.as_ref()).map(|kind| kind.value) else { return true };
    match class {
        "hdd" => kind == DriveKind::Hdd,
        "ssd" | "nvme" => kind != DriveKind::Hdd,
        _ => true,
    }
}
