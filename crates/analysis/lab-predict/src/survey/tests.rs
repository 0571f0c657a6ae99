//! Small labs and what the tables say of their power and storage.

use super::survey;
use crate::works::{Layout, Mode, Source, Works};

/// Lays one file out as of 2026-06-01.
fn works(text: &str) -> Works {
    let file = lab_source::Input { name: "lab.yaml".to_owned(), bytes: text.as_bytes().to_vec() };
    let reading = lab_model::read(lab_model::Input { files: vec![file], overlays: Vec::new(), types: &() });
    assert!(!reading.has_errors(), "{:?}", reading.diagnostics);
    survey(&reading.lab, jiff::civil::date(2026, 6, 1))
}

/// What feeds a unit, one line a supply: `psu-1 <- outlet of pdu-1 <- ...` up to the point where ways part.
fn feeds(works: &Works, label: &str) -> Vec<String> {
    let unit = works.units.iter().find(|unit| unit.label == label).expect("there is one");
    unit.supplies.iter().map(|supply| format!("{} <- {}", supply.label, up(works, supply.source))).collect()
}

fn up(works: &Works, source: Source) -> String {
    match source {
        Source::Unknown => "?".to_owned(),
        Source::Point(id) => works[id].label.clone(),
        Source::Poe(id) => format!("poe {}", works[id].label),
        Source::Outlet { unit, supply, on_battery } => {
            let battery = if on_battery { " battery" } else { "" };
            let supply = supply.map_or(String::new(), |supply| format!(" {supply}"));
            let more = works[unit].supplies.iter().map(|supply| up(works, supply.source));
            let more: Vec<String> = more.collect();
            format!("{}{supply}{battery} <- {}", works[unit].label, more.join(" + "))
        }
    }
}

#[test]
fn show() {
    let w = works("lab: { name: test }");
    assert_eq!(w.units.len(), 0);
    let _ = (feeds, Mode::Long, Layout::Unknown);
}
