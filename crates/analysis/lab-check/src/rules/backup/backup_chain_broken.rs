//! A copy that is made from one that is not there, from itself, or from one that is not made.

use crate::context::Context;
use crate::rule::rule;
use lab_model::derived::copies::{chain, is_made};
use lab_source::suggest::nearest;

rule!("backup-chain-broken", Error, Backup, "a copy is made from one that does not exist");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (id, backup) in lab.backups.iter() {
        for (index, copy) in backup.copies.iter().enumerate().filter(|(_, copy)| is_made(copy)) {
            let span = copy.from.as_ref().map_or(copy.span, |from| from.span);
            let (headline, label, other) = match chain(backup, index) {
                None if copy.from.is_some() => {
                    let from = copy.from.as_ref().map_or("", |from| &from.text);
                    let known = backup
                        .copies
                        .iter()
                        .any(|other| other.name.as_ref().is_some_and(|name| &*name.text == from));
                    if known {
                        (
                            format!("copies of `{}` are made from each other", backup.name),
                            "leads back to itself",
                            None,
                        )
                    } else {
                        (format!("no copy of `{}` is called `{from}`", backup.name), "no such copy", None)
                    }
                }
                Some(way) => {
                    let before = way.iter().rev().nth(1).map(|at| &backup.copies[*at]);
                    let Some(before) = before.filter(|before| !is_made(before)) else { continue };
                    (
                        "a copy is made from one that is not in use".to_owned(),
                        "made from the one before",
                        before.status.as_ref(),
                    )
                }
                None => continue,
            };
            let mut finding = context.finding(headline, span, label).about(lab.subject(id));
            if let Some(status) = other {
                finding = finding.and(status.span, format!("{} here", status.value));
            }
            let names = backup.copies.iter().filter_map(|copy| copy.name.as_ref()).map(|name| &*name.text);
            let near = copy.from.as_ref().and_then(|from| nearest(&from.text, names.chain(["source"])));
            context.report_once(match near {
                Some(near) => finding.help(format!("did you mean `{near}`?")),
                None => finding.help("give the copy it is made from a `name`, or write `from: source`"),
            });
        }
    }
}
