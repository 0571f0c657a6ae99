//! Ports of one aggregate that differ in speed, MTU or shape.

use super::lag_sides::{lags, sides};
use super::wire::{device_of, port_name};
use crate::context::Context;
use crate::rule::rule;
use lab_model::Lab;
use lab_model::derived::{Port, PortId};

rule!("lag-members-differ", Error, Switching, "the ports of an aggregate differ in speed or MTU");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (id, facts) in lags(lab) {
        for side in sides(facts) {
            let Some((first, other, what, one, two)) = first_difference(lab, &side.ports) else { continue };
            let finding = context
                .finding(
                    format!("ports of the aggregate `{}` differ in {what}", lab.lags[id].name),
                    lab.lags[id].name.span,
                    format!("{} has {one}, {} has {two}", port_name(lab, first), port_name(lab, other)),
                )
                .and(lab.derived.port(other).span, port_name(lab, other))
                .about(lab.subject(id))
                .about(lab.subject(device_of(lab, first)))
                .because("LACP takes ports of one speed together and leaves the others out (IEEE 802.1AX); large frames get through on some and not on others")
                .help("use ports that are alike, and set them alike");
            context.report_once(finding);
        }
    }
}

fn first_difference(lab: &Lab, ports: &[PortId]) -> Option<(PortId, PortId, &'static str, String, String)> {
    let (first, others) = ports.split_first()?;
    let here = lab.derived.port(*first);
    others.iter().find_map(|other| {
        let (what, one, two) = difference(here, lab.derived.port(*other))?;
        Some((*first, *other, what, one, two))
    })
}

fn difference(one: &Port, other: &Port) -> Option<(&'static str, String, String)> {
    let speed = |port: &Port| port.set_speed.as_ref().map(|speed| speed.value).or(port.ty.speed);
    if let (Some(here), Some(there)) = (speed(one), speed(other))
        && here != there
    {
        return Some(("speed", here.to_string(), there.to_string()));
    }
    match (&one.mtu, &other.mtu) {
        (Some(here), Some(there)) if here.value != there.value => {
            Some(("MTU", here.value.to_string(), there.value.to_string()))
        }
        _ => None,
    }
}
