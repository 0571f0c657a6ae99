//! A reservation of an address that is not in the network of its DHCP server.

use crate::context::Context;
use crate::rule::rule;
use lab_model::grammar::Address;
use std::collections::BTreeMap;

rule!(
    "reservation-outside-prefix",
    Error,
    Addressing,
    "a reserved address is not in its network, or reserved twice"
);

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (id, plan) in lab.prefixes.iter() {
        let Some(network) = lab.derived.prefix(id).network else { continue };
        let mut taken: BTreeMap<Address, (lab_source::Span, String)> = BTreeMap::new();
        for (name, reservation) in plan.dhcp.iter().flat_map(|dhcp| dhcp.reservations.iter()) {
            let Some(address) = &reservation.address else { continue };
            if !network.contains(&address.value.0) {
                let finding = context
                    .finding(
                        format!("{} is reserved in {network} and not in it", address.value),
                        address.span,
                        format!("for `{name}`"),
                    )
                    .and(plan.name.span, format!("{} to {}", network.network(), network.broadcast()))
                    .about(lab.subject(id))
                    .because("the server refuses it, or the client cannot use it on its link")
                    .help("mend the address, or move the reservation to its own prefix");
                context.report_once(finding);
            }
            if let Some((span, first)) = taken.get(&address.value) {
                let finding = context
                    .finding(
                        format!("{} is reserved for `{first}` and for `{name}`", address.value),
                        address.span,
                        format!("for `{name}`"),
                    )
                    .and(*span, format!("for `{first}`"))
                    .about(lab.subject(id))
                    .help("give one of them another address");
                context.report_once(finding);
            }
            taken.insert(address.value, (address.span, name.to_string()));
        }
    }
}
