//! A quorum that can never be reached, or that two halves can reach at once.

use crate::amount::count;
use crate::context::Context;
use crate::rule::rule;

rule!("quorum-impossible", Error, Compute, "a quorum is more than there are, or not more than half");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (id, service) in lab.services.iter() {
        let Some(quorum) = &service.quorum else { continue };
        let replicas = lab.replicas_of(id);
        if quorum.value <= replicas {
            continue;
        }
        let finding = context
            .finding(
                format!("`{}` works with {} replicas, and {replicas} run", service.name, quorum.value),
                quorum.span,
                format!("{} must run", quorum.value),
            )
            .and(
                service.replicas.as_ref().map_or(service.name.span, |replicas| replicas.span),
                format!("{replicas} run"),
            )
            .about(lab.subject(id))
            .help(format!("run {} or more, or lower the quorum", quorum.value));
        context.report_once(finding);
    }
    for (id, cluster) in lab.clusters.iter() {
        let Some(quorum) = &cluster.quorum else { continue };
        let voters = cluster.members.items.len();
        let needed = quorum.value as usize;
        if voters == 0 || (needed <= voters && needed > voters / 2) {
            continue;
        }
        let why = if needed > voters {
            "it can never decide anything"
        } else {
            "two halves that do not see each other both decide: their data part ways"
        };
        let finding = context
            .finding(
                format!("`{}` decides with {} of {}", cluster.name, count(needed, "vote"), voters),
                quorum.span,
                "this many decide",
            )
            .and(cluster.members.span.unwrap_or(cluster.name.span), count(voters, "vote"))
            .about(lab.subject(id))
            .because(why)
            .help(format!("more than half of {voters} is {}", voters / 2 + 1));
        context.report_once(finding);
    }
}
