//! Inlets that nothing feeds: a second supply that hangs loose, or a device that the lab forgets to plug in while it
//! speaks of the plugs of most others. Labs that do not describe their plugs are left alone.

use super::feeds::{is_active, plugged};
use crate::context::Context;
use crate::rule::rule;
use lab_model::Lab;
use lab_model::lab::DeviceId;
use lab_source::Span;
use std::collections::BTreeMap;

rule!("inlet-not-plugged-in", Warning, Power, "an inlet is not plugged in");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let speaks_of_plugs = speaks_of_plugs(lab);
    let mut open: BTreeMap<(Span, bool), Vec<(DeviceId, String)>> = BTreeMap::new();
    for (id, device) in lab.devices.iter().filter(|(id, _)| is_active(lab, *id)) {
        let n_plugged = plugged(lab, id).len();
        let loose: Vec<_> = lab.derived.inlets_of(id).filter(|(_, inlet)| inlet.source.is_none()).collect();
        let by_network = lab.derived.poe_source(id).is_some();
        let named_source = |name: &str| device.inlets.get(name).is_some_and(|said| said.from.is_some());
        let loose = loose.into_iter().filter(|(_, inlet)| !named_source(&inlet.name));
        let names: Vec<String> = loose.map(|(_, inlet)| inlet.name.to_string()).collect();
        if names.is_empty() || by_network || (n_plugged == 0 && !speaks_of_plugs) {
            continue;
        }
        let span = device
            .inlets
            .iter()
            .find(|(_, said)| said.from.is_some())
            .map_or(device.name.span, |(name, _)| name.span);
        let span = if n_plugged == 0 { device.name.span } else { span };
        open.entry((span, n_plugged == 0)).or_default().push((id, names.join(", ")));
    }
    for ((span, is_dark), devices) in open {
        let names: Vec<String> = devices.iter().map(|(id, _)| lab.devices[*id].name.to_string()).collect();
        let (_, inlets) = &devices[0];
        let mut finding = if is_dark {
            context
                .finding(
                    format!("nothing feeds {}", names.join(", ")),
                    span,
                    format!("inlet {inlets} has no source"),
                )
                .because("most devices of the lab say what they are plugged into; this one does not")
        } else {
            context
                .finding(
                    format!("{inlets} of {} is not plugged in", names.join(", ")),
                    span,
                    "the inlets that are plugged in",
                )
                .because("a second supply keeps the device up only while it has power itself")
        };
        for (id, _) in &devices {
            finding = finding.about(lab.subject(*id));
        }
        let inlet = inlets.split(", ").next().unwrap_or(inlets);
        finding = finding.help(format!("say what feeds it, as `inlets: {{ {inlet}: pdu-1:3 }}`"));
        context.report(finding);
    }
}

/// True when most devices in use that have inlets say what they are plugged into.
fn speaks_of_plugs(lab: &Lab) -> bool {
    let with_inlets = |id: &DeviceId| lab.derived.inlets_of(*id).next().is_some();
    let active = lab.devices.iter().map(|(id, _)| id).filter(|id| is_active(lab, *id));
    let (mut all, mut said) = (0usize, 0usize);
    for id in active.filter(with_inlets) {
        all += 1;
        said += usize::from(!plugged(lab, id).is_empty());
    }
    said * 2 > all
}
