//! A forward on a line without an address of its own.

use crate::context::Context;
use crate::rule::rule;
use lab_model::lab::CircuitId;
use lab_model::written::LineAddressing;

rule!(
    "forward-behind-carrier-nat",
    Error,
    Switching,
    "a port is opened on a line behind the provider's translation"
);

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let shared = |id: &CircuitId| {
        lab.circuits[*id].addresses.as_ref().is_some_and(|said| said.value == LineAddressing::CarrierNat)
    };
    let all: Vec<CircuitId> = lab.circuits.iter().map(|(id, _)| id).collect();
    for (id, forward) in lab.forwards.iter() {
        let lines = forward
            .circuit
            .as_ref()
            .and_then(|circuit| circuit.id)
            .map_or_else(|| all.clone(), |line| vec![line]);
        let Some(&line) = lines.first().filter(|_| lines.iter().all(shared)) else { continue };
        let record = &lab.circuits[line];
        let span = forward.ports.first().map_or(forward.name.span, |port| port.span);
        let mut finding = context
            .finding(
                format!("`{}` opens a port on `{}`, where nothing comes in", forward.name, record.name),
                span,
                "opened here",
            )
            .about(lab.subject(id))
            .about(lab.subject(line))
            .because(
                "the provider shares one address among customers and drops what nobody inside asked for",
            );
        if let Some(said) = &record.addresses {
            finding = finding.and(said.span, "no address of its own");
        }
        context.report_once(
            finding.help("ask the provider for an address, use IPv6, or a tunnel to the outside"),
        );
    }
}
