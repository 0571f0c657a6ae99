//! Facts without which other rules are silent: one note for the whole lab, so that silence is not taken for praise.

use crate::amount::{count, names};
use crate::context::Context;
use crate::rule::rule;
use lab_model::Lab;
use lab_model::lab::DeviceId;
use lab_model::written::DeviceRole;

rule!("facts-missing", Note, Policy, "facts are missing, so parts of the lab are not judged");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let gaps = [power(lab), ports(lab), memory(lab), drives(lab), pools(lab), places(lab)];
    let gaps: Vec<Gap> = gaps.into_iter().filter(|gap| !gap.things.is_empty()).collect();
    let (Some(first), Some(name)) = (gaps.first(), &lab.head.name) else { return };
    let n_things: usize = gaps.iter().map(|gap| gap.things.len()).sum();
    let mut finding = context
        .finding(
            format!("{} missing, so parts of `{name}` are not judged", facts(n_things)),
            name.span,
            "the lab",
        )
        .help(format!("begin with {}: {}", names(&first.things[..1]), first.key));
    for gap in &gaps {
        finding = finding.because(format!(
            "{} without {} ({}): {}",
            count(gap.things.len(), gap.kind),
            gap.key,
            gap.silent,
            names(&gap.things)
        ));
    }
    context.report(finding);
}

fn facts(n: usize) -> String {
    if n == 1 { "1 fact is".to_owned() } else { format!("{n} facts are") }
}

/// Things that lack one fact.
struct Gap {
    kind: &'static str,
    key: &'static str,
    /// What cannot be judged without it.
    silent: &'static str,
    things: Vec<String>,
}

/// Devices in use that draw power and pass frames or data on.
fn working(
    lab: &Lab,
) -> impl Iterator<Item = (DeviceId, &lab_model::lab::Entry<lab_model::written::Device>)> {
    lab.devices.iter().filter(|(id, device)| {
        let role = lab.derived.device(*id).role;
        let works = matches!(
            role,
            Some(DeviceRole::Server | DeviceRole::Switch | DeviceRole::Router | DeviceRole::Nas)
        );
        works && lab.is_active(*id) && device.inside.is_none()
    })
}

fn power(lab: &Lab) -> Gap {
    let fed = |id| lab.derived.inlets_of(id).any(|(_, inlet)| inlet.source.is_some());
    let unfed = working(lab).filter(|(id, _)| !fed(*id) && lab.derived.poe_source(*id).is_none());
    let things = unfed.map(|(_, device)| device.name.to_string()).collect();
    Gap {
        kind: "device",
        key: "what its `inlets` are plugged into",
        silent: "what fails with a circuit",
        things,
    }
}

fn ports(lab: &Lab) -> Gap {
    let bare = working(lab).filter(|(id, _)| lab.derived.device(*id).ports.is_empty());
    let things = bare.map(|(_, device)| device.name.to_string()).collect();
    Gap { kind: "device", key: "ports: a known `type`, or `interfaces`", silent: "cables and VLANs", things }
}

fn memory(lab: &Lab) -> Gap {
    let hosts = lab.hosts.iter().filter(|(id, _)| {
        let facts = lab.derived.machine(*id);
        lab.is_active(*id) && facts.is_some_and(|facts| !facts.devices.is_empty() && facts.memory.is_none())
    });
    let things = hosts.map(|(_, host)| host.name.to_string()).collect();
    Gap { kind: "host", key: "the `memory` of its device", silent: "whether everything fits", things }
}

fn places(lab: &Lab) -> Gap {
    let hosts = lab.hosts.iter().filter(|(id, host)| lab.is_active(*id) && host.on.is_none());
    let things = hosts.map(|(_, host)| host.name.to_string()).collect();
    Gap { kind: "host", key: "the device it is `on`", silent: "what fails with a device", things }
}

fn drives(lab: &Lab) -> Gap {
    let drives = (0u32..).zip(&lab.derived.drives).filter(|(_, drive)| drive.model.is_none());
    let things = drives.map(|(index, _)| lab.drive_name(lab_model::derived::DriveId(index))).collect();
    Gap { kind: "drive", key: "its `model`", silent: "sizes and spares", things }
}

fn pools(lab: &Lab) -> Gap {
    let pools = lab.pools.iter().filter(|(id, _)| lab.data_drives_of(*id).is_empty());
    let things = pools.map(|(_, pool)| pool.name.to_string()).collect();
    Gap { kind: "pool", key: "its drives", silent: "what a failed drive costs", things }
}
