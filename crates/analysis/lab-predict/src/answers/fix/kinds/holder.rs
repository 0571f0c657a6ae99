//! A second holder for an address that only one router or machine may hold: another one that routes and has an address in the same network.

use super::super::candidate::{Candidate, Cost};
use super::super::edit::{Edit, Value};
use crate::forecast::Forecast;
use lab_model::lab::{DeviceId, HostId, VipId, VmId};
use lab_model::written::{DeviceRole, VipProtocol};
use lab_model::{Kind, Lab, ThingId};
use std::collections::BTreeSet;

/// Every address that moves and has one holder, with each other that could hold it.
pub(super) fn candidates(forecast: &Forecast<'_>) -> Vec<Candidate> {
    let lab = forecast.lab;
    let mut all = Vec::new();
    for (id, vip) in lab.vips.iter() {
        let members: Vec<ThingId> = vip.members.ids().collect();
        let is_moved = vip.protocol.as_ref().is_none_or(|protocol| protocol.value != VipProtocol::Manual);
        let [alone] = members[..] else { continue };
        if !is_moved || vip.cluster.is_some() {
            continue;
        }
        for other in neighbours(lab, id).into_iter().filter(|other| *other != alone && lab.is_active(*other))
        {
            let names = vec![lab.subject(alone), lab.subject(other)];
            let mut edit = Edit::default();
            if !edit.set(lab, &["vips", &vip.name.text, "members"], "is", Value::List(names)) {
                continue;
            }
            let name = lab.name(other);
            all.push(Candidate {
                group: format!("holder {}", vip.name),
                what: format!("let {name} hold {} as well, when {} is down", vip.name, lab.name(alone)),
                takes: vec![format!("{name} set up with the same rules, leases and {}", protocol(lab, id))],
                covers: Vec::new(),
                edit,
                cost: Cost::Free,
            });
        }
    }
    all
}

fn protocol(lab: &Lab, vip: VipId) -> String {
    let protocol = lab.vips[vip].protocol.as_ref().map(|protocol| protocol.value.to_string());
    protocol.map_or_else(|| "protocol".to_owned(), |protocol| protocol.to_uppercase())
}

/// Whoever routes and has an address in the network of the moving one.
fn neighbours(lab: &Lab, vip: VipId) -> BTreeSet<ThingId> {
    let own = lab.vips[vip].address.iter().filter_map(|address| lab.derived.prefix_of(address.value.0));
    let own: BTreeSet<_> = own.collect();
    let there = lab.derived.assignments.iter().filter(|assignment| {
        let prefix = lab.derived.prefix_of(assignment.address);
        prefix.is_some_and(|prefix| own.contains(&prefix))
    });
    there.map(|assignment| assignment.owner).filter(|owner| routes(lab, *owner)).collect()
}

fn routes(lab: &Lab, thing: ThingId) -> bool {
    let says = |said: &Option<lab_source::Spanned<bool>>| said.as_ref().is_some_and(|said| said.value);
    match thing.kind {
        Kind::Device => lab.derived.device(DeviceId(thing.index)).role == Some(DeviceRole::Router),
        Kind::Host => says(&lab.hosts[HostId(thing.index)].routes),
        Kind::Vm => says(&lab.vms[VmId(thing.index)].routes),
        _ => false,
    }
}
