//! Every key of every kind, as the schema lists them, with values of every wrong form.

use crate::{hold, lines_told, read_files, told};
use serde_json::Value;
use std::collections::BTreeMap;

const FORMS: [&str; 14] = [
    "[]",
    "[[zz]]",
    "[{ zz: zz }]",
    "{ zz: { zz: { zz: zz } } }",
    "{ is: { is: zz } }",
    "~",
    "\"\"",
    "-1",
    "99999999999999999999999999",
    "1e999",
    "2026-99-99",
    "zz zz \u{1f9ea}",
    "zz-1..3",
    "\"zz\\u0000zz\"",
];

/// The keys below each top-level key whose value is a collection of records, and those of single records.
fn keys() -> BTreeMap<String, (bool, Vec<String>)> {
    let schema = lab_model::schema::schema();
    let definitions = &schema["definitions"];
    let mut all = BTreeMap::new();
    for (kind, value) in definitions["Written"]["properties"].as_object().unwrap() {
        let (is_named, record) = match value.get("additionalProperties") {
            Some(record) => (true, record),
            None => (false, value),
        };
        let keys = properties(record, definitions);
        all.insert(kind.clone(), (is_named, keys));
    }
    all
}

fn properties(value: &Value, definitions: &Value) -> Vec<String> {
    if let Some(properties) = value.get("properties").and_then(Value::as_object) {
        return properties.keys().cloned().collect();
    }
    if let Some(name) = value.get("$ref").and_then(Value::as_str) {
        return properties(&definitions[name.trim_start_matches("#/definitions/")], definitions);
    }
    let choices = ["allOf", "anyOf"].iter().filter_map(|key| value.get(key)?.as_array()).flatten();
    choices.flat_map(|choice| properties(choice, definitions)).collect()
}

#[test]
fn every_key_takes_every_wrong_form() {
    let mut n_keys = 0;
    for (kind, (is_named, keys)) in keys() {
        let mut ever_told = vec![false; keys.len()];
        for form in FORMS {
            let mut text = if is_named { format!("{kind}:\n  zz:\n") } else { format!("{kind}:\n") };
            let before = text.lines().count();
            keys.iter().for_each(|key| text += &format!("    {key}: {form}\n"));
            let reading = read_files(&[("lab.yaml", &text)]);
            hold(&reading);
            let lines = lines_told(&reading);
            for (index, told) in ever_told.iter_mut().enumerate() {
                *told |= lines.contains(&(before + index + 1));
            }
        }
        n_keys += keys.len();
        // What a library says beside the lab's own words may be of any form.
        let takes_all = |key: &str| key.starts_with("attribute");
        let silent = keys.iter().zip(&ever_told).filter(|(key, told)| !**told && !takes_all(key));
        let silent: Vec<_> = silent.map(|(key, _)| key).collect();
        assert!(silent.is_empty(), "{kind}: no wrong form of these is told: {silent:?}");
    }
    assert!(n_keys > 250, "{n_keys} keys");
}

#[test]
fn an_unknown_key_is_told_in_every_kind() {
    let mut text = String::new();
    let kinds = keys();
    for (kind, (is_named, _)) in &kinds {
        text += &if *is_named {
            format!("{kind}:\n  zz:\n    qqqqqq: 1 # !\n")
        } else {
            format!("{kind}:\n  qqqqqq: 1 # !\n")
        };
    }
    text += "qqqqqq: 1 # !\n";
    let reading = read_files(&[("lab.yaml", &text)]);
    let lines = lines_told(&reading);
    for (at, line) in (1..).zip(text.lines()) {
        assert!(!line.ends_with("# !") || lines.contains(&at), "line {at} is told\n{}", told(&reading));
    }
}

#[test]
fn every_kind_may_be_of_a_wrong_form() {
    for form in FORMS {
        let text: String = keys().keys().map(|kind| format!("{kind}: {form}\n")).collect();
        hold(&read_files(&[("lab.yaml", &text)]));
        let text: String = keys().keys().map(|kind| format!("{kind}:\n  zz: {form}\n")).collect();
        hold(&read_files(&[("lab.yaml", &text)]));
    }
}
