//! One serial number or world-wide name on two things.

use crate::context::Context;
use crate::rule::rule;
use lab_model::lab::DeviceId;
use lab_model::{Lab, Text};
use lab_source::Span;
use std::collections::BTreeMap;

rule!("duplicate-serial", Warning, Rack, "one serial number stands at two things");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let mut seen: BTreeMap<String, (Span, String)> = BTreeMap::new();
    for (text, what, device) in all(lab) {
        let key = text.text.to_ascii_lowercase();
        if let Some((span, other)) = seen.get(&key) {
            let finding = context
                .finding(format!("serial number {} stands twice", text.text), text.span, what.clone())
                .about(lab.subject(device))
                .because("no two things have one serial number: warranty and replacement go by it");
            context.report(if *span == text.span {
                finding.because(format!(
                    "a range gives the same to {other} and {what}; write the numbers in step"
                ))
            } else {
                finding.and(*span, other.clone())
            });
        } else {
            seen.insert(key, (text.span, what));
        }
    }
}

/// Every serial number and world-wide name with what has it.
fn all(lab: &Lab) -> Vec<(&Text, String, DeviceId)> {
    let mut all: Vec<(&Text, String, DeviceId)> = Vec::new();
    for (id, device) in lab.devices.iter() {
        if let Some(serial) = &device.serial {
            all.push((serial, device.name.to_string(), id));
        }
        for (slot, card) in device.cards.iter() {
            all.extend(
                card.serial
                    .as_ref()
                    .map(|serial| (&**serial, format!("the card in {slot} of {}", device.name), id)),
            );
        }
        for (bay, drive) in device.drives.iter() {
            let what = || format!("the drive in {bay} of {}", device.name);
            all.extend(drive.serial.as_ref().map(|serial| (&**serial, what(), id)));
            all.extend(drive.wwn.as_ref().map(|wwn| (wwn, what(), id)));
        }
    }
    all.retain(|(text, ..)| !text.text.is_empty() && &*text.text != "unknown");
    all
}
