//! What is tried in a small lab of two zones, and how what came of it is told. No packet is sent here.

use super::*;
use lab_model::{Input, read};

const LAB: &str = "
lab: { name: two-zones }
vlans: { lan: { id: 10 }, guests: { id: 20, private: { isolated: 21 } } }
prefixes:
  10.0.10.0/24: { vlan: lan, gateway: 10.0.10.1 }
  10.0.20.0/24: { vlan: guests, gateway: 10.0.20.1 }
devices:
  router: { role: router, interfaces: { p1: 1000base-t, wan: 1000base-t } }
  switch: { role: switch, interfaces: { p1..4: 1000base-t } }
cables: { lan: { kind: cat6, between: { 'switch:p1': 'router:p1' } } }
ports: { switch: { p1: { untagged: lan, tagged: guests, private: promiscuous } } }
hosts:
  gate:
    on: router
    routes: true
    addresses: { p1: 10.0.10.1/24, p1.20: 10.0.20.1/24 }
    interfaces: { p1: { untagged: lan, tagged: guests }, p1.20: { over: p1, vlan: guests } }
zones:
  users: { of: lan, may-reach: [guests, gateway] }
  guests: { of: guests, isolated: true, may-reach: [{ to: gateway, on: dns }] }
";

fn made() -> Trials {
    made_of(LAB)
}

fn made_of(text: &str) -> Trials {
    let files = vec![lab_source::Input { name: "lab.yaml".into(), bytes: text.into() }];
    let reading = read(Input { files, overlays: Vec::new(), types: &() });
    let (plan, _) = lab_box::project_wired(&reading.lab);
    trials(&reading.lab, &plan)
}

#[test]
fn every_pair_of_zones_is_tried_in_both_directions() {
    let made = made();
    let has = |from: &str, column: &str, allowed: bool| {
        made.trials.iter().any(|t| t.from == from && t.column == column && t.allowed == allowed)
    };
    for (from, column, open, closed) in [
        ("users", "guests", true, false),
        ("guests", "users", false, true),
        // The neighbour in an isolated zone.
        ("guests", "guests", false, true),
        ("users", "gateway", true, false),
        ("guests", "gateway", true, true),
        ("guests", "other gateways", false, true),
    ] {
        assert_eq!((has(from, column, true), has(from, column, false)), (open, closed), "{from} to {column}");
    }
    assert!(made.trials.iter().all(|trial| !trial.doors.is_empty()), "{:#?}", made.trials);
}

#[test]
fn what_is_against_the_rules_is_marked() {
    let made = made();
    let as_said: Vec<Option<bool>> = made.trials.iter().map(|trial| Some(trial.allowed)).collect();
    assert_eq!(tally(&made, &as_said, |_| true).against, 0);
    let mut other = as_said.clone();
    let leak = made.trials.iter().position(|t| t.from == "guests" && t.column == "guests").unwrap();
    other[leak] = Some(true);
    other[leak + 1] = None;
    let all = tally(&made, &other, |_| true);
    assert_eq!((all.against, all.unjudged, all.tried), (1, 1, made.trials.len() - 1));
    let text = lab_show::render_text(&matrix("zones", &made, &other), 200);
    assert!(text.contains(" !1") && text.contains("Against the rules"), "{text}");
    assert!(text.contains("`guests` is isolated"), "{text}");
}

#[test]
fn of_routers_the_address_that_moves_is_tried() {
    let text = LAB.replace("gateway: 10.0.20.1", "gateway: 10.0.20.254")
        + "vips: { gw: { address: 10.0.20.254, protocol: vrrp, members: [gate] } }\n";
    let made = made_of(&text);
    let tried = |address: &str| made.trials.iter().any(|trial| trial.to.ip().to_string() == address);
    assert!(tried("10.0.20.254") && !tried("10.0.20.1") && tried("10.0.10.1"), "{:#?}", made.trials);
    assert!(made.untried.iter().any(|(what, _)| what.contains("own addresses")), "{:?}", made.untried);
}
