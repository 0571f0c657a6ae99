//! Lays a lab out as the tables of [`Works`]: reads the lab, computes nothing.
//!
//! Each file fills one part of the tables. Rows name each other in circles (a machine's system is on a pool, a pool is served by a
//! machine), so the `Surveyor` gives out all indices first, in the order of the lab; the passes then add the rows in that order.

mod ceph;
mod circles;
mod cluster_network;
mod clusters;
mod data;
mod drives;
mod feeds;
mod figures;
mod gateways;
mod machines;
mod network;
mod order;
mod parts;
mod pools;
mod power;
mod services;
#[cfg(test)]
mod tests;
mod units;
mod vantages;
mod vips;

use crate::works::{
    Assumption, ClusterId, DataId, DriveId, Holder, MachineId, PartId, PointId, PoolId, ServiceId, UnitId,
    VipId, Works,
};
use jiff::civil::Date;
use lab_model::derived::{CableId, CardId, DriveId as LabDriveId};
use lab_model::lab::{
    ClusterId as LabClusterId, DeviceId, HostId, PoolId as LabPoolId, PowerId, ServiceId as LabServiceId,
    VipId as LabVipId,
};
use lab_model::{Kind, Lab, ThingId};
use lab_source::Span;
use std::collections::{BTreeMap, BTreeSet};

/// The tables of a lab. `today` is for what ages: batteries.
pub fn survey(lab: &Lab, today: Date) -> Works {
    let mut surveyor = Surveyor::new(lab, today);
    power::survey(&mut surveyor);
    units::survey(&mut surveyor);
    circles::cut(&mut surveyor);
    drives::survey(&mut surveyor);
    pools::survey(&mut surveyor);
    data::survey(&mut surveyor);
    surveyor.lay_out_network();
    surveyor.add_gateways();
    surveyor.add_machines();
    surveyor.add_vips();
    surveyor.add_clusters();
    let placed = surveyor.place_services();
    surveyor.place_in_network();
    surveyor.join_loose_ends();
    surveyor.tie_clusters_to_networks();
    surveyor.add_vertices_to_machines();
    surveyor.add_vantages();
    surveyor.add_services(placed);
    surveyor.works
}

/// The tables in progress, with what each thing of the lab is called in them.
///
/// A thing that is in no map is not active and has no row. The order of the keys of a map is the order of the rows: a pass walks the
/// map and adds a row for each, and the row's index must come out as the map says ([`Surveyor::added`]).
pub(super) struct Surveyor<'a> {
    /// The lab.
    pub(super) lab: &'a Lab,
    /// For what ages.
    pub(super) today: Date,
    /// The tables so far.
    pub(super) works: Works,
    /// Power points.
    pub(super) point_of: BTreeMap<PowerId, PointId>,
    /// Units: active devices, patch panels left out.
    pub(super) unit_of: BTreeMap<DeviceId, UnitId>,
    /// Machines: active hosts, then active virtual machines.
    pub(super) machine_of: BTreeMap<ThingId, MachineId>,
    /// Drives in units.
    pub(super) drive_of: BTreeMap<LabDriveId, DriveId>,
    /// Pools of active machines and of clusters.
    pub(super) pool_of: BTreeMap<LabPoolId, PoolId>,
    /// Datasets, then volumes.
    pub(super) data_of: BTreeMap<ThingId, DataId>,
    /// Clusters with an active member or worker.
    pub(super) cluster_of: BTreeMap<LabClusterId, ClusterId>,
    /// Active services.
    pub(super) service_of: BTreeMap<LabServiceId, ServiceId>,
    /// Devices themselves, as parts.
    pub(super) device_part: BTreeMap<DeviceId, PartId>,
    /// Cables that were asked for, as parts.
    pub(super) cable_part: BTreeMap<CableId, PartId>,
    /// Cards that were asked for, as parts.
    pub(super) card_part: BTreeMap<CardId, PartId>,
    /// Segments and vertices.
    network: network::Network,
    /// Addresses that move and that somebody in use may hold.
    pub(super) vip_of: BTreeMap<LabVipId, VipId>,
    /// What is known of each vantage beside its row.
    vantage_facts: Vec<vantages::VantageFacts>,
    /// Parts by name.
    part_of: BTreeMap<String, PartId>,
    /// What has been noted as taken for granted.
    noted: BTreeSet<String>,
}

impl Surveyor<'_> {
    /// Who a host, virtual machine or device is in the tables. For a device with one active host, the host: what is asked of the
    /// device is then asked of what runs on it.
    pub(super) fn holder(&self, thing: ThingId) -> Option<Holder> {
        match thing.kind {
            Kind::Host | Kind::Vm => self.machine_of.get(&thing).map(|&machine| Holder::Machine(machine)),
            Kind::Device => {
                let device = DeviceId(thing.index);
                let unit = *self.unit_of.get(&device)?;
                let hosts = self.lab.derived.hosts_on(device).iter();
                let mut machines = hosts.filter_map(|&host| self.host(host));
                match (machines.next(), machines.next()) {
                    (Some(machine), None) => Some(Holder::Machine(machine)),
                    _ => Some(Holder::Unit(unit)),
                }
            }
            _ => None,
        }
    }

    /// The machine that a host is.
    pub(super) fn host(&self, host: HostId) -> Option<MachineId> {
        self.machine_of.get(&ThingId::from(host)).copied()
    }

    /// Checks that a row got the index that was given out for it.
    pub(super) fn added<I: PartialEq + std::fmt::Debug>(row: I, promised: I) {
        assert_eq!(row, promised, "rows are added in the order in which indices were given out");
    }

    /// Notes what is taken for granted, once.
    pub(super) fn assume(&mut self, what: impl Into<String>, span: Option<Span>) {
        let what = what.into();
        if self.noted.insert(what.clone()) {
            self.works.assumed.push(Assumption { what, span });
        }
    }
}
