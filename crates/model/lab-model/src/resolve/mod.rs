//! Names to ids: every reference is looked up once, and a name that means nothing is reported with the name that was
//! probably meant.

use crate::lab::{Kind, Lab, Reference, ThingId};
use crate::record::AnyRef;
use lab_source::{Code, Diagnostic};
use std::collections::HashMap;
use std::sync::Arc;

/// A name that means nothing.
pub(crate) const UNKNOWN_NAME: Code = Code("unknown-name");
/// A name that means several things.
pub(crate) const AMBIGUOUS_NAME: Code = Code("ambiguous-name");

/// All names of a lab.
struct Index {
    things: HashMap<Arc<str>, Vec<ThingId>>,
}

impl Index {
    fn of(lab: &Lab) -> Self {
        let mut things: HashMap<Arc<str>, Vec<ThingId>> = HashMap::new();
        for &kind in Kind::ALL {
            for index in 0..u32::try_from(lab.count(kind)).unwrap_or(u32::MAX) {
                let thing = ThingId { kind, index };
                things.entry(lab.name(thing).text.clone()).or_default().push(thing);
            }
        }
        Self { things }
    }

    fn find(&self, kind: Kind, name: &str) -> Option<ThingId> {
        self.things.get(name)?.iter().find(|thing| thing.kind == kind).copied()
    }

    /// What `name` may mean among `kinds`, in their order.
    fn candidates(&self, name: &str, kinds: &[Kind]) -> Vec<ThingId> {
        kinds.iter().filter_map(|&kind| self.find(kind, name)).collect()
    }

    /// All names of `kinds`, in order, for suggestions.
    fn known(&self, kinds: &[Kind]) -> Vec<&str> {
        let is_of = |things: &Vec<ThingId>| things.iter().any(|thing| kinds.contains(&thing.kind));
        let mut names: Vec<&str> =
            self.things.iter().filter(|(_, things)| is_of(things)).map(|(name, _)| &**name).collect();
        names.sort_unstable();
        names
    }
}

/// Resolves every reference of `lab`. When `incomplete`, parts of the text are missing, and a name that is not known
/// may be among them.
pub(crate) fn resolve(lab: &mut Lab, incomplete: bool, diagnostics: &mut Vec<Diagnostic>) {
    let index = Index::of(lab);
    let mut findings = Vec::new();
    let mut references = Vec::new();
    lab.visit(&mut |from, reference| {
        let (to, finding) = resolve_one(reference, &index, incomplete, findings.len());
        findings.extend(finding);
        if let (Some(from), Some(to)) = (from, to) {
            references.push(Reference { from, to, span: reference.span() });
        }
    });
    diagnostics.append(&mut findings);
    lab.references = references;
}

/// What the reference means, and what is wrong with it.
fn resolve_one(
    reference: &mut dyn AnyRef,
    index: &Index,
    incomplete: bool,
    found: usize,
) -> (Option<ThingId>, Option<Diagnostic>) {
    let text = reference.text().to_owned();
    if reference.words().contains(&text.as_str()) {
        return (None, None);
    }
    let kinds = reference.kinds();
    if let Some((kind, name)) = qualified(&text, kinds) {
        return match index.find(kind, name) {
            Some(thing) => {
                reference.resolve(thing);
                (Some(thing), None)
            }
            None => (None, Some(unknown(reference, name, &[kind], index, (incomplete, found)))),
        };
    }
    let meant = index.candidates(&text, kinds);
    let Some(&first) = meant.first() else {
        return (None, Some(unknown(reference, &text, kinds, index, (incomplete, found))));
    };
    reference.resolve(first);
    (Some(first), ambiguous(reference, &text, &meant))
}

/// A warning when a name may mean several things. The first of `meant` is taken.
fn ambiguous(reference: &dyn AnyRef, text: &str, meant: &[ThingId]) -> Option<Diagnostic> {
    let (first, others) = meant.split_first()?;
    if others.is_empty() {
        return None;
    }
    if meant.iter().all(|thing| matches!(thing.kind, Kind::Host | Kind::Device)) {
        // A machine and the operating system on it usually share their name, and mean the same to whoever says it.
        return None;
    }
    let all = |thing: &ThingId| format!("`{}/{text}`", thing.kind.word());
    let rest: Vec<String> = others.iter().map(all).collect();
    Some(
        Diagnostic::warning(AMBIGUOUS_NAME, format!("`{text}` is the name of several things"))
            .at(reference.span(), format!("taken for {}", all(first)))
            .help(format!("write {}, or {}", all(first), rest.join(" or "))),
    )
}

/// `dataset/photos` as kind and name. A prefix such as `10.0.0.0/8` is not qualified.
fn qualified<'t>(text: &'t str, kinds: &[Kind]) -> Option<(Kind, &'t str)> {
    let (word, name) = text.split_once('/')?;
    kinds.iter().find(|kind| kind.word() == word).map(|kind| (*kind, name))
}

fn unknown(
    reference: &dyn AnyRef,
    name: &str,
    kinds: &[Kind],
    index: &Index,
    (incomplete, found): (bool, usize),
) -> Diagnostic {
    let words: Vec<&str> = kinds.iter().map(|kind| kind.word()).collect();
    let what = match words.split_last() {
        Some((last, before)) if !before.is_empty() => format!("{} or {last}", before.join(", ")),
        _ => words.concat(),
    };
    let message = format!("there is no {what} called `{name}`");
    let label = "nothing of this name";
    let mut finding = if incomplete {
        Diagnostic::warning(UNKNOWN_NAME, message)
            .because("parts of the files could not be read; the name may be among them")
    } else {
        Diagnostic::error(UNKNOWN_NAME, message)
    }
    .at(reference.span(), label);
    // All names are looked through for each unknown one, which is too much when nearly all are unknown.
    let known = if found > lab_source::suggest::FEW { Vec::new() } else { index.known(kinds) };
    if let Some(near) =
        lab_source::suggest::nearest(name, known.iter().copied().chain(reference.words().iter().copied()))
    {
        finding = finding.help(format!("did you mean `{near}`?"));
    } else if let Some(elsewhere) = index.things.get(name).and_then(|things| things.first()) {
        finding = finding
            .because(format!("there is a {} of this name, which cannot stand here", elsewhere.kind.word()));
    } else if !known.is_empty() {
        let shown: Vec<&str> = known.iter().take(12).copied().collect();
        let more = known.len().saturating_sub(shown.len());
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        finding = finding.because(format!("known: {}{more}", shown.join(", ")));
    }
    if let ([kind], true) = (kinds, finding.help.is_empty()) {
        finding = finding.help(format!("describe it under `{}:`", kind.key()));
    }
    if !reference.words().is_empty() {
        finding = finding.because(format!("these words also stand here: {}", reference.words().join(", ")));
    }
    finding
}
