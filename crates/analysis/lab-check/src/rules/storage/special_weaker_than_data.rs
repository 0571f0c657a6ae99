//! A special vdev that bears fewer failures than the data it describes.

use crate::amount::count;
use crate::context::Context;
use crate::rule::rule;
use lab_model::derived::VdevFacts;

rule!("special-weaker-than-data", Error, Storage, "the special vdev bears fewer failures than the data");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (id, pool) in lab.pools.iter() {
        let facts = lab.derived.pool(id);
        let Some(special) = facts.special.as_ref().filter(|special| special.written > 0) else { continue };
        let Some(data) = facts.vdevs.iter().min_by_key(|vdev| vdev.tolerates()) else { continue };
        if special.tolerates() >= data.tolerates() {
            continue;
        }
        let bears = |vdev: &VdevFacts| format!("bears {}", count(vdev.tolerates(), "failed drive"));
        let finding = context
            .finding(
                format!("the special vdev of `{}` is its weakest part", pool.name),
                special.span,
                bears(special),
            )
            .and(data.span, bears(data))
            .about(lab.subject(id))
            .because("it holds the metadata of all files: when it is lost, the whole pool is lost")
            .help(format!("mirror it {} times", data.tolerates() + 1));
        context.report_once(finding);
    }
}
