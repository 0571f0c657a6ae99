//! More memory asked of a machine than it has.

use super::load::{memory_of, memory_span, of_machines};
use crate::amount::{memory, percent};
use crate::context::Context;
use crate::rule::rule;
use lab_source::Severity;

rule!("memory-overcommitted", Error, Compute, "more memory is asked of a machine than it has");

/// From this share on nothing is left for the system's own needs.
const FULL: u64 = 90;

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (machine, load) in of_machines(lab) {
        let (Some(has), true) = (memory_of(lab, machine), lab.is_active(machine)) else { continue };
        let share = percent(load.total(), has);
        if share <= FULL {
            continue;
        }
        let name = lab.name(machine);
        let over = load.total() > has;
        let headline = if over {
            format!("`{name}` has {} of memory and {} is asked of it", memory(has), memory(load.total()))
        } else {
            format!("{share} % of the memory of `{name}` is given away")
        };
        let mut finding = context
            .finding(headline, name.span, format!("asked: {}", memory(load.total())))
            .and(memory_span(lab, machine), format!("has {}", memory(has)))
            .about(lab.subject(machine))
            .because(load.shown())
            .help("give some of it less, or move it to another machine");
        if !over {
            finding.severity = Severity::Warning;
        }
        context.report_once(load.point(finding));
    }
}
