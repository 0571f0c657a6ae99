//! A drive in a bay of another shape, or connected in a way that the bay does not have. Smaller drives in larger bays,
//! and M.2 drives in U.2 bays, go in with a frame or an adapter: they are not this.

use super::fit::drive_bay;
use crate::context::Context;
use crate::rule::rule;
use lab_model::device_type::DriveBay;
use lab_model::written::{DriveInterface, DriveType};
use std::collections::BTreeSet;

rule!("drive-does-not-fit", Error, Rack, "a drive does not fit the bay it is in");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let mut told = BTreeSet::new();
    for drive in &lab.derived.drives {
        let (Some(ty), Some(bay)) = (&drive.ty, drive_bay(lab, drive.device, &drive.bay)) else { continue };
        let Some(why) = shape(ty, bay).or_else(|| connection(ty, bay)) else { continue };
        if !told.insert(drive.span) {
            continue;
        }
        let device = &lab.devices[drive.device];
        let model = drive.model.as_ref().map_or("the drive", |model| &model.text);
        let finding = context
            .finding(format!("{model} does not fit {} of {}", drive.bay, device.name), drive.span, why)
            .about(lab.subject(drive.device));
        let finding = match &drive.model {
            Some(model) => finding.and(model.span, "the drive"),
            None => finding,
        };
        context.report(finding);
    }
}

/// A shape that does not go in.
fn shape(drive: &DriveType, bay: &DriveBay) -> Option<String> {
    let (drive, bay) = (&*drive.form_factor.as_ref()?.text, &*bay.form_factor.as_ref()?.text);
    let clash = match (inches(drive), inches(bay)) {
        (Some(drive), Some(bay)) => drive > bay,
        _ => match (m2_length(drive), m2_length(bay)) {
            (Some(drive), Some(bay)) => drive > bay,
            (None, Some(_)) => true,
            _ => drive == "3.5 in" || (drive == "lto") != (bay == "lto"),
        },
    };
    clash.then(|| format!("a `{drive}` drive in a `{bay}` bay"))
}

/// Sizes of disks; U.2 drives have the shape of those of 2.5 inches.
fn inches(form: &str) -> Option<u32> {
    match form {
        "3.5 in" => Some(35),
        "2.5 in" | "u.2" | "u.3" => Some(25),
        _ => None,
    }
}

/// The length of an M.2 drive or socket: 80 of `m.2 2280`.
fn m2_length(form: &str) -> Option<u32> {
    let digits = form.strip_prefix("m.2 ")?;
    digits.get(2..)?.parse().ok()
}

/// A connection that the bay does not have. SAS bays take SATA drives; a case with USB takes those it names.
fn connection(drive: &DriveType, bay: &DriveBay) -> Option<String> {
    let wanted = drive.interface.as_ref()?.value;
    let has = |interface: DriveInterface| bay.interfaces.iter().any(|own| own.value == interface);
    let goes = has(wanted) || (wanted == DriveInterface::Sata && has(DriveInterface::Sas));
    if bay.interfaces.is_empty() || goes {
        return None;
    }
    let own: Vec<String> = bay.interfaces.iter().map(|own| own.value.to_string()).collect();
    Some(format!("a `{wanted}` drive in a bay for {}", own.join(", ")))
}
