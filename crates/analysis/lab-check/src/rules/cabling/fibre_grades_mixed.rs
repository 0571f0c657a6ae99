//! One way through panels over fibres that do not go together: single-mode and multimode, cores of 62.5 and 50 µm.

use super::ends::{called, group, is_multimode, is_single_mode, joined, kind, subject};
use crate::context::Context;
use crate::rule::rule;
use lab_model::derived::CableId;
use lab_model::written::CableKind;
use std::collections::BTreeSet;

rule!("fibre-grades-mixed", Error, Cabling, "one way goes over fibres that do not go together");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let mut told = BTreeSet::new();
    for link in joined(lab) {
        let known: Vec<(CableId, CableKind)> =
            link.cables.iter().filter_map(|cable| Some((*cable, kind(group(lab, *cable))?))).collect();
        let Some((one, other)) = known.windows(2).find_map(|pair| match pair {
            [one, other] if clash(one.1, other.1) => Some((*one, *other)),
            _ => None,
        }) else {
            continue;
        };
        let (Some(first), Some(second)) = (&group(lab, one.0).kind, &group(lab, other.0).kind) else {
            continue;
        };
        if !told.insert((first.span, second.span)) {
            continue;
        }
        let finding = context
            .finding(
                format!(
                    "{} to {} changes from {} to {}",
                    called(lab, link.a),
                    called(lab, link.b),
                    one.1,
                    other.1
                ),
                second.span,
                format!("then {}", other.1),
            )
            .and(first.span, format!("first {}", one.1))
            .about(lab.subject(lab.derived.cable(other.0).group))
            .about(lab.subject(lab.derived.cable(one.0).group))
            .about(subject(lab, link.a))
            .about(subject(lab, link.b))
            .because("light does not pass from a wide core into a narrow one: all of a way is of one grade");
        context.report(finding);
    }
}

/// Single-mode beside multimode, copper beside fibre, or 62.5 µm (OM1) beside 50 µm.
fn clash(one: CableKind, other: CableKind) -> bool {
    let mode = |kind| match kind {
        _ if is_single_mode(kind) => Some(0),
        CableKind::Om1 => Some(1),
        _ if is_multimode(kind) => Some(2),
        _ if super::ends::is_twisted(kind) => Some(3),
        _ => None,
    };
    matches!((mode(one), mode(other)), (Some(one), Some(other)) if one != other)
}
