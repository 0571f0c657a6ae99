//! Routers that stand in for each other without passing on the state of connections.

use crate::context::Context;
use crate::rule::rule;
use lab_model::lab::{HostId, VmId};
use lab_model::{Lab, ThingId};
use lab_source::Severity;

rule!(
    "connection-state-not-shared",
    Warning,
    Switching,
    "routers that stand in for each other do not share connection state"
);

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (id, group) in lab.ha.iter() {
        let routers: Vec<ThingId> = group.members.ids().filter(|member| routes(lab, *member)).collect();
        let shared = group.state_sync.as_ref();
        if routers.len() < 2 || shared.is_some_and(|shared| shared.value) {
            continue;
        }
        let span = shared.map_or(group.name.span, |shared| shared.span);
        let label = if shared.is_some() { "not shared" } else { "`state-sync` is not said" };
        let mut finding = context
            .finding(format!("connections break when a router of `{}` takes over", group.name), span, label)
            .about(lab.subject(id))
            .because("the one that takes over does not know the open connections and drops their packets");
        if shared.is_none() {
            finding.severity = Severity::Note;
        }
        context.report(finding.help("share the state (pfsync, conntrackd) and write `state-sync: true`"));
    }
}

fn routes(lab: &Lab, member: ThingId) -> bool {
    let said = match (HostId::try_from(member), VmId::try_from(member)) {
        (Ok(host), _) => lab.hosts[host].routes.as_ref(),
        (_, Ok(vm)) => lab.vms[vm].routes.as_ref(),
        _ => None,
    };
    let holds_gateway = || {
        lab.vips.iter().any(|(_, vip)| {
            vip.members.ids().any(|other| other == member)
                && vip.address.iter().any(|address| {
                    lab.prefixes.iter().any(|(_, plan)| {
                        plan.gateway.as_ref().is_some_and(|gateway| gateway.value == address.value)
                    })
                })
        })
    };
    said.is_some_and(|routes| routes.value) || holds_gateway()
}
