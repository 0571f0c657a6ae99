//! `show`: views of the lab, formats, and what is said when the lab is not whole.

use crate::lab::Lab;

#[test]
fn a_view_is_text_or_data() {
    let lab = Lab::new(&[("devices.yaml", "devices: { nas-1: {}, switch-1: {} }\n")]);
    let run = lab.run(&["show", "devices"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    assert!(run.stdout.contains("nas-1") && run.stdout.contains("switch-1"), "{}", run.stdout);
    let json: serde_json::Value =
        serde_json::from_str(&lab.run(&["show", "devices", "--format", "json"]).stdout).unwrap();
    assert!(json.is_object(), "{json}");
    assert!(lab.run(&["show", "devices", "--format", "csv"]).stdout.contains("\nnas-1,"));
}

#[test]
fn the_lab_may_be_named_last() {
    let lab = Lab::new(&[("inner/lab.yaml", "lab: { name: inner }\ndevices: { inside: {} }\n")]);
    for folder in ["inner", "./inner", "inner/"] {
        let run = lab.run(&["show", "devices", folder]);
        assert!(run.stdout.contains("inside"), "{folder}: {}{}", run.stdout, run.stderr);
    }
}

#[test]
fn unknown_views_are_usage_and_broken_labs_are_shown_with_a_warning() {
    let lab = Lab::new(&[("devices.yaml", "devices: { nas-1: {} }\n"), ("x.yaml", "a: [")]);
    let run = lab.run(&["show", "device"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("a similar value exists: 'devices'"), "{}", run.stderr);
    let run = lab.run(&["show", "devices"]);
    assert_eq!(run.code, 0);
    assert!(run.stdout.contains("nas-1") && run.stderr.contains("labwright check"), "{}", run.stderr);
    assert_eq!(lab.run(&["--quiet", "show", "devices"]).stderr, "");
}
