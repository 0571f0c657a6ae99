//! `show devices`: every physical device with its type, role, place and what feeds it.

use super::{Asked, ShowError, View};
use crate::document::{Block, Document, Table};
use lab_model::Lab;
use lab_model::derived::PowerSource;
use lab_model::lab::DeviceId;

pub(super) const VIEW: View = View {
    name: "devices",
    summary: "every physical device: type, role, place, power",
    document,
    drawing: None,
};

fn document(asked: &Asked<'_>) -> Result<Document, ShowError> {
    let lab = asked.lab;
    let mut table =
        Table::new(&["device", "~type", "role", "place", "fed by", ">typical", ">peak", "status"]);
    for (id, device) in lab.devices.iter() {
        let facts = lab.derived.device(id);
        let draw = lab.derived.draw(id);
        table.row([
            device.name.to_string(),
            device.r#type.as_ref().map_or_else(String::new, ToString::to_string),
            facts.role.map_or_else(String::new, |role| role.to_string()),
            device.at.as_ref().map_or_else(String::new, |at| at.value.to_string()),
            fed_by(lab, id),
            draw.typical.map_or_else(String::new, |watts| watts.to_string()),
            draw.peak.map_or_else(String::new, |watts| watts.to_string()),
            device.status.as_ref().map_or_else(String::new, |status| status.value.to_string()),
        ]);
    }
    let title = format!("{} devices", lab.devices.len());
    Ok(Document { title, blocks: vec![Block::Table(table)] })
}

/// What the inlets of a device are plugged into; the switch port for one powered over its network cable.
pub(super) fn fed_by(lab: &Lab, device: DeviceId) -> String {
    let sources = lab.derived.inlets_of(device).filter_map(|(_, inlet)| inlet.source);
    let mut names: Vec<String> = sources
        .map(|source| match source {
            PowerSource::Node(node) => lab.power[node].name.to_string(),
            PowerSource::Device(feeder) => lab.devices[feeder].name.to_string(),
            PowerSource::Outlet(outlet) => {
                let outlet = lab.derived.outlet(outlet);
                format!("{}:{}", lab.devices[outlet.device].name, outlet.name)
            }
        })
        .collect();
    if let Some(port) = lab.derived.poe_source(device) {
        let port = lab.derived.port(port);
        names.push(format!("{}:{} (PoE)", lab.devices[port.device].name, port.name));
    }
    names.join(", ")
}
