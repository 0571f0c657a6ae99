//! A port that is for management only, in an aggregate or with several VLANs.

use super::ends::{called, subject};
use crate::context::Context;
use crate::rule::rule;
use lab_model::derived::PortId;

rule!("management-port-carries-data", Warning, Cabling, "a port for management only is used for data");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (id, port) in (0u32..).map(PortId).zip(&lab.derived.ports) {
        if !port.management {
            continue;
        }
        let trunk = lab.derived.vlans_of(id).filter(|mode| mode.tagged.len() > 1);
        let lag = lab.derived.lag_of(id);
        let (span, what) = match (lag, trunk) {
            (Some(lag), _) => (lab.lags[lag].name.span, "in this aggregate"),
            (None, Some(mode)) => (mode.span, "set up as a trunk"),
            (None, None) => continue,
        };
        let finding = context
            .finding(format!("{} is for management only and carries data", called(lab, id)), span, what)
            .about(subject(lab, id))
            .because("such a port leads to the processor that manages the device, not to the ports it forwards between");
        context.report(finding);
    }
}
