//! Two DHCP servers for one range that do not know of each other's leases.

use crate::context::Context;
use crate::rule::rule;
use lab_model::ThingId;
use std::collections::BTreeSet;

rule!(
    "dhcp-servers-unaware",
    Warning,
    Addressing,
    "two DHCP servers of one network do not share their leases"
);

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (id, plan) in lab.prefixes.iter() {
        let Some(dhcp) = plan.dhcp.as_ref().filter(|dhcp| dhcp.by.items.len() > 1 && dhcp.failover.is_none())
        else {
            continue;
        };
        let servers: BTreeSet<ThingId> = dhcp.by.ids().collect();
        let shared = lab.ha.iter().any(|(_, group)| {
            let members: BTreeSet<ThingId> = group.members.ids().collect();
            group.lease_sync.as_ref().is_some_and(|shared| shared.value) && servers.is_subset(&members)
        });
        let has_range = lab.derived.prefix(id).ranges.iter().any(|range| range.is_dhcp());
        if shared || !has_range {
            continue;
        }
        let span = dhcp.by.span.unwrap_or(plan.name.span);
        let finding = context
            .finding(format!("{} servers hand out the addresses of {} without knowing of each other", dhcp.by.items.len(), plan.name), span, "neither `failover` nor shared leases are said")
            .about(lab.subject(id))
            .because("both give the same address to different clients")
            .help("say how they share the work, as `failover: hot-standby`, or `lease-sync: true` in their group under `ha:`");
        context.report_once(finding);
    }
}
