//! A DHCP server that is a machine on which no DHCP service runs, in a lab that says where such services do.

use super::plan::{alter_egos, forwards};
use crate::amount::names;
use crate::context::Context;
use crate::rule::rule;
use lab_model::Lab;
use lab_model::lab::{Kind, ThingId};
use std::collections::BTreeSet;

rule!(
    "dhcp-server-without-dhcp",
    Warning,
    Addressing,
    "a network's DHCP server is a machine that runs no DHCP service"
);

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let places = places(lab);
    let servers: BTreeSet<ThingId> = places.iter().flat_map(|place| alter_egos(lab, *place)).collect();
    if servers.is_empty() {
        return;
    }
    let called: Vec<String> = places.iter().map(|place| lab.name(*place).to_string()).collect();
    for (id, plan) in lab.prefixes.iter() {
        for server in plan.dhcp.iter().flat_map(|dhcp| &dhcp.by.items) {
            let Some(machine) = server.id.filter(|id| matches!(id.kind, Kind::Host | Kind::Vm)) else {
                continue;
            };
            if servers.contains(&machine) || forwards(lab, machine) {
                continue;
            }
            let finding = context
                .finding(
                    format!("`{server}` is to serve DHCP in {} and runs no such service", plan.name),
                    server.span,
                    "nothing with the role `dhcp` runs here",
                )
                .about(lab.subject(id))
                .about(lab.subject(machine))
                .because(
                    "clients that it was to serve get no address while the other server is away, or never",
                )
                .help(format!("DHCP services run on {}", names(&called)));
            context.report_once(finding);
        }
    }
}

/// Where services that hand out addresses run.
fn places(lab: &Lab) -> BTreeSet<ThingId> {
    let dhcp =
        lab.services.iter().filter(|(_, service)| service.roles.iter().any(|role| &*role.text == "dhcp"));
    dhcp.flat_map(|(id, _)| lab.places_of(id)).collect()
}
