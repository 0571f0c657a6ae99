//! The JSON Schema against the labs of this repository: an editor must not mark what the reader takes. Knows only the words
//! of JSON Schema that the program's own schema uses, and fails on any other that constrains.

#![expect(clippy::unwrap_used, reason = "a test ends by panicking")]

use lab_source::{Node, ScalarStyle};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Words that say nothing about validity.
const NOTES: [&str; 10] = [
    "$schema",
    "$comment",
    "title",
    "description",
    "definitions",
    "examples",
    "errorMessage",
    "markdownEnumDescriptions",
    "doNotSuggest",
    "default",
];

struct Checker {
    schema: Value,
    patterns: BTreeMap<String, regex_lite::Regex>,
}

impl Checker {
    fn new(schema: Value) -> Self {
        let mut patterns = BTreeMap::new();
        collect_patterns(&schema, &mut patterns);
        Self { schema, patterns }
    }

    /// The faults of a whole file.
    fn faults(&self, value: &Value) -> Vec<String> {
        let mut faults = Vec::new();
        self.check(&self.schema, value, "", &mut faults);
        faults
    }

    fn check(&self, schema: &Value, value: &Value, at: &str, faults: &mut Vec<String>) {
        for (word, rule) in schema.as_object().unwrap() {
            match word.as_str() {
                "$ref" => {
                    let name = rule.as_str().unwrap().strip_prefix("#/definitions/").unwrap();
                    self.check(&self.schema["definitions"][name], value, at, faults);
                }
                "allOf" => {
                    rule.as_array().unwrap().iter().for_each(|part| self.check(part, value, at, faults))
                }
                "anyOf" => self.check_any(rule.as_array().unwrap(), value, at, faults),
                "properties" | "additionalProperties" | "items" => {}
                "required" => {
                    let absent =
                        |key: &&Value| value.is_object() && value.get(key.as_str().unwrap()).is_none();
                    let absent = rule.as_array().unwrap().iter().filter(absent);
                    faults.extend(absent.map(|key| format!("{at}: {key} is missing")));
                }
                word => {
                    if !self.holds(word, rule, value) {
                        faults.push(format!("{at}: {value} against {word} {rule}"));
                    }
                }
            }
        }
        self.check_inside(schema, value, at, faults);
    }

    /// The faults of the alternative that comes nearest, if none holds.
    fn check_any(&self, parts: &[Value], value: &Value, at: &str, faults: &mut Vec<String>) {
        let tried = parts.iter().map(|part| {
            let mut faults = Vec::new();
            self.check(part, value, at, &mut faults);
            faults
        });
        faults.extend(tried.min_by_key(Vec::len).unwrap_or_default());
    }

    fn check_inside(&self, schema: &Value, value: &Value, at: &str, faults: &mut Vec<String>) {
        for (index, item) in value.as_array().into_iter().flatten().enumerate() {
            if schema["items"].is_object() {
                self.check(&schema["items"], item, &format!("{at}/{index}"), faults);
            }
        }
        for (key, item) in value.as_object().into_iter().flatten() {
            let at = format!("{at}/{key}");
            match (&schema["properties"][key], &schema["additionalProperties"]) {
                (known @ Value::Object(_), _) => self.check(known, item, &at, faults),
                (_, others @ Value::Object(_)) => self.check(others, item, &at, faults),
                (_, Value::Bool(false)) => faults.push(format!("{at}: unknown key")),
                _ => {}
            }
        }
    }

    fn holds(&self, word: &str, rule: &Value, value: &Value) -> bool {
        match word {
            "type" => {
                let types = rule.as_array().cloned().unwrap_or_else(|| vec![rule.clone()]);
                types.iter().any(|name| name.as_str().unwrap() == type_of(value))
            }
            "pattern" => {
                value.as_str().is_none_or(|text| self.patterns[rule.as_str().unwrap()].is_match(text))
            }
            "enum" => rule.as_array().unwrap().contains(value),
            "const" => rule == value,
            "maxProperties" => value.as_object().is_none_or(|map| map.len() as u64 <= rule.as_u64().unwrap()),
            word => panic_unless_note(word),
        }
    }
}

fn panic_unless_note(word: &str) -> bool {
    assert!(NOTES.contains(&word), "this test does not know the word `{word}` of JSON Schema");
    true
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

fn collect_patterns(schema: &Value, patterns: &mut BTreeMap<String, regex_lite::Regex>) {
    match schema {
        Value::Object(words) => {
            if let Some(Value::String(pattern)) = words.get("pattern") {
                patterns.insert(pattern.clone(), regex_lite::Regex::new(pattern).unwrap());
            }
            words.values().for_each(|inner| collect_patterns(inner, patterns));
        }
        Value::Array(parts) => parts.iter().for_each(|part| collect_patterns(part, patterns)),
        _ => {}
    }
}

/// What an editor makes of a text: the values of YAML's core schema.
fn value_of(node: &Node) -> Value {
    match node {
        Node::Map(map) => {
            let entries =
                map.entries.iter().map(|entry| (entry.key.value.to_string(), value_of(&entry.value)));
            Value::Object(entries.collect::<Map<String, Value>>())
        }
        Node::Seq(seq) => seq.items.iter().map(value_of).collect(),
        Node::Scalar(scalar) if scalar.style == ScalarStyle::Plain => match &*scalar.text {
            "" | "~" | "null" => Value::Null,
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            text => match text.parse::<f64>() {
                Ok(number) if number.is_finite() => json!(number),
                _ => Value::from(text),
            },
        },
        Node::Scalar(scalar) => Value::from(&*scalar.text),
    }
}

fn documents(name: &str, text: &str) -> Vec<Value> {
    let mut files = lab_source::Files::new();
    let id = files.add(name, text.to_owned());
    let limits = lab_source::Limits::default();
    let parsed = lab_source::yaml::parse(id, text, &limits, &mut lab_source::Budget::new(&limits));
    parsed.documents.iter().map(value_of).collect()
}

fn yaml_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            yaml_files(&path, found);
        } else if path.extension().is_some_and(|end| end == "yaml") {
            found.push(path);
        }
    }
}

#[test]
fn no_file_of_a_lab_is_marked_in_an_editor() {
    let lab = Checker::new(lab_model::schema::schema());
    let overlay = Checker::new(lab_model::schema::overlay_schema());
    let mut paths = Vec::new();
    yaml_files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../labs"), &mut paths);
    let mut faults = Vec::new();
    for path in &paths {
        let text = std::fs::read_to_string(path).unwrap();
        let Some(schema) =
            text.lines().next().and_then(|line| line.strip_prefix("# yaml-language-server: $schema="))
        else {
            continue;
        };
        let in_overlay = path.components().any(|part| part.as_os_str() == "overlays");
        let (checker, name) =
            if in_overlay { (&overlay, "schema/overlay.json") } else { (&lab, "schema/lab.json") };
        assert!(schema.ends_with(name), "{} names {schema}", path.display());
        let found =
            documents("file", &text).iter().flat_map(|document| checker.faults(document)).collect::<Vec<_>>();
        faults.extend(found.into_iter().map(|fault| format!("{}{fault}", path.display())));
    }
    assert!(paths.len() > 30, "the labs are there");
    assert_eq!(faults, Vec::<String>::new());
}

#[test]
fn mistakes_are_marked() {
    let checker = Checker::new(lab_model::schema::schema());
    let check = |text: &str, expect: &str| {
        let faults = checker.faults(&documents("file", text)[0]);
        assert!(faults.len() == 1 && faults[0].contains(expect), "{text}: {faults:?}");
    };
    check("hosts: { a: { adresses: { eth0: 10.0.0.1/24 } } }", "/hosts/a/adresses: unknown key");
    check("devices: { a: { memory: 32 } }", "/devices/a/memory: 32.0 against type");
    check("devices: { a: { memory: 32 lbs } }", "/devices/a/memory: \"32 lbs\" against pattern");
    check("devices: { a: { role: nsa } }", "\"nsa\" against");
    check("vlans: { a: many }", "\"many\" against pattern");
    check("hosts: { a: { os: true } }", "/hosts/a/os: true against type");
    check("cables: { a: { kind: cat6 } }", "\"between\" is missing");
}

#[test]
fn ranges_may_stand_in_every_kind_of_value() {
    let checker = Checker::new(lab_model::schema::schema());
    for text in [
        "devices: { a-1..2: { interfaces: { eth0: { mac: '52:54:00:00:00:01..02' } } } }",
        "hosts: { a-1..2: { addresses: { eth0: 10.0.0.1..2/24 } } }",
        "devices: { a-1..2: { role: '(nas,server)', memory: '(8,16) GB' } }",
        "vlans: { v-1..3: 10..12 }",
    ] {
        assert_eq!(checker.faults(&documents("file", text)[0]), Vec::<String>::new(), "{text}");
    }
}
