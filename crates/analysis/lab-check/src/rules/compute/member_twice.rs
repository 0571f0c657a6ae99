//! A machine that is a member of one cluster twice, or of two clusters of one kind.

use crate::context::Context;
use crate::rule::rule;
use lab_model::lab::{ClusterId, ThingId};
use lab_model::written::ClusterKind;
use lab_source::Span;
use std::collections::BTreeMap;

rule!("member-twice", Error, Compute, "a machine is in a cluster twice, or in two clusters of one kind");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let mut seen: BTreeMap<(ThingId, String), (ClusterId, Span)> = BTreeMap::new();
    for (id, cluster) in lab.clusters.iter() {
        let Some(kind) = cluster.kind.as_ref().map(|kind| kind.value) else { continue };
        for member in cluster.members.items.iter().chain(&cluster.workers.items) {
            let Some(machine) = member.id.filter(|machine| lab.is_active(*machine)) else { continue };
            // A machine can hold several databases or projects, but is one node of Kubernetes, Proxmox or Ceph.
            let single = matches!(
                kind,
                ClusterKind::Kubernetes | ClusterKind::Proxmox | ClusterKind::Ceph | ClusterKind::Etcd
            );
            let key = if single { kind.to_string() } else { format!("{kind}/{}", cluster.name) };
            let Some(&(other, first)) = seen.get(&(machine, key.clone())) else {
                seen.insert((machine, key), (id, member.span));
                continue;
            };
            let headline = if other == id {
                format!("`{member}` is in `{}` twice", cluster.name)
            } else {
                format!(
                    "`{member}` is in two clusters of {kind}: `{}` and `{}`",
                    lab.clusters[other].name, cluster.name
                )
            };
            let finding = context
                .finding(headline, member.span, format!("in `{}`", cluster.name))
                .and(first, format!("in `{}`", lab.clusters[other].name))
                .about(lab.subject(id))
                .about(lab.subject(machine))
                .because("it runs one program of that kind, which joins one cluster in one role")
                .help("members also work unless `members-work: false`; name it once");
            context.report_once(finding);
        }
    }
}
