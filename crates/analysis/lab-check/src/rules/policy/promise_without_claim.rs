//! Promises in words only, which nothing can prove or refute: one note for all.

use crate::amount::{count, names};
use crate::context::Context;
use crate::rule::rule;

rule!("promise-without-claim", Note, Policy, "promises are in words only and cannot be proved");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let empty: Vec<_> = lab.promises.iter().filter(|(_, promise)| promise.claim.is_none()).collect();
    let Some((_, first)) = empty.first() else { return };
    let called: Vec<&str> = empty.iter().map(|(_, promise)| &*promise.name.text).collect();
    let mut finding = context
        .finding(
            format!(
                "{} of {} nothing can prove: {}",
                empty.len(),
                count(lab.promises.len(), "promise"),
                names(&called)
            ),
            first.name.span,
            "in words only",
        )
        .because("a promise that cannot fail is not watched over: the lab can break it with any change")
        .help("say it in terms under `claim`, or keep it as a description of what it is about");
    for (id, _) in &empty {
        finding = finding.about(lab.subject(*id));
    }
    context.report(finding);
}
