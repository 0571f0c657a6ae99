//! An address that is fixed on something and also handed out by DHCP.

use super::plan::owner_name;
use crate::context::Context;
use crate::rule::rule;
use lab_model::derived::{AddressRole, RangeOf};
use lab_model::lab::PrefixId;
use lab_source::Severity;

rule!(
    "fixed-address-in-dhcp-range",
    Error,
    Addressing,
    "a fixed address lies in a range that DHCP hands out"
);

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for same in lab.derived.assignments.chunk_by(|one, other| one.address == other.address) {
        let Some(fixed) = same.iter().min_by_key(|assignment| rank(assignment.role)) else { continue };
        if rank(fixed.role) > 5 {
            continue;
        }
        let Some((id, range)) = fixed.prefix.and_then(|id| pool_around(lab, id, fixed.address)) else {
            continue;
        };
        let reserved = fixed.role == AddressRole::Reservation;
        let message = format!(
            "{} is {} and in a DHCP range",
            fixed.address,
            if reserved { "reserved" } else { "fixed" }
        );
        let mut finding = context
            .finding(message, fixed.span, format!("of {}", owner_name(lab, fixed)))
            .and(range.span, format!("DHCP hands out {}", range.range))
            .about(lab.subject(fixed.owner))
            .about(lab.subject(id));
        finding = if reserved {
            finding.severity = Severity::Note;
            finding
                .because("some servers (ISC dhcpd, Kea without its check of reservations) give it to another client while its owner is away")
                .help("most servers take reservations outside of the range too")
        } else {
            finding
                .because("the server gives it to a client as well, and connections to either break at random")
                .help(format!(
                    "begin or end the range so that {} is outside, or move the address",
                    fixed.address
                ))
        };
        context.report_once(finding);
    }
}

/// Which of several uses is told, lower first.
fn rank(role: AddressRole) -> u8 {
    match role {
        AddressRole::Vip => 0,
        AddressRole::Interface => 1,
        AddressRole::Gateway => 2,
        AddressRole::Service => 3,
        AddressRole::Api => 4,
        AddressRole::Reservation => 5,
        AddressRole::Name => 6,
    }
}

/// The DHCP range that covers an address, of its prefix or of one around.
pub(super) fn pool_around(
    lab: &lab_model::Lab,
    start: PrefixId,
    address: std::net::IpAddr,
) -> Option<(PrefixId, &RangeOf)> {
    let mut around = Some(start);
    while let Some(id) = around {
        let facts = lab.derived.prefix(id);
        if let Some(range) =
            facts.ranges.iter().find(|range| range.is_dhcp() && range.range.contains(address))
        {
            return Some((id, range));
        }
        around = facts.parent;
    }
    None
}
