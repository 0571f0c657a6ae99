//! A change of the description as an overlay: which keys it takes, as they are written in the lab, and the YAML to print.
//!
//! Overlays are laid over what is written, ranges unexpanded. To change `node-2` in a lab that says `node-1..3`, the overlay has to
//! name `node-1..3` and give the others what they have. What cannot be said so is no change ([`Edit::set`] says `false`): never a wrong one.

use lab_model::Lab;
use lab_model::grammar::Grammar;
use lab_model::grammar::range::{Pattern, Step};
use lab_source::{Map, Node, Span};
use std::fmt::Write;

/// Keys and what they are set to, in the order in which they were set.
#[derive(Clone, Default, Debug)]
pub(super) struct Edit {
    entries: Vec<(String, Value)>,
    /// Where the first change is made in what is written.
    pub(super) span: Option<Span>,
}

/// What a key is set to.
#[derive(Clone, Debug)]
pub(super) enum Value {
    /// A single value.
    One(String),
    /// A list.
    List(Vec<String>),
    /// A list of mappings: `[{ mirror: bay-1..2 }]`.
    Maps(Vec<Vec<(String, String)>>),
    /// What is written there goes.
    Nothing,
    /// Keys below it.
    Map(Edit),
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::One(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::One(text)
    }
}

/// Where a path of names leads in what is written.
struct Way<'l> {
    /// The keys as they are written; names where nothing is.
    keys: Vec<String>,
    /// The ranges around it.
    steps: Vec<Step>,
    /// What stands there.
    node: Option<&'l Node>,
    /// How many of the keys are there already.
    n_there: usize,
    /// The last key that is there.
    span: Option<Span>,
}

impl Edit {
    /// Sets what `path` names, `["devices", "node-2", "inlets", "psu-1"]`. `long` is the key of the value within when it is written
    /// as a mapping. False, with nothing changed, when that cannot be said of this one alone.
    #[must_use]
    pub(super) fn set(&mut self, lab: &Lab, path: &[&str], long: &str, value: impl Into<Value>) -> bool {
        let mut way = walk(&lab.tree, path);
        let value = value.into();
        // A list stands in place of a fact with its reasons; a single value takes the place of what is said in it.
        let is_one = matches!(value, Value::One(_));
        for key in [long, "is"].into_iter().filter(|_| is_one) {
            if let Some(Node::Map(map)) = way.node
                && let Some(entry) = map.get(key)
            {
                way.keys.push(key.to_owned());
                way.node = Some(&entry.value);
                way.n_there += 1;
            }
        }
        let known = self.get(&way.keys).cloned();
        let Some(value) = in_step(&way, value, known.as_ref()) else { return false };
        self.span = self.span.or(way.span);
        self.put(&way.keys, value);
        true
    }

    /// Removes the entry that `path` leads to, as it is written: with all that its range makes.
    #[must_use]
    pub(super) fn remove(&mut self, lab: &Lab, path: &[&str]) -> bool {
        let way = walk(&lab.tree, path);
        let (Some((_, around)), true) = (path.split_last(), way.n_there == path.len()) else { return false };
        if walk(&lab.tree, around).steps.iter().any(|step| step.len > 1) {
            return false;
        }
        self.span = self.span.or(way.span);
        self.put(&way.keys, Value::Nothing);
        true
    }

    /// Adds an entry below `path`, whatever the entries there make.
    #[must_use]
    pub(super) fn add(&mut self, lab: &Lab, path: &[&str], key: &str, value: String) -> bool {
        let way = walk(&lab.tree, path);
        if way.n_there < path.len() || way.steps.iter().any(|step| step.len > 1) {
            return false;
        }
        let mut keys = way.keys;
        keys.push(key.to_owned());
        self.put(&keys, Value::One(value));
        true
    }

    /// What was set already.
    fn get(&self, keys: &[String]) -> Option<&Value> {
        let [first, rest @ ..] = keys else { return None };
        let (_, value) = self.entries.iter().find(|(key, _)| key == first)?;
        match (value, rest) {
            (value, []) => Some(value),
            (Value::Map(inner), rest) => inner.get(rest),
            _ => None,
        }
    }

    /// Where `path` would be changed.
    pub(super) fn place(lab: &Lab, path: &[&str]) -> Option<Span> {
        walk(&lab.tree, path).span
    }

    fn put(&mut self, keys: &[String], value: Value) {
        let [first, rest @ ..] = keys else { return };
        let at = self.entries.iter().position(|(key, _)| key == first).unwrap_or_else(|| {
            self.entries.push((first.clone(), Value::Map(Self::default())));
            self.entries.len() - 1
        });
        match (&mut self.entries[at].1, rest) {
            (Value::Map(inner), [_, ..]) => inner.put(rest, value),
            (entry, _) => *entry = value,
        }
    }

    /// The YAML of it.
    pub(super) fn yaml(&self) -> String {
        let mut text = String::new();
        self.write(&mut text, 0);
        text
    }

    fn write(&self, text: &mut String, depth: usize) {
        for (key, value) in &self.entries {
            let _ = write!(text, "{:1$}{2}:", "", 2 * depth, scalar(key));
            let _ = match value {
                Value::One(value) => writeln!(text, " {}", scalar(value)),
                Value::List(items) => {
                    let items: Vec<String> = items.iter().map(|item| quoted(item)).collect();
                    writeln!(text, " [{}]", items.join(", "))
                }
                Value::Maps(maps) => {
                    let pair = |(key, value): &(String, String)| format!("{key}: {}", quoted(value));
                    let map = |pairs: &Vec<(String, String)>| {
                        format!("{{ {} }}", pairs.iter().map(pair).collect::<Vec<_>>().join(", "))
                    };
                    writeln!(text, " [{}]", maps.iter().map(map).collect::<Vec<_>>().join(", "))
                }
                Value::Nothing => writeln!(text, " ~"),
                Value::Map(inner) => {
                    text.push('\n');
                    inner.write(text, depth + 1);
                    Ok(())
                }
            };
        }
    }
}

fn walk<'l>(root: &'l Map, path: &[&str]) -> Way<'l> {
    let mut way = Way { keys: Vec::new(), steps: Vec::new(), node: None, n_there: 0, span: None };
    let mut map = Some(root);
    for name in path {
        let found = map.and_then(|map| find(map, name, &way.steps));
        match found {
            Some((entry, step)) => {
                way.keys.push(entry.key.value.to_string());
                way.steps.extend(step);
                way.node = Some(&entry.value);
                way.n_there += 1;
                way.span = Some(entry.key.span);
                map = entry.value.as_map();
            }
            None => {
                way.keys.push((*name).to_owned());
                way.node = None;
                map = None;
            }
        }
    }
    way
}

/// The entry whose key makes `name`, and which of its names that is when it makes several.
fn find<'l>(map: &'l Map, name: &str, steps: &[Step]) -> Option<(&'l lab_source::Entry, Option<Step>)> {
    if let Some(entry) = map.get(name) {
        return Some((entry, None));
    }
    map.entries.iter().find_map(|entry| {
        let pattern = Pattern::parse(&entry.key.value).ok().filter(|pattern| !pattern.is_plain())?;
        let names = pattern.expand();
        if let Some(index) = names.iter().position(|own| own == name) {
            return Some((entry, Some(Step { len: names.len(), index })));
        }
        // A key in step with the range around it.
        let stepped = pattern.expand_in_step(steps);
        (stepped.len() == 1 && stepped[0] == name).then_some((entry, None))
    })
}

/// The value as it is written for one name of the ranges around it. `known` is what others of the range were set to.
fn in_step(way: &Way<'_>, value: Value, known: Option<&Value>) -> Option<Value> {
    let steps: Vec<Step> = way.steps.iter().copied().filter(|step| step.len > 1).collect();
    let [step] = steps[..] else { return steps.is_empty().then_some(value) };
    let (Value::One(new), Some(Node::Scalar(old))) = (value, way.node) else { return None };
    if way.n_there < way.keys.len() {
        return None;
    }
    let old = match known {
        Some(Value::One(known)) => known,
        _ => &*old.text,
    };
    let pattern = Pattern::parse(old).ok()?;
    let mut all = Vec::new();
    for index in 0..step.len {
        let mut names = pattern.expand_in_step(&[Step { len: step.len, index }]);
        all.push(names.pop().filter(|_| names.is_empty())?);
    }
    all[step.index] = new;
    let can_stand =
        |text: &String| !text.is_empty() && !text.contains(['(', ')', ',', ' ']) && !text.contains("..");
    if !all.iter().all(can_stand) {
        return None;
    }
    Some(Value::One(format!("({})", all.join(","))))
}

/// A value of a block: plain where YAML reads it back as it is.
fn scalar(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || " ._/:(),+-".contains(c);
    let starts = text.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '(');
    let is_word = matches!(text, "null" | "Null" | "NULL");
    match starts
        && !is_word
        && text.chars().all(is_plain)
        && !text.contains(": ")
        && !text.ends_with([':', ' '])
    {
        true => text.to_owned(),
        false => double(text),
    }
}

/// A value within brackets.
fn quoted(text: &str) -> String {
    match text.contains([',', ':', '(', '[', '{', ' ']) {
        true => double(text),
        false => scalar(text),
    }
}

fn double(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lab(text: &str) -> lab_model::Reading {
        let files = vec![lab_source::Input { name: "lab.yaml".to_owned(), bytes: text.as_bytes().to_vec() }];
        lab_model::read(lab_model::Input { files, overlays: Vec::new(), types: &() })
    }

    const LAB: &str = "\
devices:
  strip: { type: generic/pdu-8 }
  other: { type: generic/pdu-8 }
  node-1..3: { type: generic/server-1u, inlets: { psu-1: 'strip:1..3' } }
  nas: { type: generic/nas-2u, inlets: { psu-1..2: { from: strip, cord: 1 m } } }
";

    #[track_caller]
    fn check(path: &[&str], value: &str, expect: Option<&str>) {
        let reading = lab(LAB);
        let mut edit = Edit::default();
        let is_set = edit.set(&reading.lab, path, "from", value);
        assert_eq!(is_set.then(|| edit.yaml()).as_deref(), expect);
        if is_set {
            let again = lab_model::read_over(&reading.lab, &reading.files, &edit.yaml(), &());
            assert!(!again.has_errors(), "{:?}", again.diagnostics);
        }
    }

    #[test]
    fn a_range_is_changed_in_one_place_and_stays_in_the_others() {
        let text = "devices:\n  node-1..3:\n    inlets:\n      psu-1: (strip:1,other:8,strip:3)\n";
        check(&["devices", "node-2", "inlets", "psu-1"], "other:8", Some(text));
        let text = "devices:\n  nas:\n    inlets:\n      psu-1..2:\n        from: (strip,other:1)\n";
        check(&["devices", "nas", "inlets", "psu-2"], "other:1", Some(text));
    }

    #[test]
    fn several_of_a_range_are_changed_one_after_the_other() {
        let reading = lab(LAB);
        let mut edit = Edit::default();
        for (node, outlet) in [("node-1", "other:1"), ("node-3", "other:3")] {
            assert!(edit.set(&reading.lab, &["devices", node, "inlets", "psu-1"], "from", outlet));
        }
        let text = "devices:\n  node-1..3:\n    inlets:\n      psu-1: (other:1,strip:2,other:3)\n";
        assert_eq!(edit.yaml(), text);
    }

    #[test]
    fn what_is_not_there_is_added_except_to_one_of_a_range() {
        let text = "devices:\n  strip:\n    inlets:\n      in: other:1\n";
        check(&["devices", "strip", "inlets", "in"], "other:1", Some(text));
        check(&["devices", "node-2", "inlets", "psu-2"], "other:1", None);
    }

    #[test]
    fn values_that_yaml_reads_otherwise_are_quoted() {
        for (text, expect) in [
            ("a:1", "a:1"),
            ("a: b", "\"a: b\""),
            ("*.x", "\"*.x\""),
            ("null", "\"null\""),
            ("(a,b)", "(a,b)"),
        ] {
            assert_eq!(scalar(text), expect);
        }
        assert_eq!(quoted("a,b"), "\"a,b\"");
    }
}
