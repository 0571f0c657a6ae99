//! A password or BFD on one side of a BGP session only.

use crate::context::Context;
use crate::rule::rule;
use lab_model::lab::BgpId;
use lab_source::{Severity, Spanned};

rule!("bgp-peers-differ", Error, Switching, "BGP peers differ in what both must have");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (id, speaker) in lab.bgp.iter() {
        let peers =
            speaker.peers.ids().filter_map(|peer| BgpId::try_from(peer).ok()).filter(|peer| *peer > id);
        for peer in peers {
            let other = &lab.bgp[peer];
            let why = "the side with a password drops what comes without one: the session never comes up";
            tell(
                context,
                (id, &speaker.authenticated),
                (peer, &other.authenticated),
                "password",
                why,
                Severity::Error,
            );
            let why = "BFD stays down, so a dead peer is noticed only after the hold time; some routers refuse the session";
            tell(context, (id, &speaker.bfd), (peer, &other.bfd), "BFD", why, Severity::Warning);
        }
    }
}

type Side<'a> = (BgpId, &'a Option<Spanned<bool>>);

fn tell(context: &mut Context<'_>, near: Side<'_>, far: Side<'_>, what: &str, why: &str, severity: Severity) {
    let lab = context.lab;
    let (Some(here), Some(there)) = (near.1, far.1) else { return };
    if here.value == there.value {
        return;
    }
    let word = |on: bool| if on { format!("with {what}") } else { format!("without {what}") };
    let (with, without) = if here.value { (near.0, far.0) } else { (far.0, near.0) };
    let mut finding = context
        .finding(
            format!("`{}` wants {what}, its peer `{}` has none", lab.bgp[with].name, lab.bgp[without].name),
            there.span,
            word(there.value),
        )
        .and(here.span, word(here.value))
        .about(lab.subject(far.0))
        .about(lab.subject(near.0))
        .because(why)
        .help("set both sides alike");
    finding.severity = severity;
    context.report(finding);
}
