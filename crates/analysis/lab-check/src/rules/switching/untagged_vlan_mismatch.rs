//! Two switch ports that face each other and disagree about frames without a tag.

use super::wire::{device_of, plug, port_name, wires};
use crate::context::Context;
use crate::rule::rule;
use lab_model::lab::VlanIdOf;

rule!(
    "untagged-vlan-mismatch",
    Error,
    Switching,
    "two ports that face each other have different untagged VLANs"
);

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for wire in wires(lab) {
        let (Some(one), Some(other)) = (lab.derived.vlans_of(wire.one), lab.derived.vlans_of(wire.other))
        else {
            continue;
        };
        if one.untagged == other.untagged || !one.enabled || !other.enabled {
            continue;
        }
        let tags = |tagged: bool, untagged: Option<VlanIdOf>| tagged && untagged.is_some();
        let tagged_there = |vlan: Option<VlanIdOf>, there: &lab_model::derived::PortVlans| {
            vlan.is_some_and(|vlan| there.tagged.contains(&vlan))
        };
        let both = one.untagged.is_some() && other.untagged.is_some();
        let mixed = tags(tagged_there(one.untagged, other), one.untagged)
            || tags(tagged_there(other.untagged, one), other.untagged);
        if !both && !mixed {
            continue;
        }
        let word = |vlan: Option<VlanIdOf>| {
            vlan.map_or("no untagged VLAN".to_owned(), |vlan| format!("untagged `{}`", lab.vlans[vlan].name))
        };
        let mut finding = context
            .finding(
                format!(
                    "{} and {} differ in their untagged VLAN",
                    port_name(lab, wire.one),
                    port_name(lab, wire.other)
                ),
                other.untagged_span.unwrap_or(other.span),
                format!("{}: {}", port_name(lab, wire.other), word(other.untagged)),
            )
            .and(
                one.untagged_span.unwrap_or(one.span),
                format!("{}: {}", port_name(lab, wire.one), word(one.untagged)),
            )
            .about(lab.subject(device_of(lab, wire.other)))
            .about(lab.subject(device_of(lab, wire.one)));
        if let Some(span) = plug(lab, wire.one) {
            finding = finding.and(span, "the cable between them");
        }
        context.report_once(
            finding
                .because("frames without a tag leave one VLAN and arrive in the other: two networks run into each other")
                .help("give both ends the same untagged VLAN, or carry it with a tag on both"),
        );
    }
}
