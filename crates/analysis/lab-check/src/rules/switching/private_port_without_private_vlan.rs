//! A port with a part in a private VLAN, where none of its VLANs is private, or with a community that is not there.

use super::wire::{carried, device_of, port_name};
use crate::context::Context;
use crate::rule::rule;

rule!(
    "private-port-without-private-vlan",
    Error,
    Switching,
    "a port has a part in a private VLAN and carries none"
);

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for &(port, ref vlans) in &lab.derived.port_vlans {
        let private: Vec<_> = vlans
            .untagged
            .iter()
            .chain(vlans.tagged.iter())
            .filter(|vlan| lab.vlans[**vlan].private.is_some())
            .collect();
        if let (Some(role), true) = (vlans.private, private.is_empty()) {
            let finding = context
                .finding(
                    format!("{} is {role} and carries no private VLAN", port_name(lab, port)),
                    vlans.span,
                    format!("{}: {}", port_name(lab, port), carried(lab, vlans)),
                )
                .about(lab.subject(device_of(lab, port)))
                .because("the port keeps nobody apart: everybody in its VLAN reaches everybody")
                .help("add `private: { isolated: NUMBER }` to its VLAN, or take `private` off the port");
            context.report_once(finding);
        }
        let Some(community) = &vlans.community else { continue };
        let known = private.iter().any(|vlan| {
            lab.vlans[**vlan]
                .private
                .as_ref()
                .is_some_and(|private| private.communities.get(community).is_some())
        });
        if !known {
            let finding = context
                .finding(
                    format!("no VLAN of {} has a community `{community}`", port_name(lab, port)),
                    vlans.span,
                    carried(lab, vlans),
                )
                .about(lab.subject(device_of(lab, port)))
                .help("name a community of its private VLAN, or add it there under `communities:`");
            context.report_once(finding);
        }
    }
}
