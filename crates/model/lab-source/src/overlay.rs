//! Laying one tree over another: mappings entry by entry, everything else replaces, `~` removes.
//!
//! Spans are those of the text a value comes from, so a finding about an overlaid value points into the overlay.

use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::suggest;
use crate::tree::{Entry, Map, Node};
use std::collections::HashMap;

/// The base with the overlay `name` laid over it.
pub(crate) fn lay_over(base: &Map, over: &Map, name: &str, found: &mut Vec<Diagnostic>) -> Map {
    Laying { name, path: Vec::new(), found }.map(base, over)
}

struct Laying<'a> {
    name: &'a str,
    path: Vec<String>,
    found: &'a mut Vec<Diagnostic>,
}

impl Laying<'_> {
    fn map(&mut self, base: &Map, over: &Map) -> Map {
        let mut entries: Vec<Option<Entry>> = base.entries.iter().cloned().map(Some).collect();
        let index: HashMap<&str, usize> =
            base.entries.iter().enumerate().map(|(at, entry)| (&*entry.key.value, at)).collect();
        for entry in over.entries.iter() {
            let at = index.get(&*entry.key.value).copied();
            if entry.value.is_null() {
                match at {
                    _ if is_unwritten(&entry.value) => self.says_nothing(entry),
                    Some(at) => entries[at] = None,
                    None => self.removes_nothing(entry, base),
                }
                continue;
            }
            match at {
                Some(at) => entries[at] = Some(self.entry(&base.entries[at], entry)),
                None => entries.push(Some(entry.clone())),
            }
        }
        Map { entries: entries.into_iter().flatten().collect(), span: base.span }
    }

    fn entry(&mut self, base: &Entry, over: &Entry) -> Entry {
        match (&base.value, &over.value) {
            (Node::Map(inner), Node::Map(patch)) => {
                self.path.push(over.key.value.to_string());
                let map = self.map(inner, patch);
                self.path.pop();
                Entry { key: base.key.clone(), value: Node::Map(map) }
            }
            _ => over.clone(),
        }
    }

    fn removes_nothing(&mut self, entry: &Entry, base: &Map) {
        let key = &entry.key.value;
        let place =
            if self.path.is_empty() { "the lab".to_owned() } else { format!("`{}`", self.path.join(".")) };
        let message = format!("overlay `{}` removes `{key}`, which is not in {place}", self.name);
        let warning = Diagnostic::warning(codes::OVERLAY_REMOVES_NOTHING, message)
            .at(entry.key.span, "removes nothing")
            .and(base.span, "it would have to be here");
        let near = suggest::nearest(key, base.entries.iter().map(|entry| &*entry.key.value));
        self.found.push(match near {
            Some(near) => warning.help(format!("did you mean `{near}`?")),
            None => warning,
        });
    }

    fn says_nothing(&mut self, entry: &Entry) {
        let message = format!("overlay `{}` says nothing about `{}`", self.name, entry.key.value);
        self.found.push(
            Diagnostic::warning(codes::OVERLAY_SAYS_NOTHING, message)
                .at(entry.key.span, "changes nothing")
                .help("write `~` after the colon to remove it from the lab"),
        );
    }
}

/// True for a key with nothing after its colon, as opposed to one with `~` or `null`.
fn is_unwritten(node: &Node) -> bool {
    node.as_scalar().is_some_and(|scalar| scalar.text.is_empty())
}
