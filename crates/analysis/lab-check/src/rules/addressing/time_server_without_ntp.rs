//! A time server that is a machine of the lab on which nothing is known to keep the time. Routers may without one being
//! listed, and so may what answers for names or leases: it is looked after as such a server.

use super::asked::{Asked, asked};
use super::plan::{alter_egos, forwards, holder_of};
use crate::context::Context;
use crate::rule::rule;
use lab_model::Lab;
use lab_model::derived::AddressRole;
use lab_model::lab::{Kind, ThingId};
use std::collections::BTreeSet;

rule!(
    "time-server-without-ntp",
    Note,
    Addressing,
    "hosts ask a machine for the time that is not known to keep it"
);

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let servers = servers(lab);
    for Asked { address, span, owner, .. } in asked(lab).into_iter().filter(|asked| asked.what == "time") {
        let Some(holder) = holder_of(lab, address)
            .filter(|holder| matches!(holder.role, AddressRole::Interface | AddressRole::Reservation))
        else {
            continue;
        };
        let machine = holder.owner;
        let keeps = servers.contains(&machine) || forwards(lab, machine) || machine == owner;
        if !matches!(machine.kind, Kind::Host | Kind::Vm) || keeps {
            continue;
        }
        let finding = context
            .finding(
                format!("`{}` is asked for the time and is not known to keep it", lab.name(machine)),
                span,
                format!("{address} is `{}`", lab.name(machine)),
            )
            .and(holder.span, "its address")
            .about(lab.subject(owner))
            .about(lab.subject(machine))
            .because(
                "clocks that nobody sets drift apart: certificates, leases and quorums go wrong weeks later",
            )
            .help("name a router or a server outside, or describe the service there with `roles: [ntp]`");
        context.report_once(finding);
    }
}

/// Machines with a service that others set their clocks by, or that is asked for names or addresses.
fn servers(lab: &Lab) -> BTreeSet<ThingId> {
    let kept = lab.services.iter().filter(|(_, service)| {
        service.roles.iter().any(|role| matches!(&*role.text, "ntp" | "dns" | "dhcp"))
    });
    kept.flat_map(|(id, service)| lab.places_of(id).into_iter().chain(service.on.ids()))
        .flat_map(|place| alter_egos(lab, place))
        .collect()
}
