//! Where data is: the pools under a dataset, a volume or a class, the drives and devices of a pool, the site of a device.
//!
//! What is not said is left out, never guessed: an empty list means that nobody knows.

use super::inventory::DriveId;
use crate::lab::{
    ClusterId, DatasetId, DeviceId, HostId, Kind, Lab, PoolId, RackId, SiteId, StorageClassId, ThingId, VmId,
    VolumeId,
};
use crate::written::{PoolKind, Status};
use lab_source::Spanned;

impl Lab {
    /// The dataset that a volume or a class is in, or the dataset itself.
    pub fn dataset_of(&self, place: ThingId) -> Option<DatasetId> {
        match place.kind {
            Kind::Dataset => Some(DatasetId(place.index)),
            Kind::StorageClass => self.storage_classes[StorageClassId(place.index)].dataset.as_ref()?.id,
            Kind::Volume => self.dataset_of(self.volumes[VolumeId(place.index)].on.as_ref()?.id?),
            _ => None,
        }
    }

    /// The pools under a dataset, volume, class or pool: one, or those of all nodes for local volumes.
    pub fn pools_of(&self, place: ThingId) -> Vec<PoolId> {
        match place.kind {
            Kind::Pool => vec![PoolId(place.index)],
            Kind::Dataset => {
                self.datasets[DatasetId(place.index)].pool.iter().filter_map(|pool| pool.id).collect()
            }
            Kind::StorageClass => {
                let class = &self.storage_classes[StorageClassId(place.index)];
                let of_dataset = class.dataset.iter().filter_map(|dataset| dataset.id);
                let said = class.pool.iter().filter_map(|pool| pool.id).chain(class.pools.ids());
                said.chain(of_dataset.flat_map(|dataset| self.pools_of(dataset.into()))).collect()
            }
            Kind::Volume => {
                let on = self.volumes[VolumeId(place.index)].on.as_ref().and_then(|on| on.id);
                on.map_or_else(Vec::new, |on| self.pools_of(on))
            }
            _ => Vec::new(),
        }
    }

    /// The storage class that a volume is of.
    pub fn class_of(&self, volume: VolumeId) -> Option<StorageClassId> {
        StorageClassId::try_from(self.volumes[volume].on.as_ref()?.id?).ok()
    }

    /// The drives that hold a pool's data: those of its groups, or the OSDs of its Ceph cluster.
    pub fn data_drives_of(&self, pool: PoolId) -> Vec<DriveId> {
        if self.is_ceph(pool) {
            let cluster = self.pools[pool].cluster.as_ref().and_then(|cluster| cluster.id);
            return cluster.map_or_else(Vec::new, |id| self.derived.cluster_drives(id).osds.clone());
        }
        self.derived.pool(pool).vdevs.iter().flat_map(|vdev| vdev.drives.iter().copied()).collect()
    }

    /// True for the pools of a Ceph cluster.
    pub fn is_ceph(&self, pool: PoolId) -> bool {
        let kind = self.pools[pool].kind.as_ref().map(|kind| kind.value);
        matches!(kind, Some(PoolKind::CephReplicated | PoolKind::CephErasure))
    }

    /// The devices that a pool's drives are in; when they are not named, the device under its machine.
    pub fn devices_of_pool(&self, pool: PoolId) -> Vec<DeviceId> {
        let drives = self.data_drives_of(pool);
        let mut devices: Vec<DeviceId> =
            drives.iter().map(|drive| self.derived.drive(*drive).device).collect();
        if devices.is_empty() {
            let facts = self.derived.pool(pool);
            devices.extend(facts.device);
        }
        devices.sort_unstable();
        devices.dedup();
        devices
    }

    /// The devices under a machine, a device or the members of a cluster.
    pub fn devices_under(&self, thing: ThingId) -> Vec<DeviceId> {
        match thing.kind {
            Kind::Device => vec![DeviceId(thing.index)],
            Kind::Host | Kind::Vm => {
                self.derived.machine(thing).map_or_else(Vec::new, |facts| facts.devices.clone())
            }
            Kind::Cluster => {
                let cluster = &self.clusters[ClusterId(thing.index)];
                let machines = cluster.members.ids().chain(cluster.workers.ids());
                let mut devices: Vec<DeviceId> =
                    machines.flat_map(|machine| self.devices_under(machine)).collect();
                devices.sort_unstable();
                devices.dedup();
                devices
            }
            _ => Vec::new(),
        }
    }

    /// The site that a device is at, when its place is said.
    pub fn site_of(&self, device: DeviceId) -> Option<SiteId> {
        self.derived.mounted.get(device.0 as usize)?.as_ref()?.site
    }

    /// The rack that a device is in, when its place is said.
    pub fn rack_of(&self, device: DeviceId) -> Option<RackId> {
        self.derived.mounted.get(device.0 as usize)?.as_ref()?.rack
    }

    /// How a drive is called: `device/bay`.
    pub fn drive_name(&self, drive: DriveId) -> String {
        let drive = self.derived.drive(drive);
        format!("{}/{}", self.devices[drive.device].name, drive.bay)
    }

    /// What the lab says of whether a thing is in use; active when it says nothing.
    pub fn status_of(&self, thing: ThingId) -> Status {
        let said = |status: &Option<Spanned<Status>>| status.as_ref().map(|status| status.value);
        let status = match thing.kind {
            Kind::Device => said(&self.devices[DeviceId(thing.index)].status),
            Kind::Host => said(&self.hosts[HostId(thing.index)].status),
            Kind::Vm => said(&self.vms[VmId(thing.index)].status),
            Kind::Service => said(&self.services[crate::lab::ServiceId(thing.index)].status),
            _ => None,
        };
        status.unwrap_or(Status::Active)
    }

    /// True unless the lab says that a thing is planned, spare, unused or offline.
    pub fn is_active(&self, thing: impl Into<ThingId>) -> bool {
        self.status_of(thing.into()) == Status::Active
    }
}
