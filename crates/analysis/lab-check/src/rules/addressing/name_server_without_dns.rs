//! A name server that is a machine of the lab on which no name service runs. Routers may answer without one being listed.

use super::asked::{Asked, asked};
use super::plan::{alter_egos, forwards, holder_of};
use crate::context::Context;
use crate::rule::rule;
use lab_model::Lab;
use lab_model::derived::AddressRole;
use lab_model::lab::{Kind, ThingId};
use std::collections::BTreeSet;

rule!(
    "name-server-without-dns",
    Warning,
    Addressing,
    "hosts ask a machine for names that runs no name service"
);

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let servers = servers(lab);
    if servers.is_empty() {
        return;
    }
    for Asked { address, span, owner, .. } in asked(lab).into_iter().filter(|asked| asked.what == "name") {
        let Some(holder) = holder_of(lab, address)
            .filter(|holder| matches!(holder.role, AddressRole::Interface | AddressRole::Reservation))
        else {
            continue;
        };
        let machine = holder.owner;
        if !matches!(machine.kind, Kind::Host | Kind::Vm)
            || servers.contains(&machine)
            || forwards(lab, machine)
        {
            continue;
        }
        let finding = context
            .finding(
                format!("`{}` is asked for names and runs no name service", lab.name(machine)),
                span,
                format!("{address} is `{}`", lab.name(machine)),
            )
            .and(holder.span, "its address")
            .about(lab.subject(owner))
            .about(lab.subject(machine))
            .because("each question waits for a timeout before the next server is asked")
            .help(format!(
                "name servers run on {}",
                servers
                    .iter()
                    .filter(|id| id.kind != Kind::Device)
                    .map(|id| format!("`{}`", lab.name(*id)))
                    .collect::<Vec<_>>()
                    .join(", ")
            ));
        context.report_once(finding);
    }
}

/// Machines that name services run on, and what stands for them.
fn servers(lab: &Lab) -> BTreeSet<ThingId> {
    let dns = lab
        .services
        .iter()
        .filter(|(_, service)| service.roles.iter().any(|role| matches!(&*role.text, "dns" | "ad-blocking")));
    dns.flat_map(|(id, service)| lab.places_of(id).into_iter().chain(service.on.ids()))
        .flat_map(|place| alter_egos(lab, place))
        .collect()
}
