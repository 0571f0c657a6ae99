//! Fibre of one mode under transceivers made for the other.

use super::ends::{
    Light, called, group, is_multimode, is_single_mode, joined, kind, light, subject, transceiver,
};
use crate::context::Context;
use crate::rule::rule;
use std::collections::BTreeSet;

rule!("fibre-does-not-suit-optics", Error, Cabling, "a transceiver is on fibre of the other mode");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let mut told = BTreeSet::new();
    for link in joined(lab) {
        for (port, peer) in [(link.a, link.b), (link.b, link.a)] {
            let Some(standard) = transceiver(lab, port).and_then(|optic| optic.standard.as_ref()) else {
                continue;
            };
            let Some(speaks) = light(standard) else { continue };
            for cable in link.cables {
                let record = group(lab, *cable);
                let (Some(fibre), Some(said)) = (kind(record), &record.kind) else { continue };
                let wanted = match speaks {
                    Light::Short if is_single_mode(fibre) => "multimode fibre (om3, om4)",
                    Light::Long if is_multimode(fibre) && !standard.text.contains("lx") => {
                        "single-mode fibre (os2)"
                    }
                    _ => continue,
                };
                if !told.insert((said.span, standard.span)) {
                    continue;
                }
                let finding = context
                    .finding(
                        format!("`{}` at {} does not work over {fibre}", standard.text, called(lab, port)),
                        said.span,
                        format!("this is {fibre}"),
                    )
                    .and(standard.span, format!("made for {wanted}"))
                    .about(lab.subject(lab.derived.cable(*cable).group))
                    .about(subject(lab, port))
                    .about(subject(lab, peer))
                    .because(
                        "the core of the one is six times as wide as that of the other: most light is lost",
                    )
                    .help(format!("take {wanted}, or the other transceivers at both ends"));
                context.report(finding);
            }
        }
    }
}
