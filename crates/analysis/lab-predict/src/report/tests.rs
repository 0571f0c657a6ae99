//! Tests of the report: what a person and a program are told, also of what was not computed.

use super::*;
use crate::circuit::{BasicEvent, CircuitBuilder, NodeId};

fn pool() -> Circuit {
    let mut builder = CircuitBuilder::new();
    let disks: Vec<NodeId> =
        (0..6).map(|disk| builder.event(BasicEvent::new(format!("disk{disk}")).probability(0.01))).collect();
    let plug = builder.event(BasicEvent::new("plug").probability(0.001));
    let vdev = builder.at_least(3, disks);
    let pool = builder.or([vdev, plug]);
    builder.top("pool", pool);
    builder.finish()
}

#[test]
fn people_read_patterns_and_how_far_they_go() {
    let circuit = pool();
    let report = Report::new(&circuit, Limits::of_order(3), Wanted::Exact { nodes_max: 1000 }).unwrap();
    assert_eq!(
        render_text(&report, TextOptions { patterns_max: 10 }),
        "\
pool
  probability 1.019534e-3, exact
  between 1.001998e-3 and 1.020147e-3, from the sets of up to 3 events: rare events 1.020000e-3, min cut 1.019980e-3
  1 at once: 1 minimal cut set
    plug
  2 at once: nothing breaks it
  3 at once: 20 minimal cut sets
    any 3 of disk0..5

7 basic events, 7 that differ in effect; 2 gates; tops: 1
"
    );
    let few = Report::new(&circuit, Limits { order: 3, sets_max: 15 }, Wanted::Nothing).unwrap();
    let text = render_text(&few, TextOptions { patterns_max: 10 });
    assert!(text.contains("not computed beyond 2 at once: there are more than 15 sets on the way"), "{text}");
    assert!(!few.is_complete());
}

#[test]
fn programs_read_every_set() {
    let circuit = pool();
    let report = Report::new(&circuit, Limits::of_order(3), Wanted::Exact { nodes_max: 2 }).unwrap();
    let document: serde_json::Value = serde_json::from_str(&render_json(&report)).unwrap();
    let top = &document["tops"][0];
    assert_eq!(top["counts"], serde_json::json!([1, 0, 20]));
    assert_eq!(top["cut_sets"].as_array().map(Vec::len), Some(21));
    assert_eq!(top["cut_sets"][1], serde_json::json!(["disk0", "disk1", "disk2"]));
    assert_eq!(top["probability"]["why_not_exact"], "more than 2 nodes");
    assert_eq!(document["complete"], true);
}
