//! A VLAN in two zones, or in none although the lab has zones.

use crate::context::Context;
use crate::rule::rule;
use lab_model::lab::{Kind, PrefixId, VlanIdOf, ZoneId};
use lab_source::{Severity, Span};
use std::collections::BTreeMap;

rule!("vlan-zone", Error, Switching, "a VLAN is in two zones, or in none");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let mut zone_of: BTreeMap<VlanIdOf, (ZoneId, Span)> = BTreeMap::new();
    for (id, zone) in lab.zones.iter() {
        for member in &zone.of.items {
            let vlan = member.id.and_then(|thing| match thing.kind {
                Kind::Vlan => Some(VlanIdOf(thing.index)),
                Kind::Prefix => lab.derived.prefix(PrefixId(thing.index)).vlan,
                _ => None,
            });
            let Some(vlan) = vlan else { continue };
            let Some(&(first, span)) = zone_of.get(&vlan).filter(|(first, _)| *first != id) else {
                zone_of.insert(vlan, (id, member.span));
                continue;
            };
            let finding = context
                .finding(
                    format!(
                        "VLAN `{}` is in the zones `{}` and `{}`",
                        lab.vlans[vlan].name, lab.zones[first].name, zone.name
                    ),
                    member.span,
                    "again here",
                )
                .and(span, "first here")
                .about(lab.subject(vlan))
                .about(lab.subject(id))
                .about(lab.subject(first))
                .because("which of the two rules holds for its members is not decided")
                .help("leave it in one zone");
            context.report(finding);
        }
    }
    if lab.zones.is_empty() {
        return;
    }
    for (id, plan) in lab.prefixes.iter() {
        let Some(vlan) = lab.derived.prefix(id).vlan.filter(|vlan| !zone_of.contains_key(vlan)) else {
            continue;
        };
        let Some(gateway) = &plan.gateway else { continue };
        let name = &lab.vlans[vlan].name;
        let mut finding = context
            .finding(format!("VLAN `{name}` is in no zone"), name.span, "in no zone")
            .and(gateway.span, "it has a gateway, so it is routed")
            .about(lab.subject(vlan))
            .because("nothing says whom its members may reach and who may reach them")
            .help("add it to a zone under `zones:`");
        finding.severity = Severity::Warning;
        context.report_once(finding);
    }
}
