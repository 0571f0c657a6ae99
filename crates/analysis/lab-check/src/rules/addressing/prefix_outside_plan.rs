//! One network outside of the container that holds all others: usually a slip of a digit.

use super::plan::Plan;
use crate::context::Context;
use crate::rule::rule;
use lab_model::Lab;
use lab_model::lab::PrefixId;
use lab_model::written::PrefixKind;

rule!(
    "prefix-outside-plan",
    Warning,
    Addressing,
    "one VLAN's network lies outside of the container of all others"
);

/// Fewer others say nothing about a habit.
const OTHERS_MIN: usize = 3;

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let plan = Plan::of(lab);
    let of_vlans: Vec<PrefixId> = lab
        .prefixes
        .iter()
        .map(|(id, _)| id)
        .filter(|id| {
            lab.derived.prefix(*id).vlan.is_some()
                && is_v4(lab, *id)
                && plan.use_of(*id) == Some(PrefixKind::OnLink)
        })
        .collect();
    let (inside, outside): (Vec<PrefixId>, Vec<PrefixId>) =
        of_vlans.into_iter().partition(|id| container_of(lab, &plan, *id).is_some());
    let (&[stray], true) = (&outside[..], inside.len() >= OTHERS_MIN) else { return };
    let containers: Vec<PrefixId> = inside.iter().filter_map(|id| container_of(lab, &plan, *id)).collect();
    let container = containers[0];
    if containers.iter().any(|other| *other != container) {
        return;
    }
    let name = &lab.prefixes[stray].name;
    let outer = &lab.prefixes[container].name;
    let finding = context
        .finding(format!("{name} lies outside of {outer}, where all other VLANs are"), name.span, "outside")
        .and(outer.span, format!("holds the networks of {} VLANs", inside.len()))
        .about(lab.subject(stray))
        .because("filters and routes that name the container do not cover it")
        .help("mend the address, or add a container for it");
    context.report(finding);
}

fn is_v4(lab: &Lab, id: PrefixId) -> bool {
    lab.derived.prefix(id).network.is_some_and(|network| network.addr().is_ipv4())
}

/// The outermost container that is said to be one.
fn container_of(lab: &Lab, plan: &Plan<'_>, id: PrefixId) -> Option<PrefixId> {
    let mut found = None;
    let mut around = lab.derived.prefix(id).parent;
    while let Some(id) = around {
        if lab.prefixes[id].kind.is_some() && plan.use_of(id) == Some(PrefixKind::Container) {
            found = Some(id);
        }
        around = lab.derived.prefix(id).parent;
    }
    found
}
