//! What the page works with: the circuit as lists of numbers, names, and what boxes and lines stand for.

use super::picture::Picture;
use crate::answers::{Forecast, Overview};
use crate::circuit::{Node, NodeId};
use crate::promises::{Judged, judge};
use crate::works::{Fate, Subject};
use serde_json::{Value, json};

/// The data as JSON that may stand inside a `script` element.
pub(super) fn data(forecast: &Forecast<'_>, overview: &Overview, picture: &Picture) -> String {
    let works = &forecast.works;
    let parts: Vec<Value> =
        works.parts.iter().map(|part| json!([part.name, part.label, part.kind.plural()])).collect();
    let circuit = &forecast.compiled.circuit;
    let nodes: Vec<Value> = circuit.node_ids().map(|id| node(circuit.node(id))).collect();
    let outcomes: Vec<Value> = forecast
        .compiled
        .outcomes
        .iter()
        .map(|(outcome, node)| {
            let for_whom = match outcome.fate {
                Fate::GoneFor(at) => Some(works.vantages[at as usize].label.as_str()),
                _ => None,
            };
            json!([
                fate(outcome.fate),
                kind(outcome.subject),
                works.label(outcome.subject),
                node.index(),
                for_whom
            ])
        })
        .collect();
    let boxes: Vec<Value> = picture
        .boxes
        .iter()
        .map(|meaning| json!([indices(&meaning.parts), meaning.outcomes, meaning.places]))
        .collect();
    let lines: Vec<Value> = picture.lines.iter().map(|parts| indices(parts)).collect();
    let groups: Vec<Value> = overview.harmful.iter().map(|group| indices(&group.parts)).collect();
    let promises: Vec<Value> =
        judge(forecast).iter().filter_map(|judged| promise(forecast, judged)).collect();
    let value = json!({
        "promises": promises, "parts": parts, "nodes": nodes, "outcomes": outcomes, "boxes": boxes, "lines": lines, "groups": groups,
        "harmless": overview.harmless.len(), "pairs": overview.n_pairs,
        "assumed": works.assumed.iter().map(|known| known.what.as_str()).collect::<Vec<_>>(),
    });
    // `</script>` in a name would end the element; escaped it is the same JSON.
    value.to_string().replace('<', "\\u003c")
}

/// Its name, what the owner says, the verdict, and why: of what was refuted, else of everything. Promises in words only have no verdict.
fn promise(forecast: &Forecast<'_>, judged: &Judged) -> Option<Value> {
    let record = &forecast.lab.promises[judged.promise];
    let verdict = judged.verdict();
    let decisive = judged.aspects.iter().filter(|aspect| aspect.verdict == verdict);
    let because: Vec<&str> = decisive.map(|aspect| aspect.because.as_str()).collect();
    let says = record.says.as_ref().map_or("", |says| &*says.text);
    (!because.is_empty()).then(|| json!([record.name.to_string(), says, verdict.word(), because.join(" ")]))
}

fn indices(parts: &[crate::works::PartId]) -> Value {
    parts.iter().map(|part| part.index()).collect()
}

/// `[k, input, ...]`: fails once `k` inputs have; `[-1]` never, `[-2]` always, `[-3, part]` with a part.
fn node(node: Node<'_>) -> Value {
    let gate = |k: usize, inputs: &[NodeId]| {
        std::iter::once(k).chain(inputs.iter().map(|input| input.index())).collect::<Value>()
    };
    match node {
        Node::Never => json!([-1]),
        Node::Always => json!([-2]),
        Node::Event(event) => json!([-3, event.index()]),
        Node::Or(inputs) => gate(1, inputs),
        Node::And(inputs) => gate(inputs.len(), inputs),
        Node::AtLeast(k, inputs) => gate(k as usize, inputs),
    }
}

fn fate(fate: Fate) -> &'static str {
    match fate {
        Fate::Off => "off",
        Fate::Down => "down",
        Fate::NoQuorum => "no-quorum",
        Fate::NoInternet => "no-internet",
        Fate::GoneFor(_) => "gone-for",
        Fate::Gone => "gone",
        Fate::Stopped => "stopped",
        Fate::Lost => "lost",
    }
}

fn kind(subject: Subject) -> &'static str {
    match subject {
        Subject::Unit(_) => "unit",
        Subject::Machine(_) => "machine",
        Subject::Pool(_) => "pool",
        Subject::Data(_) => "data",
        Subject::Cluster(_) => "cluster",
        Subject::Service(_) => "service",
        Subject::Vantage(_) => "people",
    }
}
