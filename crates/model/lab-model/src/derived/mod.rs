//! What follows from the records: ports of devices, links between them, drives, paths of power, addresses, places.
//! Each file derives one such table and reports names that lead nowhere; whether what follows is sound is for
//! `lab-check`.

mod cabling;
mod inventory;
mod port_type;

pub use cabling::{Cable, CableId, CablePath, Link, LinkId};
pub use inventory::{Card, CardId, DeviceFacts, Drive, DriveId, Port, PortClass, PortId, PortOrigin};
pub use port_type::{PortType, port_type};

use crate::device_type::TypeSource;
use crate::lab::{DeviceId, Lab};
use lab_source::{Code, Diagnostic, Files};
use std::collections::HashMap;
use std::sync::Arc;

/// A type of device, card or drive that nobody describes.
pub const UNKNOWN_TYPE: Code = Code("unknown-type");
/// A port, slot, bay or outlet that the device does not have.
pub const UNKNOWN_PORT: Code = Code("unknown-port");

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
    pub(crate) port_by_name: HashMap<(DeviceId, Arc<str>), PortId>,
    pub(crate) drive_by_name: HashMap<(DeviceId, Arc<str>), DriveId>,
    pub(crate) links_of_port: HashMap<PortId, Vec<LinkId>>,
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
    lab.derived = derived;
}
