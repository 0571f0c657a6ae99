//! One MAC address on two machines, or kept for twice in one network.

use super::macs::{Mac, macs};
use crate::context::Context;
use crate::rule::rule;
use crate::rules::addressing::plan::alter_egos;
use lab_model::Lab;

rule!(
    "duplicate-mac",
    Error,
    Addressing,
    "one MAC address is on two machines, or reserved twice in one network"
);

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let mut all = macs(lab);
    all.sort_by_key(|mac| (mac.mac, mac.reserved_in, mac.span));
    for same in all.chunk_by(|one, other| one.mac == other.mac) {
        let Some((first, second)) = clash(lab, same) else { continue };
        let reserved = second.reserved_in.is_some();
        let what = if reserved { "reserved for twice in one network" } else { "on two interfaces" };
        let mut finding = context
            .finding(format!("the MAC {} is {what}", second.mac), second.span, whose(lab, second))
            .and(first.span, whose(lab, first));
        for owner in [second, first].into_iter().filter_map(|mac| mac.owner) {
            finding = finding.about(lab.subject(owner));
        }
        let why = if reserved {
            "the server has two addresses for one machine and takes either"
        } else {
            "switches send frames for either to whoever spoke last"
        };
        context.report_once(
            finding
                .because(why)
                .help("usually a line was copied: put in the address that the machine itself shows"),
        );
    }
}

fn clash<'m>(lab: &Lab, same: &'m [Mac]) -> Option<(&'m Mac, &'m Mac)> {
    let own: Vec<&Mac> = same.iter().filter(|mac| mac.reserved_in.is_none()).collect();
    let two = own.iter().find_map(|second| {
        let first = own.first()?;
        let differs = first.owner != second.owner
            || (first.interface != second.interface
                && first.span != second.span
                && both_ports(lab, first, second));
        (differs && !shared_on_purpose(lab, first, second)).then_some((*first, *second))
    });
    two.or_else(|| {
        let reserved: Vec<&Mac> = same.iter().filter(|mac| mac.reserved_in.is_some()).collect();
        let pair = reserved.windows(2).find(|pair| pair[0].reserved_in == pair[1].reserved_in)?;
        Some((pair[0], pair[1]))
    })
}

/// True when both are ports of one device: an interface of the system may have its port's.
fn both_ports(lab: &Lab, one: &Mac, other: &Mac) -> bool {
    let port = |mac: &Mac| {
        let device = mac.owner.and_then(|owner| lab_model::lab::DeviceId::try_from(owner).ok())?;
        lab.derived.find_port(device, &mac.interface)
    };
    port(one).is_some() && port(other).is_some()
}

/// Stand-ins that use one MAC on their common line.
fn shared_on_purpose(lab: &Lab, one: &Mac, other: &Mac) -> bool {
    let (Some(one), Some(other)) = (one.owner, other.owner) else { return false };
    lab.ha.iter().any(|(_, group)| {
        let shared = group
            .shared_line
            .as_ref()
            .and_then(|line| line.shared_mac.as_ref())
            .is_some_and(|shared| shared.value);
        let is_member = |thing| group.members.ids().any(|member| alter_egos(lab, member).contains(&thing));
        shared && is_member(one) && is_member(other)
    })
}

fn whose(lab: &Lab, mac: &Mac) -> String {
    match (mac.owner, mac.reserved_in) {
        (_, Some(_)) => format!("reservation `{}`", mac.interface),
        (Some(owner), None) => format!("`{}`, interface `{}`", lab.name(owner), mac.interface),
        (None, None) => format!("interface `{}`", mac.interface),
    }
}
