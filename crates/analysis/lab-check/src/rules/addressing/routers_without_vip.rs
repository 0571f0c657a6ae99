//! Several routers of a network, and no address that moves between them.

use super::plan::alter_egos;
use crate::context::Context;
use crate::rule::rule;
use lab_model::ThingId;

rule!(
    "routers-without-vip",
    Warning,
    Addressing,
    "a network names several routers, and no address moves between them"
);

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (_, plan) in lab.prefixes.iter() {
        let routers: Vec<ThingId> = plan.routers.ids().filter(|router| lab.is_active(*router)).collect();
        let [first, second, ..] = routers[..] else { continue };
        let shares = |one: ThingId, other: ThingId| {
            let (one, other) = (alter_egos(lab, one), alter_egos(lab, other));
            lab.vips.iter().any(|(_, vip)| {
                vip.members.ids().any(|member| one.contains(&member))
                    && vip.members.ids().any(|member| other.contains(&member))
            })
        };
        if shares(first, second) {
            continue;
        }
        let (one, other) = (lab.name(first), lab.name(second));
        let finding = context
            .finding(
                format!("`{other}` does not take over from `{one}` in {}", plan.name),
                plan.routers.span.unwrap_or(plan.name.span),
                "no address moves between these",
            )
            .about(lab.subject(first))
            .about(lab.subject(second))
            .because(format!(
                "a host sends to the one router of its lease or its route: with `{one}` down it keeps sending there, and `{other}` stands idle"
            ))
            .help("describe the address that moves between them under `vips`, and name it as `gateway`; or name the one router that hosts use");
        context.report_once(finding);
    }
}
