//! A second name server for the people and machines of a network: one that serves the house already, and that they are not told of.

use super::super::candidate::{Candidate, Cost};
use super::super::edit::{Edit, Value};
use crate::forecast::Forecast;
use lab_model::lab::{PrefixId, ServiceId};
use lab_model::written::{Audience, HostAddress};
use lab_model::{Kind, Lab, ThingId};
use std::net::IpAddr;

/// Every network with a list of name servers, with each other server that is for everyone.
pub(super) fn candidates(forecast: &Forecast<'_>) -> Vec<Candidate> {
    let lab = forecast.lab;
    let mut all = Vec::new();
    for (id, plan) in lab.prefixes.iter().filter(|(_, plan)| !plan.dns.is_empty()) {
        let now: Vec<IpAddr> = plan.dns.iter().map(|address| address.value.0).collect();
        for (service, address) in servers(lab).into_iter().filter(|(_, address)| !now.contains(address)) {
            let list = now.iter().chain([&address]).map(ToString::to_string).collect();
            let mut edit = Edit::default();
            if !edit.set(lab, &["prefixes", &plan.name.text, "dns"], "is", Value::List(list)) {
                continue;
            }
            let name = &lab.services[service].name;
            let mut takes = missed(lab, id, service);
            takes.extend(lab.derived.prefix_of(address).is_some().then(|| "leases renewed".to_owned()));
            all.push(Candidate {
                group: format!("names {}", plan.name),
                what: format!("tell {} of a second name server, {name} at {address}", plan.name),
                takes,
                covers: Vec::new(),
                edit,
                cost: Cost::Free,
            });
        }
    }
    all
}

/// Name services for everyone with the fixed addresses of the machines that they run on, and their own.
fn servers(lab: &Lab) -> Vec<(ServiceId, IpAddr)> {
    let mut all = Vec::new();
    for (id, service) in lab.services.iter().filter(|(id, _)| lab.is_active(*id)) {
        let is_open = service.r#for.as_ref().is_some_and(|who| who.value == Audience::Everyone);
        if !is_open || !has_role(lab, id, "dns") {
            continue;
        }
        all.extend(service.address.iter().map(|address| (id, address.value.0)));
        for on in service.on.ids() {
            all.extend(addresses(lab, on).into_iter().map(|address| (id, address)));
        }
    }
    all
}

fn has_role(lab: &Lab, service: ServiceId, role: &str) -> bool {
    lab.services[service].roles.iter().any(|own| &*own.text == role)
}

fn addresses(lab: &Lab, thing: ThingId) -> Vec<IpAddr> {
    let all = match thing.kind {
        Kind::Host => &lab.hosts[lab_model::lab::HostId(thing.index)].addresses,
        Kind::Vm => &lab.vms[lab_model::lab::VmId(thing.index)].addresses,
        Kind::Device => &lab.devices[lab_model::lab::DeviceId(thing.index)].addresses,
        _ => return Vec::new(),
    };
    let fixed = |address: &HostAddress| match address {
        HostAddress::Fixed(fixed) => Some(fixed.address),
        _ => None,
    };
    all.iter().flat_map(|(_, used)| used.address.iter().filter_map(|address| fixed(&address.value))).collect()
}

/// Roles of the present servers that the new one does not play: people ask either.
fn missed(lab: &Lab, prefix: PrefixId, new: ServiceId) -> Vec<String> {
    let now: Vec<IpAddr> = lab.prefixes[prefix].dns.iter().map(|address| address.value.0).collect();
    let present = servers(lab).into_iter().filter(|(_, address)| now.contains(address)).map(|(id, _)| id);
    let mut roles: Vec<String> = present
        .flat_map(|id| lab.services[id].roles.iter().map(|role| role.text.to_string()))
        .filter(|role| role != "dns" && !has_role(lab, new, role))
        .collect();
    roles.sort();
    roles.dedup();
    let name = &lab.services[new].name;
    roles
        .into_iter()
        .map(|role| format!("to accept that {name} does no {role}: clients ask either server"))
        .collect()
}
