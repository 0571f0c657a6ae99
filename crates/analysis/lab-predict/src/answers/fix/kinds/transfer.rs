//! An automatic transfer switch before a device with one supply, or before a strip: fed from where it hangs now and from a second place.

use super::super::candidate::{Candidate, Cost};
use super::super::edit::Edit;
use super::new_name;
use super::plug::{Socket, sockets};
use crate::forecast::Forecast;
use lab_model::Lab;
use lab_model::derived::PowerSource;
use lab_model::written::DeviceRole;

/// Every device with one plug, with each second place to plug into.
pub(super) fn candidates(forecast: &Forecast<'_>) -> Vec<Candidate> {
    let lab = forecast.lab;
    let mut all = Vec::new();
    for (device, record) in lab.devices.iter().filter(|(id, _)| lab.is_active(*id)) {
        let mut inlets = lab.derived.inlets_of(device).map(|(_, inlet)| inlet);
        let (Some(inlet), None) = (inlets.next(), inlets.next()) else { continue };
        let Some(now) = inlet.source.and_then(|source| written(lab, source)) else { continue };
        if matches!(lab.derived.device(device).role, Some(DeviceRole::Ups | DeviceRole::TransferSwitch)) {
            continue;
        }
        for Socket { name, mut takes, .. } in sockets(lab, inlet) {
            let switch = new_name("transfer-switch", |name| lab.devices.find(name).is_some());
            let mut edit = Edit::default();
            let own = ["devices", &record.name.text, "inlets", &inlet.name];
            let new = |key| ["devices", switch.as_str(), key];
            let [a, b] = ["a", "b"].map(|inlet| ["devices", switch.as_str(), "inlets", inlet]);
            let is_set = edit.set(lab, &own, "from", switch.clone())
                && edit.set(lab, &new("role"), "", "transfer-switch")
                && edit.set(lab, &a, "", now.clone())
                && edit.set(lab, &b, "", name.clone());
            if !is_set {
                continue;
            }
            takes.retain(|phrase| !phrase.starts_with("a cord"));
            takes.push("a transfer switch that is rated for the load, and cords".to_owned());
            all.push(Candidate {
                group: format!("transfer {}", record.name),
                what: format!("an automatic transfer switch before {}, fed by {now} and {name}", record.name),
                takes,
                covers: Vec::new(),
                edit,
                cost: price(lab),
            });
        }
    }
    all
}

fn written(lab: &Lab, source: PowerSource) -> Option<String> {
    Some(match source {
        PowerSource::Node(node) => lab.power[node].name.to_string(),
        PowerSource::Device(device) => lab.devices[device].name.to_string(),
        PowerSource::Outlet(outlet) => {
            let outlet = lab.derived.outlet(outlet);
            format!("{}:{}", lab.devices[outlet.device].name, outlet.name)
        }
    })
}

/// What a transfer switch costs in this lab, when one is priced.
fn price(lab: &Lab) -> Cost {
    let mut devices = lab.devices.iter();
    let priced = devices.find_map(|(id, device)| {
        let is_one = lab.derived.device(id).role == Some(DeviceRole::TransferSwitch);
        device.price.as_ref().filter(|_| is_one).map(|price| price.value.to_string())
    });
    priced.map_or(Cost::NotKnown, Cost::Priced)
}
