//! So many members of a cluster on one device that its loss takes the quorum. All on one is another rule's.

use crate::amount::names;
use crate::context::Context;
use crate::rule::rule;
use lab_model::Lab;
use lab_model::lab::{ClusterId, DeviceId, ThingId};
use std::collections::BTreeMap;

rule!(
    "quorum-on-one-device",
    Warning,
    Compute,
    "one device has enough members of a cluster to take its quorum"
);

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (id, cluster) in lab.clusters.iter() {
        let members: Vec<ThingId> = cluster.members.ids().collect();
        let by_device = by_device(lab, &members);
        let needed = cluster.quorum.as_ref().map_or(members.len() / 2 + 1, |quorum| quorum.value as usize);
        // Two members never survive the loss of one, wherever they are; that is told of the number itself.
        if members.len() < 3 || by_device.len() < 2 || members.iter().any(|member| !lab.is_active(*member)) {
            continue;
        }
        for (device, on_it) in by_device {
            if on_it.len() > 1 && members.len() - on_it.len() < needed {
                report(context, id, device, &on_it);
            }
        }
    }
}

/// Members whose only device is known, by device.
fn by_device(lab: &Lab, members: &[ThingId]) -> BTreeMap<DeviceId, Vec<ThingId>> {
    let mut all: BTreeMap<DeviceId, Vec<ThingId>> = BTreeMap::new();
    for member in members {
        if let [device] = lab.devices_under(*member)[..] {
            all.entry(device).or_default().push(*member);
        }
    }
    all
}

fn report(context: &mut Context<'_>, id: ClusterId, device: DeviceId, on_it: &[ThingId]) {
    let lab = context.lab;
    let called: Vec<String> = on_it.iter().map(|member| lab.name(*member).to_string()).collect();
    let cluster = &lab.clusters[id];
    let mut finding = context
        .finding(
            format!(
                "{} are on `{}`: without it `{}` has no quorum",
                names(&called),
                lab.devices[device].name,
                cluster.name
            ),
            cluster.members.span.unwrap_or(cluster.name.span),
            "members with a vote",
        )
        .and(lab.devices[device].name.span, "the device under several of them")
        .about(lab.subject(id))
        .about(lab.subject(device))
        .because(
            "the members that are left are too few to decide anything: the cluster stops with the device",
        )
        .help("spread the members, one on each device");
    for member in on_it {
        finding = finding
            .and(runs_on(lab, *member), format!("`{}` is on it", lab.name(*member)))
            .about(lab.subject(*member));
    }
    context.report_once(finding);
}

/// Where it is said what a member runs on.
fn runs_on(lab: &Lab, member: ThingId) -> lab_source::Span {
    let of_vm =
        lab_model::lab::VmId::try_from(member).ok().and_then(|vm| lab.vms[vm].on.as_ref().map(|on| on.span));
    let of_host = || {
        lab_model::lab::HostId::try_from(member)
            .ok()
            .and_then(|host| lab.hosts[host].on.as_ref().map(|on| on.span))
    };
    of_vm.or_else(of_host).unwrap_or(lab.name(member).span)
}
