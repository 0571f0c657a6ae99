//! A DHCP server for a network without addresses to hand out.

use crate::context::Context;
use crate::rule::rule;

rule!("dhcp-without-range", Warning, Addressing, "a DHCP server has no addresses to hand out in a network");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (id, plan) in lab.prefixes.iter() {
        let Some(dhcp) = &plan.dhcp else { continue };
        let facts = lab.derived.prefix(id);
        let inside = |child: &lab_model::lab::PrefixId| {
            lab.derived.prefix(*child).ranges.iter().any(|range| range.is_dhcp())
        };
        let has_range = facts.ranges.iter().any(|range| range.is_dhcp()) || facts.children.iter().any(inside);
        let v6 = facts.network.is_some_and(|network| network.addr().is_ipv6());
        if dhcp.by.is_empty() || has_range || !dhcp.reservations.is_empty() || v6 {
            continue;
        }
        let finding = context
            .finding(
                format!("DHCP in {} has no range and no reservation", plan.name),
                dhcp.by.span.unwrap_or(plan.name.span),
                "answers here",
            )
            .and(plan.name.span, "no part of it has the use `dhcp`")
            .about(lab.subject(id))
            .help("add `ranges: { FIRST-LAST: dhcp }`");
        context.report_once(finding);
    }
}
