//! Data that matters whose copies elsewhere are all made by hand.

use crate::context::Context;
use crate::rule::rule;
use lab_model::derived::copies::{by_thing, copies_of, home, is_elsewhere, valued};
use lab_model::written::Importance;

rule!("off-site-only-by-hand", Note, Backup, "every copy elsewhere is made by hand");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let all = by_thing(lab);
    for (thing, importance) in valued(lab) {
        if !matches!(importance.value, Importance::Important | Importance::Irreplaceable) {
            continue;
        }
        let home = home(lab, thing);
        let copies = copies_of(lab, &all, thing);
        let away: Vec<_> = copies.iter().filter(|copy| is_elsewhere(lab, copy, home.as_ref())).collect();
        let hand = |copy: &&_| -> bool {
            let copy: &lab_model::derived::copies::CopyOf<'_> = copy;
            copy.copy.by_hand.as_ref().is_some_and(|hand| hand.value)
        };
        if away.is_empty() || !away.iter().all(hand) {
            continue;
        }
        let mut finding = context
            .finding(
                format!("every copy of `{}` elsewhere waits for somebody to make it", lab.name(thing)),
                away[0].span(),
                "by hand",
            )
            .and(importance.span, importance.value.to_string())
            .about(lab.subject(thing))
            .because("what is done by hand is forgotten first; after a fire the newest copy is as old as the last time")
            .help("let a program make one of them, or set a reminder that an alert watches");
        for copy in away.iter().skip(1) {
            finding = finding.and(copy.span(), "by hand as well");
        }
        context.report_once(finding);
    }
}
