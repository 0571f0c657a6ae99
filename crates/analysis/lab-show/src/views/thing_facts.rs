//! What follows for one thing from all that is written: its ports and cables, where it is, what it feeds, runs or holds.

use super::cables::{cables_of, port_name};
use super::cell::{self, shown, size};
use super::{Asked, addresses, copies, devices, interfaces, storage};
use crate::document::{Block, Table};
use lab_model::lab::{
    BackupId, DeviceId, HostId, Id, PoolId, PrefixId, RackId, RoomId, ServiceId, SiteId, VmId,
};
use lab_model::{Kind, Lab, ThingId};
use std::collections::BTreeSet;

/// The parts that say what follows.
pub(super) fn blocks(asked: &Asked<'_>, thing: ThingId) -> Vec<Block> {
    let lab = asked.lab;
    let mut blocks = Vec::new();
    let facts: Vec<(String, String)> = facts(lab, thing)
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
    if !facts.is_empty() {
        blocks.push(Block::Facts { title: "What follows".to_owned(), facts });
    }
    let tables = tables(lab, thing).into_iter().filter(|table| !table.rows.is_empty());
    blocks.extend(tables.map(Block::Table));
    blocks
}

fn facts(lab: &Lab, thing: ThingId) -> Vec<(&'static str, String)> {
    let index = thing.index;
    match thing.kind {
        Kind::Device => of_device(lab, DeviceId(index)),
        Kind::Host | Kind::Vm => of_machine(lab, thing),
        Kind::Pool => {
            let id = PoolId(index);
            vec![
                ("layout", storage::layout(lab, id)),
                ("usable", shown(lab.derived.usable_of_pool(lab, id).map(size))),
                ("may lose", storage::tolerates(lab, id)),
                ("site", shown(copies::whereabouts(lab, thing).site)),
            ]
        }
        Kind::Dataset | Kind::Volume | Kind::StorageClass => vec![
            ("stands on", copies::stands_on(lab, thing).map_or_else(String::new, |on| lab.subject(on))),
            ("site", shown(copies::whereabouts(lab, thing).site)),
        ],
        Kind::Service => {
            let id = ServiceId(index);
            let places = lab.places_of(id);
            vec![
                ("runs at once", lab.replicas_of(id).to_string()),
                ("may run on", cell::names(places.iter().map(|place| lab.subject(*place)))),
            ]
        }
        Kind::Prefix => {
            let facts = lab.derived.prefix(PrefixId(index));
            let subject = |id: PrefixId| lab.prefixes[id].name.to_string();
            vec![
                ("inside", shown(facts.parent.map(subject))),
                ("holds", facts.children.iter().map(|child| subject(*child)).collect::<Vec<_>>().join(", ")),
            ]
        }
        Kind::Rack => vec![("devices", placed(lab, |place| place.rack == Some(RackId(index))))],
        Kind::Room => vec![("devices", placed(lab, |place| place.room == Some(RoomId(index))))],
        Kind::Site => vec![("devices", placed(lab, |place| place.site == Some(SiteId(index))))],
        Kind::Backup => {
            let chain = copies::chain(lab, &lab.backups[BackupId(index)]);
            let steps = chain.iter().map(|copy| {
                let at = cell::join(
                    [shown(copy.written.to.as_ref()).as_str(), &shown(copy.at.site.as_ref())],
                    " at ",
                );
                cell::join(
                    [at.as_str(), &copy.age.map_or_else(String::new, |age| format!("at most {age} old"))],
                    ", ",
                )
            });
            vec![("copies", steps.collect::<Vec<_>>().join("\n"))]
        }
        _ => Vec::new(),
    }
}

fn placed(lab: &Lab, is_there: impl Fn(&lab_model::derived::Mounted) -> bool) -> String {
    let there = lab.devices.iter().filter(|(id, _)| lab.derived.place(*id).is_some_and(&is_there));
    cell::names(there.map(|(_, device)| device.name.to_string()))
}

fn of_device(lab: &Lab, id: DeviceId) -> Vec<(&'static str, String)> {
    let facts = lab.derived.device(id);
    let draw = lab.derived.draw(id);
    let hosts = lab.hosts.iter().filter(|(_, host)| host.on.as_ref().and_then(|on| on.id) == Some(id));
    let feeds: BTreeSet<DeviceId> = lab.derived.fed_by_device(id).map(|(_, inlet)| inlet.device).collect();
    let place = lab.derived.place(id);
    let cards = facts.cards.iter().map(|card| {
        let card = lab.derived.card(*card);
        format!("{}: {}", card.slot, shown(card.type_name.as_ref()))
    });
    let ty = facts.ty.as_ref();
    let end = ty.and_then(|ty| ty.end_of_life.as_ref()).map(|end| end.value);
    let places = place.map(|place| {
        let site = place.site.map(|site| lab.sites[site].name.to_string());
        let room = place.room.map(|room| lab.rooms[room].name.to_string());
        let rack = place.rack.map(|rack| lab.racks[rack].name.to_string());
        [site, room, rack].into_iter().flatten().collect::<Vec<_>>().join(", ")
    });
    let maker =
        ty.map(|ty| cell::join([shown(ty.manufacturer.as_ref()).as_str(), &shown(ty.model.as_ref())], " "));
    vec![
        ("type", shown(maker)),
        ("role", shown(facts.role)),
        ("at", shown(places)),
        ("fed by", devices::fed_by(lab, id)),
        ("feeds", cell::things(lab, feeds.into_iter().map(ThingId::from))),
        ("typical draw", shown(draw.typical)),
        ("peak draw", shown(draw.peak)),
        ("cards", cards.collect::<Vec<_>>().join("\n")),
        ("runs", cell::things(lab, hosts.map(|(host, _)| ThingId::from(host)))),
        ("end of life of its type", shown(end)),
    ]
}

fn of_machine(lab: &Lab, thing: ThingId) -> Vec<(&'static str, String)> {
    let Some(facts) = lab.derived.machine(thing) else { return Vec::new() };
    let services = (0..lab.services.len())
        .map(|index| ServiceId::new(index as u32))
        .filter(|service| lab.places_of(*service).contains(&thing));
    let guests = lab.vms.iter().filter(|(id, _)| {
        HostId::try_from(thing)
            .is_ok_and(|host| lab.derived.machine(*id).is_some_and(|facts| facts.hosts.contains(&host)))
    });
    let handed = lab.derived.passed_through.iter().filter(|passed| VmId::try_from(thing) == Ok(passed.vm));
    vec![
        ("on", cell::things(lab, facts.devices.iter().map(|device| ThingId::from(*device)))),
        ("hosts", cell::things(lab, facts.hosts.iter().map(|host| ThingId::from(*host)))),
        ("processors", shown(facts.cpus)),
        ("memory", shown(facts.memory)),
        ("architecture", shown(facts.architecture)),
        ("clusters", cell::things(lab, facts.clusters.iter().map(|cluster| ThingId::from(*cluster)))),
        ("virtual machines that run or may run here", cell::things(lab, guests.map(|(vm, _)| vm.into()))),
        ("services that run or may run here", cell::things(lab, services.map(ThingId::from))),
        ("handed through from", cell::things(lab, handed.map(|passed| ThingId::from(passed.device)))),
    ]
}

fn tables(lab: &Lab, thing: ThingId) -> Vec<Table> {
    let index = thing.index;
    match thing.kind {
        Kind::Device => {
            let id = DeviceId(index);
            vec![
                interfaces::ports(lab, |device| device == id).titled("Ports"),
                cables_of(lab, |port| lab.derived.port(port).device == id).titled("Cables"),
                storage::drives_of(lab, |device| device == id),
                addresses::of_owner(lab, thing),
            ]
        }
        Kind::Cable => {
            let group = lab_model::lab::CableGroupId(index);
            let mut table = Table::new(&["from", "to"]).titled("Cables");
            for cable in lab.derived.cables.iter().filter(|cable| cable.group == group) {
                table.row([
                    port_name(lab, cable.near),
                    cell::names(cable.far.iter().map(|far| port_name(lab, *far))),
                ]);
            }
            vec![table]
        }
        Kind::Host | Kind::Vm | Kind::Vip | Kind::Cluster | Kind::Service | Kind::Prefix => {
            vec![addresses::of_owner(lab, thing)]
        }
        _ => Vec::new(),
    }
}
