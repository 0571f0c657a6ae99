//! A drive that is there and does nothing, in a device whose other drives are accounted for.

use crate::amount::names;
use crate::context::Context;
use crate::rule::rule;
use lab_model::derived::{Drive, DriveId};
use lab_model::lab::{DeviceId, Lab};
use lab_model::written::{DeviceRole, DriveKind, Status};
use std::collections::BTreeSet;

rule!("drive-unused", Note, Storage, "a drive that nothing uses");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let used: BTreeSet<DriveId> = lab.derived.drive_owners.iter().map(|owner| owner.drive).collect();
    let vague = with_vague_pools(lab);
    for (id, device) in lab.devices.iter() {
        let facts = lab.derived.device(id);
        let stores = !matches!(facts.role, Some(DeviceRole::TapeLibrary | DeviceRole::Endpoint));
        let some_used = facts.drives.iter().any(|drive| used.contains(drive));
        if !stores
            || !some_used
            || vague.contains(&id)
            || !lab.is_active(id)
            || !systems_known(lab, id, &used)
        {
            continue;
        }
        let idle: Vec<&Drive> = facts
            .drives
            .iter()
            .filter(|drive| !used.contains(drive))
            .map(|drive| lab.derived.drive(*drive))
            .filter(|drive| is_idle(drive))
            .collect();
        for same in idle.chunk_by(|one, other| one.span == other.span) {
            let bays: Vec<&str> = same.iter().map(|drive| &*drive.bay).collect();
            let verb = if bays.len() == 1 { "does" } else { "do" };
            let finding = context
                .finding(
                    format!("{} of `{}` {verb} nothing", names(&bays), device.name),
                    same[0].span,
                    "no pool, cluster or host names it",
                )
                .about(lab.subject(id))
                .help("put it in a pool, say what it `holds`, or write `status: spare`");
            context.report_once(finding);
        }
    }
}

/// Devices with a pool whose drives are not said.
fn with_vague_pools(lab: &Lab) -> BTreeSet<DeviceId> {
    let facts = lab.pools.iter().map(|(id, _)| lab.derived.pool(id));
    facts.filter(|facts| facts.vdevs.is_empty()).filter_map(|facts| facts.device).collect()
}

fn is_idle(drive: &Drive) -> bool {
    let kind = drive.ty.as_ref().and_then(|ty| ty.kind.as_ref()).map(|kind| kind.value);
    let active = drive.said.status.as_ref().is_none_or(|status| status.value == Status::Active);
    let stores = !matches!(kind, None | Some(DriveKind::Tape | DriveKind::Stick));
    drive.said.holds.is_none() && active && stores
}

/// True when no host of the device could have its system on one of the drives unsaid.
fn systems_known(lab: &Lab, device: DeviceId, used: &BTreeSet<DriveId>) -> bool {
    let drives = &lab.derived.device(device).drives;
    let is_system = |drive: &DriveId| {
        lab.derived.owners_of(*drive).any(|owner| owner.role == lab_model::derived::DriveRole::System)
    };
    let all_used = drives.iter().all(|drive| used.contains(drive));
    let known = all_used || drives.iter().any(is_system);
    lab.derived.hosts_on(device).iter().all(|host| known || lab.hosts[*host].system_pool.is_some())
}
