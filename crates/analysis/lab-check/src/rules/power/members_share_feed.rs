//! Members of a group or cluster that are there for each other and lose their power together, while the lab has another
//! feed.

use super::feeds::{Feeder, Needs, can_be_doubled, plugged};
use crate::context::Context;
use crate::rule::rule;
use lab_model::lab::{DeviceId, HostId, Kind};
use lab_model::written::Status;
use lab_model::{Lab, ThingId};
use lab_source::Span;
use std::collections::{BTreeMap, BTreeSet};

rule!("members-share-feed", Warning, Power, "members that stand in for each other hang on one feed");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let mut needs = Needs::default();
    for (id, group) in lab.ha.iter() {
        let members: Vec<ThingId> = group.members.ids().collect();
        judge(context, &mut needs, id.into(), group.name.span, &members, 1);
    }
    for (id, cluster) in lab.clusters.iter() {
        let members: Vec<ThingId> = cluster.members.ids().collect();
        let majority = u32::try_from(members.len() / 2 + 1).unwrap_or(u32::MAX);
        let quorum = cluster.quorum.as_ref().map_or(majority, |quorum| quorum.value);
        judge(context, &mut needs, id.into(), cluster.name.span, &members, quorum);
    }
}

/// Reports a feed without which fewer than `enough` members are left.
fn judge(
    context: &mut Context<'_>,
    needs: &mut Needs,
    group: ThingId,
    span: Span,
    members: &[ThingId],
    enough: u32,
) {
    let lab = context.lab;
    let devices: Vec<(ThingId, DeviceId)> =
        members.iter().filter_map(|member| Some((*member, device_of(lab, *member)?))).collect();
    let distinct: BTreeSet<DeviceId> = devices.iter().map(|(_, device)| *device).collect();
    if distinct.len() < 2 || devices.len() < members.len() {
        return;
    }
    let all: BTreeMap<DeviceId, BTreeSet<Feeder>> =
        distinct.iter().map(|device| (*device, needs.of(lab, Feeder::Device(*device)))).collect();
    let feeders: BTreeSet<Feeder> = all.values().flatten().copied().collect();
    let mut worst: Option<(usize, usize, Feeder)> = None;
    for feeder in feeders {
        let is_device_itself = matches!(feeder, Feeder::Device(device) if distinct.contains(&device));
        let lost = devices.iter().filter(|(_, device)| all[device].contains(&feeder)).count();
        let left = devices.len() - lost;
        if is_device_itself || lost < 2 || left >= enough as usize || !can_be_doubled(lab, feeder) {
            continue;
        }
        let rank = (lost, needs.of(lab, feeder).len(), feeder);
        worst = worst.max(Some(rank));
    }
    let Some((lost, _, shared)) = worst else { return };
    // Members with two supplies each are told of by `redundant-inlets-share-feed`.
    let mut fallen = devices.iter().filter(|(_, device)| all[device].contains(&shared));
    if fallen.all(|(_, device)| plugged(lab, *device).len() > 1) {
        return;
    }
    let Some(other) = needs.alternative(lab, shared) else { return };
    let name = shared.name(lab);
    let gone: Vec<String> = devices
        .iter()
        .filter(|(_, device)| all[device].contains(&shared))
        .map(|(member, _)| lab.name(*member).to_string())
        .collect();
    let mut finding = context
        .finding(
            format!("{} falls with {name}: {lost} of {} members hang on it", lab.name(group), devices.len()),
            span,
            format!("{} stand in for each other", gone.join(", ")),
        )
        .and(shared.span(lab), "what they share")
        .about(lab.subject(group))
        .about(shared.subject(lab));
    if group.kind == Kind::Cluster {
        finding = finding.because(format!("it needs {enough} of {} to decide", devices.len()));
    }
    for (member, _) in &devices {
        finding = finding.about(lab.subject(*member));
    }
    context.report(
        finding.help(format!("plug one of them into `{}`, which does without {name}", other.name(lab))),
    );
}

/// The one device in use that a member is on.
fn device_of(lab: &Lab, member: ThingId) -> Option<DeviceId> {
    match member.kind {
        Kind::Device => Some(DeviceId(member.index)),
        Kind::Host => {
            let host = &lab.hosts[HostId(member.index)];
            let active = host.status.as_ref().is_none_or(|status| status.value == Status::Active);
            host.on.as_ref().and_then(|on| on.id).filter(|_| active)
        }
        _ => match &lab.derived.machine(member)?.devices[..] {
            [device] => Some(*device),
            _ => None,
        },
    }
}
