//! A machine uses a VLAN that the switch port it is plugged into does not carry, or not in that form.

use super::claims::Claim;
use super::wire::{carried, device_of, plug, port_name};
use crate::context::Context;
use crate::rule::rule;
use lab_model::derived::{PortId, PortVlans};
use std::collections::BTreeSet;

rule!("vlan-not-at-port", Error, Switching, "a machine uses a VLAN that its switch port does not carry");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let mut told = BTreeSet::new();
    // What stands nearest to the port says it first: it is what is to be mended.
    let mut claims: Vec<&Claim<'_>> = context.claims().iter().collect();
    claims.sort_by_key(|claim| claim.attachment.bridges.len());
    for claim in claims {
        for &port in &claim.attachment.ports {
            let Some(facing) = lab.derived.peer(port) else { continue };
            let Some(vlans) = lab.derived.vlans_of(facing).filter(|vlans| vlans.enabled) else { continue };
            let Some(why) = mismatch(claim, vlans) else { continue };
            if told.insert((claim.owner, facing, claim.vlan)) {
                tell(context, claim, port, facing, vlans, why);
            }
        }
    }
}

/// What is wrong, or `None` when the VLAN arrives in the form in which it is used.
fn mismatch(claim: &Claim<'_>, vlans: &PortVlans) -> Option<&'static str> {
    let (untagged, tagged) = (vlans.untagged == Some(claim.vlan), vlans.tagged.contains(&claim.vlan));
    match claim.tagged {
        _ if !untagged && !tagged => Some("the port drops its frames, or takes them for another VLAN"),
        Some(true) if !tagged => Some("the machine sends with a tag and the port has the VLAN untagged"),
        Some(false) if !untagged => {
            Some("the machine sends without a tag and the port has the VLAN with a tag only")
        }
        _ => None,
    }
}

fn tell(
    context: &mut Context<'_>,
    claim: &Claim<'_>,
    port: PortId,
    facing: PortId,
    vlans: &PortVlans,
    why: &str,
) {
    let lab = context.lab;
    let (owner, vlan) = (lab.name(claim.owner), &lab.vlans[claim.vlan].name);
    let form = match claim.tagged {
        Some(true) => " with a tag",
        Some(false) => " without a tag",
        None => "",
    };
    // The tags are what is to be mended, unless the machine sends without one.
    let place = match claim.tagged {
        Some(false) => vlans.untagged_span,
        _ => vlans.tagged_span.or(vlans.untagged_span),
    };
    let place = place.unwrap_or(vlans.span);
    let mut finding = context
        .finding(
            format!("`{owner}` uses VLAN `{vlan}`{form}, its switch port does not"),
            place,
            format!("{}: {}", port_name(lab, facing), carried(lab, vlans)),
        )
        .and(claim.span, claim.what(lab))
        .about(lab.subject(claim.owner))
        .about(lab.subject(device_of(lab, facing)))
        .about(lab.subject(device_of(lab, port)));
    if let Some(span) = plug(lab, facing) {
        finding = finding.and(span, format!("{} is plugged in here", port_name(lab, port)));
    }
    let finding = finding.because(why);
    let help = if claim.tagged == Some(true) || (claim.tagged.is_none() && vlans.untagged.is_some()) {
        format!("add `{vlan}` to what {} carries tagged, or plug `{owner}` elsewhere", port_name(lab, facing))
    } else {
        format!("make `{vlan}` the untagged VLAN of {}, or plug `{owner}` elsewhere", port_name(lab, facing))
    };
    context.report_once(finding.help(help));
}
