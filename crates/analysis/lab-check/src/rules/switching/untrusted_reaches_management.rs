//! A zone that is not trusted and may reach management.

use crate::context::Context;
use crate::rule::rule;
use lab_model::Lab;
use lab_model::lab::{Kind, PrefixId, ThingId, VlanIdOf, ZoneId};
use std::collections::BTreeSet;

rule!("untrusted-reaches-management", Error, Switching, "a zone that is not trusted may reach management");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let managed: BTreeSet<VlanIdOf> = lab
        .zones
        .iter()
        .filter(|(_, zone)| is(zone.management.as_ref()))
        .flat_map(|(id, _)| vlans_of(lab, id))
        .collect();
    for (id, zone) in lab.zones.iter().filter(|(_, zone)| is(zone.untrusted.as_ref())) {
        for reach in &zone.may_reach {
            let Some((to, target)) = reach.to.as_ref().and_then(|to| Some((to, to.id?))) else { continue };
            let manages = match target.kind {
                Kind::Zone => is(lab.zones[ZoneId(target.index)].management.as_ref()),
                _ => only_in(lab, target, &managed),
            };
            if !manages {
                continue;
            }
            let finding = context
                .finding(format!("the zone `{}` is not trusted and may reach `{to}`, which is management", zone.name), to.span, "allowed here")
                .and(zone.untrusted.as_ref().map_or(zone.name.span, |said| said.span), "not trusted")
                .about(lab.subject(id))
                .about(lab.subject(target))
                .because("whoever breaks a thing in this zone stands in front of consoles, switches and hypervisors")
                .help("take it out of `may-reach`");
            context.report_once(finding);
        }
    }
}

fn is(said: Option<&lab_source::Spanned<bool>>) -> bool {
    said.is_some_and(|said| said.value)
}

fn vlans_of(lab: &Lab, zone: ZoneId) -> Vec<VlanIdOf> {
    let vlan = |thing: ThingId| match thing.kind {
        Kind::Vlan => Some(VlanIdOf(thing.index)),
        Kind::Prefix => lab.derived.prefix(PrefixId(thing.index)).vlan,
        _ => None,
    };
    lab.zones[zone].of.ids().filter_map(vlan).collect()
}

/// True when all known addresses of a machine are in these VLANs.
fn only_in(lab: &Lab, thing: ThingId, vlans: &BTreeSet<VlanIdOf>) -> bool {
    let mut prefixes = lab.derived.addresses_of(thing).filter_map(|assignment| assignment.prefix).peekable();
    prefixes.peek().is_some()
        && prefixes.all(|prefix| lab.derived.prefix(prefix).vlan.is_some_and(|vlan| vlans.contains(&vlan)))
}
