//! DHCP fail-over between machines whose group says that leases are not shared.

use crate::context::Context;
use crate::rule::rule;
use lab_model::ThingId;
use lab_model::written::DhcpFailover;
use std::collections::BTreeSet;

rule!(
    "leases-not-shared",
    Warning,
    Addressing,
    "DHCP servers that stand in for each other do not know each other's leases"
);

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (id, group) in lab.ha.iter() {
        let Some(said) = group.lease_sync.as_ref().filter(|said| !said.value) else { continue };
        let members: BTreeSet<ThingId> = group.members.ids().collect();
        for (prefix, plan) in lab.prefixes.iter() {
            let Some(dhcp) = &plan.dhcp else { continue };
            let servers: BTreeSet<ThingId> = dhcp.by.ids().collect();
            let split = dhcp.failover.as_ref().is_some_and(|how| how.value == DhcpFailover::Split);
            if servers.len() < 2 || !servers.is_subset(&members) || split {
                continue;
            }
            let finding = context
                .finding(format!("the DHCP servers of `{}` do not know each other's leases", group.name), said.span, "not shared")
                .and(plan.name.span, "they hand out the addresses of this network")
                .about(lab.subject(id))
                .about(lab.subject(prefix))
                .because("after a change the other one gives addresses to new clients that old ones still hold")
                .help("share the leases (`lease-sync: true`), or give each a part of the range (`failover: split`)");
            context.report_once(finding);
        }
    }
}
