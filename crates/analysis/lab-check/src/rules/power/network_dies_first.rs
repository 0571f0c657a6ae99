//! A switch or modem without a UPS, beside machines that have one: on battery they cannot reach each other, or nobody outside.

use super::feeds::{Feeder, has_ups, is_active, parents};
use crate::context::Context;
use crate::rule::rule;
use lab_model::lab::DeviceId;
use lab_model::written::DeviceRole;
use std::collections::{BTreeMap, BTreeSet};

rule!(
    "network-dies-first",
    Warning,
    Power,
    "a switch or modem goes dark while the machines on it run on battery"
);

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    // For each machine with a UPS: its switches, those with and those without one.
    let mut switches: BTreeMap<(DeviceId, DeviceRole), BTreeSet<DeviceId>> = BTreeMap::new();
    for link in &lab.derived.links {
        let (near, far) = (lab.derived.port(link.near).device, lab.derived.port(link.far).device);
        for (machine, switch) in [(near, far), (far, near)] {
            let Some(role) = network_role(lab, switch) else { continue };
            if is_machine(lab, machine) && has_ups(lab, machine) {
                switches.entry((machine, role)).or_default().insert(switch);
            }
        }
    }
    let mut dark: BTreeMap<DeviceId, Vec<DeviceId>> = BTreeMap::new();
    for ((machine, _), around) in switches {
        if around.iter().all(|switch| !has_ups(lab, *switch)) {
            for switch in around {
                dark.entry(switch).or_default().push(machine);
            }
        }
    }
    for (switch, machines) in dark {
        // Nothing is said of its plugs: then nobody knows.
        if parents(lab, Feeder::Device(switch)).is_empty() || !is_active(lab, switch) {
            continue;
        }
        let names: Vec<String> = machines.iter().map(|id| lab.devices[*id].name.to_string()).collect();
        let device = &lab.devices[switch];
        let mut finding = context
            .finding(
                format!(
                    "{} goes dark at once when power fails, and {} run on",
                    device.name,
                    names.join(", ")
                ),
                device.inlets.iter().next().map_or(device.name.span, |(name, _)| name.span),
                "no way from here leads to a UPS",
            )
            .about(lab.subject(switch));
        for id in &machines {
            finding = finding.about(lab.subject(*id));
        }
        let why = match network_role(lab, switch) {
            Some(DeviceRole::Modem) => {
                "routers on battery then have no line: nothing gets out, no alert either"
            }
            _ => {
                "machines on battery then reach neither each other, nor the UPS that tells them to shut down"
            }
        };
        context.report(finding.because(why).help("plug it into the UPS: it draws little"));
    }
}

/// What of the network a device is: a switch, or the end of a line.
fn network_role(lab: &lab_model::Lab, device: DeviceId) -> Option<DeviceRole> {
    lab.derived.device(device).role.filter(|role| matches!(role, DeviceRole::Switch | DeviceRole::Modem))
}

fn is_machine(lab: &lab_model::Lab, device: DeviceId) -> bool {
    use DeviceRole::{Nas, Router, Server};
    is_active(lab, device) && matches!(lab.derived.device(device).role, Some(Nas | Router | Server))
}
