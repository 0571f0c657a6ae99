//! An IPv6 network of hosts whose length is not 64, so that SLAAC (RFC 4862) does not work in it.

use crate::context::Context;
use crate::rule::rule;
use lab_model::written::PrefixKind;

rule!(
    "slaac-prefix-length",
    Warning,
    Addressing,
    "hosts of an IPv6 network cannot make addresses of their own"
);

/// The length that interface identifiers leave (RFC 4291, section 2.5.1).
const LENGTH: u8 = 64;

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (id, plan) in lab.prefixes.iter() {
        let Some(ipnet::IpNet::V6(network)) = lab.derived.prefix(id).network else { continue };
        let of_hosts =
            plan.kind.as_ref().map_or(plan.vlan.is_some(), |kind| kind.value == PrefixKind::OnLink);
        // RFC 6164: links between two routers are /127.
        let between_two = network.prefix_len() >= 126;
        if !of_hosts
            || between_two
            || network.prefix_len() == LENGTH
            || !lab.derived.prefix(id).children.is_empty()
        {
            continue;
        }
        let finding = context
            .finding(
                format!("hosts in {} cannot make IPv6 addresses by themselves", plan.name),
                plan.name.span,
                format!("{} bits of prefix", network.prefix_len()),
            )
            .about(lab.subject(id))
            .because("SLAAC needs 64 bits of prefix (RFC 4862); Android knows no other way to an address")
            .help(format!("write {}/{LENGTH}", network.network()));
        context.report(finding);
    }
}
