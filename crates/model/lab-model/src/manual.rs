//! The reference of the format as Markdown: every kind, every key, every small grammar, from the same declarations and
//! doc comments that read the files and fill the editor. Says nothing that is not there already.

use crate::grammar;
use crate::lab::Kind;
use crate::schema::words_of;
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// The whole reference.
pub fn manual() -> String {
    let schema = crate::schema::schema();
    let empty = Map::new();
    let definitions = schema["definitions"].as_object().unwrap_or(&empty);
    let mut writer = Writer { definitions, out: String::new(), told: BTreeSet::new() };
    writer.out.push_str("# Every key of a lab\n\nOne section a top-level key, in the order of the manual. Any of them may stand in any file.\n");
    writer.out.push_str(
        "Keys that may stand in every record beside its own: `source`, `unverified`, `assumed`, `note`.\n",
    );
    let top = &definitions["Written"]["properties"];
    let heads = ["lab", "secrets", "ports", "accept", "rehearse"].map(str::to_owned);
    for key in heads.into_iter().chain(Kind::ALL.iter().map(|kind| kind.key())) {
        writer.top_level(&key, &top[&key]);
    }
    writer.grammars();
    writer.out
}

struct Writer<'s> {
    definitions: &'s Map<String, Value>,
    out: String,
    told: BTreeSet<String>,
}

impl Writer<'_> {
    fn top_level(&mut self, key: &str, value: &Value) {
        let doc = value["description"].as_str().unwrap_or_default();
        write!(self.out, "\n## {key}\n\n{doc}\n").expect("a string grows");
        let mut waiting: Vec<String> = self.records_in(value);
        let mut first = true;
        while !waiting.is_empty() {
            let name = waiting.remove(0);
            if !self.told.insert(name.clone()) {
                continue;
            }
            self.record(&name, first);
            first = false;
            let inside = self.records_in(&self.definitions[&name].clone());
            waiting.splice(0..0, inside);
        }
    }

    /// Names of the records that a schema refers to, in order, each once.
    fn records_in(&self, value: &Value) -> Vec<String> {
        let mut names = Vec::new();
        self.collect(value, &mut names);
        names
    }

    fn collect(&self, value: &Value, names: &mut Vec<String>) {
        match value {
            Value::Object(object) => {
                if let Some(name) = reference(value)
                    && self.is_record(name)
                    && !names.iter().any(|known| known == name)
                {
                    names.push(name.to_owned());
                }
                object.values().for_each(|value| self.collect(value, names));
            }
            Value::Array(values) => values.iter().for_each(|value| self.collect(value, names)),
            _ => {}
        }
    }

    fn is_record(&self, name: &str) -> bool {
        name != "Fact" && self.definitions.get(name).is_some_and(|value| object_of(value).is_some())
    }

    fn record(&mut self, name: &str, first: bool) {
        let definition = self.definitions[name].clone();
        let Some(object) = object_of(&definition) else { return };
        if !first {
            let doc = definition["description"].as_str().unwrap_or_default();
            write!(self.out, "\n### {}\n\n{}\n", words_of(name), one_line(doc)).expect("a string grows");
        }
        self.out.push_str("\n| key | what stands there | what it says |\n|---|---|---|\n");
        let required: Vec<&str> =
            object["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let Some(properties) = object["properties"].as_object() else { return };
        for (key, value) in
            properties.iter().filter(|(key, _)| !crate::record::EVERYWHERE.contains(&key.as_str()))
        {
            let must = if required.contains(&key.as_str()) { " (required)" } else { "" };
            let doc = one_line(value["description"].as_str().unwrap_or_default());
            let what = self.what(value);
            writeln!(self.out, "| `{key}`{must} | {} | {} |", cell(&what), cell(&doc))
                .expect("a string grows");
        }
        if let Some(short) = short_of(&definition) {
            writeln!(self.out, "\nShort form: {}.", self.what(short)).expect("a string grows");
        }
    }

    /// What may stand for a value, in words.
    fn what(&self, value: &Value) -> String {
        if let Some(name) = reference(value) {
            return self.what_of_definition(name);
        }
        if let Some(parts) = value["allOf"].as_array() {
            return parts.iter().map(|part| self.what(part)).collect::<Vec<_>>().join(", ");
        }
        if let Some(parts) = value["anyOf"].as_array() {
            return match &parts[..] {
                [one, list] if list["type"] == "array" && self.what(&list["items"]) == self.what(one) => {
                    format!("{}; or a list", self.what(one))
                }
                parts => {
                    let words: Vec<String> =
                        parts.iter().map(|part| self.what(part)).filter(|word| !word.is_empty()).collect();
                    words.join("; or ")
                }
            };
        }
        match value["type"].as_str() {
            Some("object") if value["additionalProperties"].is_object() => {
                format!("names, each with {}", self.what(&value["additionalProperties"]))
            }
            Some("object") => "a mapping".to_owned(),
            Some("array") => format!("a list of {}", self.what(&value["items"])),
            _ => match (value["const"].as_str(), value["$comment"].as_str()) {
                (Some(word), _) => format!("`{word}`"),
                (_, Some(words)) => words.to_owned(),
                _ => "anything".to_owned(),
            },
        }
    }

    fn what_of_definition(&self, name: &str) -> String {
        if name == "Fact" {
            return String::new();
        }
        let definition = &self.definitions[name];
        if self.is_record(name) {
            let anchor = words_of(name).replace(' ', "-");
            return format!("[{}](#{anchor})", words_of(name));
        }
        let parts = definition["anyOf"].as_array();
        let short = parts.and_then(|parts| parts.first()).and_then(|part| part["$comment"].as_str());
        short.map_or_else(|| self.what(definition), str::to_owned)
    }

    fn grammars(&mut self) {
        self.out.push_str("\n## What may stand in a string\n\n| | such as |\n|---|---|\n");
        for entry in grammar::ALL {
            let examples: Vec<String> = entry.examples.iter().map(|example| format!("`{example}`")).collect();
            writeln!(self.out, "| {} | {} |", cell(entry.what), cell(&examples.join(", ")))
                .expect("a string grows");
        }
    }
}

fn reference(value: &Value) -> Option<&str> {
    value["$ref"].as_str()?.strip_prefix("#/definitions/")
}

/// The mapping form of a definition, which may stand beside a short form.
fn object_of(definition: &Value) -> Option<&Value> {
    if definition["properties"].is_object() {
        return Some(definition);
    }
    definition["anyOf"].as_array()?.iter().find(|part| part["properties"].is_object())
}

fn short_of(definition: &Value) -> Option<&Value> {
    definition["anyOf"].as_array()?.iter().find(|part| !part["properties"].is_object())
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn cell(text: &str) -> String {
    one_line(text).replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_and_every_grammar_is_told() {
        let manual = manual();
        for kind in Kind::ALL {
            assert!(manual.contains(&format!("\n## {}\n", kind.key())), "{}", kind.key());
        }
        for entry in grammar::ALL {
            assert!(manual.contains(entry.examples[0]), "{}", entry.name);
        }
        assert!(manual.contains("| `height` (required) | a height in rack units"), "{manual}");
    }
}
