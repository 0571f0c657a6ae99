//! Name or time servers at an address of the lab that nobody has.

use super::asked::{Asked, asked};
use super::plan::{holder_of, is_local};
use crate::context::Context;
use crate::rule::rule;
use lab_model::written::PrefixKind;

rule!(
    "name-server-unheld",
    Warning,
    Addressing,
    "a name or time server is an address of the lab that nobody holds"
);

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let plan = context.plan();
    for Asked { address, span, owner, what } in asked(lab) {
        let Some(prefix) = lab.derived.prefix_of(address).filter(|_| !is_local(address)) else { continue };
        // Clusters give these out as they go.
        let dynamic = matches!(
            plan.use_of(prefix),
            Some(PrefixKind::LoadBalancers | PrefixKind::Services | PrefixKind::Pods | PrefixKind::Container)
        );
        if dynamic || holder_of(lab, address).is_some() {
            continue;
        }
        let finding = context
            .finding(
                format!("nobody holds {address}, which is to answer for {what}s"),
                span,
                format!("{what} server"),
            )
            .and(lab.prefixes[prefix].name.span, "in this network of the lab")
            .about(lab.subject(owner))
            .because("each question waits for a timeout first, or is never answered")
            .help(format!("name the address of a {what} server that is there"));
        context.report_once(finding);
    }
}
