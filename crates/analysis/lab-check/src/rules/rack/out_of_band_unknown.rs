//! The interface for management out of band, when the device has none of that name.

use crate::context::Context;
use crate::rule::rule;
use lab_source::suggest::nearest;

rule!("out-of-band-unknown", Error, Rack, "a device is managed over an interface that it does not have");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (id, device) in lab.devices.iter() {
        let Some(said) = device.out_of_band.as_ref().and_then(|said| said.interface.as_ref()) else {
            continue;
        };
        let facts = lab.derived.device(id);
        let is_there = lab.derived.find_port(id, &said.text).is_some()
            || facts.ports.iter().any(|port| lab.derived.port(*port).os_name.as_deref() == Some(&*said.text))
            || device.addresses.get(&said.text).is_some();
        if facts.ty.is_none() || is_there {
            continue;
        }
        let names: Vec<&str> = facts.ports.iter().map(|port| &*lab.derived.port(*port).name).collect();
        let management = facts.ports.iter().map(|port| lab.derived.port(*port)).find(|port| port.management);
        let meant = management.map(|port| &*port.name).or_else(|| nearest(&said.text, names.iter().copied()));
        let finding = context
            .finding(
                format!("`{}` is managed over `{}`, which it does not have", device.name, said.text),
                said.span,
                "no such interface",
            )
            .about(lab.subject(id))
            .because("nothing reaches the machine when its operating system does not run");
        context.report_once(match meant {
            Some(name) => finding.help(format!("did you mean `{name}`?")),
            None => finding.help(format!("its interfaces are {}", names.join(", "))),
        });
    }
}
