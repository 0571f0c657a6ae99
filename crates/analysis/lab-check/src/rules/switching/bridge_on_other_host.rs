//! A virtual machine on a bridge of a host that it does not run on.

use crate::context::Context;
use crate::rule::rule;
use lab_model::lab::HostId;

rule!("bridge-on-other-host", Error, Switching, "a virtual machine uses a bridge of another host");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (id, vm) in lab.vms.iter() {
        let Some(facts) = lab.derived.machine(id).filter(|facts| !facts.hosts.is_empty()) else { continue };
        for (name, nic) in vm.nics.iter() {
            let Some((text, bridge)) = nic.bridge.as_ref().and_then(|text| Some((text, text.id?))) else {
                continue;
            };
            let record = &lab.bridges[bridge];
            let on = record.on.as_ref().and_then(|on| on.id).and_then(|thing| HostId::try_from(thing).ok());
            let Some(host) = on.filter(|host| !facts.hosts.contains(host)) else { continue };
            let runs_on = &lab.hosts[facts.hosts[0]].name;
            let finding = context
                .finding(
                    format!(
                        "`{}` runs on `{runs_on}`, its card `{name}` is on a bridge of `{}`",
                        vm.name, lab.hosts[host].name
                    ),
                    text.span,
                    "this bridge",
                )
                .and(
                    record.on.as_ref().map_or(record.name.span, |on| on.span),
                    format!("is in `{}`", lab.hosts[host].name),
                )
                .about(lab.subject(id))
                .about(lab.subject(bridge))
                .because("a bridge ends at its host: the machine does not start, or has no network")
                .help(format!("name a bridge of `{runs_on}`"));
            context.report_once(finding);
        }
    }
}
