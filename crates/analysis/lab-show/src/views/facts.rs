//! `show facts`: where facts are from and how sure they are; what rests on facts that nobody has looked at.

use super::cell::{place, shown};
use super::{Asked, ShowError, View};
use crate::document::{Block, Document, Table};
use lab_model::record::Provenance;
use lab_source::Span;
use std::collections::BTreeMap;

pub(super) const VIEW: View = View {
    name: "facts",
    summary: "sources, and facts that are assumed or unverified; all of a source when named, `notes` or `all`",
    document,
    drawing: None,
};

fn document(asked: &Asked<'_>) -> Result<Document, ShowError> {
    let lab = asked.lab;
    let facts: Vec<&Provenance> = lab.provenance.iter().collect();
    if let Some(name) = asked.names.iter().find(|name| !is_known(asked, name)) {
        let words = ["notes", "all", "unverified", "assumed"];
        let sources = lab.sources.iter().map(|(_, source)| &*source.name.text);
        return Err(ShowError::unknown("source", name, sources.chain(words)));
    }
    let mut blocks = Vec::new();
    if asked.names.is_empty() {
        blocks.push(Block::Table(sources(asked)));
        let doubtful: Vec<&Provenance> =
            facts.iter().copied().filter(|fact| fact.unverified || fact.assumed.is_some()).collect();
        blocks.push(Block::Table(table(asked, &doubtful).titled("Assumed or unverified")));
    } else {
        let wanted = |fact: &&Provenance| asked.names.iter().any(|name| is_of(fact, name));
        blocks.push(Block::Table(table(asked, &facts.into_iter().filter(wanted).collect::<Vec<_>>())));
    }
    Ok(Document {
        title: format!("{} facts with a source or a word about them", lab.provenance.len()),
        blocks,
    })
}

fn is_known(asked: &Asked<'_>, name: &str) -> bool {
    matches!(name, "notes" | "all" | "unverified" | "assumed")
        || asked.lab.sources.find(name).is_some()
        || asked.lab.provenance.iter().any(|fact| fact.source.as_deref() == Some(name))
}

fn is_of(fact: &Provenance, name: &str) -> bool {
    match name {
        "all" => true,
        "notes" => fact.note.is_some(),
        "unverified" => fact.unverified,
        "assumed" => fact.assumed.is_some(),
        source => fact.source.as_deref() == Some(source),
    }
}

fn sources(asked: &Asked<'_>) -> Table {
    let lab = asked.lab;
    let mut table = Table::new(&["source", "=title", "~url", "revision", ">facts"]).titled("Sources");
    for (_, source) in lab.sources.iter() {
        let name = &*source.name.text;
        let count = lab.provenance.iter().filter(|fact| fact.source.as_deref() == Some(name)).count();
        table.row([
            name.to_owned(),
            shown(source.title.as_ref()),
            shown(source.url.as_ref()),
            shown(source.revision.as_ref()),
            count.to_string(),
        ]);
    }
    table
}

/// One row for facts that were written once for several things.
fn table(asked: &Asked<'_>, facts: &[&Provenance]) -> Table {
    let mut table = Table::new(&["about", "~fact", "source", "sure", "=why or note", "-where"]);
    let mut rows: BTreeMap<(Span, &str), Vec<&Provenance>> = BTreeMap::new();
    for fact in facts {
        rows.entry((fact.span, &fact.path)).or_default().push(fact);
    }
    for ((span, path), same) in rows {
        let first = same[0];
        let sure = if first.assumed.is_some() {
            "assumed"
        } else if first.unverified {
            "unverified"
        } else {
            ""
        };
        let why = [first.assumed.as_deref(), first.note.as_deref()];
        table.row([
            super::cell::names(same.iter().map(|fact| fact.subject.clone())),
            path.to_owned(),
            shown(first.source.as_ref()),
            sure.to_owned(),
            why.into_iter().flatten().collect::<Vec<_>>().join("; "),
            place(asked.files, span),
        ]);
    }
    table
}
