//! Timers of BGP that take live peers for dead, or that differ between peers.

use crate::context::Context;
use crate::rule::rule;
use lab_model::lab::BgpId;
use lab_source::Severity;

rule!("bgp-timers", Warning, Switching, "BGP timers take live peers for dead, or differ between peers");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (id, speaker) in lab.bgp.iter() {
        if let (Some(keepalive), Some(hold)) = (&speaker.keepalive, &speaker.hold)
            && keepalive.value.saturating_mul(3) > hold.value
            && !hold.value.is_zero()
        {
            let finding = context
                .finding(format!("`{}` waits {} for a peer that speaks every {}", speaker.name, hold.value, keepalive.value), hold.span, "hold time")
                .and(keepalive.span, "keepalive")
                .about(lab.subject(id))
                .because("one or two lost packets end the session and take all its routes away; RFC 4271 section 10 asks for a third")
                .help(format!("write `hold: {}`", keepalive.value.saturating_mul(3)));
            context.report(finding);
        }
        let peers =
            speaker.peers.ids().filter_map(|peer| BgpId::try_from(peer).ok()).filter(|peer| *peer > id);
        for peer in peers {
            let (Some(here), Some(there)) = (&speaker.hold, &lab.bgp[peer].hold) else { continue };
            if here.value == there.value {
                continue;
            }
            let mut finding = context
                .finding(
                    format!("`{}` and `{}` differ in their hold time", speaker.name, lab.bgp[peer].name),
                    there.span,
                    format!("{} here", there.value),
                )
                .and(here.span, format!("{} here", here.value))
                .about(lab.subject(id))
                .about(lab.subject(peer))
                .because(format!("the session uses the shorter, {}", here.value.min(there.value)))
                .help("set both alike");
            finding.severity = Severity::Note;
            context.report(finding);
        }
    }
}
