//! Something on the way of a VLAN passes smaller packets than the VLAN is meant to carry.

use super::mtu::{of_switch_port, way_of};
use super::wire::{device_of, port_name};
use crate::context::Context;
use crate::rule::rule;
use lab_model::ThingId;
use lab_model::grammar::Mtu;
use lab_model::lab::VlanIdOf;
use lab_source::Spanned;

rule!("mtu-below-vlan", Error, Switching, "a port or interface passes smaller packets than its VLAN carries");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let mut by_mtu: Vec<(Mtu, VlanIdOf)> =
        lab.vlans.iter().filter_map(|(id, vlan)| Some((vlan.mtu.as_ref()?.value, id))).collect();
    by_mtu.sort_unstable_by(|one, other| other.cmp(one));
    for &(port, ref vlans) in &lab.derived.port_vlans {
        let Some(mtu) = of_switch_port(lab, port).filter(|_| vlans.enabled) else { continue };
        let largest = by_mtu.iter().find(|(_, vlan)| vlans.carries(*vlan));
        if let Some((_, vlan)) = largest.filter(|(of_vlan, _)| *of_vlan > mtu.value) {
            tell(context, &port_name(lab, port), device_of(lab, port).into(), &mtu, *vlan);
        }
    }
    for claim in context.claims() {
        let Some(of_vlan) = lab.vlans[claim.vlan].mtu else { continue };
        for (what, mtu) in way_of(lab, claim).into_iter().filter(|(_, mtu)| mtu.value < of_vlan.value) {
            tell(context, &what, claim.owner, &mtu, claim.vlan);
        }
    }
}

fn tell(context: &mut Context<'_>, what: &str, owner: ThingId, mtu: &Spanned<Mtu>, vlan: VlanIdOf) {
    let lab = context.lab;
    let record = &lab.vlans[vlan];
    let Some(of_vlan) = &record.mtu else { return };
    let finding = context
        .finding(
            format!("{what} passes {} bytes, VLAN `{}` carries {}", mtu.value, record.name, of_vlan.value),
            mtu.span,
            format!("{} here", mtu.value),
        )
        .and(of_vlan.span, format!("{} for the VLAN", of_vlan.value))
        .about(lab.subject(owner))
        .about(lab.subject(vlan))
        .because("small packets pass and large ones vanish: pings work, transfers hang")
        .help(format!("set it to {} or more, or lower the VLAN's for everybody", of_vlan.value));
    context.report_once(finding);
}
