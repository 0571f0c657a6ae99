//! An address of one VLAN's network on an interface that is in another VLAN.

use crate::context::Context;
use crate::rule::rule;
use lab_model::Lab;
use lab_model::derived::AddressRole;
use lab_model::lab::{HostId, Kind, ThingId, VmId};
use lab_source::Span;

rule!("address-in-other-vlan", Error, Switching, "an interface is in another VLAN than its address");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let plan = context.plan();
    for assignment in &lab.derived.assignments {
        if !matches!(assignment.role, AddressRole::Interface | AddressRole::Reservation) {
            continue;
        }
        let Some(id) = assignment.prefix.and_then(|prefix| plan.link_around(prefix)) else { continue };
        let Some(planned) = lab.derived.prefix(id).vlan else { continue };
        let attachment = lab.derived.attachment(assignment.owner, &assignment.interface);
        let Some(used) = attachment.and_then(|attachment| attachment.vlan).filter(|used| *used != planned)
        else {
            continue;
        };
        let (planned, used) = (&lab.vlans[planned].name, &lab.vlans[used].name);
        let owner = lab.name(assignment.owner);
        let mut finding = context
            .finding(
                format!("`{owner}` has an address of VLAN `{planned}` in VLAN `{used}`"),
                assignment.span,
                format!("`{}` is in VLAN `{used}`", assignment.interface),
            )
            .and(lab.prefixes[id].name.span, format!("the network of VLAN `{planned}`"))
            .about(lab.subject(assignment.owner))
            .about(lab.subject(id))
            .because("neighbours and gateway of the address are in the other VLAN and do not hear it")
            .help(format!("put the interface into `{planned}`, or give it an address of `{used}`"));
        if let Some(span) = said_vlan(lab, assignment.owner, &assignment.interface) {
            finding = finding.and(span, "its VLAN");
        }
        context.report_once(finding);
    }
}

/// Where the VLAN of an interface is written.
fn said_vlan(lab: &Lab, owner: ThingId, interface: &str) -> Option<Span> {
    let of_bridges = || {
        let attachment = lab.derived.attachment(owner, interface)?;
        attachment.bridges.iter().find_map(|bridge| Some(lab.bridges[*bridge].vlan.as_ref()?.span))
    };
    let own = match owner.kind {
        Kind::Host => {
            let said = lab.hosts[HostId(owner.index)].interfaces.get(interface);
            said.and_then(|said| said.vlan.as_ref().or(said.untagged.as_ref())).map(|vlan| vlan.span)
        }
        Kind::Vm => {
            let nic = lab.vms[VmId(owner.index)].nics.get(interface)?;
            nic.vlan.as_ref().map(|vlan| vlan.span).or_else(|| nic.bridge.as_ref().map(|bridge| bridge.span))
        }
        _ => None,
    };
    own.or_else(of_bridges)
}
