//! A cable in a port that the lab calls spare.

use super::wire::{device_of, plug, port_name};
use crate::context::Context;
use crate::rule::rule;

rule!("spare-port-with-cable", Warning, Switching, "a cable is plugged into a port that is called spare");

/// How people call ports that wait.
const WORDS: [&str; 5] = ["spare", "unused", "free", "empty", "not used"];

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (device, ports) in &lab.ports {
        let Some(id) = lab.devices.find(&device.text) else { continue };
        for (name, mode) in ports.iter() {
            let Some(words) = &mode.description else { continue };
            let text = words.to_lowercase();
            let spare = WORDS.iter().any(|word| {
                text == *word
                    || text.starts_with(&format!("{word} "))
                    || text.starts_with(&format!("{word},"))
            });
            let Some(port) = lab.derived.find_port(id, &name.text).filter(|_| spare) else { continue };
            let Some(span) = plug(lab, port) else { continue };
            let mut finding = context
                .finding(
                    format!("{} is called `{words}` and has a cable", port_name(lab, port)),
                    span,
                    "plugged in here",
                )
                .and(words.span, "said here")
                .about(lab.subject(id));
            if let Some(far) = lab.derived.peer(port) {
                finding = finding.about(lab.subject(device_of(lab, far)));
            }
            context.report_once(
                finding.help("mend the description, or plug the cable into the port that is meant"),
            );
        }
    }
}
