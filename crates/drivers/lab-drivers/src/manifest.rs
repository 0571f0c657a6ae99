//! Kubernetes resources as YAML. Values come from `serde_json`, in the order in which they were put in; texts are quoted whenever a
//! reader could take them for something else.

use serde_json::{Map, Value, json};
use std::fmt::Write;

/// One resource.
pub(crate) fn resource(api: &str, kind: &str, name: &str, namespace: Option<&str>, spec: Value) -> Value {
    let mut metadata = json!({ "name": name });
    if let Some(namespace) = namespace {
        metadata["namespace"] = json!(namespace);
    }
    json!({ "apiVersion": api, "kind": kind, "metadata": metadata, "spec": spec })
}

/// Resources as the documents of one file below `head`.
pub(crate) fn render_documents(head: &str, resources: &[Value]) -> String {
    let mut text = head.to_owned();
    for resource in resources {
        text.push_str("---\n");
        write_value(&mut text, resource, 0);
    }
    text
}

fn write_value(text: &mut String, value: &Value, depth: usize) {
    let indent = "  ".repeat(depth);
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                write!(text, "{indent}{}:", scalar(&json!(key))).expect("a string takes all");
                write_below(text, value, depth + 1);
            }
        }
        Value::Array(items) => {
            for item in items {
                if item.as_object().is_some_and(Map::is_empty) || item.as_array().is_some_and(Vec::is_empty) {
                    writeln!(text, "{indent}- {item}").expect("a string takes all");
                    continue;
                }
                let mut inner = String::new();
                write_value(&mut inner, item, depth + 1);
                // The first line of an item stands behind its dash, in the place of two blanks.
                let rest = inner.get(indent.len() + 2..).unwrap_or_default();
                write!(text, "{indent}- {rest}").expect("a string takes all");
            }
        }
        other => writeln!(text, "{indent}{}", scalar(other)).expect("a string takes all"),
    }
}

fn write_below(text: &mut String, value: &Value, depth: usize) {
    match value {
        Value::Object(map) if map.is_empty() => text.push_str(" {}\n"),
        Value::Array(items) if items.is_empty() => text.push_str(" []\n"),
        Value::Object(_) | Value::Array(_) => {
            text.push('\n');
            write_value(text, value, depth);
        }
        other => writeln!(text, " {}", scalar(other)).expect("a string takes all"),
    }
}

fn scalar(value: &Value) -> String {
    let Value::String(text) = value else { return value.to_string() };
    let is_plain = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/'))
        && !matches!(
            text.to_ascii_lowercase().as_str(),
            "true" | "false" | "null" | "yes" | "no" | "on" | "off" | "y" | "n"
        );
    if is_plain { text.clone() } else { value.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yaml_is_as_people_write_it() {
        let value = resource(
            "v1",
            "K",
            "a",
            None,
            json!({ "count": 1, "n": 2, "list": [{ "a": "10.0.0.1", "b": ["x", "no"] }, {}], "empty": [] }),
        );
        assert_eq!(
            render_documents("# head\n", &[value]),
            "# head\n---\napiVersion: v1\nkind: K\nmetadata:\n  name: a\nspec:\n  count: 1\n  \"n\": 2\n  list:\n    - a: \"10.0.0.1\"\n      b:\n        \
             - x\n        - \"no\"\n    - {}\n  empty: []\n"
        );
    }
}
