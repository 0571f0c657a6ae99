//! A DNS record with the name of a machine and addresses that this machine does not have.

use super::catalogue::machines;
use crate::context::Context;
use crate::rule::rule;
use crate::rules::addressing::plan::{alter_egos, uses_of};
use lab_model::ThingId;
use lab_model::derived::{AddressRole, Assignment};
use std::net::IpAddr;

rule!("name-beside-its-machine", Warning, Names, "a DNS record has a machine's name and another address");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let machines = machines(lab);
    for (id, record) in lab.names.iter() {
        let Some(&machine) =
            machines.get(&record.name.text.to_ascii_lowercase()).filter(|_| !record.addresses.is_empty())
        else {
            continue;
        };
        let selves: Vec<ThingId> = alter_egos(lab, machine);
        let has = |address: IpAddr| {
            uses_of(lab, address)
                .iter()
                .any(|assignment| selves.contains(&assignment.owner) && is_own(assignment))
        };
        let Some(stray) = record.addresses.iter().find(|address| !has(address.value.0)) else { continue };
        let mut own = selves
            .iter()
            .flat_map(|own| lab.derived.addresses_of(*own))
            .filter(|assignment| is_own(assignment));
        let Some(first) = own.next() else { continue };
        let name = lab.name(machine);
        let finding = context
            .finding(
                format!("`{}` is said to be {}, and `{name}` is {}", record.name, stray.value, first.address),
                stray.span,
                "in DNS",
            )
            .and(first.span, format!("on `{name}`"))
            .about(lab.subject(id))
            .about(lab.subject(machine))
            .because(format!("whoever calls `{name}` by name meets another machine, or none"))
            .help(format!("write `to: {name}`, so that the address follows"));
        context.report_once(finding);
    }
}

fn is_own(assignment: &Assignment) -> bool {
    matches!(assignment.role, AddressRole::Interface | AddressRole::Reservation)
}
