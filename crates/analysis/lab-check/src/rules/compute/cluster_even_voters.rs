//! How many vote in a cluster: an even number gains nothing, two are worse than one, and Ceph wants three.

use crate::amount::count;
use crate::context::Context;
use crate::rule::rule;
use lab_model::written::ClusterKind;

rule!(
    "cluster-even-voters",
    Warning,
    Compute,
    "an even number of votes, or fewer monitors than bear a failure"
);

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (id, cluster) in lab.clusters.iter() {
        let Some(kind) = cluster.kind.as_ref().map(|kind| kind.value) else { continue };
        let voters = cluster.members.items.iter().filter(|member| member.id.is_some()).count();
        let in_use = cluster.members.ids().any(|member| lab.is_active(member));
        let votes = !matches!(kind, ClusterKind::Containers | ClusterKind::Other);
        if !votes || !in_use {
            continue;
        }
        let (headline, why) = if voters > 0 && voters % 2 == 0 {
            let bears = (voters - 1) / 2;
            (
                format!("`{}` has {voters} votes", cluster.name),
                format!(
                    "{voters} votes bear {}, just as {} do, and a split in halves stops both",
                    count(bears, "failed member"),
                    voters - 1
                ),
            )
        } else if kind == ClusterKind::Ceph && voters == 1 {
            (
                format!("`{}` has a single monitor", cluster.name),
                "without a monitor no client finds its data, and with the monitor's store the map of it is lost".to_owned(),
            )
        } else {
            continue;
        };
        let finding = context
            .finding(headline, cluster.members.span.unwrap_or(cluster.name.span), count(voters, "vote"))
            .about(lab.subject(id))
            .because(why)
            .help("use three or five, or add a small machine that only votes");
        context.report_once(finding);
    }
}
