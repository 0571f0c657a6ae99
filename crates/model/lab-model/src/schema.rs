//! The JSON Schema (draft 7, which editors speak) of a lab's files, made from the same declarations that read them.

use crate::record::{Key, Read};
use serde_json::{Map, Value, json};

/// Collects the definitions while records describe themselves.
#[derive(Default)]
pub struct Schemas {
    definitions: Map<String, Value>,
}

type Properties = Vec<(&'static Key, Value)>;

impl Schemas {
    /// A record's definition, described at its first use and named afterwards.
    pub fn record(
        &mut self,
        name: &str,
        doc: &str,
        describe: impl FnOnce(&mut Self) -> (Properties, Option<Value>),
    ) -> Value {
        let reference = json!({ "$ref": format!("#/definitions/{name}") });
        if self.definitions.contains_key(name) {
            return reference;
        }
        self.definitions.insert(name.to_owned(), Value::Null);
        let (properties, short) = describe(self);
        let mut known = Map::new();
        let mut required = Vec::new();
        for (key, value) in properties {
            let shown = key.name.shown().into_owned();
            if key.required {
                required.push(Value::from(shown.clone()));
            }
            known.insert(shown, described(value, key.doc));
        }
        for (key, doc) in PROVENANCE {
            let everywhere = self.named(key, |_| json!({ "description": doc }));
            known.entry(key).or_insert(everywhere);
        }
        let mut object = json!({
            "type": "object", "description": tidy(doc), "properties": known, "additionalProperties": false,
        });
        if !required.is_empty() {
            object["required"] = Value::from(required);
        }
        let definition = match short {
            Some(short) => json!({ "description": tidy(doc), "anyOf": [short, object] }),
            None => object,
        };
        self.definitions.insert(name.to_owned(), definition);
        reference
    }

    /// A single value, in its short form or with its source beside it. Described once, under what it is.
    pub fn scalar(&mut self, what: &str, pattern: Option<&str>, examples: &[&str]) -> Value {
        let mut short = json!({ "type": ["string", "number", "boolean"], "description": what });
        if let Some(pattern) = pattern {
            short["pattern"] = Value::from(pattern);
        }
        if !examples.is_empty() {
            short["examples"] = Value::from(examples.to_vec());
        }
        self.named(what, |schemas| json!({ "anyOf": [short, schemas.fact()] }))
    }

    /// The name of another thing.
    pub fn reference(&mut self, what: &str) -> Value {
        let short = json!({ "type": ["string", "number"], "description": what });
        self.named(what, |schemas| json!({ "anyOf": [short, schemas.fact()] }))
    }

    /// A schema that stands once among the definitions, named after what it is; with a number when another is so named.
    fn named(&mut self, what: &str, describe: impl FnOnce(&mut Self) -> Value) -> Value {
        let value = describe(self);
        let plain = |letter: char| if letter.is_ascii_alphanumeric() { letter } else { '-' };
        let base: String = what.chars().map(plain).collect();
        let names = std::iter::once(base.clone()).chain((2..).map(|number| format!("{base}-{number}")));
        let free = |name: &String| self.definitions.get(name).is_none_or(|other| *other == value);
        let name = names.into_iter().find(free).expect("there is always a next number");
        let reference = json!({ "$ref": format!("#/definitions/{name}") });
        self.definitions.insert(name, value);
        reference
    }

    fn fact(&mut self) -> Value {
        self.definitions.entry("Fact").or_insert_with(|| {
            let mut properties = Map::new();
            properties.insert("is".to_owned(), json!({ "description": "The value." }));
            for (key, doc) in PROVENANCE {
                properties.insert(key.to_owned(), json!({ "description": doc }));
            }
            json!({
                "type": "object", "description": "A value with its source.", "properties": properties,
                "required": ["is"], "additionalProperties": false,
            })
        });
        json!({ "$ref": "#/definitions/Fact" })
    }
}

const PROVENANCE: [(&str, &str); 4] = [
    ("source", "Where this fact is from."),
    ("unverified", "`true` when nobody has looked whether it is so."),
    ("assumed", "Why this is assumed, when it is not known."),
    ("note", "Anything worth saying; shown, never interpreted."),
];

/// A key's schema with the key's own description, beside a reference (which draft 7 lets hide its siblings).
fn described(value: Value, doc: &str) -> Value {
    let doc = tidy(doc);
    match value {
        Value::Object(object) if object.contains_key("$ref") => {
            json!({ "description": doc, "allOf": [object] })
        }
        Value::Object(mut object) => {
            object.insert("description".to_owned(), Value::from(doc));
            Value::Object(object)
        }
        other => other,
    }
}

fn tidy(doc: &str) -> String {
    doc.trim().lines().map(str::trim).collect::<Vec<_>>().join("\n")
}

/// The whole schema.
pub fn schema() -> Value {
    let mut schemas = Schemas::default();
    let root = crate::lab::Written::schema(&mut schemas);
    let mut definitions = schemas.definitions;
    definitions.sort_keys();
    let mut whole = json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Labwright lab",
        "definitions": definitions,
    });
    whole["allOf"] = json!([root]);
    whole
}
