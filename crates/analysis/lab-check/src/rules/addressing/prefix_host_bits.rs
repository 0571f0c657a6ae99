//! A prefix whose address is not that of its network.

use crate::context::Context;
use crate::rule::rule;
use lab_model::grammar::Prefix;
use lab_source::{Span, Spanned};

rule!(
    "prefix-host-bits",
    Error,
    Addressing,
    "a prefix has host bits set, so it is unclear which network is meant"
);

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (id, plan) in lab.prefixes.iter() {
        if let Some(written) = lab.derived.prefix(id).written {
            judge(context, written, plan.name.span, lab.subject(id));
        }
    }
    for (id, speaker) in lab.bgp.iter() {
        all(context, &speaker.accepts, &lab.subject(id));
    }
    for (id, forward) in lab.forwards.iter() {
        all(context, &forward.from, &lab.subject(id));
    }
    for (id, cluster) in lab.clusters.iter() {
        if let Some(network) = &cluster.network {
            judge(context, network.value, network.span, lab.subject(id));
        }
    }
}

fn all(context: &mut Context<'_>, prefixes: &[Spanned<Prefix>], subject: &str) {
    for prefix in prefixes {
        judge(context, prefix.value, prefix.span, subject.to_owned());
    }
}

fn judge(context: &mut Context<'_>, written: Prefix, span: Span, subject: String) {
    if !written.has_host_bits() {
        return;
    }
    let network = written.network();
    let finding = context
        .finding(
            format!("{written} is not a network: bits of the host are set"),
            span,
            format!("the network of this address is {network}"),
        )
        .about(subject)
        .because(format!("a /{} holds {} to {}", written.length(), network.network(), network.broadcast()))
        .help(format!("write `{network}`, or a longer prefix when something smaller is meant"));
    context.report_once(finding);
}
