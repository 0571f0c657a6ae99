//! One address held by two things at once. Addresses that are meant to move or to be shared (a VIP and the gateway it
//! is) are not this.

use crate::context::Context;
use crate::rule::rule;
use lab_model::Lab;
use lab_model::derived::{AddressRole, Assignment};

rule!("duplicate-address", Error, Addressing, "one address is held by two things at once");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for same in lab.derived.assignments.chunk_by(|one, other| one.address == other.address) {
        let Some((first, second)) = first_clash(same) else { continue };
        let finding = context
            .finding(
                format!("{} is assigned twice", second.address),
                second.span,
                format!("assigned here to {}", holder(lab, second)),
            )
            .and(first.span, format!("first assigned here to {}", holder(lab, first)))
            .about(lab.subject(second.owner))
            .about(lab.subject(first.owner))
            .because("two machines with one address answer for each other: connections break at random");
        context.report(match next_free(lab, second) {
            Some(free) => finding.help(format!("the next free address there is {free}")),
            None => finding,
        });
    }
}

/// The first two that hold the address for different owners, or for two interfaces of one.
fn first_clash(same: &[Assignment]) -> Option<(&Assignment, &Assignment)> {
    let mut held = same.iter().filter(|assignment| holds(assignment.role));
    let first = held.next()?;
    let on_interface = |assignment: &Assignment| assignment.role == AddressRole::Interface;
    let clashes = |other: &&Assignment| {
        let both_fixed = on_interface(first) && on_interface(other);
        other.owner != first.owner || (both_fixed && other.interface != first.interface)
    };
    held.find(clashes).map(|second| (first, second))
}

/// True for uses that put the address on the wire. A gateway, an API or a name only points at one.
fn holds(role: AddressRole) -> bool {
    matches!(role, AddressRole::Interface | AddressRole::Vip | AddressRole::Reservation)
}

fn holder(lab: &Lab, assignment: &Assignment) -> String {
    let name = lab.name(assignment.owner);
    match &*assignment.interface {
        "" => format!("{} `{name}`", assignment.owner.kind.word()),
        interface => format!("`{name}`, interface `{interface}`"),
    }
}

/// The first address above the clash, in its prefix, that nobody holds and no DHCP range covers.
fn next_free(lab: &Lab, clash: &Assignment) -> Option<std::net::IpAddr> {
    let prefix = lab.derived.prefix(clash.prefix?);
    let network = prefix.network?;
    let taken = |address: &std::net::IpAddr| {
        lab.derived.assignments.binary_search_by(|other| other.address.cmp(address)).is_ok()
            || prefix.ranges.iter().any(|range| range.is_dhcp() && range.range.contains(*address))
    };
    let ipnet::IpNet::V4(network) = network else { return None };
    let std::net::IpAddr::V4(start) = clash.address else { return None };
    let after = u32::from(start).checked_add(1)?;
    let last = u32::from(network.broadcast());
    (after..last).take(4096).map(|number| std::net::IpAddr::V4(number.into())).find(|address| !taken(address))
}
