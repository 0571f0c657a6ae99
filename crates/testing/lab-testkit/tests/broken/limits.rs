//! Small texts that stand for very much: told, and bounded.

use crate::{hold, read_files, told};

/// Reads a lab and gives how many things it has in the end.
fn check(text: &str, code: &str, things_max: usize) {
    let reading = read_files(&[("lab.yaml", text)]);
    let told = told(&reading);
    let shown = &told[..told.len().min(2_000)];
    assert!(told.contains(code), "{code} is told: {shown}");
    let lab = &reading.lab;
    let things = lab.devices.len() + lab.hosts.len() + lab.derived.ports.len() + lab.derived.drives.len();
    assert!(things <= things_max, "{things} things of {} bytes", text.len());
}

#[test]
fn ranges_are_bounded() {
    check("devices: { node-1..99999999: {} }", "too many names", 0);
    check("devices: { a-0..999-0..999: {} }", "too many names", 0);
}

#[test]
fn ranges_within_ranges_are_bounded() {
    check("devices: { a-1..3000: { drives: { b-1..3001: {} } } }", "yaml-limit", 2_100_000);
}

#[test]
fn many_ranges_are_bounded() {
    let ranges: String = (0..10_000).map(|index| format!("  a-{index}-1..1000: ~\n")).collect();
    check(&format!("cables:\n{ranges}"), "yaml-limit", 0);
}

#[test]
fn a_range_in_step_is_parsed_once() {
    // Sixty thousand times sixty thousand would not end.
    let reading = read_files(&[(
        "lab.yaml",
        "power: { c: {} }\nhosts: { n-1..20000: { on: d-1..20000, os: debian } }\n",
    )]);
    assert_eq!(reading.lab.hosts.len(), 20_000);
}

#[test]
fn ports_of_types_are_bounded() {
    let text = "\
device-types: { x/big: { manufacturer: X, model: Big, slug: x-big, interfaces: [{ names: 1..60000, type: 1000base-t }] } }
devices: { a-1..100: { type: x/big } }
";
    check(text, "1000000 ports", 1_100_000);
}

#[test]
fn aliases_of_aliases_are_bounded() {
    let mut text = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..30 {
        let below = format!("*a{}, ", level - 1).repeat(10);
        text += &format!("a{level}: &a{level} [{below}]\n");
    }
    text += "devices: *a29\n";
    check(&text, "yaml-limit", 0);
}

#[test]
fn deep_nesting_is_bounded() {
    check(&format!("devices: {}", "[".repeat(100_000)), "yaml", 0);
    check(&format!("devices: {}x{}", "{ a: ".repeat(5_000), " }".repeat(5_000)), "yaml-limit", 0);
}

/// Every name is wrong: each is told, and no time is lost on guessing what thousands of them may mean.
#[test]
fn thousands_of_unknown_names_are_told() {
    let devices: String =
        (0..5_000).map(|index| format!("  device-{index}: {{ at: rack-{index}/U1 }}\n")).collect();
    let hosts: String =
        (0..5_000).map(|index| format!("  host-{index}: {{ on: machine-{index} }}\n")).collect();
    let reading = read_files(&[("lab.yaml", &format!("devices:\n{devices}hosts:\n{hosts}"))]);
    assert_eq!(reading.diagnostics.len(), 10_000);
}

#[test]
fn a_lab_of_odd_names_is_shown() {
    let text =
        "devices: { '': {}, ' ': {}, 'a\\u0301': {}, \"\\u202e\": {}, '<b>&\"': {}, 'a|b': {}, '-': {} }";
    hold(&read_files(&[("lab.yaml", text)]));
}
