//! A chain of copies that cannot keep the time it promises: each step adds its longest gap.

use crate::context::Context;
use crate::rule::rule;
use lab_model::derived::copies::{chain, is_made, lag};
use lab_model::grammar::Period;
use lab_model::lab::BackupId;
use lab_source::Spanned;

rule!("rpo-missed", Warning, Backup, "a chain of copies loses more than the time it may lose");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (id, backup) in lab.backups.iter() {
        let Some(rpo) = &backup.rpo else { continue };
        let made = || backup.copies.iter().enumerate().filter(|(_, copy)| is_made(copy));
        let lags: Vec<(usize, Period)> = made().filter_map(|(at, _)| Some((at, lag(backup, at)?))).collect();
        // A copy of a copy is never newer than that one.
        let is_first = |at: usize| chain(backup, at).is_none_or(|way| way.len() < 2);
        let unknown = made().any(|(at, copy)| copy.every.is_none() && is_first(at));
        let Some(&(best, least)) = lags.iter().min_by_key(|(_, lag)| *lag).filter(|_| !unknown) else {
            continue;
        };
        if least > rpo.value {
            report(context, id, rpo, best, least);
        }
    }
}

fn report(context: &mut Context<'_>, id: BackupId, rpo: &Spanned<Period>, at: usize, least: Period) {
    let lab = context.lab;
    let backup = &lab.backups[id];
    let mut finding = context
        .finding(
            format!("`{}` may lose {} and can lose {least}", backup.name, rpo.value),
            rpo.span,
            format!("at most {}", rpo.value),
        )
        .about(lab.subject(id));
    for at in chain(backup, at).unwrap_or_default() {
        if let Some(every) = &backup.copies[at].every
            && let Some(gap) = every.value.longest_gap()
        {
            finding = finding.and(every.span, format!("up to {gap} behind"));
        }
    }
    context.report_once(finding.help(format!("copy more often, or write `rpo: {least}`")));
}
