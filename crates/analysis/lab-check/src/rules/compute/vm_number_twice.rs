//! One number for two virtual machines on one host, or in one cluster of hypervisors.

use crate::context::Context;
use crate::rule::rule;
use lab_model::lab::{Kind, ThingId, VmId};
use std::collections::BTreeMap;

rule!("vm-number-twice", Error, Compute, "two virtual machines have one number on one hypervisor");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let mut numbers: BTreeMap<(ThingId, u32), VmId> = BTreeMap::new();
    for (id, vm) in lab.vms.iter() {
        let (Some(number), Some(on)) = (&vm.number, vm.on.as_ref().and_then(|on| on.id)) else { continue };
        let Some(first) = numbers.insert((realm(context, on), number.value), id) else { continue };
        let other = &lab.vms[first];
        let finding = context
            .finding(format!("`{}` and `{}` have the number {}", other.name, vm.name, number.value), number.span, format!("of `{}`", vm.name))
            .and(other.number.as_ref().map_or(other.name.span, |number| number.span), format!("of `{}`", other.name))
            .about(lab.subject(id))
            .about(lab.subject(first))
            .because("the hypervisor keeps one machine a number: the second is refused, or backups of one overwrite the other's")
            .help("give one of them another number");
        context.report_once(finding);
    }
}

/// Where numbers are unique: the cluster of hypervisors a host is in, else the host.
fn realm(context: &Context<'_>, on: ThingId) -> ThingId {
    let is_in = |cluster: &lab_model::written::Cluster| cluster.members.ids().any(|member| member == on);
    let proxmox = |cluster: &lab_model::written::Cluster| {
        cluster.kind.as_ref().is_some_and(|kind| kind.value == lab_model::written::ClusterKind::Proxmox)
    };
    if on.kind != Kind::Host {
        return on;
    }
    context
        .lab
        .clusters
        .iter()
        .find(|(_, cluster)| proxmox(cluster) && is_in(cluster))
        .map_or(on, |(id, _)| id.into())
}
