//! What follows from the records: ports of devices, links between them, drives, paths of power, addresses, places.
//! Each file derives one such table and reports names that lead nowhere; whether what follows is sound is for
//! `lab-check`.

mod addressing;
mod attachment;
mod cabling;
pub mod copies;
mod data_place;
mod inventory;
mod mounting;
mod placement;
mod port_type;
mod power;
mod storage;
mod switching;
mod templates;

pub use addressing::{AddressRole, Assignment, PrefixFacts, RangeOf};
pub use attachment::Attachment;
pub use cabling::{Cable, CableId, CablePath, Link, LinkId, Way};
pub use inventory::{Card, CardId, DeviceFacts, Drive, DriveId, Port, PortClass, PortId, PortOrigin};
pub use mounting::{Mounted, shelf_unit};
pub use placement::{MachineFacts, Node};
pub use port_type::{Cage, Connector, PortType, port_type};
pub use power::{Draw, InletId, InletUse, Outlet, OutletId, PowerSource};
pub use storage::{ClusterDrives, DriveOwner, DriveRole, PassedThrough, PoolFacts, VdevFacts};
pub use switching::{LagFacts, LagSideFacts, PortVlans};

use crate::device_type::TypeSource;
use crate::lab::{DeviceId, HostId, Lab, LagId, PowerId, RackId, ThingId};
use lab_source::{Code, Diagnostic, Files};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// A type of device, card or drive that nobody describes.
pub const UNKNOWN_TYPE: Code = Code("unknown-type");
/// A port, slot, bay or outlet that the device does not have.
pub const UNKNOWN_PORT: Code = Code("unknown-port");

/// The most ports, inlets and outlets that the types of all devices may make together. Five times what a site of 20,000
/// devices has; what it stops is a type of thousands of ports that thousands of devices are of.
const PARTS_MAX: usize = 1_000_000;

/// Everything that follows.
#[derive(Default, Debug)]
pub struct Derived {
    /// By [`DeviceId`]: what each device is and has.
    pub devices: Vec<DeviceFacts>,
    /// Every port of every device.
    pub ports: Vec<Port>,
    /// Cards in devices.
    pub cards: Vec<Card>,
    /// Drives in devices.
    pub drives: Vec<Drive>,
    /// Physical cables.
    pub cables: Vec<Cable>,
    /// What the cables connect, one a leg.
    pub links: Vec<Link>,
    /// Every pair of network ports that cables join, once each, in the order of the ports.
    pub ways: Vec<Way>,
    /// Power inlets of devices.
    pub inlets: Vec<InletUse>,
    /// Power outlets of devices.
    pub outlets: Vec<Outlet>,
    /// By [`PrefixId`](crate::lab::PrefixId): each prefix with its place in the tree.
    pub prefixes: Vec<PrefixFacts>,
    /// Every use of an address, by address.
    pub assignments: Vec<Assignment>,
    /// By [`LagId`]: both sides of each aggregate.
    pub lags: Vec<LagFacts>,
    /// What ports carry, in the order of the ports.
    pub port_vlans: Vec<(PortId, PortVlans)>,
    /// What interfaces of machines stand on, by machine, then by name.
    pub attachments: BTreeMap<ThingId, BTreeMap<Arc<str>, Attachment>>,
    /// By [`PoolId`](crate::lab::PoolId): the drives of each pool.
    pub pools: Vec<PoolFacts>,
    /// By [`ClusterId`](crate::lab::ClusterId): the drives of each Ceph cluster.
    pub cluster_drives: Vec<ClusterDrives>,
    /// Every use of a drive.
    pub drive_owners: Vec<DriveOwner>,
    /// Cards and drives handed through to virtual machines.
    pub passed_through: Vec<PassedThrough>,
    /// Machines with what they have and where they are.
    pub machines: BTreeMap<ThingId, MachineFacts>,
    pub(crate) prefix_index: addressing::PrefixIndex,
    pub(crate) assignments_of: HashMap<ThingId, Vec<usize>>,
    pub(crate) owners_of_drive: HashMap<DriveId, Vec<usize>>,
    pub(crate) hosts_on: HashMap<DeviceId, Vec<HostId>>,
    pub(crate) mounted: Vec<Option<Mounted>>,
    pub(crate) devices_in_rack: HashMap<RackId, Vec<DeviceId>>,
    pub(crate) draws: Vec<Draw>,
    pub(crate) poe_sources: HashMap<DeviceId, PortId>,
    pub(crate) outlet_by_name: HashMap<(DeviceId, Arc<str>), OutletId>,
    pub(crate) outlets_of: HashMap<DeviceId, Vec<OutletId>>,
    pub(crate) inlets_of: HashMap<DeviceId, Vec<InletId>>,
    pub(crate) fed_by_node: HashMap<PowerId, Vec<InletId>>,
    pub(crate) fed_by_device: HashMap<DeviceId, Vec<InletId>>,
    pub(crate) below_node: HashMap<PowerId, Vec<PowerId>>,
    /// By [`PortId`].
    pub(crate) lag_of_port: Vec<Option<LagId>>,
    /// By [`DeviceId`], then by name.
    pub(crate) port_by_name: Vec<HashMap<Arc<str>, PortId>>,
    pub(crate) drive_by_name: HashMap<(DeviceId, Arc<str>), DriveId>,
    pub(crate) plugged: cabling::LinksByPort,
    /// By [`PortId`]: the position in `port_vlans`.
    pub(crate) vlans_at: Vec<Option<u32>>,
    /// By [`PortId`]: the only port that a way leads to.
    pub(crate) peers: Vec<Option<PortId>>,
}

/// Fills [`Lab::derived`].
pub(crate) fn derive(
    lab: &mut Lab,
    types: &dyn TypeSource,
    files: &mut Files,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let mut derived = Derived::default();
    let mut catalogue = std::mem::take(&mut lab.types);
    inventory::derive(
        lab,
        &mut derived,
        &mut inventory::Types { catalogue: &mut catalogue, types, files },
        diagnostics,
    );
    lab.types = catalogue;
    cabling::derive(lab, &mut derived, diagnostics);
    mounting::derive(lab, &mut derived, diagnostics);
    power::derive(lab, &mut derived, diagnostics);
    addressing::derive(lab, &mut derived, diagnostics);
    switching::derive(lab, &mut derived, diagnostics);
    attachment::derive(lab, &mut derived);
    placement::derive(lab, &mut derived);
    storage::derive(lab, &mut derived, diagnostics);
    if derived.is_full() {
        diagnostics.extend(too_many_parts(lab));
    }
    lab.derived = derived;
}

fn too_many_parts(lab: &Lab) -> Option<Diagnostic> {
    let (_, first) = lab.devices.iter().next()?;
    let message = format!("the devices of this lab have more than {PARTS_MAX} ports, inlets and outlets");
    let finding = Diagnostic::error(lab_source::codes::YAML_LIMIT, message)
        .at(first.name.span, "the first of the devices; the ports of the last ones are left out");
    Some(finding.help("is a range in one of their types longer than was meant?"))
}

impl Derived {
    /// True when there are as many ports, inlets and outlets as there may be.
    fn is_full(&self) -> bool {
        self.ports.len() + self.inlets.len() + self.outlets.len() >= PARTS_MAX
    }
}
