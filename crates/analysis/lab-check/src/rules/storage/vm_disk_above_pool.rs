//! Disks of virtual machines larger than all of the pool that they are on.

use crate::context::Context;
use crate::rule::rule;

rule!("vm-disk-above-pool", Error, Storage, "a disk of a virtual machine is larger than its pool");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (id, vm) in lab.vms.iter() {
        for (name, disk) in vm.disks.iter() {
            let (Some(size), Some(pool)) = (&disk.size, disk.on.as_ref().and_then(|on| on.id)) else {
                continue;
            };
            let said = lab.pools[pool].usable.as_ref().map(|usable| usable.value);
            let Some(usable) =
                said.or_else(|| lab.derived.usable_of_pool(lab, pool)).filter(|usable| *usable < size.value)
            else {
                continue;
            };
            let finding = context
                .finding(format!("the disk `{name}` of `{}` is larger than its pool", vm.name), size.span, format!("{} here", size.value))
                .and(lab.pools[pool].name.span, format!("holds {usable}"))
                .about(lab.subject(id))
                .about(lab.subject(pool))
                .because("a thin disk can be made that large, and fails in the middle of a write when the pool is full")
                .help("mend the unit, or put the disk on a larger pool");
            context.report_once(finding);
        }
    }
}
