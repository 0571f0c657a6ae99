//! A virtual machine on an operating system that runs none.

use crate::context::Context;
use crate::rule::rule;
use lab_model::lab::HostId;

rule!("vm-on-non-hypervisor", Warning, Compute, "a virtual machine is on a host whose system runs none");

/// Systems made for one purpose that is not to run virtual machines.
const NONE: [&str; 12] = [
    "talos",
    "k3os",
    "flatcar",
    "bottlerocket",
    "opnsense",
    "pfsense",
    "vyos",
    "openwrt",
    "routeros",
    "libreelec",
    "home-assistant",
    "haos",
];

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (id, vm) in lab.vms.iter().filter(|(id, _)| lab.is_active(*id)) {
        let Some(on) = &vm.on else { continue };
        let Some(host) = on.id.and_then(|on| HostId::try_from(on).ok()) else { continue };
        let Some(os) = &lab.hosts[host].os else { continue };
        let system = os.text.split([' ', '-']).next().unwrap_or("").to_lowercase();
        if !NONE.contains(&&*system) {
            continue;
        }
        let finding = context
            .finding(format!("`{}` is on `{on}`, which runs {}", vm.name, os.text), on.span, "no hypervisor")
            .and(os.span, "its system runs no virtual machines")
            .about(lab.subject(id))
            .about(lab.subject(host))
            .help("name the hypervisor that it runs on");
        context.report_once(finding);
    }
}
