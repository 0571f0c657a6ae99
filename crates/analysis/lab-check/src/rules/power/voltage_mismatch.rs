//! A device made for one mains voltage on a supply of another.

use super::feeds::{parents, plugged, source_span, voltage};
use crate::context::Context;
use crate::rule::rule;
use lab_model::grammar::Volts;
use std::collections::BTreeSet;

rule!("voltage-mismatch", Error, Power, "a device is fed with a voltage it is not made for");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let mut told = BTreeSet::new();
    for (id, device) in lab.devices.iter() {
        let Some(ty) = &lab.derived.device(id).ty else { continue };
        let Some(made_for) = ty.rating.as_ref().and_then(|rating| rating.voltage.as_ref()) else { continue };
        for (inlet, source) in plugged(lab, id) {
            let Some(there) = voltage(lab, source) else { continue };
            if is_alike(made_for.value, there) || !told.insert(source_span(lab, inlet)) {
                continue;
            }
            let mut finding = context
                .finding(
                    format!("{} is made for {} and gets {there}", device.name, made_for.value),
                    source_span(lab, inlet),
                    format!("{there} comes from here"),
                )
                .and(device.name.span, format!("made for {} by its type", made_for.value))
                .about(lab.subject(id))
                .about(source.subject(lab));
            if parents(lab, source).is_empty()
                && lab.head.voltage.as_ref().is_some_and(|volts| volts.value == there)
            {
                finding = finding.because("the voltage is that of `lab.voltage`");
            }
            context.report(finding.because("it fails, or its breaker does, when it is switched on"));
        }
    }
}

/// Mains voltages within a fifth of each other are one nominal voltage with its tolerance.
fn is_alike(one: Volts, other: Volts) -> bool {
    let (low, high) = (one.min(other).millivolts(), one.max(other).millivolts());
    low * 6 >= high * 5
}
