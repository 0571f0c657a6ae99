//! A storage class that has nothing to take volumes from: no pool at all, a pool that nothing brings to the cluster, or
//! local pools on some of the cluster's machines only.

use crate::amount::names;
use crate::context::Context;
use crate::rule::rule;
use lab_model::lab::{ClusterId, HostId, Kind, Lab, StorageClassId, ThingId};
use lab_model::written::{PoolKind, VolumeMode};
use lab_source::Severity;

rule!("storage-class-without-source", Warning, Storage, "a storage class has nothing to take volumes from");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (id, class) in lab.storage_classes.iter() {
        let Some(mode) = class.mode.as_ref().map(|mode| mode.value) else { continue };
        let named = class.pool.is_some() || class.dataset.is_some() || !class.pools.is_empty();
        match mode {
            VolumeMode::Local if named => only_on_some(context, id),
            VolumeMode::Local => {}
            _ if !named => without_pool(context, id),
            _ => out_of_reach(context, id),
        }
    }
}

fn without_pool(context: &mut Context<'_>, id: StorageClassId) {
    let lab = context.lab;
    let name = &lab.storage_classes[id].name;
    let finding = context
        .finding(
            format!("`{name}` takes its volumes from nowhere"),
            name.span,
            "names no pool and no dataset",
        )
        .about(lab.subject(id))
        .because("claims wait for ever, and nobody can tell what is lost with which drives")
        .help("say which `pool:` or `dataset:` they are on");
    context.report_once(finding);
}

/// A pool outside of the cluster, with neither a driver that is told nor a share that would offer it.
fn out_of_reach(context: &mut Context<'_>, id: StorageClassId) {
    let lab = context.lab;
    let class = &lab.storage_classes[id];
    let (Some(pool), Some(cluster), None) =
        (&class.pool, class.cluster.as_ref().and_then(|cluster| cluster.id), &class.driver)
    else {
        return;
    };
    let Some(found) = pool.id else { return };
    let record = &lab.pools[found];
    let kind = record.kind.as_ref().map(|kind| kind.value);
    let is_local = matches!(kind, Some(PoolKind::Zfs | PoolKind::Md | PoolKind::Btrfs | PoolKind::Lvm));
    let on = record.on.as_ref().and_then(|on| on.id);
    let Some(machine) = on.filter(|on| is_local && !machines(lab, cluster).contains(on)) else { return };
    let finding = context
        .finding(
            format!(
                "nothing brings `{}` of `{}` to `{}`",
                record.name,
                lab.name(machine),
                lab.clusters[cluster].name
            ),
            pool.span,
            "on a machine outside of the cluster",
        )
        .and(record.name.span, "the pool")
        .about(lab.subject(id))
        .about(lab.subject(found))
        .because("a pool is reached by its own machine only, unless a driver or a share offers it")
        .help("name the `driver:` that offers it, or a `dataset:` with a share, or a pool of the cluster");
    context.report_once(finding);
}

fn only_on_some(context: &mut Context<'_>, id: StorageClassId) {
    let lab = context.lab;
    let class = &lab.storage_classes[id];
    let Some(cluster) = class.cluster.as_ref().and_then(|cluster| cluster.id) else { return };
    let pools = lab.pools_of(id.into());
    let have: Vec<ThingId> =
        pools.iter().filter_map(|pool| lab.pools[*pool].on.as_ref().and_then(|on| on.id)).collect();
    let workers = lab.workers_of(cluster);
    let without: Vec<&str> = workers
        .iter()
        .filter(|machine| lab.is_active(**machine) && !have.contains(machine))
        .map(|machine| &*lab.name(*machine).text)
        .collect();
    let some = workers.iter().any(|machine| have.contains(machine));
    let Some(span) = class.pools.span.filter(|_| some && !without.is_empty()) else { return };
    let mut finding = context
        .finding(format!("`{}` has no pool on {}", class.name, names(&without)), span, "its pools")
        .and(lab.clusters[cluster].name.span, "whose machines run pods")
        .about(lab.subject(id))
        .because("a pod that needs a volume of it cannot start there, so fewer machines than it seems stand in for each other")
        .help("add the pools of those machines, or say where its services run by `only-on`");
    finding.severity = Severity::Note;
    context.report_once(finding);
}

/// The machines of a cluster, and the hosts under those that are virtual.
fn machines(lab: &Lab, cluster: ClusterId) -> Vec<ThingId> {
    let record = &lab.clusters[cluster];
    let mut all: Vec<ThingId> = record.members.ids().chain(record.workers.ids()).collect();
    let under: Vec<HostId> = all
        .iter()
        .filter(|machine| machine.kind == Kind::Vm)
        .filter_map(|machine| lab.derived.machine(*machine))
        .flat_map(|facts| facts.hosts.iter().copied())
        .collect();
    all.extend(under.into_iter().map(ThingId::from));
    all
}
