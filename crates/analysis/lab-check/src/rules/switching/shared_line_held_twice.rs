//! A line that one member at a time may hold, with the cards of two of them connected from the start.

use crate::context::Context;
use crate::rule::rule;
use lab_model::Lab;
use lab_model::lab::{BridgeId, VmId};
use lab_source::Span;
use std::collections::BTreeMap;

rule!("shared-line-held-twice", Error, Switching, "two stand-ins hold a line that only one may hold");

/// A connected card: whose, where written.
type Card = (VmId, Span);

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (id, group) in lab.ha.iter() {
        let Some(line) = &group.shared_line else { continue };
        let Some(shared) = line.shared_mac.as_ref().filter(|shared| shared.value) else { continue };
        let members: Vec<VmId> =
            group.members.ids().filter_map(|member| VmId::try_from(member).ok()).collect();
        for cards in on_untagged_bridges(lab, &members).into_values() {
            let [(first, span), (second, other), ..] = cards[..] else { continue };
            let finding = context
                .finding(
                    format!(
                        "`{}` and `{}` are both connected to one line with one MAC address",
                        lab.vms[first].name, lab.vms[second].name
                    ),
                    span,
                    format!("card of `{}`, connected", lab.vms[first].name),
                )
                .and(other, format!("card of `{}`, connected", lab.vms[second].name))
                .and(shared.span, "one MAC address for all")
                .about(lab.subject(id))
                .about(lab.subject(first))
                .about(lab.subject(second))
                .because("the switch sends each frame to whichever was heard last: connections stall on both")
                .help("let all but one begin with `connected: false`");
            context.report_once(finding);
        }
    }
}

/// Connected cards by bridge, for bridges without a VLAN that lead outside; those with one are networks of the lab.
fn on_untagged_bridges(lab: &Lab, members: &[VmId]) -> BTreeMap<BridgeId, Vec<Card>> {
    let mut all: BTreeMap<BridgeId, Vec<Card>> = BTreeMap::new();
    for member in members {
        for (name, nic) in lab.vms[*member].nics.iter() {
            let Some(bridge) = nic.bridge.as_ref().and_then(|bridge| bridge.id) else { continue };
            let connected = nic.connected.as_ref();
            if lab.bridges[bridge].vlan.is_none()
                && nic.vlan.is_none()
                && connected.is_none_or(|said| said.value)
            {
                all.entry(bridge).or_default().push((*member, connected.map_or(name.span, |said| said.span)));
            }
        }
    }
    all
}
