//! A forward to a service that does not listen on the port.

use crate::context::Context;
use crate::rule::rule;
use lab_model::lab::ServiceId;

rule!(
    "forward-port-not-served",
    Warning,
    Switching,
    "a port is forwarded to a service that does not listen on it"
);

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (id, forward) in lab.forwards.iter() {
        let Some(service) =
            forward.to.as_ref().and_then(|to| to.id).and_then(|thing| ServiceId::try_from(thing).ok())
        else {
            continue;
        };
        let record = &lab.services[service];
        if record.ports.is_empty() {
            continue;
        }
        let inside: Vec<_> =
            forward.to_port.as_ref().map_or_else(|| forward.ports.iter().collect(), |port| vec![port]);
        let Some(port) =
            inside.into_iter().find(|port| !record.ports.iter().any(|own| own.value.overlaps(port.value)))
        else {
            continue;
        };
        let listens: Vec<String> = record.ports.iter().map(|port| port.value.to_string()).collect();
        let finding = context
            .finding(
                format!(
                    "`{}` does not listen on {}, where `{}` leads",
                    record.name, port.value, forward.name
                ),
                port.span,
                "this port inside",
            )
            .and(record.ports[0].span, format!("it listens on {}", listens.join(", ")))
            .about(lab.subject(id))
            .about(lab.subject(service))
            .help("mend the port, or add it to the ports of the service");
        context.report_once(finding);
    }
}
