//! A machine whose plugs all go around the UPS that keeps the others up.

use super::feeds::{has_ups, is_active, plugged, source_span};
use crate::context::Context;
use crate::rule::rule;
use lab_model::Lab;
use lab_model::lab::DeviceId;
use lab_model::written::DeviceRole;

rule!(
    "machine-without-battery",
    Note,
    Power,
    "a machine is plugged in beside the UPS that keeps its like up"
);

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let active = || lab.devices.iter().map(|(id, _)| id).filter(|id| is_active(lab, *id));
    let bridged: Vec<DeviceId> = active().filter(|id| counts(lab, *id) && has_ups(lab, *id)).collect();
    for id in active().filter(|id| counts(lab, *id) && !has_ups(lab, *id)) {
        let ways = plugged(lab, id);
        let Some(&(inlet, source)) = ways.first() else { continue };
        let like = |other: &&DeviceId| lab.derived.device(**other).role == lab.derived.device(id).role;
        let near = |other: &&DeviceId| lab.site_of(**other) == lab.site_of(id);
        let Some(other) = bridged.iter().find(|other| like(other) && near(other)) else { continue };
        let name = &lab.devices[id].name;
        let finding = context
            .finding(
                format!("{name} goes off at once when power fails"),
                source_span(lab, inlet),
                format!("`{}` has no battery behind it", source.name(lab)),
            )
            .about(lab.subject(id))
            .because(format!(
                "the battery keeps `{}` up, which is of the same kind",
                lab.devices[*other].name
            ))
            .help("plug it into what the UPS feeds, or accept it");
        context.report_once(finding);
    }
}

/// What somebody would miss within seconds.
fn counts(lab: &Lab, device: DeviceId) -> bool {
    use DeviceRole::{DiskShelf, Nas, Router, Server, Switch};
    matches!(lab.derived.device(device).role, Some(DiskShelf | Nas | Router | Server | Switch))
}
