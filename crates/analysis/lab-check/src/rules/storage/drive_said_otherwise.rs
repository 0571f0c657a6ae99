//! What a drive is said to be for, against what pools and clusters do with it.

use crate::context::Context;
use crate::rule::rule;
use lab_model::derived::{Drive, DriveOwner, DriveRole};
use lab_model::written::{DriveUseKind, Status};

rule!("drive-said-otherwise", Warning, Storage, "a pool uses a drive that is said to be for something else");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for owner in &lab.derived.drive_owners {
        let drive = lab.derived.drive(owner.drive);
        let Some((why, span)) = contradiction(drive, owner) else { continue };
        let name = lab.drive_name(owner.drive);
        let user = format!("{} `{}`", owner.owner.kind.word(), lab.name(owner.owner));
        let finding = context
            .finding(format!("{user} uses `{name}`, which {why}"), owner.span, format!("used by {user}"))
            .and(span, format!("it {why}"))
            .about(lab.subject(owner.owner))
            .about(lab.subject(drive.device))
            .help("mend the one that is no longer true");
        context.report_once(finding);
    }
}

/// What the drive says of itself that cannot be when it is used so.
fn contradiction(drive: &Drive, owner: &DriveOwner) -> Option<(String, lab_source::Span)> {
    use DriveRole::{Cache, Data, Log, Osd, PassedThrough, Spare, Special, System};
    if owner.role == PassedThrough {
        return None;
    }
    if let Some(status) = drive.said.status.as_ref().filter(|status| status.value != Status::Active)
        && owner.role != Spare
    {
        return Some((format!("is {}", status.value), status.span));
    }
    let holds = drive.said.holds.as_ref()?;
    let pooled = matches!(owner.role, Data | Log | Cache | Special);
    let wrong = match holds.value {
        DriveUseKind::CephOsd => pooled || matches!(owner.role, Spare | System),
        DriveUseKind::Spare | DriveUseKind::Nothing => pooled || matches!(owner.role, Osd | System),
        DriveUseKind::Local | DriveUseKind::Pool => owner.role == Osd,
        DriveUseKind::Os | DriveUseKind::Boot => matches!(owner.role, Osd | Spare),
    };
    wrong.then(|| (format!("is said to hold `{}`", holds.value), holds.span))
}
