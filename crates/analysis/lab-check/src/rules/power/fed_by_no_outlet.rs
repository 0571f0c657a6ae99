//! A plug in something that gives no power.

use crate::context::Context;
use crate::rule::rule;
use lab_model::derived::PowerSource;
use lab_model::written::DeviceRole;

rule!("fed-by-no-outlet", Error, Power, "a device is plugged into one that has no outlets");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for inlet in &lab.derived.inlets {
        let Some(PowerSource::Device(feeder)) = inlet.source else { continue };
        let facts = lab.derived.device(feeder);
        let passes_on =
            matches!(facts.role, Some(DeviceRole::Ups | DeviceRole::Pdu | DeviceRole::TransferSwitch) | None);
        if facts.ty.is_none() || passes_on || lab.derived.outlets_of(feeder).next().is_some() {
            continue;
        }
        let (device, feeder_name) = (&lab.devices[inlet.device].name, &lab.devices[feeder].name);
        let said = lab.devices[inlet.device].inlets.get(&inlet.name).and_then(|said| said.from.as_ref());
        let finding = context
            .finding(
                format!("`{device}` is plugged into `{feeder_name}`, which has no outlets"),
                said.map_or(inlet.span, |from| from.span),
                "gives no power",
            )
            .and(feeder_name.span, "no UPS, no strip")
            .about(lab.subject(inlet.device))
            .about(lab.subject(feeder))
            .help("name the strip, the UPS or the circuit; what is powered over Ethernet has no inlet");
        context.report_once(finding);
    }
}
