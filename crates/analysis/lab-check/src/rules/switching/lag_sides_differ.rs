//! The two sides of an aggregate are set differently.

use super::lag_sides::lags;
use crate::context::Context;
use crate::rule::rule;
use lab_model::lab::LagId;
use lab_source::{Severity, Span, Spanned};
use std::fmt::Display;

rule!("lag-sides-differ", Error, Switching, "the two sides of an aggregate are set differently");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (id, facts) in lags(lab) {
        let default = lab_model::written::LagMode::Lacp;
        let (near, far) = (&facts.near, &facts.far);
        let mode = |side: &Option<Spanned<lab_model::written::LagMode>>| {
            side.as_ref().map_or(default, |mode| mode.value)
        };
        if near.mode.is_some() | far.mode.is_some()
            && mode(&near.mode) != mode(&far.mode)
            && far.mode.is_some()
        {
            let span = |side: &Option<Spanned<lab_model::written::LagMode>>| {
                side.as_ref().map_or(lab.lags[id].name.span, |mode| mode.span)
            };
            tell(
                context,
                id,
                "mode",
                (mode(&far.mode), span(&far.mode)),
                (mode(&near.mode), span(&near.mode)),
                Severity::Error,
            );
        }
        if let (Some(near), Some(far)) = (&near.mtu, &far.mtu)
            && near.value != far.value
        {
            tell(context, id, "MTU", (far.value, far.span), (near.value, near.span), Severity::Error);
        }
        if let (Some(near), Some(far)) = (&near.rate, &far.rate)
            && near.value != far.value
        {
            tell(context, id, "LACP rate", (far.value, far.span), (near.value, near.span), Severity::Warning);
        }
    }
}

fn tell<T: Display>(
    context: &mut Context<'_>,
    id: LagId,
    what: &str,
    far: (T, Span),
    near: (T, Span),
    severity: Severity,
) {
    let lab = context.lab;
    let why = match what {
        "mode" => {
            "one side speaks a protocol that the other does not: the aggregate stays down, or frames loop"
        }
        "MTU" => "large frames pass in one direction and vanish in the other",
        _ => "the slow side is told of a dead link after 90 s, the fast one after 3 s",
    };
    let mut finding = context
        .finding(
            format!("the sides of the aggregate `{}` differ in {what}", lab.lags[id].name),
            far.1,
            format!("far side: {}", far.0),
        )
        .and(near.1, format!("this side: {}", near.0))
        .about(lab.subject(id))
        .because(why)
        .help(format!("set both sides to `{}`", near.0));
    finding.severity = severity;
    context.report_once(finding);
}
