//! A public IPv6 network that none of the lines brings.

use crate::context::Context;
use crate::rule::rule;

rule!("public-prefix-unrouted", Warning, Addressing, "a public network is not part of what the lines bring");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let brought: Vec<_> = lab.circuits.iter().filter_map(|(_, circuit)| circuit.prefix.as_ref()).collect();
    let Some(first) = brought.first() else { return };
    for (id, plan) in lab.prefixes.iter() {
        let Some(network) = lab.derived.prefix(id).network else { continue };
        let is_v6 = |address: std::net::IpAddr| matches!(address, std::net::IpAddr::V6(v6) if v6.segments()[0] & 0xe000 == 0x2000);
        let is_public = is_v6(network.addr());
        let is_brought = brought.iter().any(|line| line.value.network().contains(&network));
        let no_v6 = brought.iter().all(|line| !is_v6(line.value.network().addr()));
        if !is_public || is_brought || no_v6 || plan.vlan.is_none() {
            continue;
        }
        let finding = context
            .finding(format!("no line brings {}", plan.name), plan.name.span, "a public network")
            .and(first.span, "what a line brings")
            .about(lab.subject(id))
            .because(
                "packets to it end at whoever owns it: hosts with these addresses get no answer from outside",
            )
            .help("cut it from the prefix of a line, or take a private one (fd00::/8)");
        context.report_once(finding);
    }
}
