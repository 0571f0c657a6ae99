//! A battery that has lived as long as it is expected to, or soon will have.

use super::feeds::is_active;
use crate::context::Context;
use crate::rule::rule;
use jiff::ToSpan;
use lab_model::grammar::Period;
use lab_source::Severity;
use std::collections::BTreeSet;

rule!("battery-past-its-life", Warning, Power, "a battery has lived as long as it is expected to");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let before = lab.head.warn_before.as_ref().map_or(Period::from_days(90), |period| period.value);
    let mut told = BTreeSet::new();
    for (id, device) in lab.devices.iter().filter(|(id, _)| is_active(lab, *id)) {
        let of_type = lab.derived.device(id).ty.as_ref().and_then(|ty| ty.battery.as_ref());
        let own = device.battery.as_ref();
        let Some(installed) = own.and_then(|battery| battery.installed.as_ref()) else { continue };
        let life =
            own.and_then(|battery| battery.life.as_ref()).or_else(|| of_type.and_then(|ty| ty.life.as_ref()));
        let Some(life) = life else { continue };
        let days = |period: Period| i64::try_from(period.days()).unwrap_or(i64::MAX).min(200_000).days();
        let Ok(end) = installed.value.0.checked_add(days(life.value)) else { continue };
        let Ok(warn) = context.today.checked_add(days(before)) else { continue };
        if end > warn || !told.insert(installed.span) {
            continue;
        }
        let is_over = end <= context.today;
        let message = if is_over {
            format!("the battery of {} should have been replaced by {end}", device.name)
        } else {
            format!("the battery of {} is to be replaced by {end}", device.name)
        };
        let mut finding = context
            .finding(message, installed.span, "put in then")
            .about(lab.subject(id))
            .because(format!("it is expected to live {}", life.value))
            .because("an old battery fails at the first outage, often without a sign before");
        if !is_over {
            finding.severity = Severity::Note;
        }
        context.report(finding);
    }
}
