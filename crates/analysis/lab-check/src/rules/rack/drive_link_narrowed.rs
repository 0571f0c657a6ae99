//! A drive on PCIe in a bay with fewer lanes or an older generation.

use super::fit::drive_bay;
use crate::context::Context;
use crate::rule::rule;
use lab_model::grammar::PcieLink;
use std::collections::BTreeSet;

rule!("drive-link-narrowed", Note, Rack, "a bay gives a drive less than it could use");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let mut told = BTreeSet::new();
    for drive in &lab.derived.drives {
        let there = drive_bay(lab, drive.device, &drive.bay).and_then(|bay| bay.pcie.as_ref());
        let wanted = drive.ty.as_ref().and_then(|ty| ty.pcie.as_ref());
        let (Some(wanted), Some(there)) = (wanted, there) else { continue };
        let link = wanted.value.negotiated(there.value);
        if link == wanted.value || !told.insert(drive.span) {
            continue;
        }
        let bits = |link: PcieLink| link.bandwidth().bits_per_second() as f64;
        let share = (bits(link) * 100.0 / bits(wanted.value)).round();
        let model = drive.model.as_ref().map_or("the drive", |model| &model.text);
        let finding = context
            .finding(
                format!(
                    "{model} gets {share} % of its link in {} of {}",
                    drive.bay, lab.devices[drive.device].name
                ),
                drive.span,
                format!("{} drive in a {} bay runs at {link}", wanted.value, there.value),
            )
            .about(lab.subject(drive.device));
        context.report(finding);
    }
}
