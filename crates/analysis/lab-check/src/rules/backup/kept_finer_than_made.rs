//! Copies or snapshots of which more are kept in a time than are made in it: hourly ones, of a weekly job.

use crate::context::Context;
use crate::rule::rule;
use lab_model::grammar::{Keep, Period, Retention, Schedule};
use lab_source::Spanned;

rule!("kept-finer-than-made", Warning, Backup, "copies are to be kept more often than they are made");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (id, backup) in lab.backups.iter() {
        for copy in backup.copies.iter().filter(|copy| lab_model::derived::copies::is_made(copy)) {
            judge(context, &lab.subject(id), "copies", copy.every.as_ref(), copy.keep.as_ref());
        }
    }
    for (id, dataset) in lab.datasets.iter() {
        if let Some(said) = &dataset.snapshots {
            judge(context, &lab.subject(id), "snapshots", said.every.as_ref(), said.keep.as_ref());
        }
    }
}

fn judge(
    context: &mut Context<'_>,
    subject: &str,
    what: &str,
    every: Option<&Spanned<Schedule>>,
    keep: Option<&Spanned<Retention>>,
) {
    let (Some(every), Some(keep)) = (every, keep) else { return };
    let Retention::Keep(series) = &keep.value else { return };
    let (Some((kind, next)), Some(gap)) = (finest(series), every.value.longest_gap()) else { return };
    if gap < next {
        return;
    }
    let finding = context
        .finding(
            format!("{kind} {what} are kept, and one is made every {gap}"),
            every.span,
            "made this often",
        )
        .and(keep.span, format!("{kind} ones are kept"))
        .about(subject)
        .because("there is nothing between to go back to: either the times or the numbers are not as meant")
        .help(format!("make them {kind}, or leave `{kind}` out of `keep`"));
    context.report_once(finding);
}

/// The finest kind that is kept, and the time between two at which it says nothing any more: the next kind's.
fn finest(keep: &Keep) -> Option<(&'static str, Period)> {
    let kinds = [
        (keep.hourly, "hourly", 1),
        (keep.daily, "daily", 7),
        (keep.weekly, "weekly", 28),
        (keep.monthly, "monthly", 365),
    ];
    let (_, kind, days) = kinds.into_iter().find(|(count, ..)| *count > 0)?;
    Some((kind, Period::from_days(days)))
}
