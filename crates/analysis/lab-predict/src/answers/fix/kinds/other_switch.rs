//! A second cable that ends in the same switch as the first, moved to another switch: fake redundancy made real.
//!
//! Only where both ends stand alone: aggregates, split cables, panels, and ports whose settings are written down are left alone, since
//! those would have to move too. The other switch has a free port of the same kind and a cable of its own to the first.

use super::super::candidate::{Candidate, Cost};
use super::super::edit::Edit;
use super::cable::{is_free_like, is_loose, is_set, name};
use crate::forecast::Forecast;
use lab_model::Lab;
use lab_model::derived::{PortId, Way};
use lab_model::lab::DeviceId;
use lab_model::written::DeviceRole;

/// Every second way of a device to a switch, with each other switch.
pub(super) fn candidates(forecast: &Forecast<'_>) -> Vec<Candidate> {
    let lab = forecast.lab;
    let mut all = Vec::new();
    let mut known: Vec<[DeviceId; 2]> = Vec::new();
    for way in &lab.derived.ways {
        let Some((own, far)) = to_switch(lab, way) else { continue };
        let ends = [device(lab, own), device(lab, far)];
        if !known.contains(&ends) {
            known.push(ends);
            continue;
        }
        let movable = is_loose(lab, way) && !is_set(lab, own) && !is_set(lab, far);
        if movable {
            let others = lab.devices.iter().map(|(id, _)| id).filter(|id| is_beside(lab, *id, ends[1]));
            all.extend(others.filter_map(|other| moved(lab, way, [own, far], other)));
        }
    }
    all
}

/// The port of whoever is no switch, and the port of the switch.
fn to_switch(lab: &Lab, way: &Way) -> Option<(PortId, PortId)> {
    let [one, other] = [way.one, way.other].map(|port| is_switch(lab, device(lab, port)));
    match (one, other) {
        (false, true) => Some((way.one, way.other)),
        (true, false) => Some((way.other, way.one)),
        _ => None,
    }
}

fn is_switch(lab: &Lab, device: DeviceId) -> bool {
    lab.derived.device(device).role == Some(DeviceRole::Switch)
}

fn device(lab: &Lab, port: PortId) -> DeviceId {
    lab.derived.port(port).device
}

/// True for another switch with a cable to this one.
fn is_beside(lab: &Lab, other: DeviceId, switch: DeviceId) -> bool {
    let joins = |way: &Way| {
        let ends = [device(lab, way.one), device(lab, way.other)];
        ends == [other, switch] || ends == [switch, other]
    };
    other != switch && is_switch(lab, other) && lab.is_active(other) && lab.derived.ways.iter().any(joins)
}

fn moved(lab: &Lab, way: &Way, [own, far]: [PortId; 2], to: DeviceId) -> Option<Candidate> {
    let mut ports = lab.derived.device(to).ports.iter().copied();
    let port = ports.find(|&id| is_free_like(lab, id, far))?;
    let cable = lab.derived.cable(way.cables[0]);
    let group = &lab.cables[cable.group].name.text;
    let [near, new] = [name(lab, cable.near), name(lab, port)];
    let mut edit = Edit::default();
    let is_set = match cable.near == own {
        true => edit.set(lab, &["cables", group, "between", &near], "", new.clone()),
        false => {
            edit.remove(lab, &["cables", group, "between", &near])
                && edit.add(lab, &["cables", group, "between"], &new, name(lab, own))
        }
    };
    edit.span = Some(cable.near_span);
    is_set.then(|| Candidate {
        group: format!("switch {}", lab.devices[device(lab, own)].name),
        what: format!("move the cable of {} from {} to {new}", name(lab, own), name(lab, far)),
        takes: vec![format!("a cable that is long enough, and the same networks on {new}")],
        covers: Vec::new(),
        edit,
        cost: Cost::Free,
    })
}
