//! `show vlans`: each VLAN with who carries it, its prefixes, zone and secondaries; below, addresses that move.

use super::cell::{self, join, named, refs, shown, texts, value, values, when};
use super::hosts::prefixed;
use super::{Asked, Drawing, ShowError, View};
use crate::document::{Block, Document, Table};
use lab_model::lab::{DeviceId, VlanIdOf};
use lab_model::{Lab, ThingId};
use std::collections::{BTreeMap, BTreeSet};

pub(super) const VIEW: View = View {
    name: "vlans",
    summary: "every VLAN: prefixes, zone, who carries it; drawn, layers 2 and 3",
    document,
    drawing: Some(Drawing::Graph(super::vlans_picture::graph)),
};

fn document(asked: &Asked<'_>) -> Result<Document, ShowError> {
    let lab = asked.lab;
    let tables = [vlans(lab), vips(lab), lags(lab)];
    let blocks = tables.into_iter().filter(|table| !table.rows.is_empty()).map(Block::Table).collect();
    Ok(Document { title: format!("{} VLANs", lab.vlans.len()), blocks })
}

/// The devices with a port that carries each VLAN.
pub(super) fn carriers(lab: &Lab) -> BTreeMap<VlanIdOf, BTreeSet<DeviceId>> {
    let mut carriers: BTreeMap<VlanIdOf, BTreeSet<DeviceId>> = BTreeMap::new();
    for (port, vlans) in &lab.derived.port_vlans {
        let device = lab.derived.port(*port).device;
        for &vlan in vlans.untagged.iter().chain(vlans.tagged.iter()) {
            carriers.entry(vlan).or_default().insert(device);
        }
    }
    carriers
}

/// The prefixes of each VLAN.
pub(super) fn prefixes(lab: &Lab) -> BTreeMap<VlanIdOf, Vec<lab_model::lab::PrefixId>> {
    let mut prefixes: BTreeMap<VlanIdOf, Vec<lab_model::lab::PrefixId>> = BTreeMap::new();
    for (id, _) in lab.prefixes.iter() {
        if let Some(vlan) = lab.derived.prefix(id).vlan {
            prefixes.entry(vlan).or_default().push(id);
        }
    }
    prefixes
}

/// The zones that a VLAN or its prefixes are in.
pub(super) fn zones_of(lab: &Lab, vlan: VlanIdOf, prefixes: &[lab_model::lab::PrefixId]) -> Vec<ThingId> {
    let is_in = |member: ThingId| {
        member == ThingId::from(vlan) || prefixes.iter().any(|prefix| member == ThingId::from(*prefix))
    };
    lab.zones.iter().filter(|(_, zone)| zone.of.ids().any(is_in)).map(|(id, _)| id.into()).collect()
}

fn vlans(lab: &Lab) -> Table {
    let (carriers, prefixes) = (carriers(lab), prefixes(lab));
    let mut table = Table::new(&[
        "vlan",
        ">id",
        "prefix",
        "~gateway",
        "zone",
        ">mtu",
        "private",
        "~carried by",
        "-roles",
        "-site",
        "~-description",
    ]);
    for (id, vlan) in lab.vlans.iter() {
        let own = prefixes.get(&id).map_or(&[][..], Vec::as_slice);
        let gateways: Vec<String> = own
            .iter()
            .map(|prefix| value(&lab.prefixes[*prefix].gateway))
            .filter(|text| !text.is_empty())
            .collect();
        let private = vlan.private.as_ref().map(|private| {
            let communities =
                private.communities.iter().map(|(name, of)| format!("{name} {}", value(&of.id)));
            let communities = communities.collect::<Vec<_>>().join(", ");
            join([prefixed("isolated ", &value(&private.isolated)).as_str(), &communities], ", ")
        });
        let devices = carriers.get(&id).into_iter().flatten().map(|device| ThingId::from(*device));
        table.row([
            vlan.name.to_string(),
            value(&vlan.record.id),
            own.iter().map(|prefix| lab.prefixes[*prefix].name.to_string()).collect::<Vec<_>>().join(", "),
            gateways.join(", "),
            cell::things(lab, zones_of(lab, id, own)),
            value(&vlan.mtu),
            private.unwrap_or_default(),
            cell::things(lab, devices),
            texts(&vlan.roles),
            named(&vlan.site),
            shown(vlan.description.as_ref()),
        ]);
    }
    table
}

fn vips(lab: &Lab) -> Table {
    let heads = [
        "vip",
        "address",
        "protocol",
        ">id",
        "members",
        "~vlan",
        "-interval",
        "~service",
        "-more",
        "~-description",
    ];
    let mut table = Table::new(&heads).titled("Addresses that move");
    for (_, vip) in lab.vips.iter() {
        table.row([
            vip.name.to_string(),
            values(&vip.address),
            value(&vip.protocol),
            value(&vip.record.id),
            join([refs(&vip.members).as_str(), &named(&vip.cluster)], ", "),
            named(&vip.vlan),
            value(&vip.interval),
            named(&vip.service),
            when(&vip.authenticated, "password").to_owned(),
            shown(vip.description.as_ref()),
        ]);
    }
    table
}

fn lags(lab: &Lab) -> Table {
    let heads = ["lag", "ports", "far ports", "mode", "rate", ">mtu", "-hash", "-called", "-called there"];
    let mut table = Table::new(&heads).titled("Aggregates");
    for (id, lag) in lab.lags.iter() {
        let facts = lab.derived.lag(id);
        let ports = |ports: &[lab_model::derived::PortId]| {
            cell::names(ports.iter().map(|port| super::cables::port_name(lab, *port)))
        };
        table.row([
            lag.name.to_string(),
            ports(&facts.near.ports),
            ports(&facts.far.ports),
            value(&lag.mode),
            value(&lag.rate),
            value(&lag.mtu),
            shown(lag.hash.as_ref()),
            shown(facts.near.name.as_ref()),
            shown(facts.far.name.as_ref()),
        ]);
    }
    table
}
