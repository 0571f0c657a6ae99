//! For programs: one document with every minimal cut set by name. Written straight into one string, since there may be millions of sets.

use super::{Likelihood, Report};
use crate::cutsets::CutSets;
use crate::probability::Probability;
use serde_json::{Value, json};
use std::fmt::Write;

/// The version of the document. A field that goes away or changes its meaning raises it; new fields do not.
pub const JSON_VERSION: u32 = 1;

/// The report as JSON.
pub fn render_json(report: &Report<'_>) -> String {
    let names: Vec<String> =
        report.circuit.events().iter().map(|event| Value::from(event.name.as_str()).to_string()).collect();
    let mut text = format!(
        "{{\"version\":{JSON_VERSION},\"order\":{},\"events\":{},\"gates\":{},\"complete\":{},\"tops\":[",
        report.limits.order,
        report.circuit.events().len(),
        report.circuit.n_gates(),
        report.is_complete()
    );
    for (place, top) in report.circuit.tops().iter().enumerate() {
        let cut_sets = &report.answer.tops[place];
        let comma = if place > 0 { "," } else { "" };
        let _ = write!(
            text,
            "{comma}\n{{\"name\":{},\"label\":{},\"failed_from_the_outset\":{},\"complete_to\":{},\"probability\":{},\"counts\":{},\"cut_sets\":[",
            Value::from(top.name.as_str()),
            json!(top.label),
            cut_sets.is_always,
            cut_sets.complete_to,
            likelihood(report, &report.likelihoods[place]),
            json!((1..=cut_sets.complete_to).map(|order| cut_sets.count(order)).collect::<Vec<_>>()),
        );
        sets(&mut text, cut_sets, &names);
        text.push_str("]}");
    }
    text.push_str("\n]}\n");
    text
}

fn likelihood(report: &Report<'_>, likelihood: &Likelihood) -> Value {
    if likelihood.probability.is_none() && likelihood.bounds.is_none() {
        return Value::Null;
    }
    let why_not = match &likelihood.probability {
        None => Some("not asked for".to_owned()),
        Some(Probability::Exact(_)) => None,
        Some(Probability::Outgrown { nodes_max }) => Some(format!("more than {nodes_max} nodes")),
        Some(Probability::Unknown { event, .. }) => {
            Some(format!("the probability of {} is not given", report.circuit.event(*event).name))
        }
    };
    let bounds = likelihood.bounds.map(|bounds| {
        json!({
            "lower": bounds.lower, "upper": bounds.upper, "rare_event": bounds.rare_event, "min_cut": bounds.min_cut,
        })
    });
    let exact = likelihood.probability.as_ref().and_then(Probability::exact);
    json!({ "exact": exact, "why_not_exact": why_not, "bounds": bounds })
}

fn sets(text: &mut String, cut_sets: &CutSets, names: &[String]) {
    let mut is_first = true;
    for set in (1..=cut_sets.complete_to).flat_map(|order| cut_sets.sets(order)) {
        text.push_str(if std::mem::take(&mut is_first) { "\n[" } else { ",\n[" });
        for (place, event) in set.iter().enumerate() {
            if place > 0 {
                text.push(',');
            }
            text.push_str(&names[event.index()]);
        }
        text.push(']');
    }
}
