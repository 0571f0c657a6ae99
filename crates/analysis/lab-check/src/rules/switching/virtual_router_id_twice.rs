//! Two VIPs on one network with the same virtual router id.

use crate::context::Context;
use crate::rule::rule;
use lab_model::lab::{PrefixId, VipId, VlanIdOf};
use lab_model::written::VipProtocol;
use std::collections::BTreeMap;

rule!("virtual-router-id-twice", Error, Switching, "two VIPs on one network have the same virtual router id");

/// Where an id must be unique.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Network {
    Vlan(VlanIdOf),
    Prefix(PrefixId),
}

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let mut taken: BTreeMap<(Network, bool, u8), VipId> = BTreeMap::new();
    for (id, vip) in lab.vips.iter() {
        // CARP and VRRP take the same MAC addresses, 00:00:5e:00:01:ID (RFC 9568 section 7.3).
        let announced = vip
            .protocol
            .as_ref()
            .is_some_and(|said| matches!(said.value, VipProtocol::Carp | VipProtocol::Vrrp));
        let (Some(number), Some(address), true) = (&vip.id, vip.address.first(), announced) else { continue };
        let prefix = lab.derived.prefix_of(address.value.0);
        let vlan = vip.vlan.as_ref().and_then(|vlan| vlan.id).or_else(|| lab.derived.prefix(prefix?).vlan);
        let Some(network) = vlan.map(Network::Vlan).or(prefix.map(Network::Prefix)) else { continue };
        let key = (network, address.value.0.is_ipv4(), number.value.get());
        let Some(&first) = taken.get(&key) else {
            taken.insert(key, id);
            continue;
        };
        let other = &lab.vips[first];
        let free = (1..=255).find(|number| !taken.contains_key(&(network, key.1, *number)));
        let mut finding = context
            .finding(format!("the VIPs `{}` and `{}` have the id {} on one network", other.name, vip.name, number.value), number.span, "the same id")
            .about(lab.subject(id))
            .about(lab.subject(first))
            .because("both make one MAC address of it, and take each other's announcements for those of their own group");
        if let Some(span) = other.id.as_ref().map(|id| id.span) {
            finding = finding.and(span, format!("of `{}`", other.name));
        }
        context.report_once(match free {
            Some(free) => finding.help(format!("{free} is free on this network")),
            None => finding,
        });
    }
}
