//! Copies made by hand, more often than anybody keeps up.

use crate::context::Context;
use crate::rule::rule;
use lab_model::derived::copies::is_made;
use lab_model::grammar::Period;

rule!("by-hand-too-often", Warning, Backup, "somebody is to make a copy by hand almost every day");

/// Less than this between two is a chore that is skipped sooner or later.
const SELDOM_DAYS: u64 = 7;

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (id, backup) in lab.backups.iter() {
        for copy in backup.copies.iter().filter(|copy| is_made(copy)) {
            let (Some(by_hand), Some(every)) = (copy.by_hand.filter(|said| said.value), &copy.every) else {
                continue;
            };
            let Some(gap) = every.value.longest_gap().filter(|gap| *gap < Period::from_days(SELDOM_DAYS))
            else {
                continue;
            };
            let finding = context
                .finding(
                    format!("somebody copies `{}` by hand every {gap}", backup.name),
                    every.span,
                    "this often",
                )
                .and(by_hand.span, "by hand")
                .about(lab.subject(id))
                .because("after a few weeks it is done now and then, and nothing tells how old the copy is")
                .help("let a program do it, or plan for what you will keep up: `every: monthly`");
            context.report_once(finding);
        }
    }
}
