//! Backups of irreplaceable data that nobody has ever restored, or not for long.

use crate::amount::names;
use crate::context::Context;
use crate::rule::rule;
use jiff::Unit;
use lab_model::derived::copies::{by_thing, copies_of, is_irreplaceable, is_made, valued};
use lab_model::grammar::Period;
use lab_model::lab::BackupId;
use lab_model::written::{Backup, BackupCopy};
use lab_source::Severity;
use std::collections::BTreeMap;

rule!("restore-untested", Warning, Backup, "nobody has tried whether irreplaceable data can be restored");

/// Older tests say little: programs, keys and drives have changed.
const OLD_DAYS: i64 = 366;

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let all = by_thing(lab);
    let mut jobs: BTreeMap<BackupId, Vec<String>> = BTreeMap::new();
    for (thing, _) in valued(lab).into_iter().filter(|(thing, _)| is_irreplaceable(lab, *thing)) {
        let copies = copies_of(lab, &all, thing);
        let tested =
            |copy: &&lab_model::derived::copies::CopyOf<'_>| state(context, &lab.backups[copy.job]).is_none();
        if copies.iter().any(|copy| tested(&copy)) {
            continue;
        }
        if let Some(copy) = copies.first() {
            jobs.entry(copy.job).or_default().push(lab.name(thing).to_string());
        }
    }
    for (job, things) in jobs {
        let backup = &lab.backups[job];
        let Some((why, span)) = state(context, backup) else { continue };
        let finding = context
            .finding(format!("{}: {why}", names(&things)), span.unwrap_or(backup.name.span), "the backup")
            .about(lab.subject(job));
        let turn =
            backup.copies.iter().find(|copy| copy.restored.is_some()).and_then(|copy| copy.tested.as_ref());
        let finding = match turn {
            Some(every) => finding.and(every.span, "meant to be tried this often"),
            None => finding,
        };
        let finding = finding
            .because("a backup that was never restored is a hope: keys get lost, files are left out, formats change")
            .help("restore a part of it, then write the day: `restored: 2026-06-01`");
        context.report_once(finding);
    }
    overdue_copies(context);
}

/// Copies that are to be tried in turns and whose turn is long past, also where another copy of the job was tried.
fn overdue_copies(context: &mut Context<'_>) {
    let lab = context.lab;
    for (id, backup) in lab.backups.iter() {
        if state(context, backup).is_some() {
            continue;
        }
        for copy in backup.copies.iter().filter(|copy| is_made(copy)) {
            let Some(last) = &copy.restored else {
                never_tried(context, id, copy);
                continue;
            };
            let Some(every) = &copy.tested else { continue };
            let age = age_days(context, last.value);
            if age <= allowed_days(copy) {
                continue;
            }
            let finding = context
                .finding(
                    format!("a copy of `{}` was last restored {age} days ago", backup.name),
                    last.span,
                    "the last time",
                )
                .and(every.span, "meant to be tried this often")
                .about(lab.subject(id))
                .because("another copy of it was tried since, and this one may be the one that is left")
                .help("restore a part of it, then write the day: `restored: 2026-06-01`");
            context.report_once(finding);
        }
    }
}

/// A note for a copy that nobody tried, beside one that was tried: they are made and kept in different ways.
fn never_tried(context: &mut Context<'_>, id: BackupId, copy: &BackupCopy) {
    let lab = context.lab;
    let tried = lab.backups[id].copies.iter().find_map(|other| other.restored.as_ref());
    let (Some(tried), true) = (tried, copy.tested.is_none()) else { return };
    let mut finding = context
        .finding(
            format!("nobody has restored `{}` from this copy", lab.backups[id].name),
            copy.to.as_ref().map_or(copy.span, |to| to.span),
            "never tried",
        )
        .and(tried.span, "another copy was tried")
        .about(lab.subject(id))
        .help("restore a part of it, then write the day: `restored: 2026-06-01`");
    finding.severity = Severity::Note;
    context.report_once(finding);
}

fn age_days(context: &Context<'_>, last: lab_model::grammar::Date) -> i64 {
    last.0.until((Unit::Day, context.today)).map_or(0, |span| i64::from(span.get_days()))
}

/// A test may be late by half of its turn before it is spoken of.
fn allowed_days(copy: &BackupCopy) -> i64 {
    let due = copy.tested.as_ref().and_then(|every| every.value.longest_gap());
    let due = due.map_or(OLD_DAYS, |gap| i64::try_from(gap.saturating_mul(3).days() / 2).unwrap_or(OLD_DAYS));
    due.max(Period::from_days(45).days() as i64)
}

/// What is wrong with the tests of a job, and where.
fn state(context: &Context<'_>, backup: &Backup) -> Option<(String, Option<lab_source::Span>)> {
    let last = backup
        .copies
        .iter()
        .filter_map(|copy| copy.restored.as_ref().map(|on| (on, copy)))
        .max_by_key(|(on, _)| on.value.0);
    let Some((last, copy)) = last else {
        let planned = backup.copies.iter().any(|copy| copy.tested.is_some());
        return (!planned).then(|| ("its restore was never tried".to_owned(), None));
    };
    let age = age_days(context, last.value);
    (age > allowed_days(copy))
        .then(|| (format!("its restore was last tried {age} days ago"), Some(last.span)))
}
