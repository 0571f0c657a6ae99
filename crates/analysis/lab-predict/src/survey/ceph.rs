//! Ceph pools: copies, and the failure domains that no two copies share.

use super::Surveyor;
use crate::works::{Ceph, Layout, MachineId, Osd};
use lab_model::ThingId;
use lab_model::derived::DriveId;
use lab_model::lab::{ClusterId, DeviceId, PoolId};
use lab_model::written::{DriveInterface, DriveKind, Pool, PoolKind};
use std::collections::BTreeMap;

/// The layout of a Ceph pool.
pub(super) fn survey(surveyor: &mut Surveyor<'_>, pool: PoolId) -> Layout {
    let lab = surveyor.lab;
    let record = &lab.pools[pool];
    let cluster = record.cluster.as_ref().and_then(|cluster| cluster.id);
    let Some((cluster, row)) = cluster.and_then(|id| Some((id, *surveyor.cluster_of.get(&id)?))) else {
        return Layout::Unknown;
    };
    let (copies, min_copies, lost_at) = copies(surveyor, record);
    let drives = &lab.derived.cluster_drives(cluster).osds;
    let drives: Vec<DriveId> =
        drives.iter().copied().filter(|&drive| is_of_class(surveyor, record, drive)).collect();
    let domains = domains(surveyor, cluster, record, &drives);
    if domains.is_empty() {
        let what = format!(
            "{} never loses data by itself: the drives of its OSDs are not written down",
            record.name
        );
        surveyor.assume(what, Some(record.name.span));
        return Layout::Unknown;
    }
    let there = u32::try_from(domains.len()).expect("a cluster has few domains");
    if there < copies {
        let what = format!(
            "{} has all of its {copies} copies or chunks, although only {there} failure domains are written down",
            record.name
        );
        surveyor.assume(what, Some(record.name.span));
    }
    Layout::Ceph(Ceph { cluster: row, copies, min_copies, lost_at, domains, replication: None })
}

/// `size`, `min_size`, and how many lost copies or chunks lose data. What is not said is Ceph's default: 3 copies, of which
/// `size - size / 2` must be there; for erasure coding `k + min(1, m - 1)` chunks (`OSDMonitor::prepare_pool_size`).
fn copies(surveyor: &mut Surveyor<'_>, record: &lab_model::lab::Entry<Pool>) -> (u32, u32, u32) {
    let said = |number: &Option<lab_source::Spanned<u32>>| number.as_ref().map(|number| number.value);
    let is_erasure = record.kind.as_ref().is_some_and(|kind| kind.value == PoolKind::CephErasure);
    let (copies, min, lost_at) = if is_erasure {
        let (k, m) = (said(&record.k).unwrap_or(2), said(&record.m).unwrap_or(1));
        (k + m, k + m.saturating_sub(1).min(1), m + 1)
    } else {
        let size = said(&record.size).unwrap_or(3);
        (size, size - size / 2, size)
    };
    let min_copies = said(&record.min_size).unwrap_or(min);
    if record.min_size.is_none() {
        let what =
            format!("{} serves with {min_copies} of {copies} copies or chunks, Ceph's default", record.name);
        surveyor.assume(what, Some(record.name.span));
    }
    (copies, min_copies, lost_at)
}

/// Whether a pool uses a drive. Ceph calls all flash `ssd` unless somebody changed the class, so `nvme` is somebody's word.
fn is_of_class(surveyor: &Surveyor<'_>, record: &Pool, drive: DriveId) -> bool {
    let Some(class) = &record.device_class else { return true };
    let Some(ty) = &surveyor.lab.derived.drive(drive).ty else { return true };
    let is_hdd = ty.kind.as_ref().map(|kind| kind.value == DriveKind::Hdd);
    let is_nvme = ty.interface.as_ref().map(|interface| interface.value == DriveInterface::Nvme);
    match &*class.text {
        "hdd" => is_hdd.unwrap_or(true),
        "ssd" => !is_hdd.unwrap_or(false),
        "nvme" => is_nvme.unwrap_or(true),
        _ => true,
    }
}

/// What keeps two copies apart.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Domain {
    Drive(DriveId),
    Machine(MachineId),
    Device(DeviceId),
    /// A rack, room or site.
    Place(ThingId),
}

/// OSDs by failure domain, in the order of the drives.
fn domains(
    surveyor: &mut Surveyor<'_>,
    cluster: ClusterId,
    record: &lab_model::lab::Entry<Pool>,
    drives: &[DriveId],
) -> Vec<Vec<Osd>> {
    let word = record.failure_domain.as_ref().map_or("host", |word| &*word.text);
    let mut order: Vec<Domain> = Vec::new();
    let mut osds: BTreeMap<Domain, Vec<Osd>> = BTreeMap::new();
    for &drive in drives {
        let Some(&row) = surveyor.drive_of.get(&drive) else { continue };
        let machine = server(surveyor, cluster, drive);
        if machine.is_none() {
            let what = format!(
                "the OSD on {} is always served: nothing says by which machine",
                surveyor.lab.drive_name(drive)
            );
            surveyor.assume(what, Some(surveyor.lab.derived.drive(drive).span));
        }
        let domain = domain(surveyor, word, drive, machine);
        if !osds.contains_key(&domain) {
            order.push(domain);
        }
        osds.entry(domain).or_default().push(Osd { drive: row, machine });
    }
    order.into_iter().filter_map(|domain| osds.remove(&domain)).collect()
}

fn domain(surveyor: &Surveyor<'_>, word: &str, drive: DriveId, machine: Option<MachineId>) -> Domain {
    let device = surveyor.lab.derived.drive(drive).device;
    let place = surveyor.lab.derived.place(device);
    let place = match word {
        "osd" => return Domain::Drive(drive),
        "rack" => place.and_then(|place| place.rack).map(ThingId::from),
        "room" => place.and_then(|place| place.room).map(ThingId::from),
        "datacenter" | "zone" | "region" => place.and_then(|place| place.site).map(ThingId::from),
        "chassis" => None,
        _ => return machine.map_or(Domain::Device(device), Domain::Machine),
    };
    place.map_or(Domain::Device(device), Domain::Place)
}

/// The machine that serves an OSD: the virtual machine that has the drive for itself, else a machine of the cluster (or of the
/// one in which it runs) on the drive's device, else the one host there.
fn server(surveyor: &Surveyor<'_>, cluster: ClusterId, drive: DriveId) -> Option<MachineId> {
    let lab = surveyor.lab;
    let device = lab.derived.drive(drive).device;
    let handed = lab.derived.passed_through.iter().find(|passed| passed.drive == Some(drive));
    if let Some(handed) = handed {
        return surveyor.machine_of.get(&ThingId::from(handed.vm)).copied();
    }
    let inside = lab.clusters[cluster].inside.as_ref().and_then(|inside| inside.id);
    let clusters = [Some(cluster), inside];
    let machines = clusters.into_iter().flatten().flat_map(|id| {
        let record = &lab.clusters[id];
        record.members.ids().chain(record.workers.ids())
    });
    let is_there = |machine: &ThingId| {
        lab.derived.machine(*machine).is_some_and(|facts| facts.devices.contains(&device))
    };
    let hosts = lab.derived.hosts_on(device).iter().map(|&host| ThingId::from(host));
    let found =
        machines.filter(is_there).chain(hosts).find(|machine| surveyor.machine_of.contains_key(machine));
    found.and_then(|machine| surveyor.machine_of.get(&machine).copied())
}
