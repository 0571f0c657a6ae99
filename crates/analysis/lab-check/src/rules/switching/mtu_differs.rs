//! Machines on one VLAN with different MTUs, when the VLAN itself says none.

use super::claims::Claim;
use super::mtu::{of_interface, of_own};
use crate::context::Context;
use crate::rule::rule;
use lab_model::ThingId;
use lab_model::derived::AddressRole;
use lab_model::grammar::Mtu;
use lab_model::lab::{PrefixId, VlanIdOf};
use lab_source::Spanned;
use std::collections::BTreeMap;

rule!("mtu-differs", Warning, Switching, "machines on one VLAN are set to different MTUs");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let claims = context.claims();
    let mut by_vlan: BTreeMap<VlanIdOf, Vec<(&Claim<'_>, Spanned<Mtu>)>> = BTreeMap::new();
    for claim in claims.iter().filter(|claim| lab.vlans[claim.vlan].mtu.is_none()) {
        if let Some(mtu) = of_interface(lab, claim) {
            by_vlan.entry(claim.vlan).or_default().push((claim, mtu));
        }
    }
    without_vlan(context);
    for (vlan, members) in by_vlan {
        let mut counts: BTreeMap<Mtu, usize> = BTreeMap::new();
        members.iter().for_each(|(_, mtu)| *counts.entry(mtu.value).or_default() += 1);
        let Some((&usual, _)) =
            counts.iter().max_by_key(|(mtu, count)| (**count, **mtu)).filter(|_| counts.len() > 1)
        else {
            continue;
        };
        let Some((example, usual_mtu)) = members.iter().find(|(_, mtu)| mtu.value == usual) else { continue };
        for (claim, mtu) in members.iter().filter(|(_, mtu)| mtu.value != usual) {
            let finding = context
                .finding(
                    format!(
                        "`{}` has an MTU of {} on VLAN `{}`, others have {usual}",
                        lab.name(claim.owner),
                        mtu.value,
                        lab.vlans[vlan].name
                    ),
                    mtu.span,
                    format!("{} here", mtu.value),
                )
                .and(usual_mtu.span, format!("{usual} on `{}`", lab.name(example.owner)))
                .about(lab.subject(claim.owner))
                .about(lab.subject(vlan))
                .because("no router stands between them to say that a packet is too large: it vanishes")
                .help(format!("set it to {usual}, and say the VLAN's own MTU: `mtu: {usual}`"));
            context.report_once(finding);
        }
    }
}

/// The same on networks that a cable or bridge carries without a VLAN.
fn without_vlan(context: &mut Context<'_>) {
    let lab = context.lab;
    let plan = context.plan();
    let mut by_prefix: BTreeMap<PrefixId, Vec<(ThingId, Spanned<Mtu>)>> = BTreeMap::new();
    for assignment in &lab.derived.assignments {
        let Some(id) = assignment.prefix.and_then(|prefix| plan.link_around(prefix)) else { continue };
        if lab.derived.prefix(id).vlan.is_some() || assignment.role != AddressRole::Interface {
            continue;
        }
        if let Some(mtu) = of_own(lab, assignment.owner, &assignment.interface) {
            by_prefix.entry(id).or_default().push((assignment.owner, mtu));
        }
    }
    for (id, members) in by_prefix {
        let count = |mtu: Mtu| members.iter().filter(|(_, other)| other.value == mtu).count();
        let Some((example, usual)) = members.iter().max_by_key(|(_, mtu)| (count(mtu.value), mtu.value))
        else {
            continue;
        };
        for (owner, mtu) in members.iter().filter(|(_, mtu)| mtu.value != usual.value) {
            let network = &lab.prefixes[id].name;
            let finding = context
                .finding(
                    format!(
                        "`{}` has an MTU of {} in {network}, others have {}",
                        lab.name(*owner),
                        mtu.value,
                        usual.value
                    ),
                    mtu.span,
                    format!("{} here", mtu.value),
                )
                .and(usual.span, format!("{} on `{}`", usual.value, lab.name(*example)))
                .about(lab.subject(*owner))
                .about(lab.subject(id))
                .because("no router stands between them to say that a packet is too large: it vanishes")
                .help(format!("set it to {}", usual.value));
            context.report_once(finding);
        }
    }
}
