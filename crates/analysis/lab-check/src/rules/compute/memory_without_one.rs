//! A cluster whose workloads do not fit when its largest machine is gone.

use super::load::{memory_of, of_cluster, of_machines};
use crate::amount::memory;
use crate::context::Context;
use crate::rule::rule;
use lab_model::lab::ThingId;

rule!(
    "memory-without-one",
    Warning,
    Compute,
    "the workloads of a cluster do not fit when one machine is gone"
);

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let bound = of_machines(lab);
    for (id, cluster) in lab.clusters.iter() {
        let machines: Vec<ThingId> =
            lab.workers_of(id).into_iter().filter(|machine| lab.is_active(*machine)).collect();
        let free = |machine: &ThingId| {
            let taken = bound.get(machine).map_or(0, super::load::Load::total);
            memory_of(lab, *machine).map(|has| has.saturating_sub(taken))
        };
        let Some(free) = machines.iter().map(free).collect::<Option<Vec<u64>>>() else { continue };
        let load = of_cluster(lab, id);
        let (Some((at, &largest)), true) =
            (free.iter().enumerate().max_by_key(|(_, free)| **free), free.len() > 1)
        else {
            continue;
        };
        let all: u64 = free.iter().sum();
        let left = all - largest;
        if load.total() <= left {
            continue;
        }
        let gone = lab.name(machines[at]);
        let headline = if load.total() > all {
            format!("the services of `{}` need more memory than all its machines have", cluster.name)
        } else {
            format!("the services of `{}` do not fit when `{gone}` is gone", cluster.name)
        };
        let mut finding = context
            .finding(
                headline,
                cluster.name.span,
                format!("{} asked, {} left without `{gone}`", memory(load.total()), memory(left)),
            )
            .about(lab.subject(id))
            .because(load.shown())
            .because(format!("all machines together have {} free for them", memory(all)))
            .help("add memory or a machine, or give some services less");
        let machine = machines[at];
        let span = super::load::memory_span(lab, machine);
        if span != lab.name(machine).span {
            finding = finding.and(span, format!("the memory of `{gone}`"));
        }
        context.report_once(load.point(finding));
    }
}
