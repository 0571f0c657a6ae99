//! Addresses set aside for DHCP in a network where nobody hands them out.

use crate::context::Context;
use crate::rule::rule;

rule!("dhcp-without-server", Warning, Addressing, "a DHCP range in a network where no server is named");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (id, plan) in lab.prefixes.iter() {
        let Some(range) = lab.derived.prefix(id).ranges.iter().find(|range| range.is_dhcp()) else {
            continue;
        };
        if plan.dhcp.is_some() {
            continue;
        }
        let finding = context
            .finding(
                format!("nobody hands out the DHCP range of {}", plan.name),
                range.span,
                "set aside for DHCP",
            )
            .about(lab.subject(id))
            .because("no server is named, so clients there wait for an address in vain")
            .help("say who answers: `dhcp: router-1`, or give the range another use");
        context.report_once(finding);
    }
}
