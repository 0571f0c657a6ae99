//! Stand-ins for each other that are all on one physical machine.

use super::standing::only_device;
use crate::context::Context;
use crate::rule::rule;
use lab_model::Lab;
use lab_model::ThingId;
use lab_model::lab::DeviceId;
use lab_source::Span;
use std::collections::BTreeMap;

rule!(
    "stand-ins-on-one-device",
    Warning,
    Switching,
    "all stand-ins for each other are on one physical machine"
);

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let mut groups: BTreeMap<Vec<ThingId>, Vec<(ThingId, Span)>> = BTreeMap::new();
    let mut add = |members: Vec<ThingId>, group: ThingId, span: Option<Span>| {
        let in_use = |member: &ThingId| lab.derived.machine(*member).is_none_or(|facts| facts.active);
        let mut key: Vec<ThingId> = members.into_iter().filter(in_use).collect();
        key.sort_unstable();
        key.dedup();
        groups.entry(key).or_default().extend(span.map(|span| (group, span)));
    };
    for (id, group) in lab.ha.iter() {
        add(group.members.ids().collect(), id.into(), group.members.span);
    }
    for (id, vip) in lab.vips.iter() {
        add(vip.members.ids().collect(), id.into(), vip.members.span);
    }
    for (members, claims) in groups {
        let Some(device) = shared_device(lab, &members) else { continue };
        let Some(&(first, span)) = claims.first() else { continue };
        let names: Vec<String> = members.iter().map(|member| format!("`{}`", lab.name(*member))).collect();
        let machine = &lab.devices[device].name;
        let mut finding = context
            .finding(
                format!("{} stand in for each other on one machine, `{machine}`", names.join(" and ")),
                span,
                format!("{} `{}`", first.kind.word(), lab.name(first)),
            )
            .and(machine.span, "they all run here");
        for thing in
            claims.iter().map(|(group, _)| *group).chain(members.iter().copied()).chain([device.into()])
        {
            finding = finding.about(lab.subject(thing));
        }
        context.report(
            finding
                .because("they help against a fault of one of them and against no fault of the machine, its power or its upkeep")
                .help("move one of them to another machine"),
        );
    }
}

fn shared_device(lab: &Lab, members: &[ThingId]) -> Option<DeviceId> {
    let (first, others) = members.split_first()?;
    let device = only_device(lab, *first)?;
    (!others.is_empty() && others.iter().all(|other| only_device(lab, *other) == Some(device)))
        .then_some(device)
}
