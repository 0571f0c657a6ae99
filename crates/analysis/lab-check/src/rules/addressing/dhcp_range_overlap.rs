//! Addresses that DHCP hands out and that are meant for something else as well.

use super::plan::Plan;
use crate::context::Context;
use crate::rule::rule;
use lab_model::derived::RangeOf;
use lab_model::grammar::{AddressRange, Prefix};
use lab_model::lab::PrefixId;
use lab_model::written::PrefixKind;

rule!(
    "dhcp-range-overlap",
    Error,
    Addressing,
    "a DHCP range overlaps another range or a cluster's addresses"
);

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let plan = context.plan();
    for (id, _) in lab.prefixes.iter() {
        let mut ranges: Vec<&RangeOf> = lab.derived.prefix(id).ranges.iter().collect();
        ranges.sort_by_key(|range| (range.range.first(), range.range.last(), range.span));
        for (index, one) in ranges.iter().enumerate() {
            let followers =
                ranges[index + 1..].iter().take_while(|other| other.range.first() <= one.range.last());
            for other in followers.filter(|other| contradicts(one, other)) {
                report_pair(context, id, one, other);
            }
        }
        for range in ranges.iter().filter(|range| range.is_dhcp()) {
            over_cluster(context, plan, id, range);
        }
    }
}

/// True when one is for DHCP and the other for something that cannot lie in it. A range of words that holds the other
/// only describes it.
fn contradicts(one: &RangeOf, other: &RangeOf) -> bool {
    match (one.is_dhcp(), other.is_dhcp()) {
        (true, true) => true,
        (false, false) => false,
        (one_is_dhcp, _) => {
            let (dhcp, words) = if one_is_dhcp { (one, other) } else { (other, one) };
            let fixed = matches!(&*words.purpose, "static" | "reserved");
            let addresses = ["load balancer", "vip", "static"]
                .iter()
                .any(|word| words.purpose.to_lowercase().contains(word));
            let nested = words.range.contains_range(dhcp.range) && words.range != dhcp.range;
            fixed || addresses || !nested
        }
    }
}

fn report_pair(context: &mut Context<'_>, id: PrefixId, one: &RangeOf, other: &RangeOf) {
    let lab = context.lab;
    let Some(shared) = one.range.intersection(other.range) else { return };
    let (dhcp, second) = if one.is_dhcp() && !other.is_dhcp() { (one, other) } else { (other, one) };
    let finding = context
        .finding(
            format!(
                "{shared} is for DHCP and for {}",
                if second.is_dhcp() { "another DHCP range" } else { &second.purpose }
            ),
            dhcp.span,
            format!("DHCP hands out {}", dhcp.range),
        )
        .and(second.span, format!("{}: {}", second.range, second.purpose))
        .about(lab.subject(id))
        .because(if second.is_dhcp() {
            "two ranges give one address to two clients"
        } else {
            "clients get addresses that are meant to be fixed"
        })
        .help("end one of the ranges before the other begins");
    context.report_once(finding);
}

/// A cluster's load balancers or pods inside the range.
fn over_cluster(context: &mut Context<'_>, plan: &Plan<'_>, id: PrefixId, range: &RangeOf) {
    let lab = context.lab;
    for &child in &lab.derived.prefix(id).children {
        if !matches!(
            plan.use_of(child),
            Some(PrefixKind::LoadBalancers | PrefixKind::Pods | PrefixKind::Services)
        ) {
            continue;
        }
        let Some(network) = lab.derived.prefix(child).network else { continue };
        let Some(shared) = range.range.intersection(AddressRange::from(Prefix::from(network))) else {
            continue;
        };
        let finding = context
            .finding(
                format!("{shared} is for DHCP and for a cluster"),
                range.span,
                format!("DHCP hands out {}", range.range),
            )
            .and(lab.prefixes[child].name.span, "the cluster gives these to its services")
            .about(lab.subject(id))
            .about(lab.subject(child))
            .because("a client and a service get the same address")
            .help(format!("keep {network} out of the range"));
        context.report_once(finding);
    }
}
