//! One card or drive given to two virtual machines in use.

use crate::context::Context;
use crate::rule::rule;
use lab_model::derived::PassedThrough;

rule!("passed-through-twice", Error, Compute, "a card or drive is handed to two virtual machines");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let mut given: Vec<&PassedThrough> =
        lab.derived.passed_through.iter().filter(|given| lab.is_active(given.vm)).collect();
    given.sort_by_key(|given| (given.device, given.card, given.drive));
    let same = |one: &&PassedThrough, other: &&PassedThrough| {
        (one.device, one.card, one.drive) == (other.device, other.card, other.drive)
    };
    for same in given.chunk_by(same) {
        let [first, others @ ..] = same else { continue };
        let what = match (first.card, first.drive) {
            (Some(card), _) => {
                format!("{}/{}", lab.devices[first.device].name, lab.derived.card(card).slot)
            }
            (None, Some(drive)) => lab.drive_name(drive),
            (None, None) => continue,
        };
        for other in others {
            let (one, two) = (&lab.vms[first.vm].name, &lab.vms[other.vm].name);
            let headline = if first.vm == other.vm {
                format!("`{what}` is handed to `{one}` twice")
            } else {
                format!("`{what}` is handed to both `{one}` and `{two}`")
            };
            let finding = context
                .finding(headline, other.span, format!("to `{two}`"))
                .and(first.span, format!("to `{one}`"))
                .about(lab.subject(other.vm))
                .about(lab.subject(first.vm))
                .about(lab.subject(first.device))
                .because("only one virtual machine can have it: the second one does not start")
                .help("take it from one of them, or give that one a `status` that says it is not in use");
            context.report_once(finding);
        }
    }
}
