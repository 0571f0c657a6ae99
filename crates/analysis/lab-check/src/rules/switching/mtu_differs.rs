//! Machines on one VLAN with different MTUs, when the VLAN itself says none.

use super::claims::Claim;
use super::mtu::of_interface;
use crate::context::Context;
use crate::rule::rule;
use lab_model::grammar::Mtu;
use lab_model::lab::VlanIdOf;
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
