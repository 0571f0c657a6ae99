//! Copies that are gone before the next one is made.

use crate::context::Context;
use crate::rule::rule;
use lab_model::derived::copies::is_made;
use lab_model::grammar::{Period, Reach};

rule!("retention-gap", Warning, Backup, "copies are removed before the next one is made");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (id, backup) in lab.backups.iter() {
        for copy in backup.copies.iter().filter(|copy| is_made(copy)) {
            let Some(keep) = &copy.keep else { continue };
            let Reach::Back(reach) = keep.value.reach() else { continue };
            let gaps = [&copy.full, &copy.every].into_iter().flatten();
            let gap = gaps
                .filter_map(|when| Some((when.value.longest_gap()?, when.span)))
                .max_by_key(|(gap, _)| *gap);
            let Some((gap, span)) = gap.filter(|(gap, _)| reach < shortened(*gap)) else { continue };
            let finding = context
                .finding(
                    format!("`{}` keeps copies for {reach} and makes one every {gap}", backup.name),
                    keep.span,
                    format!("kept for {reach}"),
                )
                .and(span, format!("up to {gap} until the next"))
                .about(lab.subject(id))
                .because("for a part of the time there is no copy at all")
                .help("keep them for at least twice the time between two");
            context.report_once(finding);
        }
    }
}

/// Months and years are counted long between runs and short in retention: `1 monthly` with `monthly` is no gap.
fn shortened(gap: Period) -> Period {
    Period::from_milliseconds(gap.milliseconds() / 100 * 95)
}
