//! One port of a line forwarded to two places.

use crate::context::Context;
use crate::rule::rule;

rule!("forward-port-twice", Error, Switching, "one port of a line is forwarded twice");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let forwards: Vec<_> = lab
        .forwards
        .iter()
        .flat_map(|(id, forward)| forward.ports.iter().map(move |port| (id, forward, port)))
        .collect();
    for (index, (id, forward, port)) in forwards.iter().enumerate() {
        let line = forward.circuit.as_ref().and_then(|circuit| circuit.id);
        let clash = forwards[..index].iter().find(|(first, other, taken)| {
            let other_line = other.circuit.as_ref().and_then(|circuit| circuit.id);
            let one_line = line.is_none() || other_line.is_none() || line == other_line;
            let all = forward.from.is_empty() || other.from.is_empty();
            first != id && one_line && all && taken.value.overlaps(port.value)
        });
        let Some((first, other, taken)) = clash else { continue };
        let finding = context
            .finding(
                format!("port {} is forwarded by `{}` and by `{}`", port.value, other.name, forward.name),
                port.span,
                format!("to `{}`", forward.to.as_ref().map_or("", |to| &to.text)),
            )
            .and(taken.span, format!("to `{}`", other.to.as_ref().map_or("", |to| &to.text)))
            .about(lab.subject(*id))
            .about(lab.subject(*first))
            .because("the router takes the first that matches: the other never gets a packet")
            .help("take another port outside for one of them, or put a proxy in front of both");
        context.report_once(finding);
    }
}
