//! `show thing NAME`: all that the lab says of one thing, of whatever kind: its lines as written, with the comments
//! beside them, where its facts are from, what follows for it, and what names it.
//!
//! NAME is a name, `kind/name`, an address, `device:port` or `device/bay`.

use super::cell::place;
use super::{Asked, ShowError, View, thing_facts, thing_lines};
use crate::document::{Block, Document, Table};
use lab_model::grammar::{Address, Grammar};
use lab_model::record::{Name, Provenance};
use lab_model::{Kind, Lab, ThingId};
use lab_source::{Entry, Node, Span};
use std::collections::{BTreeMap, BTreeSet};

pub(super) const VIEW: View = View {
    name: "thing",
    summary: "all that the lab says of one thing of any kind: lines as written, sources, what follows, what names it",
    document,
    drawing: None,
};

/// Something that can be shown by itself.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Found<'a> {
    /// A thing of one of the kinds.
    Thing(ThingId),
    /// An entry of a top-level key that holds no things, such as `accept` or `ports`, or the key itself.
    Written(&'a str, Option<&'a str>),
}

fn document(asked: &Asked<'_>) -> Result<Document, ShowError> {
    if asked.names.is_empty() {
        return Err(ShowError { message: "say of what, by its name".to_owned(), near: Vec::new() });
    }
    let mut found = BTreeSet::new();
    for name in asked.names {
        let here = find(asked.lab, name);
        if here.is_empty() {
            return Err(ShowError::unknown("thing", name, known(asked.lab).iter().map(String::as_str)));
        }
        found.extend(here);
    }
    let mut document = Document::default();
    if found.len() > asked.names.len() {
        let names: Vec<String> = found.iter().map(|found| found.subject(asked.lab)).collect();
        document.blocks.push(Block::Text(format!("Several things are meant: {}", names.join(", "))));
    }
    for found in found {
        document.blocks.extend(found.blocks(asked));
    }
    Ok(document)
}

/// Everything that `name` may mean.
fn find<'a>(lab: &'a Lab, name: &'a str) -> Vec<Found<'a>> {
    let by_kind = |word: &str, name: &str| -> Vec<Found<'a>> {
        let of_word = Kind::ALL.iter().filter(|kind| kind.word() == word || kind.key() == word);
        of_word.filter_map(|kind| lab.find(*kind, name)).map(Found::Thing).collect()
    };
    let mut found: Vec<Found<'a>> =
        Kind::ALL.iter().filter_map(|kind| lab.find(*kind, name)).map(Found::Thing).collect();
    found.extend(
        other_entries(lab)
            .filter(|(_, entry)| *entry == Some(name))
            .map(|(key, entry)| Found::Written(key, entry)),
    );
    found.extend(
        other_entries(lab)
            .filter(|(key, entry)| *key == name && entry.is_none())
            .map(|(key, entry)| Found::Written(key, entry)),
    );
    if let (true, Some((word, rest))) = (found.is_empty(), name.split_once('/')) {
        found = by_kind(word, rest);
        found.extend(
            other_entries(lab)
                .filter(|(key, entry)| *key == word && *entry == Some(rest))
                .map(|(key, entry)| Found::Written(key, entry)),
        );
    }
    if let (true, Ok(address)) = (found.is_empty(), Address::parse(name)) {
        let owners = lab.derived.assignments.iter().filter(|of| of.address == address.0).map(|of| of.owner);
        found = owners.collect::<BTreeSet<_>>().into_iter().map(Found::Thing).collect();
        if found.is_empty() {
            found.extend(lab.derived.prefix_of(address.0).map(|prefix| Found::Thing(prefix.into())));
        }
    }
    if found.is_empty() {
        let device = name.split_once([':', '/']).and_then(|(device, part)| {
            let id = lab.devices.find(device)?;
            let has = lab.derived.find_port(id, part).is_some() || lab.derived.find_drive(id, part).is_some();
            has.then_some(Found::Thing(id.into()))
        });
        found.extend(device);
    }
    found
}

/// Top-level keys that hold no kind of thing, and their entries: `lab`, `secrets`, `accept` and its risks, `rehearse`. The entries of
/// `ports` are shown with their devices.
fn other_entries(lab: &Lab) -> impl Iterator<Item = (&str, Option<&str>)> {
    let is_kind = |key: &str| Kind::ALL.iter().any(|kind| kind.key() == key) || key == "ports";
    lab.tree.entries.iter().filter(move |entry| !is_kind(&entry.key.value)).flat_map(|entry| {
        let inner = match (&*entry.key.value, &entry.value) {
            ("accept", Node::Map(map)) => &map.entries[..],
            _ => &[],
        };
        let key = &*entry.key.value;
        std::iter::once((key, None)).chain(inner.iter().map(move |entry| (key, Some(&*entry.key.value))))
    })
}

/// Every name there is.
fn known(lab: &Lab) -> Vec<String> {
    let mut names = Vec::new();
    for &kind in Kind::ALL {
        for index in 0..lab.count(kind) as u32 {
            names.push(lab.name(ThingId { kind, index }).to_string());
        }
    }
    names.extend(other_entries(lab).map(|(key, entry)| entry.unwrap_or(key).to_owned()));
    names
}

impl Found<'_> {
    fn subject(&self, lab: &Lab) -> String {
        match self {
            Self::Thing(thing) => lab.subject(*thing),
            Self::Written(key, Some(entry)) => format!("{key}/{entry}"),
            Self::Written(key, None) => (*key).to_owned(),
        }
    }

    fn blocks(&self, asked: &Asked<'_>) -> Vec<Block> {
        let lab = asked.lab;
        let mut blocks = vec![Block::Text(self.subject(lab))];
        for entry in self.entries(lab) {
            blocks.extend(thing_lines::lines(asked.files, entry));
        }
        blocks.extend(self.provenance(asked));
        if let Self::Thing(thing) = self {
            blocks.extend(thing_facts::blocks(asked, *thing));
            blocks.extend(referrers(asked, *thing));
        }
        blocks
    }

    /// The entries of the text that say something of it alone.
    fn entries<'l>(&self, lab: &'l Lab) -> Vec<&'l Entry> {
        let entry_of = |key: &str| lab.tree.get(key);
        let inside = |key: &str, is: &dyn Fn(&Entry) -> bool| -> Vec<&'l Entry> {
            let map = entry_of(key).and_then(|entry| entry.value.as_map());
            map.into_iter().flat_map(|map| map.entries.iter()).filter(|entry| is(entry)).collect()
        };
        match self {
            Self::Thing(thing) => {
                let name = lab.name(*thing);
                let mut entries = inside(&thing.kind.key(), &|entry| entry.key.span == name.span);
                let ports = |named: &Name| named.text == name.text && thing.kind == Kind::Device;
                let spans: Vec<Span> =
                    lab.ports.iter().filter(|(named, _)| ports(named)).map(|(named, _)| named.span).collect();
                entries.extend(inside("ports", &|entry| spans.contains(&entry.key.span)));
                entries
            }
            Self::Written(key, Some(name)) => inside(key, &|entry| *entry.key.value == **name),
            Self::Written(key, None) => entry_of(key).into_iter().collect(),
        }
    }

    /// Where its facts are from.
    fn provenance(&self, asked: &Asked<'_>) -> Option<Block> {
        let lab = asked.lab;
        let subjects: Vec<String> = match self {
            Self::Thing(thing) => {
                let name = lab.name(*thing);
                vec![format!("{}/{name}", thing.kind.key()), format!("ports/{name}")]
            }
            Self::Written(key, Some(entry)) => vec![format!("{key}/{entry}")],
            Self::Written(key, None) => vec![(*key).to_owned()],
        };
        let is_own = |subject: &str| {
            subjects.iter().any(|own| own == subject)
                || matches!(self, Self::Written(key, None) if subject.split('/').next() == Some(key))
        };
        let mut table = Table::new(&["fact", "source", "sure", "=assumed because", "=note", "-where"])
            .titled("Where facts are from");
        let mut by_path: BTreeMap<(&str, &str), Vec<&Provenance>> = BTreeMap::new();
        for fact in lab.provenance.iter().filter(|fact| is_own(&fact.subject)) {
            by_path.entry((&fact.path, &fact.subject)).or_default().push(fact);
        }
        for ((path, subject), facts) in by_path {
            let all = |word: &dyn Fn(&Provenance) -> Option<String>| {
                facts.iter().filter_map(|fact| word(fact)).collect::<Vec<_>>().join("; ")
            };
            let whole = if subject.starts_with("ports/") { "its ports" } else { "all of it" };
            table.row([
                if path.is_empty() { whole.to_owned() } else { path.to_owned() },
                all(&|fact| fact.source.as_ref().map(|source| source_title(lab, source))),
                if facts.iter().any(|fact| fact.unverified) {
                    "unverified".to_owned()
                } else {
                    String::new()
                },
                all(&|fact| fact.assumed.as_ref().map(ToString::to_string)),
                all(&|fact| fact.note.as_ref().map(ToString::to_string)),
                place(asked.files, facts[0].span),
            ]);
        }
        (!table.rows.is_empty()).then_some(Block::Table(table))
    }
}

/// A source with its title.
fn source_title(lab: &Lab, name: &str) -> String {
    let source = lab.sources.find(name).and_then(|source| lab.sources[source].title.as_ref());
    source.map_or_else(|| name.to_owned(), |title| format!("{name}: {title}"))
}

/// What names the thing.
fn referrers(asked: &Asked<'_>, thing: ThingId) -> Option<Block> {
    let lab = asked.lab;
    let mut table = Table::new(&["named by", "where"]).titled("What names it");
    let mut seen = BTreeSet::new();
    for reference in lab.references.iter().filter(|reference| reference.to == thing) {
        if seen.insert((reference.from, reference.span)) {
            table.row([lab.subject(reference.from), place(asked.files, reference.span)]);
        }
    }
    (!table.rows.is_empty()).then_some(Block::Table(table))
}
