//! The page is whole, stands alone, and survives names that would break it.

use super::render;
use crate::answers::Forecast;
use crate::works::{Mode, Part, PartKind, Unit, Works};
use lab_model::ThingId;

fn page(label: &str) -> String {
    let reading = lab_model::read(lab_model::Input {
        files: vec![lab_source::Input {
            name: "lab.yaml".to_owned(),
            bytes: b"lab: { name: tiny }\ndevices: { a: {} }\n".to_vec(),
        }],
        overlays: Vec::new(),
        types: &(),
    });
    let thing: ThingId =
        reading.lab.devices.iter().next().map(|(id, _)| id.into()).expect("there is one device");
    let mut works = Works::default();
    let part = works.parts(Part {
        name: format!("device/{label}"),
        label: label.to_owned(),
        kind: PartKind::Device,
        mode: Mode::Fails,
        thing: Some(thing),
        span: None,
        per_year: Some(0.1),
        hours_to_mend: Some(24.0),
        figures_assumed: true,
    });
    works.units(Unit {
        thing,
        label: label.to_owned(),
        fails: vec![part],
        supplies: Vec::new(),
        supplies_needed: 0,
        inside: None,
        battery: None,
        watts: None,
        watts_peak: None,
        limit_watts: None,
        starts_with_power: None,
        span: None,
    });
    let today = jiff::civil::date(2026, 1, 1);
    render(&Forecast::of_works(&reading.lab, works, today, 2).expect("one part is not too many"))
}

#[test]
fn the_page_stands_alone() {
    let page = page("switch-1");
    assert!(page.starts_with("<!doctype html>"));
    assert!(page.contains("data-key=\"n0\""), "the box of the unit can be clicked");
    for outside in ["src=", "href=", "url(", "@import"] {
        assert!(!page.contains(outside), "the page refers to something else by {outside}");
    }
}

#[test]
fn a_name_cannot_end_the_data() {
    let page = page("</script><script>alert(1)</script>");
    assert_eq!(page.matches("</script>").count(), 2, "only the page's own two elements end");
}
