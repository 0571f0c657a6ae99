//! A second line to the Internet, of another provider, where the router has a free port for it.

use super::super::candidate::{Candidate, Cost};
use super::super::edit::Edit;
use super::new_name;
use crate::forecast::Forecast;
use lab_model::Lab;
use lab_model::derived::{Connector, PortClass, PortId};
use lab_model::lab::CircuitId;
use lab_model::written::DeviceRole;

/// The only line that ends in a router, with a second beside it.
pub(super) fn candidates(forecast: &Forecast<'_>) -> Vec<Candidate> {
    let lab = forecast.lab;
    let is_line = |id: &CircuitId| {
        let kind = lab.circuits[*id].kind.as_ref();
        lab.is_active(*id) && kind.is_none_or(|kind| !kind.text.contains("tunnel"))
    };
    let lines: Vec<CircuitId> = lab.circuits.iter().map(|(id, _)| id).filter(is_line).collect();
    let [only] = lines[..] else { return Vec::new() };
    second(lab, only).into_iter().collect()
}

fn second(lab: &Lab, line: CircuitId) -> Option<Candidate> {
    let record = &lab.circuits[line];
    let end = &record.ends_at.as_ref()?.value;
    let device = lab.devices.find(&end.device.name)?;
    if lab.derived.device(device).role != Some(DeviceRole::Router) {
        return None;
    }
    let is_free = |id: PortId| {
        let port = lab.derived.port(id);
        let is_wired = matches!(port.ty.connector, Connector::Rj45 | Connector::Cage(_));
        port.class == PortClass::Network
            && is_wired
            && port.enabled
            && lab.derived.links_of(id).is_empty()
            && lab.derived.lag_of(id).is_none()
            && *port.name != *end.interface.name
    };
    let free: Vec<PortId> =
        lab.derived.device(device).ports.iter().copied().filter(|&id| is_free(id)).collect();
    let is_for_lines = |id: &&PortId| lab.derived.port(**id).name.contains("wan");
    let port = *free.iter().find(is_for_lines).or(free.first())?;
    let [name, provider] = [
        new_name("line", |name| lab.circuits.find(name).is_some()),
        new_name("other-provider", |name| lab.providers.find(name).is_some()),
    ];
    let ends_at = format!("{}:{}", lab.devices[device].name, lab.derived.port(port).name);
    let mut edit = Edit::default();
    let is_set =
        edit.set(lab, &["providers", &provider], "", "brings a second line, on another way into the house")
            && edit.set(lab, &["circuits", &name, "provider"], "", provider.clone())
            && edit.set(lab, &["circuits", &name, "ends-at"], "", ends_at.clone());
    edit.span = Edit::place(lab, &["circuits", &record.name.text]);
    is_set.then(|| Candidate {
        group: "line".to_owned(),
        what: format!("a second line to the Internet, of another provider, into {ends_at}"),
        takes: vec![
            format!("{} set to use either line", lab.devices[device].name),
            "a way into the house that it does not share with the first".to_owned(),
        ],
        covers: Vec::new(),
        edit,
        cost: Cost::Monthly,
    })
}
