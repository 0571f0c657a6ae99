//! A reservation for a machine under a MAC address that this machine does not have.

use super::macs::macs;
use crate::context::Context;
use crate::rule::rule;
use lab_model::ThingId;
use lab_model::grammar::MacAddress;
use std::collections::BTreeMap;

rule!(
    "reservation-of-other-mac",
    Error,
    Addressing,
    "a reservation names a MAC address that its machine does not have"
);

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let all = macs(lab);
    let mut own: BTreeMap<ThingId, Vec<(MacAddress, lab_source::Span)>> = BTreeMap::new();
    let mut owner_of: BTreeMap<MacAddress, ThingId> = BTreeMap::new();
    for mac in all.iter().filter(|mac| mac.reserved_in.is_none()) {
        if let Some(owner) = mac.owner {
            own.entry(owner).or_default().push((mac.mac, mac.span));
            owner_of.insert(mac.mac, owner);
        }
    }
    for mac in &all {
        let (Some(prefix), Some(owner)) = (mac.reserved_in, mac.owner) else { continue };
        let Some(known) = own.get(&owner).filter(|known| !known.iter().any(|(other, _)| *other == mac.mac))
        else {
            continue;
        };
        let name = lab.name(owner);
        let mut finding = context
            .finding(
                format!("the reservation of `{}` is for a MAC that `{name}` does not have", mac.interface),
                mac.span,
                format!("{} here", mac.mac),
            )
            .about(lab.subject(owner))
            .about(lab.subject(prefix));
        for (other, span) in known.iter().take(3) {
            finding = finding.and(*span, format!("`{name}` has {other}"));
        }
        if let Some(other) = owner_of.get(&mac.mac) {
            finding = finding.because(format!("`{}` has this MAC and gets the address", lab.name(*other)));
        }
        context.report_once(
            finding
                .because(format!("`{name}` gets another address from the pool, or none"))
                .help("put in the MAC of the interface that is in this network"),
        );
    }
}
