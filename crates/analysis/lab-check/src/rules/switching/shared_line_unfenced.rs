//! A line that one member at a time may hold, and nothing that keeps two from holding it.

use crate::context::Context;
use crate::rule::rule;
use lab_source::Severity;

rule!(
    "shared-line-unfenced",
    Warning,
    Switching,
    "nothing keeps two stand-ins from holding one line at once"
);

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (id, group) in lab.ha.iter() {
        let Some(line) = group.shared_line.as_ref().filter(|_| group.members.items.len() > 1) else {
            continue;
        };
        let circuit = line.circuit.as_ref().map_or(group.name.span, |circuit| circuit.span);
        let name = line.circuit.as_ref().map_or("the line", |circuit| &circuit.text);
        if line.fencing.is_none() {
            let finding = context
                .finding(format!("two members of `{}` may hold `{name}` at once", group.name), circuit, "no `fencing` is said")
                .about(lab.subject(id))
                .because("when the members do not hear each other, both take the line: two machines with one MAC or lease on it")
                .help("say how it is made sure that two never hold it: `fencing: ...`");
            context.report(finding);
        }
        if line.follows.is_none() {
            let mut finding = context
                .finding(format!("`{name}` changes hands with any VIP of `{}`", group.name), circuit, "no `follows` is said")
                .about(lab.subject(id))
                .because("a short fault of one VLAN moves the line to a router that holds none of the other gateways")
                .help("let it follow one VIP: `follows: NAME`");
            finding.severity = Severity::Note;
            context.report(finding);
        }
    }
}
