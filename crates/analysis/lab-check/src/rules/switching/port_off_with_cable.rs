//! A cable in a port that is switched off.

use super::wire::{device_of, plug, port_name};
use crate::context::Context;
use crate::rule::rule;
use lab_model::derived::PortId;

rule!("port-off-with-cable", Error, Switching, "a cable is plugged into a port that is switched off");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (index, facts) in (0u32..).zip(&lab.derived.ports) {
        let port = PortId(index);
        let by_mode = lab.derived.vlans_of(port).filter(|vlans| !vlans.enabled).map(|vlans| vlans.span);
        let Some(off) = by_mode.or_else(|| (!facts.enabled).then_some(facts.span)) else { continue };
        let Some(span) = plug(lab, port) else { continue };
        let far = lab.derived.paths_from(port);
        let mut finding = context
            .finding(
                format!("{} has a cable and is switched off", port_name(lab, port)),
                span,
                "plugged in here",
            )
            .and(off, "switched off here")
            .about(lab.subject(device_of(lab, port)));
        if let [path] = &far[..] {
            finding = finding
                .about(lab.subject(device_of(lab, path.end)))
                .because(format!("{} at the other end has no link", port_name(lab, path.end)));
        }
        context.report_once(
            finding.help("switch the port on and give it its VLAN, or plug the cable where it belongs"),
        );
    }
}
