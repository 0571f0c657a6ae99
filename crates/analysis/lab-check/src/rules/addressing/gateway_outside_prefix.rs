//! A gateway that is not in the network it serves.

use crate::context::Context;
use crate::rule::rule;

rule!("gateway-outside-prefix", Error, Addressing, "a gateway is not in the network it serves");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (id, plan) in lab.prefixes.iter() {
        let (Some(network), Some(gateway)) = (lab.derived.prefix(id).network, &plan.gateway) else {
            continue;
        };
        // Link-local gateways are how IPv6 routers announce themselves (RFC 4861 section 6.1.2).
        if network.contains(&gateway.value.0) || super::plan::is_local(gateway.value.0) {
            continue;
        }
        let finding = context
            .finding(
                format!("the gateway {} is not in {network}", gateway.value),
                gateway.span,
                "outside of the network",
            )
            .and(plan.name.span, format!("{} to {}", network.network(), network.broadcast()))
            .about(lab.subject(id))
            .because("hosts reach a gateway on their own link only, so nothing leaves this network")
            .help(format!("name an address of {network} that a router holds"));
        context.report_once(finding);
    }
}
