//! An AS number that is not for private use, in a lab that has no provider speaking BGP with it.

use crate::context::Context;
use crate::rule::rule;

rule!("asn-public", Warning, Switching, "a BGP speaker uses an AS number that belongs to somebody");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (id, speaker) in lab.bgp.iter() {
        let Some(asn) = speaker.asn.as_ref().filter(|asn| !asn.value.is_private()) else { continue };
        let is_block = |id| {
            lab.circuits.iter().any(|(_, line)| {
                line.addresses.as_ref().is_some_and(
                    |said: &lab_source::Spanned<lab_model::written::LineAddressing>| said.value == id,
                )
            })
        };
        if is_block(lab_model::written::LineAddressing::Block) {
            continue;
        }
        let finding = context
            .finding(format!("`{}` speaks as AS {}, which is not for private use", speaker.name, asn.value), asn.span, "belongs to somebody, or to nobody yet")
            .about(lab.subject(id))
            .because("routes with that number in their path look as if they came from the Internet; RFC 6996 sets 64512 to 65534 and 4200000000 to 4294967294 aside")
            .help("take a number from 64512 to 65534");
        context.report(finding);
    }
}
