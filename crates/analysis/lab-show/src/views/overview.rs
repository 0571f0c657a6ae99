//! `show overview`: the lab on one page: what it is, how much of each kind it has, and its layers as one drawing.

use super::cell::{self, place, shown, texts, value, values};
use super::{Asked, Drawing, ShowError, View};
use crate::document::{Block, Document, Table};
use lab_model::grammar::Watts;
use lab_model::{Kind, Lab};

pub(super) const VIEW: View = View {
    name: "overview",
    summary: "the lab on one page; drawn, its layers from the grid and the lines outside to the services",
    document,
    drawing: Some(Drawing::Graph(super::overview_picture::graph)),
};

fn document(asked: &Asked<'_>) -> Result<Document, ShowError> {
    let lab = asked.lab;
    let head = &lab.head;
    let names = head.names.iter().map(|(kind, grammar)| format!("{kind}: {grammar}"));
    let draw: Watts = lab.devices.iter().filter_map(|(id, _)| lab.derived.draw(id).typical).sum();
    let facts = [
        ("description", shown(head.description.as_ref())),
        ("owner", shown(head.owner.as_ref())),
        ("domain", value(&head.domain)),
        ("further domains", values(&head.domains)),
        ("names", names.collect::<Vec<_>>().join("\n")),
        ("time zone", shown(head.timezone.as_ref())),
        ("voltage", value(&head.voltage)),
        ("price of electricity", value(&head.energy_price)),
        ("measured draw", value(&head.measured_draw)),
        ("draw of what is known", if draw.is_zero() { String::new() } else { draw.to_string() }),
        ("libraries of types", texts(&head.device_types)),
        ("left aside", texts(&head.ignore)),
        ("written in", place(asked.files, head.span)),
    ];
    let facts = facts
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| (name.to_owned(), value));
    let title = shown(head.name.as_ref());
    let mut blocks = vec![Block::Facts { title: String::new(), facts: facts.collect() }];
    let tables = [sites(lab), providers(lab), kinds(lab)];
    blocks.extend(tables.into_iter().filter(|table| !table.rows.is_empty()).map(Block::Table));
    Ok(Document { title, blocks })
}

/// Sites with their rooms and racks.
fn sites(lab: &Lab) -> Table {
    let mut table = Table::new(&["site", "controller", "~rooms", "~racks", "~description"]).titled("Sites");
    for (id, site) in lab.sites.iter() {
        let rooms =
            lab.rooms.iter().filter(|(_, room)| room.site.as_ref().and_then(|site| site.id) == Some(id));
        let racks =
            lab.racks.iter().filter(|(_, rack)| rack.site.as_ref().and_then(|site| site.id) == Some(id));
        table.row([
            site.name.to_string(),
            value(&site.controller),
            cell::names(rooms.map(|(_, room)| room.name.to_string())),
            cell::names(racks.map(|(_, rack)| rack.name.to_string())),
            shown(site.description.as_ref()),
        ]);
    }
    table
}

fn providers(lab: &Lab) -> Table {
    let mut table = Table::new(&["provider", "~description", "~contact"]).titled("Providers");
    for (_, provider) in lab.providers.iter() {
        table.row([
            provider.name.to_string(),
            shown(provider.description.as_ref()),
            shown(provider.contact.as_ref()),
        ]);
    }
    table
}

/// How many there are of each kind, and their names as far as there is room.
fn kinds(lab: &Lab) -> Table {
    let mut table = Table::new(&["kind", ">count", "~names"]).titled("What there is");
    for &kind in Kind::ALL {
        let count = lab.count(kind);
        if count > 0 {
            let names =
                (0..count as u32).map(|index| lab.name(lab_model::ThingId { kind, index }).to_string());
            table.row([kind.key(), count.to_string(), cell::names(names)]);
        }
    }
    table
}
