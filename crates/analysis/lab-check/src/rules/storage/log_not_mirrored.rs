//! A log on one drive.

use crate::context::Context;
use crate::rule::rule;

rule!(
    "log-not-mirrored",
    Warning,
    Storage,
    "the log of a pool is on a single drive, or on several that are not mirrored"
);

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (id, pool) in lab.pools.iter() {
        let Some(log) = lab.derived.pool(id).log.as_ref().filter(|log| log.written > 0) else { continue };
        if log.tolerates() > 0 {
            continue;
        }
        let finding = context
            .finding(format!("the log of `{}` is not mirrored", pool.name), log.span, "no second copy")
            .about(lab.subject(id))
            .because("when it fails together with power, the last seconds of confirmed writes are gone")
            .because("when it fails alone, synchronous writes fall back to the pool and become slow")
            .help("name two drives: `log: { mirror: [one, other] }`");
        context.report_once(finding);
    }
}
