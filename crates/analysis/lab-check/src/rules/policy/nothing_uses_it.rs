//! Things that are described and that nothing refers to: left over, or the reference is missing.

use crate::amount::names;
use crate::context::Context;
use crate::rule::rule;
use lab_model::lab::{Kind, Lab, ThingId};
use lab_model::{Name, Text};
use std::collections::BTreeSet;

rule!("nothing-uses-it", Note, Policy, "something is described that nothing refers to");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let used = used(lab);
    for kind in [Kind::Vlan, Kind::Provider, Kind::Site, Kind::Room, Kind::Rack] {
        let things = (0u32..).take(lab.count(kind)).map(|index| ThingId { kind, index });
        // With a single site, provider or rack there is nothing to tell apart.
        let alone = lab.count(kind) == 1 && kind != Kind::Vlan;
        let idle = things.filter(|thing| !alone && !used.contains(thing)).map(|thing| lab.name(thing));
        report(context, kind, &idle.collect::<Vec<_>>());
    }
    let devices = lab.devices.iter().filter_map(|(_, device)| device.r#type.as_ref());
    let cards = lab.derived.cards.iter().filter_map(|card| card.type_name.as_ref());
    let drives = lab.derived.drives.iter().filter_map(|drive| drive.model.as_ref());
    let (devices, cards, drives) = (texts(devices), texts(cards), texts(drives));
    let types = lab.device_types.iter().map(|(_, ty)| &ty.name);
    report(context, Kind::DeviceType, &unused(types, &devices));
    report(context, Kind::CardType, &unused(lab.card_types.iter().map(|(_, ty)| &ty.name), &cards));
    report(context, Kind::DriveType, &unused(lab.drive_types.iter().map(|(_, ty)| &ty.name), &drives));
}

fn texts<'a>(all: impl Iterator<Item = &'a Text>) -> BTreeSet<&'a str> {
    all.map(|text| &*text.text).collect()
}

fn unused<'a>(all: impl Iterator<Item = &'a Name>, used: &BTreeSet<&str>) -> Vec<&'a Name> {
    all.filter(|name| !used.contains(&*name.text)).collect()
}

/// All things that another names, or that a device is at or carries.
fn used(lab: &Lab) -> BTreeSet<ThingId> {
    let mut used: BTreeSet<ThingId> =
        lab.references.iter().filter(|of| of.from != of.to).map(|of| of.to).collect();
    for (id, _) in lab.devices.iter() {
        let Some(place) = lab.derived.place(id) else { continue };
        used.extend(place.site.map(ThingId::from));
        used.extend(place.room.map(ThingId::from));
        used.extend(place.rack.map(ThingId::from));
    }
    // A trunk of all VLANs asks for none of them.
    for (_, of) in &lab.derived.port_vlans {
        used.extend(of.untagged.map(ThingId::from));
        used.extend(of.tagged.iter().filter(|_| !of.all).map(|vlan| ThingId::from(*vlan)));
    }
    used
}

/// One finding a kind.
fn report(context: &mut Context<'_>, kind: Kind, idle: &[&Name]) {
    let Some((first, others)) = idle.split_first() else { return };
    let texts: Vec<&str> = idle.iter().map(|name| &*name.text).collect();
    let mut finding = context
        .finding(format!("nothing refers to the {} {}", kind.word(), names(&texts)), first.span, "not used")
        .help("remove it, or name it where it is used");
    for name in idle {
        finding = finding.about(format!("{}/{name}", kind.word()));
    }
    for name in others.iter().take(3).filter(|name| name.span != first.span) {
        finding = finding.and(name.span, "nor this");
    }
    context.report(finding);
}
