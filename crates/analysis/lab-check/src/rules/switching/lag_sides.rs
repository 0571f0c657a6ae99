//! Vocabulary of the aggregate rules: the two sides, and where each is written.

use super::wire::port_name;
use lab_model::Lab;
use lab_model::derived::{LagFacts, LagSideFacts, PortId};
use lab_model::lab::{DeviceId, LagId};
use lab_model::written::Status;

/// Every aggregate with its facts, those on devices that are only planned left out.
pub(super) fn lags(lab: &Lab) -> impl Iterator<Item = (LagId, &LagFacts)> {
    lab.lags.iter().map(|(id, _)| (id, lab.derived.lag(id))).filter(|(_, facts)| {
        let active = |device: &DeviceId| {
            lab.devices[*device].status.as_ref().is_none_or(|status| status.value == Status::Active)
        };
        facts.near.devices.iter().chain(&facts.far.devices).all(active)
    })
}

/// Both sides that have ports.
pub(super) fn sides(facts: &LagFacts) -> impl Iterator<Item = &LagSideFacts> {
    [&facts.near, &facts.far].into_iter().filter(|side| !side.ports.is_empty())
}

/// Names of ports, those of a long list cut off.
pub(super) fn port_names(lab: &Lab, ports: &[PortId]) -> String {
    let names: Vec<String> = ports.iter().take(8).map(|port| port_name(lab, *port)).collect();
    names.join(", ")
}
