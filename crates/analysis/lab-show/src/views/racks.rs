//! `show racks`: what stands where. A table of units for a terminal, an elevation as SVG.

use super::{Asked, Drawing, ShowError, View};
use crate::document::{Block, Document, Table};
use crate::picture::rack::{Item, Rack, render_racks};
use lab_model::Lab;
use lab_model::derived::Mounted;
use lab_model::grammar::Face;
use lab_model::lab::RackId;
use std::collections::BTreeMap;
use std::sync::Arc;

pub(super) const VIEW: View = View {
    name: "racks",
    summary: "what stands where in each rack",
    document,
    drawing: Some(Drawing::Svg(|asked| Ok(render_racks(&racks(asked.lab, asked.names)?)))),
};

fn document(asked: &Asked<'_>) -> Result<Document, ShowError> {
    let racks = racks(asked.lab, asked.names)?;
    let mut document = Document { title: format!("{} racks", racks.len()), blocks: Vec::new() };
    for rack in racks {
        let mut table = Table::new(&[">unit", "device", "~type", "side"]);
        for unit in (1..=rack.height.div_ceil(2)).rev() {
            let here: Vec<&Item> = rack.items.iter().filter(|item| item.is_in(unit)).collect();
            if here.is_empty() {
                table.row([format!("U{unit}"), String::new(), String::new(), String::new()]);
            }
            for item in here {
                let name =
                    if item.top_unit() == unit { item.name.clone() } else { format!("│ {}", item.name) };
                table.row([format!("U{unit}"), name, item.detail.clone(), side(item.face).to_owned()]);
            }
        }
        document.blocks.push(Block::Table(table.titled(rack.title.clone())));
        if !rack.elsewhere.is_empty() {
            let text = format!("In {} without a unit: {}", rack.name, rack.elsewhere.join(", "));
            document.blocks.push(Block::Text(text));
        }
    }
    Ok(document)
}

fn side(face: Option<Face>) -> &'static str {
    match face {
        Some(Face::Back) => "back",
        Some(Face::Front) => "front",
        None => "",
    }
}

fn racks(lab: &Lab, names: &[String]) -> Result<Vec<Rack>, ShowError> {
    for name in names {
        if lab.racks.find(name).is_none() {
            let known = lab.racks.iter().map(|(_, rack)| &*rack.name.text);
            let near = lab_source::suggest::nearest(name, known).map(str::to_owned);
            return Err(ShowError {
                message: format!("there is no rack `{name}`"),
                near: near.into_iter().collect(),
            });
        }
    }
    let wanted = |name: &str| names.is_empty() || names.iter().any(|wanted| wanted == name);
    Ok(lab.racks.iter().filter(|(_, rack)| wanted(&rack.name.text)).map(|(id, _)| rack(lab, id)).collect())
}

fn rack(lab: &Lab, id: RackId) -> Rack {
    let record = &lab.racks[id];
    let units = record.height.map_or(0, |height| height.value.half_units());
    let mut rack = Rack {
        name: record.name.to_string(),
        title: match &record.model {
            Some(model) => format!("{} ({model}, {} U)", record.name, units / 2),
            None => format!("{} ({} U)", record.name, units / 2),
        },
        height: u16::try_from(units).unwrap_or(u16::MAX).min(200),
        items: Vec::new(),
        elsewhere: Vec::new(),
    };
    let mut shelves: BTreeMap<Arc<str>, Vec<String>> = BTreeMap::new();
    for (device, record) in lab.devices.iter() {
        let Some(place) = lab.derived.place(device).filter(|place| place.rack == Some(id)) else { continue };
        match (place.lowest, &place.shelf) {
            (_, Some((shelf, _))) => shelves.entry(shelf.clone()).or_default().push(record.name.to_string()),
            (Some(lowest), None) => {
                let detail = record.r#type.as_ref().map_or_else(String::new, ToString::to_string);
                let class = super::cables::class_of(lab.derived.device(device).role);
                rack.items.push(item(place, lowest, vec![record.name.to_string()], detail, class));
            }
            (None, None) => rack.elsewhere.push(record.name.to_string()),
        }
    }
    for (shelf, devices) in shelves {
        let Some(record) = record.shelves.get(&shelf) else { continue };
        let Some(lowest) = lab_model::derived::shelf_unit(record) else { continue };
        let height = record.height.map_or(2, |height| u16::try_from(height.value.half_units()).unwrap_or(2));
        rack.items.push(Item {
            name: devices.join(" | "),
            parts: devices,
            detail: shelf.to_string(),
            lowest,
            height,
            face: None,
            class: crate::picture::Class::Machine,
        });
    }
    rack.items.sort_by_key(|item| std::cmp::Reverse(item.lowest));
    rack
}

fn item(
    place: &Mounted,
    lowest: u16,
    parts: Vec<String>,
    detail: String,
    class: crate::picture::Class,
) -> Item {
    Item {
        name: parts.join(" | "),
        parts,
        detail,
        lowest,
        height: place.height.max(2),
        face: place.face,
        class,
    }
}
