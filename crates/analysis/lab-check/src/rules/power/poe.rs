//! Power over Ethernet: what standards give and take. Judges nothing.

use super::feeds::{is_active, plugged};
use lab_model::Lab;
use lab_model::derived::PortId;
use lab_model::lab::DeviceId;

/// The most that a port gives by its standard, in watts: IEEE 802.3af, at, bt.
pub(super) fn gives(standard: &str) -> Option<f64> {
    match standard.split_once('-').map_or(standard, |(kind, _)| kind) {
        "type1" => Some(15.4),
        "type2" => Some(30.0),
        "type3" => Some(60.0),
        "type4" => Some(90.0),
        _ => None,
    }
}

/// `pse` or `pd` and the standard of a port.
pub(super) fn mode<'a>(lab: &'a Lab, port: PortId, wanted: &str) -> Option<Option<&'a str>> {
    let (mode, standard) = lab.derived.port(port).poe.as_ref()?;
    (&**mode == wanted).then_some(standard.as_deref())
}

/// Devices in use that only a network cable can power, each with the port that takes power.
pub(super) fn powered(lab: &Lab) -> Vec<(DeviceId, PortId)> {
    let mut all = Vec::new();
    for (id, _) in lab.devices.iter().filter(|(id, _)| is_active(lab, *id)) {
        if !plugged(lab, id).is_empty() || lab.derived.inlets_of(id).next().is_some() {
            continue;
        }
        let takes = |port: &PortId| mode(lab, *port, "pd").is_some();
        let ports = lab.derived.device(id).ports.iter().copied().filter(takes);
        // Of several ports that could, the one with a cable.
        let best = ports.clone().find(|port| !lab.derived.links_of(*port).is_empty());
        all.extend(best.or_else(|| ports.clone().next()).map(|port| (id, port)));
    }
    all
}

/// `switch-1:8`.
pub(super) fn called(lab: &Lab, port: PortId) -> String {
    let port = lab.derived.port(port);
    format!("{}:{}", lab.devices[port.device].name, port.name)
}
