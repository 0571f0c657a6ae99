//! Devices inside others: a parent or bay that is not there, or a bay that two devices take.

use super::fit::device_bay_names;
use crate::context::Context;
use crate::rule::rule;
use lab_source::{Diagnostic, Span};
use std::collections::BTreeMap;

rule!(
    "device-inside-nothing",
    Error,
    Rack,
    "a device is inside another that is not there, or in a bay that is taken"
);

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let mut taken: BTreeMap<String, (Span, String)> = BTreeMap::new();
    let mut found: Vec<Diagnostic> = Vec::new();
    for (id, device) in lab.devices.iter() {
        let Some(inside) = &device.inside else { continue };
        let (parent, bay) =
            inside.text.split_once('/').map_or((&*inside.text, None), |(name, bay)| (name, Some(bay)));
        let about = |finding: Diagnostic| finding.about(lab.subject(id));
        let Some(holder) = lab.devices.find(parent) else {
            let message = format!("{} is inside `{parent}`, which is not there", device.name);
            let mut finding = context.finding(message, inside.span, "no device of this name");
            let names = lab.devices.iter().map(|(_, device)| &*device.name.text);
            if let Some(near) = lab_source::suggest::nearest(parent, names) {
                finding = finding.help(format!("did you mean `{near}`?"));
            }
            found.push(about(finding));
            continue;
        };
        if holder == id {
            let message = format!("{} is inside itself", device.name);
            found.push(about(context.finding(message, inside.span, "the device itself")));
            continue;
        }
        let Some(bay) = bay else { continue };
        let facts = lab.derived.device(holder);
        let known = facts.ty.as_ref().map(|ty| [device_bay_names(ty), super::fit::slot_names(ty)].concat());
        let known = known.unwrap_or_default();
        if !known.is_empty() && !known.iter().any(|name| name == bay) {
            let message = format!("{parent} has no bay `{bay}` for {}", device.name);
            let finding = context.finding(message, inside.span, "no such bay");
            found.push(about(
                finding.because(format!("its bays: {}", known.join(", "))).about(lab.subject(holder)),
            ));
        }
        match taken.get(&*inside.text) {
            Some((span, other)) => {
                let message = format!("{} and {other} are in one bay", device.name);
                let finding =
                    context.finding(message, inside.span, "taken already").and(*span, format!("by {other}"));
                found.push(about(finding.about(lab.subject(holder))));
            }
            None => {
                taken.insert(inside.text.to_string(), (inside.span, device.name.to_string()));
            }
        }
    }
    for finding in found {
        context.report(finding);
    }
}
