//! The JSON Schema (draft 7, which editors speak) of a lab's files, made from the same declarations that read them.
//!
//! It never refuses what the reader takes. Beside the standard it uses words of the editors' language servers
//! (`errorMessage`, `markdownEnumDescriptions`, `doNotSuggest`), and descriptions beside `$ref`, which
//! they show before that of what is referred to: a key's own text stands before that of its kind of value.

mod overlay;
mod suggested;

pub use overlay::overlay_schema;

use crate::grammar::Grammar;
use crate::record::{Key, Read};
use serde_json::{Map, Value, json};

/// What a range looks like in any value: `1..3` or `(a,b)`. What it makes is for the reader to judge.
const RANGE: &str = r"\.\.|\([^()]+,[^()]+\)";

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
            let value = self.suggesting(value, name, &shown);
            known.insert(shown, described(value, key.doc));
        }
        for (key, doc) in PROVENANCE {
            let everywhere = self.named(key, |_| json!({ "description": doc }));
            known.entry(key).or_insert(everywhere);
        }
        let mut object = json!({
            "type": "object", "title": words_of(name), "properties": known, "additionalProperties": false,
        });
        if !required.is_empty() {
            object["required"] = Value::from(required);
        }
        // A description inside `anyOf` would be shown instead of that of the key.
        let mut definition = match short {
            Some(short) => json!({ "anyOf": [self.suggesting(short, name, suggested::SHORT), object] }),
            None => object,
        };
        definition["description"] = Value::from(tidy(doc));
        self.definitions.insert(name.to_owned(), definition);
        reference
    }

    /// A value with a grammar, in its short form or with its source beside it.
    pub fn grammar<T: Grammar>(&mut self) -> Value {
        if !T::WORDS.is_empty() {
            return self.words(T::WHAT, T::WORDS);
        }
        let mut types = vec!["string"];
        // YAML makes numbers of `20` and `2.5`, and truth values of `true`, before a schema sees them.
        if ["1", "20", "2000", "2.5"].iter().any(|number| T::parse(number).is_ok()) {
            types.push("number");
        }
        if T::parse("true").is_ok() {
            types.push("boolean");
        }
        self.single(T::WHAT, &types, T::PATTERN, T::EXAMPLES)
    }

    /// A single value without a pattern, in its short form or with its source beside it.
    pub fn scalar(&mut self, what: &str, examples: &[&str]) -> Value {
        self.single(what, &["string", "number"], None, examples)
    }

    /// The name of another thing.
    pub fn reference(&mut self, what: &str) -> Value {
        self.single(what, &["string", "number"], None, &[])
    }

    /// Described once, under what it is. The comment is for the manual; a title is shown above the key's description.
    fn single(&mut self, what: &str, types: &[&str], pattern: Option<&str>, examples: &[&str]) -> Value {
        let mut short = json!({
            "type": types, "title": what, "$comment": what, "errorMessage": format!("expected {what}"),
        });
        if let Some(pattern) = pattern {
            short["pattern"] = Value::from(format!("{pattern}|{RANGE}"));
        }
        // Three tell the form; more push the description out of the editor's window.
        let examples: Vec<Value> = examples.iter().take(3).map(|text| as_yaml_reads(text, types)).collect();
        if !examples.is_empty() {
            short["examples"] = Value::from(examples);
        }
        self.named(what, |schemas| json!({ "anyOf": [short, schemas.fact()] }))
    }

    /// The schema of a key that takes any text, with the names that are proposed for it.
    fn suggesting(&mut self, value: Value, record: &str, key: &str) -> Value {
        let Some(proposals) = suggested::proposals(record, key) else { return value };
        let proposed =
            proposals.names.iter().map(|(name, said)| json!({ "const": name, "description": said }));
        let mut parts =
            vec![json!({ "type": ["string", "number"], "title": proposals.what, "$comment": "text" })];
        parts.extend(proposed);
        self.named(proposals.what, |schemas| {
            parts.push(schemas.fact());
            json!({ "anyOf": parts })
        })
    }

    /// One of a closed list of words, each with what it means, or a range of them.
    fn words(&mut self, what: &str, words: &[(&str, &str)]) -> Value {
        let (names, docs): (Vec<&str>, Vec<String>) =
            words.iter().map(|(word, doc)| (*word, tidy(doc))).unzip();
        let expected = format!("expected {what}");
        let one = json!({
            "$comment": what, "enum": names, "markdownEnumDescriptions": docs, "errorMessage": expected,
        });
        let several = json!({ "type": "string", "pattern": RANGE, "errorMessage": expected });
        self.named(what, |schemas| json!({ "anyOf": [one, several, schemas.fact()] }))
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
            properties.insert("is".to_owned(), json!({ "description": "The value.", "doNotSuggest": true }));
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

/// A key's schema with the key's own description, which language servers show before that of a reference.
pub(crate) fn described(mut value: Value, doc: &str) -> Value {
    if let Value::Object(object) = &mut value {
        object.insert("description".to_owned(), Value::from(tidy(doc)));
    }
    value
}

/// An example as the value that YAML makes of it, so that an editor puts no quotes around a number.
fn as_yaml_reads(text: &str, types: &[&str]) -> Value {
    let plain: Option<Value> = text.parse().ok();
    match plain {
        Some(value @ Value::Number(_)) if types.contains(&"number") => value,
        Some(value @ Value::Bool(_)) if types.contains(&"boolean") => value,
        _ => Value::from(text),
    }
}

/// `PowerNode` to `power node`.
pub(crate) fn words_of(name: &str) -> String {
    let mut out = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !out.is_empty() {
            out.push(' ');
        }
        out.extend(letter.to_lowercase());
    }
    out
}

/// A doc comment as one line, a paragraph each.
fn tidy(doc: &str) -> String {
    let paragraphs =
        doc.trim().split("\n\n").map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "));
    paragraphs.collect::<Vec<_>>().join("\n\n")
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
