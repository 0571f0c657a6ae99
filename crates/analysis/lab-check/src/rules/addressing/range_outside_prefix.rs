//! A range of addresses that is not, or not wholly, in the prefix it is a part of.

use crate::context::Context;
use crate::rule::rule;
use lab_model::grammar::{AddressRange, Prefix};

rule!("range-outside-prefix", Error, Addressing, "a range is not inside the prefix it belongs to");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (id, plan) in lab.prefixes.iter() {
        let facts = lab.derived.prefix(id);
        let Some(network) = facts.network else { continue };
        let whole = AddressRange::from(Prefix::from(network));
        for range in &facts.ranges {
            if whole.contains_range(range.range) {
                continue;
            }
            let part = if whole.overlaps(range.range) { "not wholly in" } else { "outside of" };
            let finding = context
                .finding(
                    format!("the range {} is {part} {network}", range.range),
                    range.span,
                    format!("for {}", if range.purpose.is_empty() { "a use" } else { &range.purpose }),
                )
                .and(plan.name.span, format!("{} to {}", whole.first(), whole.last()))
                .about(lab.subject(id))
                .because(if range.is_dhcp() {
                    "a DHCP server refuses such a range, or clients get addresses that nothing routes"
                } else {
                    "what is planned there is in another network"
                });
            context.report_once(match whole.intersection(range.range) {
                Some(inside) => finding.help(format!("of it, {inside} is inside")),
                None => finding.help("mend the range, or put it under its own prefix"),
            });
        }
    }
}
