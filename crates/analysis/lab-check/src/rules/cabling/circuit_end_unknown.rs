//! A line of a provider that ends at a port nobody knows.

use crate::context::Context;
use crate::rule::rule;
use lab_source::suggest::nearest;

rule!("circuit-end-unknown", Error, Cabling, "a line ends at a port that its device does not have");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (id, circuit) in lab.circuits.iter() {
        let Some(end) = &circuit.ends_at else { continue };
        let (device, port) = (&end.value.device, &end.value.interface);
        let Some(found) = lab.devices.find(&device.name) else {
            let known: Vec<&str> = lab.devices.iter().map(|(_, device)| &*device.name.text).collect();
            let finding = context
                .finding(
                    format!("`{}` ends at `{}`, which is no device", circuit.name, device.name),
                    end.span.part(device.at.start, device.at.end),
                    "no such device",
                )
                .about(lab.subject(id));
            let near = nearest(&device.name, known).map(|name| format!("did you mean `{name}`?"));
            context.report(near.into_iter().fold(finding, lab_source::Diagnostic::help));
            continue;
        };
        let facts = lab.derived.device(found);
        // Without a type nothing is known of a device's ports.
        if facts.ty.is_none() || lab.derived.find_port(found, &port.name).is_some() {
            continue;
        }
        let names: Vec<&str> = facts.ports.iter().map(|port| &*lab.derived.port(*port).name).collect();
        let finding = context
            .finding(
                format!("`{}` ends at a port that `{}` does not have", circuit.name, device.name),
                end.span.part(port.at.start, port.at.end),
                format!("`{}` has no such port", device.name),
            )
            .and(lab.devices[found].name.span, "the device")
            .about(lab.subject(id))
            .about(lab.subject(found));
        let near = nearest(&port.name, names.iter().copied())
            .map_or_else(|| format!("it has {}", names.join(", ")), |name| format!("did you mean `{name}`?"));
        context.report(finding.help(near));
    }
}
