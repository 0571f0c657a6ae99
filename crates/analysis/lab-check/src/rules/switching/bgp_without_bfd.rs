//! BGP speakers that learn late of a dead peer.

use crate::context::Context;
use crate::rule::rule;

rule!("bgp-without-bfd", Note, Switching, "a BGP speaker notices a silent peer only after its hold time");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (id, speaker) in lab.bgp.iter() {
        let Some(bfd) = speaker.bfd.as_ref().filter(|bfd| !bfd.value) else { continue };
        let mut finding = context
            .finding(
                format!("`{}` notices a silent peer late", speaker.name),
                bfd.span,
                "no bidirectional forwarding detection (RFC 5880)",
            )
            .about(lab.subject(id));
        if let Some(hold) = &speaker.hold {
            finding =
                finding.and(hold.span, format!("packets to a dead peer are lost for up to {}", hold.value));
        }
        context.report(finding.help("use BFD where both sides speak it, or shorten the hold time"));
    }
}
