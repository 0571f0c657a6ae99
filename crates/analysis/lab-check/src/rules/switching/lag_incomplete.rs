//! An aggregate that has fewer links than it claims.

use super::lag_sides::{lags, port_names};
use crate::context::Context;
use crate::rule::rule;

rule!("lag-incomplete", Warning, Switching, "an aggregate has one link only, or ports without a cable");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (id, facts) in lags(lab) {
        let lag = &lab.lags[id];
        let span = lag.of.items.first().map_or(lag.name.span, |end| end.span);
        let cabled = facts.near.ports.len() - facts.uncabled.len();
        let message = match (facts.uncabled.is_empty(), facts.near.ports.len()) {
            (true, 1) => format!("the aggregate `{}` has one link", lag.name),
            (true, _) => continue,
            (false, all) => {
                format!("the aggregate `{}` has a cable in {cabled} of its {all} ports", lag.name)
            }
        };
        let label = if facts.uncabled.is_empty() {
            "one port".to_owned()
        } else {
            format!("no cable: {}", port_names(lab, &facts.uncabled))
        };
        let mut finding = context.finding(message, span, label).about(lab.subject(id));
        for device in &facts.near.devices {
            finding = finding.about(lab.subject(*device));
        }
        context.report_once(
            finding
                .because("it carries less than planned, and the failure of one link may take it down")
                .help("plug in the missing cables, or take the ports out of the aggregate"),
        );
    }
}
