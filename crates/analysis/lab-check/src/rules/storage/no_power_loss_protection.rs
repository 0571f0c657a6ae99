//! Drives that confirm synchronous writes all day and are known to have no power-loss protection.

use crate::amount::names;
use crate::context::Context;
use crate::rule::rule;
use lab_model::derived::{DriveOwner, DriveRole};
use lab_model::lab::{Lab, ThingId};
use lab_model::written::DriveKind;
use lab_source::Span;
use std::collections::BTreeMap;

rule!("no-power-loss-protection", Warning, Storage, "logs and OSDs on flash without power-loss protection");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let mut found: BTreeMap<(ThingId, Span), Vec<&DriveOwner>> = BTreeMap::new();
    for owner in &lab.derived.drive_owners {
        let syncs = matches!(owner.role, DriveRole::Log | DriveRole::Osd | DriveRole::Special);
        if syncs && is_unprotected(lab, owner) {
            found.entry((owner.owner, owner.span)).or_default().push(owner);
        }
    }
    for ((thing, span), owners) in found {
        let what = match owners[0].role {
            DriveRole::Log => "log",
            DriveRole::Osd => "OSDs",
            _ => "special vdev",
        };
        let drives: Vec<String> = owners.iter().map(|owner| lab.drive_name(owner.drive)).collect();
        let model = lab.derived.drive(owners[0].drive).model.as_ref();
        let mut finding = context
            .finding(
                format!("the {what} of `{}` is on drives without power-loss protection", lab.name(thing)),
                span,
                format!("{} without", names(&drives)),
            )
            .about(lab.subject(thing))
            .because("what such a drive has confirmed is in its volatile cache: a power cut loses it")
            .because("told to flush after each write, it is as slow as a rotating drive")
            .help("use drives with power-loss protection there");
        if let Some(model) = model {
            finding = finding.and(model.span, format!("`{}` has none", model.text));
        }
        context.report_once(finding);
    }
}

fn is_unprotected(lab: &Lab, owner: &DriveOwner) -> bool {
    let Some(ty) = &lab.derived.drive(owner.drive).ty else { return false };
    let flash = ty.kind.as_ref().is_some_and(|kind| kind.value == DriveKind::Ssd);
    flash && ty.power_loss_protection.as_ref().is_some_and(|protected| !protected.value)
}
