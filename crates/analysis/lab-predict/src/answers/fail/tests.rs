//! What follows a failure, told as people read it.

use super::*;
use lab_model::Reading;

fn read(text: &str) -> Reading {
    let files = vec![lab_source::Input { name: "lab.yaml".to_owned(), bytes: text.as_bytes().to_vec() }];
    let reading = lab_model::read(lab_model::Input { files, overlays: Vec::new(), types: &() });
    assert!(!reading.has_errors(), "{:?}", reading.diagnostics);
    reading
}

/// The answer as text, 200 columns wide, without what one more failure would do.
fn told(text: &str, failed: &str) -> String {
    let reading = read(text);
    let forecast = Forecast::new(&reading.lab, jiff::civil::date(2026, 6, 1), 2).expect("pairs are computed");
    let names: Vec<String> = failed.split(',').map(str::to_owned).collect();
    let answer = fail(&forecast, &names).expect("they are called so").answer(&forecast);
    let text = lab_show::render_text(&answer.document, 200);
    text.split("Redundancy is lost").next().unwrap_or_default().to_owned()
}

#[track_caller]
fn check(lab: &str, failed: &str, expect: &[&str], never: &[&str]) {
    let text = told(lab, failed);
    for line in expect {
        assert!(text.contains(line), "no {line:?} in:\n{text}");
    }
    for line in never {
        assert!(!text.contains(line), "{line:?} in:\n{text}");
    }
}

const POWER: &str = "\
lab: { name: small, voltage: 230 V }
power: { grid: { kind: utility }, circuit-1: { from: grid } }
devices:
  ups:
    type: generic/ups-1500va
    inlets: { in: circuit-1 }
    watts: 0 W
    battery: { capacity: 200 Wh, health: 100 % }
  server: { role: server, watts: 100 W, inlets: { psu: 'ups:1' } }
  lamp: { role: server, watts: 10 W, inlets: { psu: circuit-1 } }
hosts:
  server: { on: server, shuts-down-on-battery: true }
  lamp: { on: lamp }
services:
  wiki: { on: server, for: household, tolerates: 1 h }
  light: { on: lamp, for: household }
  logs: { on: lamp, for: owner }
";

#[test]
fn a_battery_carries_for_a_while_and_what_it_does_not_carry_is_missed_first() {
    // At 20 % of its charge it tells the server, which takes two minutes to shut down.
    check(
        POWER,
        "grid",
        &[
            "On battery: ups carries 100 W for",
            "server shut down in order",
            "at once       the household  light",
        ],
        &["lose power without"],
    );
    let text = told(POWER, "grid");
    let order: Vec<usize> =
        ["light", "wiki", "logs"].iter().map(|name| text.rfind(name).unwrap_or(0)).collect();
    assert!(order.is_sorted(), "{text}");
    check(POWER, "server", &["at once  the household  wiki  1 h"], &["On battery"]);
}

const MOVING: &str = "\
devices:
  node-1..3: { role: server, memory: 8 GiB, interfaces: { eth0: 1000base-t } }
  switch: { role: switch, interfaces: { '1..8': 1000base-t } }
cables: { lan: { kind: cat6, between: { 'switch:1..3': 'node-1..3:eth0' } } }
hosts: { node-1..3: { on: node-1..3 } }
clusters: { k8s: { kind: kubernetes, members: node-1..3, eviction: 5 min } }
services:
  big-(a,b,c): { on: k8s, memory: 6 GiB, for: household }
  small: { on: k8s, memory: 1 GiB, tolerates: 1 min, for: household }
  twice: { on: k8s, replicas: 3, memory: 100 MiB }
";

#[test]
fn what_finds_no_place_says_how_much_is_short() {
    check(
        MOVING,
        "node-1",
        &[
            "No place for big-",
            "which takes 6 GiB: node-2 is ",
            "Run with an instance less, since each machine that is left has one already: twice.",
            "up to 7 min",
            "it runs on another machine",
        ],
        &["No place for small"],
    );
}

#[test]
fn scratch_is_not_called_lost_data() {
    let lab = |importance: &str| {
        format!(
            "\
devices:
  nas: {{ role: nas, drives: {{ bay-1: own/disk }} }}
drive-types: {{ own/disk: {{ kind: hdd }} }}
hosts: {{ nas: {{ on: nas }} }}
pools: {{ tank: {{ kind: zfs, on: nas, vdevs: [{{ stripe: nas/bay-1 }}] }} }}
datasets: {{ stuff: {{ pool: tank, importance: {importance} }} }}
"
        )
    };
    check(&lab("important"), "nas/bay-1", &["DATA LOST: tank with stuff"], &["scratch"]);
    check(&lab("ephemeral"), "nas/bay-1", &["only scratch or further copies lost: tank"], &["DATA LOST"]);
}
