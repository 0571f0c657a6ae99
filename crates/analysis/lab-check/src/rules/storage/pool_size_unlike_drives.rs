//! A pool's size as its owner says it, against what its drives give.

use crate::amount::{count, size};
use crate::context::Context;
use crate::rule::rule;
use lab_model::lab::{Lab, PoolId};
use lab_source::Spanned;

rule!(
    "pool-size-unlike-drives",
    Warning,
    Storage,
    "a pool is said to be larger or smaller than its drives make it"
);

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (id, pool) in lab.pools.iter() {
        // File systems keep up to a tenth for themselves, and tools that say TB often mean TiB: both make it smaller.
        if let (Some(said), Some(gives)) = (&pool.usable, lab.derived.usable_of_pool(lab, id)) {
            judge(context, id, said, gives.bytes(), "usable", (80, 103));
        }
        if let (Some(said), Some(gives)) = (&pool.raw, raw(lab, id)) {
            judge(context, id, said, gives, "raw", (90, 103));
        }
    }
}

fn raw(lab: &Lab, id: PoolId) -> Option<u64> {
    let drives = lab.data_drives_of(id);
    let sizes: Option<Vec<u64>> =
        drives.iter().map(|drive| Some(lab.derived.capacity(*drive)?.bytes())).collect();
    sizes.filter(|sizes| !sizes.is_empty()).map(|sizes| sizes.iter().sum())
}

fn judge(
    context: &mut Context<'_>,
    id: PoolId,
    said: &Spanned<lab_model::grammar::Bytes>,
    gives: u64,
    what: &str,
    (low, high): (u64, u64),
) {
    let lab = context.lab;
    let scaled = said.value.bytes().saturating_mul(100);
    if scaled >= gives.saturating_mul(low) && scaled <= gives.saturating_mul(high) {
        return;
    }
    let drives = lab.data_drives_of(id);
    let name = &lab.pools[id].name;
    let finding = context
        .finding(
            format!(
                "`{name}` is said to have {} {what}, and its drives give {}",
                size(said.value.bytes()),
                size(gives)
            ),
            said.span,
            format!("{what} size as said"),
        )
        .and(
            lab.derived.pool(id).vdevs.first().map_or(name.span, |vdev| vdev.span),
            format!("{} named", count(drives.len(), "drive")),
        )
        .about(lab.subject(id))
        .because("a drive is missing or too many, its model is wrong, or the layout is another")
        .help("compare with what the pool's own tools list");
    context.report_once(finding);
}
