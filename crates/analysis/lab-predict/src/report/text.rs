//! For people: counts first, then the sets as patterns, the smallest first.

use super::{Likelihood, Report};
use crate::circuit::Named;
use crate::cutsets::{CutSets, PATTERN_SETS_MAX, lines, patterns};
use crate::probability::Probability;
use std::fmt::Write;

/// How much is printed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TextOptions {
    /// Patterns of one order; the rest is counted.
    pub patterns_max: usize,
}

/// The report as text.
pub fn render_text(report: &Report<'_>, options: TextOptions) -> String {
    let mut text = String::new();
    for (place, top) in report.circuit.tops().iter().enumerate() {
        if place > 0 {
            text.push('\n');
        }
        heading(&mut text, top);
        let cut_sets = &report.answer.tops[place];
        likelihood(&mut text, report, &report.likelihoods[place], cut_sets);
        sets(&mut text, report, cut_sets, options);
    }
    let circuit = report.circuit;
    let _ = writeln!(
        text,
        "\n{} basic events, {} that differ in effect; {} gates; tops: {}",
        circuit.events().len(),
        report.answer.n_classes,
        circuit.n_gates(),
        circuit.tops().len()
    );
    text
}

fn heading(text: &mut String, top: &Named) {
    let _ = match &top.label {
        Some(label) => writeln!(text, "{}: {label}", top.name),
        None => writeln!(text, "{}", top.name),
    };
}

fn likelihood(text: &mut String, report: &Report<'_>, likelihood: &Likelihood, cut_sets: &CutSets) {
    match &likelihood.probability {
        Some(Probability::Exact(exact)) => {
            let _ = writeln!(text, "  probability {exact:.6e}, exact");
        }
        Some(Probability::Outgrown { nodes_max }) => {
            let _ =
                writeln!(text, "  probability not computed exactly: it takes more than {nodes_max} nodes");
        }
        Some(Probability::Unknown { event, n_events }) => {
            let name = &report.circuit.event(*event).name;
            let others = match n_events {
                1 => String::new(),
                _ => format!(" and {} others", n_events - 1),
            };
            let _ = writeln!(text, "  probability not known: that of {name}{others} is not given");
        }
        None => {}
    }
    if let Some(bounds) = likelihood.bounds {
        let _ = writeln!(
            text,
            "  between {:.6e} and {:.6e}, from the sets of up to {} events: rare events {:.6e}, min cut {:.6e}",
            bounds.lower, bounds.upper, cut_sets.complete_to, bounds.rare_event, bounds.min_cut
        );
    }
}

fn sets(text: &mut String, report: &Report<'_>, cut_sets: &CutSets, options: TextOptions) {
    if cut_sets.is_always {
        text.push_str("  has failed from the outset\n");
        return;
    }
    for order in 1..=cut_sets.complete_to {
        let count = cut_sets.count(order);
        let _ = writeln!(text, "  {order} at once: {}", counted(count));
        if count == 0 {
            continue;
        }
        let (n_more, n_sets_more) = match cut_sets.n_class_sets(order) > PATTERN_SETS_MAX {
            true => {
                let lines = lines(cut_sets, order, report.circuit, options.patterns_max);
                text.push_str(&lines.text);
                (lines.n_more, lines.n_sets_more)
            }
            false => {
                let patterns = patterns(cut_sets, order);
                for pattern in patterns.iter().take(options.patterns_max) {
                    let _ = writeln!(text, "    {}", pattern.shown(report.circuit));
                }
                let rest = patterns.get(options.patterns_max..).unwrap_or_default();
                (rest.len(), rest.iter().map(|pattern| pattern.n_sets).sum())
            }
        };
        if n_more > 0 {
            let _ =
                writeln!(text, "    and {n_more} patterns with {} (--all prints them)", counted(n_sets_more));
        }
    }
    if cut_sets.complete_to < report.limits.order {
        let _ = writeln!(
            text,
            "  not computed beyond {} at once: there are more than {} sets on the way",
            cut_sets.complete_to, report.limits.sets_max
        );
    }
}

fn counted(count: u64) -> String {
    match count {
        0 => "nothing breaks it".to_owned(),
        1 => "1 minimal cut set".to_owned(),
        _ => format!("{count} minimal cut sets"),
    }
}
