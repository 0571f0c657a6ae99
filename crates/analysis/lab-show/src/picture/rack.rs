//! Racks as elevations: front and, where something is mounted there, back.

use super::draw::class_of;
use super::graph::Class;
use super::svg::{Anchor, Svg, text_width};
use lab_model::grammar::Face;

/// Height of one rack unit in pixels.
const UNIT: f64 = 24.0;
const WIDTH: f64 = 330.0;
const MARGIN: f64 = 30.0;
const NUMBERS: f64 = 34.0;

/// A rack to be drawn.
#[derive(Clone, PartialEq, Debug)]
pub struct Rack {
    /// Its name.
    pub name: String,
    /// What is written above it.
    pub title: String,
    /// Height in half units.
    pub height: u16,
    /// What stands in it.
    pub items: Vec<Item>,
    /// What is in it at no unit.
    pub elsewhere: Vec<String>,
}

/// Something in a rack.
#[derive(Clone, PartialEq, Debug)]
pub struct Item {
    /// What it is called.
    pub name: String,
    /// What stands side by side in it; one for a device of its own.
    pub parts: Vec<String>,
    /// What else is written.
    pub detail: String,
    /// Its lowest unit in half units, U1 being 2.
    pub lowest: u16,
    /// Its height in half units.
    pub height: u16,
    /// The side it is mounted on; both when not said.
    pub face: Option<Face>,
    /// Its colour.
    pub class: Class,
}

impl Item {
    /// True when it takes part of unit `unit`, counted from 1.
    pub fn is_in(&self, unit: u16) -> bool {
        self.lowest < unit * 2 + 2 && self.lowest + self.height > unit * 2
    }

    /// The highest unit it takes part of.
    pub fn top_unit(&self) -> u16 {
        (self.lowest + self.height - 1) / 2
    }
}

/// All racks side by side, each with its back when something is mounted there.
pub fn render_racks(racks: &[Rack]) -> String {
    let panels: Vec<(&Rack, Face)> = racks
        .iter()
        .flat_map(|rack| {
            let back = rack.items.iter().any(|item| item.face == Some(Face::Back));
            std::iter::once((rack, Face::Front)).chain(back.then_some((rack, Face::Back)))
        })
        .collect();
    let tallest = racks.iter().map(|rack| rack.height).max().unwrap_or(0);
    let lines = racks.iter().map(|rack| rack.elsewhere.len()).max().unwrap_or(0) as f64;
    let width = MARGIN + panels.len() as f64 * (NUMBERS + WIDTH + MARGIN);
    let height = 70.0 + f64::from(tallest) / 2.0 * UNIT + lines * 16.0 + MARGIN * 2.0;
    let mut svg = Svg::new(width.max(200.0), height, "racks");
    let mut left = MARGIN;
    for (rack, face) in panels {
        draw_rack(&mut svg, rack, face, left);
        left += NUMBERS + WIDTH + MARGIN;
    }
    svg.finish()
}

fn draw_rack(svg: &mut Svg, rack: &Rack, face: Face, left: f64) {
    let units = rack.height / 2;
    let (x, top) = (left + NUMBERS, 60.0);
    let height = f64::from(units) * UNIT;
    svg.text((left, 30.0), 15.0, Anchor::Start, "title", &rack.title);
    svg.text((left, 47.0), 11.0, Anchor::Start, "soft", if face == Face::Front { "front" } else { "back" });
    for unit in 1..=units {
        let y = top + height - f64::from(unit) * UNIT;
        svg.text((x - 8.0, y + UNIT / 2.0 + 4.0), 10.0, Anchor::End, "soft", &unit.to_string());
        svg.path(&format!("M{x:.1} {y:.1}h{WIDTH}"), "grid", "");
    }
    svg.rect((x, top), (WIDTH, height), "frame", "");
    for item in rack.items.iter().filter(|item| item.face.is_none_or(|on| on == face)) {
        // Two that claim the same unit are drawn over each other, the later one further right, so that both are seen.
        let clash = rack.items.iter().take_while(|other| *other != item).filter(|other| {
            other.face.is_none_or(|on| on == face)
                && other.lowest < item.lowest + item.height
                && item.lowest < other.lowest + other.height
        });
        let shift = (clash.count() as f64 * 46.0).min(WIDTH - 80.0);
        draw_item(svg, item, (x + shift, top + height), WIDTH - shift);
    }
    if face == Face::Front {
        for (line, name) in rack.elsewhere.iter().enumerate() {
            let text = if line == 0 { format!("no unit: {name}") } else { format!("         {name}") };
            svg.text((x, top + height + 20.0 + line as f64 * 16.0), 11.0, Anchor::Start, "soft", &text);
        }
    }
}

fn draw_item(svg: &mut Svg, item: &Item, bottom_left: (f64, f64), width: f64) {
    let (x, bottom) = bottom_left;
    let height = f64::from(item.height) / 2.0 * UNIT - 2.0;
    let y = bottom - (f64::from(item.lowest) / 2.0 - 1.0) * UNIT - height - 1.0;
    let share = width / item.parts.len().max(1) as f64;
    for (index, part) in item.parts.iter().enumerate() {
        let at = (x + 2.0 + index as f64 * share, y);
        let hint = format!("{part}\n{}", item.detail);
        svg.rect(at, (share - 4.0, height), class_of(item.class), &hint);
        let size = if text_width(part, 12.5) < share - 14.0 { 12.5 } else { 9.5 };
        let middle = y + height / 2.0 + 4.5;
        svg.text((at.0 + 8.0, middle), size, Anchor::Start, "title", part);
        let room = share - text_width(part, size) - 34.0;
        if item.parts.len() == 1 && text_width(&item.detail, 10.0) < room {
            svg.text((at.0 + share - 12.0, middle), 10.0, Anchor::End, "soft", &item.detail);
        }
    }
}
