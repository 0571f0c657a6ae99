//! Virtual processors against the threads of the host.

use crate::context::Context;
use crate::rule::rule;
use lab_model::lab::{HostId, VmId};
use lab_source::Severity;
use std::collections::BTreeMap;

rule!("vcpus-exceed-host", Error, Compute, "virtual processors exceed what the host has");

/// Beyond this many virtual processors a thread, machines of a lab wait for each other noticeably.
const RATIO_MAX: u64 = 4;

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let mut sums: BTreeMap<HostId, u64> = BTreeMap::new();
    for (id, vm) in lab.vms.iter().filter(|(id, _)| lab.is_active(*id)) {
        let host = vm.on.as_ref().and_then(|on| HostId::try_from(on.id?).ok());
        let (Some(host), Some(cpus)) = (host, &vm.cpus) else { continue };
        *sums.entry(host).or_default() += u64::from(cpus.value);
        let Some(threads) = lab.derived.machine(host).and_then(|facts| facts.cpus) else { continue };
        if cpus.value > threads {
            let name = &lab.hosts[host].name;
            let finding = context
                .finding(
                    format!(
                        "`{}` has {} processors, and `{name}` has {threads} threads",
                        vm.name, cpus.value
                    ),
                    cpus.span,
                    format!("more than the {threads} of `{name}`"),
                )
                .about(lab.subject(id))
                .about(lab.subject(host))
                .because("the hypervisor refuses to start it, or it is slower than with fewer")
                .help(format!("give it {threads} or fewer"));
            context.report_once(finding);
        }
    }
    for (host, sum) in sums {
        ratio(context, host, sum);
    }
}

fn ratio(context: &mut Context<'_>, host: HostId, sum: u64) {
    let lab = context.lab;
    let Some(threads) = lab.derived.machine(host).and_then(|facts| facts.cpus) else { return };
    if sum <= RATIO_MAX * u64::from(threads.max(1)) {
        return;
    }
    let name = &lab.hosts[host].name;
    let count = lab.vms.iter().filter(|(id, vm)| {
        let on = vm.on.as_ref().and_then(|on| on.id);
        lab.is_active(*id) && on.is_some_and(|on| VmId::try_from(on).is_err() && on == host.into())
    });
    let mut finding = context
        .finding(
            format!("`{name}` has {threads} threads for {sum} virtual processors"),
            name.span,
            format!("{} virtual machines in use", count.count()),
        )
        .about(lab.subject(host))
        .because("machines with many processors wait until as many threads are free")
        .help("give them fewer processors, or move some");
    finding.severity = Severity::Warning;
    context.report_once(finding);
}
