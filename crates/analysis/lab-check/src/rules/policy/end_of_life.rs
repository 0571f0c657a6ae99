//! Devices and drives that nobody mends any more, or soon will not.

use crate::context::Context;
use crate::rule::rule;
use jiff::Unit;
use lab_model::grammar::Date;
use lab_source::{Severity, Spanned};

rule!("end-of-life", Warning, Policy, "a device gets no more fixes, or soon will not");

/// How early to speak, when `lab.warn-before` does not say.
const WARN_DAYS: u64 = 90;

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (id, device) in lab.devices.iter().filter(|(id, _)| lab.is_active(*id)) {
        let of_type = lab.derived.device(id).ty.as_ref().and_then(|ty| ty.end_of_life);
        let Some(end) = device.end_of_life.or(of_type) else { continue };
        judge(context, &end, &device.name.text, lab.subject(id));
    }
    for (id, ty) in lab.drive_types.iter() {
        if let Some(end) = &ty.end_of_life {
            judge(context, end, &ty.name.text, lab.subject(id));
        }
    }
}

fn judge(context: &mut Context<'_>, end: &Spanned<Date>, name: &str, subject: String) {
    let early = context.lab.head.warn_before.as_ref().map_or(WARN_DAYS, |period| period.value.days());
    let left = context.today.until((Unit::Day, end.value.0)).map_or(0, |span| i64::from(span.get_days()));
    if left > i64::try_from(early).unwrap_or(i64::MAX) {
        return;
    }
    let ended = left < 0;
    let headline = if ended {
        format!("nobody mends `{name}` since {}", end.value)
    } else {
        format!("nobody mends `{name}` in {left} days from now")
    };
    let mut finding = context
        .finding(headline, end.span, "end of life")
        .about(subject)
        .because("holes that are found in its firmware afterwards stay open")
        .help("plan its successor, or accept it until a day with a reason");
    if !ended {
        finding.severity = Severity::Note;
    }
    context.report_once(finding);
}
