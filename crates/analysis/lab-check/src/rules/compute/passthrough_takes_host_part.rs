//! A card that the host itself lives by, handed to a virtual machine: its system drive hangs on it, or all its network.

use crate::context::Context;
use crate::rule::rule;
use crate::rules::storage::reach::routes;
use lab_model::derived::{DriveRole, PassedThrough, PortOrigin};
use lab_model::lab::{HostId, Lab, ThingId};
use std::collections::BTreeSet;

rule!(
    "passthrough-takes-host-part",
    Error,
    Compute,
    "a virtual machine is handed what its host needs itself"
);

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for given in lab.derived.passed_through.iter().filter(|given| lab.is_active(given.vm)) {
        let mut hosts = lab.derived.hosts_on(given.device).iter();
        let Some(&host) = hosts.find(|host| lab.is_active(**host)) else { continue };
        let record = &lab.hosts[host];
        let Some(why) = loss(lab, host, given) else { continue };
        let finding = context
            .finding(
                format!("`{}` takes from `{}` {why}", lab.vms[given.vm].name, record.name),
                given.span,
                "handed to the virtual machine",
            )
            .and(record.name.span, "needs it itself")
            .about(lab.subject(given.vm))
            .about(lab.subject(host))
            .because("what is handed through is gone from the host as soon as the machine starts")
            .help("hand it another card, or move the host's part to another");
        context.report_once(finding);
    }
}

fn loss(lab: &Lab, host: HostId, given: &PassedThrough) -> Option<&'static str> {
    let card = given.card?;
    let mut systems = lab
        .derived
        .drive_owners
        .iter()
        .filter(|owner| owner.role == DriveRole::System && owner.owner == ThingId::from(host));
    let pool = lab.hosts[host].system_pool.as_ref().and_then(|pool| pool.id);
    let of_pool = pool.map_or_else(Vec::new, |pool| lab.data_drives_of(pool));
    let hangs = |drive| routes(lab, drive).iter().all(|route| route.card == Some(card));
    if systems.any(|owner| hangs(owner.drive))
        || (!of_pool.is_empty() && of_pool.iter().all(|drive| hangs(*drive)))
    {
        return Some("the card that its own system drive hangs on");
    }
    let ports: BTreeSet<_> = lab
        .derived
        .attachments
        .get(&ThingId::from(host))
        .into_iter()
        .flat_map(|interfaces| interfaces.values())
        .flat_map(|attachment| attachment.ports.iter().copied())
        .collect();
    let on_card =
        |port: &lab_model::derived::PortId| lab.derived.port(*port).origin == PortOrigin::Card(card);
    match ports.iter().filter(|port| on_card(port)).count() {
        0 => None,
        n if n == ports.len() => Some("the card with all its network ports"),
        _ => Some("the card with network ports that it uses"),
    }
}
