//! A name server given to a network whose zone may not reach it.

use super::plan::{alter_egos, holder_of, is_local, is_private};
use crate::context::Context;
use crate::rule::rule;
use lab_model::derived::Assignment;
use lab_model::grammar::Transport;
use lab_model::lab::{Kind, PrefixId, ServiceId, VipId, VlanIdOf, ZoneId};
use lab_model::written::Reach;
use lab_model::{Lab, ThingId};
use std::collections::BTreeMap;
use std::net::IpAddr;

rule!(
    "name-server-out-of-reach",
    Error,
    Addressing,
    "a zone may not reach the name server its hosts are given"
);

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let zones = zones(lab);
    for (id, plan) in lab.prefixes.iter() {
        let Some(&zone) = lab.derived.prefix(id).vlan.and_then(|vlan| zones.get(&vlan)) else { continue };
        for server in &plan.dns {
            let address = server.value.0;
            let Some(way) = way_to(lab, id, address) else { continue };
            let record = &lab.zones[zone];
            if record.may_reach.iter().any(|reach| asks_dns(reach) && leads(lab, reach, &way, &zones))
                || way.zone == Some(zone)
            {
                continue;
            }
            let (needed, why) = match &way {
                Way { internet: true, .. } => ("internet".to_owned(), "it is outside of the lab"),
                Way { router: true, .. } => ("gateway".to_owned(), "a router answers there"),
                Way { zone: Some(other), .. } => {
                    (lab.zones[*other].name.to_string(), "it is in another zone")
                }
                _ => continue,
            };
            let finding = context
                .finding(format!("hosts of {} are told to ask {address}, which the zone `{}` may not reach", plan.name, record.name), server.span, "given to hosts here")
                .and(record.name.span, format!("may not reach `{needed}` for DNS"))
                .about(lab.subject(id))
                .about(lab.subject(zone))
                .because(format!("{why}, and what is not allowed is denied: no name is found there"))
                .help(format!("add `{{ to: {needed}, on: dns }}` to what the zone may reach, or give its hosts another name server"));
            context.report_once(finding);
        }
    }
}

/// What lies at a name server's address, seen from a network.
#[derive(Default)]
struct Way {
    internet: bool,
    router: bool,
    zone: Option<ZoneId>,
    holders: Vec<ThingId>,
    address: Option<IpAddr>,
}

fn way_to(lab: &Lab, from: PrefixId, address: IpAddr) -> Option<Way> {
    if is_local(address) {
        return None;
    }
    let there = lab.derived.prefix_of(address);
    let Some(there) = there else {
        return (!is_private(address)).then(|| Way { internet: true, ..Way::default() });
    };
    let holder = holder_of(lab, address)?;
    let holders = everybody(lab, holder);
    let gateway = lab.prefixes[from].gateway.as_ref().and_then(|gateway| holder_of(lab, gateway.value.0));
    let routers = gateway.map(|gateway| everybody(lab, gateway)).unwrap_or_default();
    let router = holders.iter().any(|holder| routers.contains(holder));
    let vlan = lab.derived.prefix(there).vlan;
    if there == from && !router {
        return None;
    }
    let zone =
        if router && there == from { None } else { vlan.and_then(|vlan| zones(lab).get(&vlan).copied()) };
    Some(Way { router, zone, holders, address: Some(address), internet: false })
}

/// The holder, the members of a VIP, and what stands for each.
fn everybody(lab: &Lab, holder: &Assignment) -> Vec<ThingId> {
    let members: Vec<ThingId> = match VipId::try_from(holder.owner) {
        Ok(vip) => lab.vips[vip].members.ids().chain([holder.owner]).collect(),
        Err(()) => vec![holder.owner],
    };
    members.into_iter().flat_map(|member| alter_egos(lab, member)).collect()
}

fn asks_dns(reach: &Reach) -> bool {
    reach.on.is_empty() || reach.on.iter().any(|port| port.value.contains(53, Transport::Udp))
}

fn leads(lab: &Lab, reach: &Reach, way: &Way, zones: &BTreeMap<VlanIdOf, ZoneId>) -> bool {
    let Some(to) = &reach.to else { return true };
    let Some(target) = to.id else {
        return match &*to.text {
            "internet" => way.internet,
            "gateway" => way.router,
            _ => false,
        };
    };
    match target.kind {
        Kind::Zone => {
            way.zone == Some(ZoneId(target.index))
                || (way.router
                    && zones.values().any(|zone| ThingId::from(*zone) == target && way.zone.is_none()))
        }
        Kind::Service => {
            let service = &lab.services[ServiceId(target.index)];
            service.address.iter().any(|own| Some(own.value.0) == way.address)
                || service.on.ids().any(|on| way.holders.contains(&on))
        }
        _ => way.holders.contains(&target),
    }
}

fn zones(lab: &Lab) -> BTreeMap<VlanIdOf, ZoneId> {
    let mut zones = BTreeMap::new();
    for (id, zone) in lab.zones.iter() {
        for member in zone.of.ids() {
            let vlan = match member.kind {
                Kind::Vlan => Some(VlanIdOf(member.index)),
                _ => lab.derived.prefix(PrefixId(member.index)).vlan,
            };
            if let Some(vlan) = vlan {
                zones.insert(vlan, id);
            }
        }
    }
    zones
}
