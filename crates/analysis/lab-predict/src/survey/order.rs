//! What of a lab has a row in the tables, and which: everything that is active, in the order of the lab.

use super::Surveyor;
use crate::works::{ClusterId, DataId, DriveId, MachineId, PointId, PoolId, ServiceId, UnitId, Works};
use jiff::civil::Date;
use lab_model::derived::DriveId as LabDriveId;
use lab_model::lab::{ClusterId as LabClusterId, DeviceId, PoolId as LabPoolId, VolumeId};
use lab_model::written::{DeviceRole, DriveKind, Status};
use lab_model::{Lab, ThingId};
use std::collections::{BTreeMap, BTreeSet};

impl<'a> Surveyor<'a> {
    /// Empty tables, with every index given out.
    pub(super) fn new(lab: &'a Lab, today: Date) -> Self {
        let mut surveyor = Self {
            lab,
            today,
            works: Works::default(),
            point_of: numbered(lab.power.iter().map(|(id, _)| id), PointId),
            unit_of: numbered(units(lab), UnitId),
            machine_of: BTreeMap::new(),
            drive_of: BTreeMap::new(),
            pool_of: BTreeMap::new(),
            data_of: BTreeMap::new(),
            cluster_of: BTreeMap::new(),
            service_of: BTreeMap::new(),
            device_part: BTreeMap::new(),
            cable_part: BTreeMap::new(),
            card_part: BTreeMap::new(),
            network: super::network::Network::default(),
            vip_of: BTreeMap::new(),
            vantage_facts: Vec::new(),
            part_of: BTreeMap::new(),
            noted: BTreeSet::new(),
        };
        surveyor.number_machines();
        surveyor.number_storage();
        let services = lab.services.iter().map(|(id, _)| id).filter(|&id| lab.is_active(id));
        surveyor.service_of = numbered(services, ServiceId);
        surveyor
    }

    fn number_machines(&mut self) {
        let lab = self.lab;
        let hosts = lab.hosts.iter().filter(|(id, host)| {
            let device = host.on.as_ref().and_then(|on| on.id);
            lab.is_active(*id) && device.is_none_or(|device| self.unit_of.contains_key(&device))
        });
        let hosts = hosts.map(|(id, _)| ThingId::from(id));
        let vms = lab.vms.iter().map(|(id, _)| ThingId::from(id)).filter(|&vm| lab.is_active(vm));
        self.machine_of = numbered(hosts.chain(vms), MachineId);
        let clusters = lab.clusters.iter().map(|(id, _)| id).filter(|&id| self.has_machine(id));
        self.cluster_of = numbered(clusters, ClusterId);
    }

    fn has_machine(&self, cluster: LabClusterId) -> bool {
        let record = &self.lab.clusters[cluster];
        record.members.ids().chain(record.workers.ids()).any(|machine| self.machine_of.contains_key(&machine))
    }

    fn number_storage(&mut self) {
        let lab = self.lab;
        let drives =
            self.unit_of.keys().flat_map(|&device| lab.derived.device(device).drives.iter().copied());
        self.drive_of = numbered(drives.filter(|&drive| is_drive_used(lab, drive)), DriveId);
        let pools = lab.pools.iter().map(|(id, _)| id).filter(|&id| self.is_pool_active(id));
        self.pool_of = numbered(pools, PoolId);
        let of_pool = |thing: ThingId| {
            let pools = lab.pools_of(thing);
            pools.is_empty() || pools.iter().any(|pool| self.pool_of.contains_key(pool))
        };
        let datasets = lab.datasets.iter().map(|(id, _)| ThingId::from(id));
        let volumes = lab.volumes.iter().map(|(id, _)| id).filter(|&id| self.is_volume_used(id));
        let data = datasets.chain(volumes.map(ThingId::from)).filter(|&thing| of_pool(thing));
        self.data_of = numbered(data, DataId);
    }

    fn is_pool_active(&self, pool: LabPoolId) -> bool {
        let record = &self.lab.pools[pool];
        if self.lab.is_ceph(pool) {
            let cluster = record.cluster.as_ref().and_then(|cluster| cluster.id);
            return cluster.is_some_and(|cluster| self.cluster_of.contains_key(&cluster));
        }
        let on = record.on.as_ref().and_then(|on| on.id);
        on.is_none_or(|on| {
            self.machine_of.contains_key(&on)
                || DeviceId::try_from(on).is_ok_and(|device| self.unit_of.contains_key(&device))
        })
    }

    fn is_volume_used(&self, volume: VolumeId) -> bool {
        let service = self.lab.volumes[volume].service.as_ref().and_then(|service| service.id);
        service.is_none_or(|service| self.lab.is_active(service))
    }
}

/// True for drives in use; cartridges of a tape library are none.
fn is_drive_used(lab: &Lab, drive: LabDriveId) -> bool {
    let facts = lab.derived.drive(drive);
    let kind = facts.ty.as_ref().and_then(|ty| ty.kind.as_ref());
    let is_tape = kind.is_some_and(|kind| kind.value == DriveKind::Tape)
        || lab.derived.device(facts.device).role == Some(DeviceRole::TapeLibrary);
    !is_tape && facts.said.status.as_ref().is_none_or(|status| status.value == Status::Active)
}

/// Devices that are powered as one: all but those not in use and panels, which only pass cables on.
fn units(lab: &Lab) -> impl Iterator<Item = DeviceId> + '_ {
    lab.devices
        .iter()
        .map(|(id, _)| id)
        .filter(|&id| lab.is_active(id) && lab.derived.device(id).role != Some(DeviceRole::PatchPanel))
}

fn numbered<K: Ord, I>(things: impl Iterator<Item = K>, id: impl Fn(u32) -> I) -> BTreeMap<K, I> {
    things.zip(0..).map(|(thing, index)| (thing, id(index))).collect()
}
