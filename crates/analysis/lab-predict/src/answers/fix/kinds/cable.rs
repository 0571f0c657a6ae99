//! A second cable beside the only one between two devices that forward frames: in ports of the same kind, one free at each end.
//!
//! Cables that are split, that run through panels or belong to an aggregate are left alone, and so are ports whose settings are written
//! down one by one: the new ones would need theirs.

use super::super::candidate::{Candidate, Cost};
use super::super::edit::Edit;
use super::new_name;
use crate::forecast::Forecast;
use lab_model::Lab;
use lab_model::derived::{Connector, PortClass, PortId, Way};
use lab_model::written::DeviceRole;

/// Every single cable between two switches, with a second one.
pub(super) fn candidates(forecast: &Forecast<'_>) -> Vec<Candidate> {
    let lab = forecast.lab;
    lab.derived.ways.iter().filter(|way| is_alone(lab, way)).filter_map(|way| second(lab, way)).collect()
}

fn second(lab: &Lab, way: &Way) -> Option<Candidate> {
    let [one, other] = [twin(lab, way.one)?, twin(lab, way.other)?];
    let cable = lab.derived.cable(way.cables[0]);
    let kind = &lab.cables[cable.group].kind.as_ref()?.value;
    let group = new_name("second-uplink", |name| lab.cables.find(name).is_some());
    let path = ["cables", group.as_str()];
    let [near, far] = [one, other].map(|port| name(lab, port));
    let mut edit = Edit::default();
    let is_set = edit.set(lab, &[path[0], path[1], "kind"], "", kind.as_str())
        && edit.set(lab, &[path[0], path[1], "between", &near], "", far.clone());
    edit.span = Some(cable.near_span);
    let mut takes = Vec::new();
    let has_tree = |port: PortId| {
        let device = &lab.devices[lab.derived.port(port).device];
        device.spanning_tree.as_ref().map(|tree| tree.value)
    };
    if [has_tree(one), has_tree(other)].iter().all(|tree| *tree != Some(true)) {
        takes.push("spanning tree, or both cables as one aggregate: else they make a loop".to_owned());
    }
    let [now_near, now_far] = [name(lab, way.one), name(lab, way.other)];
    is_set.then(|| Candidate {
        group: format!("cable {near}"),
        what: format!("a second cable from {near} to {far}, beside the one from {now_near} to {now_far}"),
        takes,
        covers: Vec::new(),
        edit,
        cost: Cost::Cable,
    })
}

pub(super) fn name(lab: &Lab, port: PortId) -> String {
    let port = lab.derived.port(port);
    format!("{}:{}", lab.devices[port.device].name, port.name)
}

/// True for the only cable between two devices that forward frames, laid straight.
fn is_alone(lab: &Lab, way: &Way) -> bool {
    let device = |port: PortId| lab.derived.port(port).device;
    let ends = (device(way.one), device(way.other));
    let same = |other: &&Way| {
        let others = (device(other.one), device(other.other));
        others == ends || others == (ends.1, ends.0)
    };
    let forwards = |port: PortId| {
        let role = lab.derived.device(device(port)).role;
        matches!(role, Some(DeviceRole::Switch | DeviceRole::Router))
            && lab.derived.hosts_on(device(port)).is_empty()
    };
    is_loose(lab, way)
        && [way.one, way.other].into_iter().all(|port| forwards(port) && !is_set(lab, port))
        && lab.derived.ways.iter().filter(same).count() == 1
}

/// True for one cable that is not split, between ports of devices in use that belong to no aggregate.
pub(super) fn is_loose(lab: &Lab, way: &Way) -> bool {
    let is_straight = way.cables.len() == 1 && lab.derived.cable(way.cables[0]).far.len() == 1;
    let is_free =
        |port: PortId| lab.derived.lag_of(port).is_none() && lab.is_active(lab.derived.port(port).device);
    is_straight && [way.one, way.other].into_iter().all(is_free)
}

/// True when the lab says what the port carries.
pub(super) fn is_set(lab: &Lab, port: PortId) -> bool {
    let port = lab.derived.port(port);
    let device = &lab.devices[port.device].name;
    let of_device = lab.ports.iter().find(|(name, _)| name.text == device.text);
    of_device.is_some_and(|(_, ports)| ports.get(&port.name).is_some())
}

/// A free port of the same device, row and kind: `port-7` for `port-1`, never the one for the line.
fn twin(lab: &Lab, port: PortId) -> Option<PortId> {
    let own = lab.derived.port(port);
    let row = |name: &str| name.trim_end_matches(|c: char| c.is_ascii_digit()).to_owned();
    let has_digit = own.name.ends_with(|c: char| c.is_ascii_digit());
    lab.derived.device(own.device).ports.iter().copied().find(|&id| {
        has_digit && row(&lab.derived.port(id).name) == row(&own.name) && is_free_like(lab, id, port)
    })
}

/// True for a port with the connector of another, with nothing in it and nothing said of it.
pub(super) fn is_free_like(lab: &Lab, id: PortId, like: PortId) -> bool {
    let (port, own) = (lab.derived.port(id), lab.derived.port(like));
    let is_line = || {
        let ends = lab.circuits.iter().filter_map(|(_, circuit)| circuit.ends_at.as_ref());
        let full = name(lab, id);
        ends.map(|end| end.value.to_string()).any(|end| end == full) || !port.enabled
    };
    let is_alike = port.class == PortClass::Network
        && port.ty.connector == own.ty.connector
        && !matches!(own.ty.connector, Connector::Virtual | Connector::Radio)
        && !port.management;
    let is_unused =
        lab.derived.links_of(id).is_empty() && port.split_into.is_empty() && lab.derived.lag_of(id).is_none();
    id != like && is_alike && is_unused && !is_line() && !is_set(lab, id)
}
