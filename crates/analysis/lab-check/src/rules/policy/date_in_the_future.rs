//! Days of things that were done, written as days to come.

use crate::context::Context;
use crate::rule::rule;
use lab_model::grammar::Date;
use lab_source::{Span, Spanned};

rule!("date-in-the-future", Warning, Policy, "something is said to have happened on a day that has not come");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (id, device) in lab.devices.iter() {
        if let Some(day) = device.battery.as_ref().and_then(|battery| battery.installed.as_ref()) {
            tell(context, day, "the battery was put in", device.name.span, lab.subject(id));
        }
    }
    for (id, backup) in lab.backups.iter() {
        for day in backup.copies.iter().filter_map(|copy| copy.restored.as_ref()) {
            tell(context, day, "a restore was tried", backup.name.span, lab.subject(id));
        }
    }
}

fn tell(context: &mut Context<'_>, day: &Spanned<Date>, what: &str, name: Span, subject: String) {
    // A lab is read in any time zone: one day more is not yet the future.
    let tomorrow = context.today.tomorrow().unwrap_or(context.today);
    if day.value.0 <= tomorrow {
        return;
    }
    let finding = context
        .finding(format!("{} has not come yet, and {what} on it", day.value), day.span, "a day to come")
        .and(name, "of this")
        .about(subject)
        .because("nothing that goes by this day, such as the age of a battery, is told until then")
        .help("mend the year");
    context.report_once(finding);
}
