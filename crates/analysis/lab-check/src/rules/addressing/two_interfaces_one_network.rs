//! Two interfaces of one machine in one network.

use crate::context::Context;
use crate::rule::rule;
use lab_model::ThingId;
use lab_model::derived::{AddressRole, Assignment};
use lab_model::lab::{Kind, PrefixId};
use std::collections::BTreeMap;

rule!("two-interfaces-one-network", Note, Addressing, "two interfaces of one machine are in one network");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let plan = context.plan();
    let mut first: BTreeMap<(ThingId, PrefixId), &Assignment> = BTreeMap::new();
    for assignment in &lab.derived.assignments {
        let machine = matches!(assignment.owner.kind, Kind::Host | Kind::Vm);
        let single = assignment.length == Some(if assignment.address.is_ipv4() { 32 } else { 128 });
        if !machine
            || single
            || !matches!(assignment.role, AddressRole::Interface | AddressRole::Reservation)
            || assignment.interface.is_empty()
        {
            continue;
        }
        let Some(id) = assignment.prefix.and_then(|prefix| plan.link_around(prefix)) else { continue };
        let Some(&other) = first.get(&(assignment.owner, id)) else {
            first.insert((assignment.owner, id), assignment);
            continue;
        };
        if other.interface == assignment.interface {
            continue;
        }
        let finding = context
            .finding(
                format!(
                    "`{}` is in {} with two interfaces",
                    lab.name(assignment.owner),
                    lab.prefixes[id].name
                ),
                assignment.span,
                format!("`{}`", assignment.interface),
            )
            .and(other.span, format!("`{}`", other.interface))
            .about(lab.subject(assignment.owner))
            .about(lab.subject(id))
            .because("replies may leave by the other interface, and each answers for the other's address")
            .help("take both links together under `lags:`, or put one into another network");
        context.report_once(finding);
    }
}
