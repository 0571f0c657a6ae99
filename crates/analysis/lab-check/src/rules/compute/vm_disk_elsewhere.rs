//! A disk of a virtual machine on a pool that its host does not have.

use crate::context::Context;
use crate::rule::rule;
use lab_model::lab::ThingId;

rule!("vm-disk-elsewhere", Error, Compute, "a virtual machine's disk is on a pool of another machine");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (id, vm) in lab.vms.iter().filter(|(id, _)| lab.is_active(*id)) {
        let Some(facts) = lab.derived.machine(id).filter(|facts| !facts.hosts.is_empty()) else { continue };
        for (name, disk) in vm.disks.iter() {
            let dataset = disk.dataset.as_ref().and_then(|dataset| dataset.id);
            let of_dataset = dataset.and_then(|dataset| lab.datasets[dataset].pool.as_ref()?.id);
            let Some(pool) = disk.on.as_ref().and_then(|on| on.id).or(of_dataset) else { continue };
            let Some(on) = lab.pools[pool].on.as_ref() else { continue };
            let Some(machine) = on.id else { continue };
            let here = facts.hosts.iter().any(|host| ThingId::from(*host) == machine)
                || lab.devices_under(machine).iter().any(|device| facts.devices.contains(device));
            let shared = dataset.is_some_and(|dataset| !lab.datasets[dataset].shares.is_empty())
                || lab.datasets.iter().any(|(_, dataset)| {
                    dataset.pool.as_ref().and_then(|of| of.id) == Some(pool) && !dataset.shares.is_empty()
                });
            if here || shared || lab.devices_under(machine).is_empty() {
                continue;
            }
            let span = disk.on.as_ref().map_or(name.span, |on| on.span);
            let finding = context
                .finding(
                    format!(
                        "the disk `{name}` of `{}` is on `{}`, which `{}` has",
                        vm.name,
                        lab.pools[pool].name,
                        lab.name(machine)
                    ),
                    span,
                    format!("a pool of `{}`", lab.name(machine)),
                )
                .and(vm.on.as_ref().map_or(vm.name.span, |on| on.span), "runs here")
                .about(lab.subject(id))
                .about(lab.subject(pool))
                .because("a pool that is not shared can be used by its own machine only")
                .help("name a pool of the host, or move the machine");
            context.report_once(finding);
        }
    }
}
