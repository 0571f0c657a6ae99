//! `show zones`: who may reach whom, as a matrix, and each permission with its ports and reason.

use super::cables::lab_name;
use super::cell::{join, refs, shown, texts, values, when};
use super::{Asked, ShowError, View};
use crate::document::{Block, Document, Table};
use lab_model::Lab;
use lab_model::lab::ZoneId;
use lab_model::written::Reach;

pub(super) const VIEW: View =
    View { name: "zones", summary: "who may reach whom, and on which ports", document, drawing: None };

fn document(asked: &Asked<'_>) -> Result<Document, ShowError> {
    let lab = asked.lab;
    let mut blocks =
        vec![Block::Table(matrix(lab)), Block::Table(zones(lab)), Block::Table(permissions(lab))];
    blocks
        .push(Block::Text("From the row to the column. Empty is denied. `-` is the zone itself.".to_owned()));
    blocks.swap(1, 3);
    blocks.swap(2, 3);
    Ok(Document { title: format!("{}: zones", lab_name(lab)), blocks })
}

/// What one zone may do at another place: `yes`, or the ports.
fn cell(lab: &Lab, from: ZoneId, to: &str) -> String {
    let zone = &lab.zones[from];
    if *zone.name.text == *to {
        let isolated = zone.isolated.as_ref().is_some_and(|isolated| isolated.value);
        return match (isolated, zone.pairs.is_empty()) {
            (true, true) => "- isolated".to_owned(),
            (true, false) => "- some".to_owned(),
            (false, _) => "-".to_owned(),
        };
    }
    let permitted: Vec<&Reach> = zone.may_reach.iter().filter(|reach| names(reach, to)).collect();
    if permitted.iter().any(|reach| reach.on.is_empty()) {
        return "yes".to_owned();
    }
    permitted.iter().map(|reach| values(&reach.on)).collect::<Vec<_>>().join(", ")
}

/// True when a permission names `to`, a zone or a word.
fn names(reach: &Reach, to: &str) -> bool {
    let Some(target) = &reach.to else { return false };
    let name = target.text.strip_prefix("zone/").unwrap_or(&target.text);
    let is_zone = target.id.is_none_or(|id| id.kind == lab_model::Kind::Zone);
    is_zone && name == to
}

fn matrix(lab: &Lab) -> Table {
    let mut heads = vec!["from", "internet", "gateway"];
    heads.extend(lab.zones.iter().map(|(_, zone)| &*zone.name.text));
    let mut table = Table::new(&heads);
    for (id, zone) in lab.zones.iter() {
        let cells = heads[1..].iter().map(|to| cell(lab, id, to));
        table.row(std::iter::once(zone.name.to_string()).chain(cells));
    }
    table
}

fn zones(lab: &Lab) -> Table {
    let mut table = Table::new(&["zone", "of", "is", "~pairs", "~description"]).titled("Zones");
    for (_, zone) in lab.zones.iter() {
        let is = [
            when(&zone.isolated, "isolated"),
            when(&zone.untrusted, "untrusted"),
            when(&zone.management, "management"),
        ];
        table.row([
            zone.name.to_string(),
            refs(&zone.of),
            join(is, ", "),
            texts(&zone.pairs),
            shown(zone.description.as_ref()),
        ]);
    }
    table
}

fn permissions(lab: &Lab) -> Table {
    let mut table = Table::new(&["zone", "may reach", "on", "=because"]).titled("Permissions");
    for (_, zone) in lab.zones.iter() {
        for reach in &zone.may_reach {
            table.row([
                zone.name.to_string(),
                shown(reach.to.as_ref()),
                values(&reach.on),
                shown(reach.because.as_ref()),
            ]);
        }
    }
    table
}
