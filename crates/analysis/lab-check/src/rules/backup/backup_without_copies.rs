//! A backup job that makes no copy, since none is written down.

use crate::context::Context;
use crate::rule::rule;

rule!("backup-without-copies", Warning, Backup, "a backup job makes no copy");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (id, backup) in lab.backups.iter().filter(|(_, backup)| backup.copies.is_empty()) {
        let mut finding = context
            .finding(format!("`{}` makes no copy", backup.name), backup.name.span, "`copies` is empty")
            .about(lab.subject(id))
            .because("it looks like a backup wherever it is listed, and nothing can be restored from it")
            .help("say where copies go: `copies: [{ to: PLACE, every: daily }]`, or remove the job");
        if let Some(of) = backup.of.span {
            finding = finding.and(of, "not copied");
        }
        context.report_once(finding);
    }
}
