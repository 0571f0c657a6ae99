//! A port that two aggregates claim.

use super::wire::port_name;
use crate::context::Context;
use crate::rule::rule;
use lab_model::derived::PortId;
use lab_model::lab::LagId;
use std::collections::BTreeMap;

rule!("port-in-two-lags", Error, Switching, "a port belongs to two aggregates");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let mut of_port: BTreeMap<PortId, LagId> = BTreeMap::new();
    for (id, lag) in lab.lags.iter() {
        for &port in &lab.derived.lag(id).near.ports {
            let span = lag.of.items.first().map_or(lag.name.span, |end| end.span);
            match of_port.get(&port) {
                Some(&first) => {
                    let other = &lab.lags[first];
                    let repeated = first == id;
                    let message = if repeated {
                        format!("{} is named twice in the aggregate `{}`", port_name(lab, port), lag.name)
                    } else {
                        format!(
                            "{} is in the aggregates `{}` and `{}`",
                            port_name(lab, port),
                            other.name,
                            lag.name
                        )
                    };
                    let finding = context
                        .finding(message, span, "claimed here")
                        .and(other.of.items.first().map_or(other.name.span, |end| end.span), "and here")
                        .about(lab.subject(id))
                        .about(lab.subject(first))
                        .help("leave it in one of them");
                    context.report_once(finding);
                }
                None => {
                    of_port.insert(port, id);
                }
            }
        }
    }
}
