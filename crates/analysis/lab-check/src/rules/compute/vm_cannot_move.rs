//! A virtual machine that is meant to move and cannot: it has a part of one device, or a disk on one host.

use crate::context::Context;
use crate::rule::rule;
use lab_model::lab::{ClusterId, Kind, Lab, VmId};
use lab_source::Span;

rule!(
    "vm-cannot-move",
    Warning,
    Compute,
    "a virtual machine is meant to start elsewhere and is bound to one host"
);

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (id, vm) in lab.vms.iter().filter(|(id, _)| lab.is_active(*id)) {
        let Some((meant, what)) = meant_to_move(lab, id) else { continue };
        let Some((span, why)) = bond(lab, id) else { continue };
        let finding = context
            .finding(format!("`{}` is to run elsewhere when its host fails, and cannot", vm.name), span, why)
            .and(meant, what)
            .about(lab.subject(id))
            .because("it stays down until its own host is back")
            .help("give each host such a part or share the disk, or take the wish to move away");
        context.report_once(finding);
    }
}

/// Where it is said that it moves.
fn meant_to_move(lab: &Lab, id: VmId) -> Option<(Span, &'static str)> {
    let vm = &lab.vms[id];
    if let Some(said) = vm.restarts_elsewhere.as_ref() {
        return said.value.then_some((said.span, "is to be started elsewhere"));
    }
    if !vm.may_run_on.is_empty() {
        return Some((vm.may_run_on.span?, "may run on others"));
    }
    let cluster = vm.on.as_ref()?.id.filter(|on| on.kind == Kind::Cluster)?;
    let said = lab.clusters[ClusterId(cluster.index)].restarts_elsewhere.as_ref()?;
    said.value.then_some((said.span, "the cluster starts its machines elsewhere"))
}

/// What binds it to one host.
fn bond(lab: &Lab, id: VmId) -> Option<(Span, &'static str)> {
    let given = lab.derived.passed_through.iter().find(|given| given.vm == id);
    if let Some(given) = given {
        return Some((given.span, "only there"));
    }
    let vm = &lab.vms[id];
    let hosts = &lab.derived.machine(id)?.hosts;
    vm.disks.iter().find_map(|(_, disk)| {
        let dataset = disk.dataset.as_ref().and_then(|dataset| dataset.id);
        let of_dataset = dataset.and_then(|dataset| lab.datasets[dataset].pool.as_ref()?.id);
        let pool = disk.on.as_ref().and_then(|on| on.id).or(of_dataset)?;
        let on = lab.pools[pool].on.as_ref()?.id?;
        let local = hosts.len() > 1 && hosts.iter().any(|host| on == (*host).into());
        let span = disk.on.as_ref().map(|on| on.span).or_else(|| disk.dataset.as_ref().map(|on| on.span))?;
        local.then_some((span, "this disk is on one host only"))
    })
}
