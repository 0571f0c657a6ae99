//! Groups of one pool that differ in layout or width.

use crate::amount::count;
use crate::context::Context;
use crate::rule::rule;
use lab_model::derived::VdevFacts;

rule!("vdevs-unlike", Warning, Storage, "the groups of a pool differ in layout or width");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (id, pool) in lab.pools.iter() {
        let vdevs = &lab.derived.pool(id).vdevs;
        let Some(first) = vdevs.first() else { continue };
        let unlike = |vdev: &&VdevFacts| vdev.kind != first.kind || vdev.written != first.written;
        let Some(other) = vdevs.iter().find(unlike) else { continue };
        let shown = |vdev: &VdevFacts| format!("{} of {}", vdev.kind, count(vdev.written, "drive"));
        let weakest = vdevs.iter().map(VdevFacts::tolerates).min().unwrap_or(0);
        let finding = context
            .finding(
                format!("`{}` is made of a {} and a {}", pool.name, shown(first), shown(other)),
                other.span,
                shown(other),
            )
            .and(first.span, shown(first))
            .about(lab.subject(id))
            .because(format!(
                "the pool is lost with any of its groups: it bears {} in the weakest",
                count(weakest, "failed drive")
            ))
            .because("writes are spread over all groups, and the slowest one sets the pace")
            .help("make all groups alike, or two pools of them");
        context.report_once(finding);
    }
}
