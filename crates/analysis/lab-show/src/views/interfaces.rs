//! `show interfaces`: every port with what it is, what it carries and where its cable leads; then the interfaces of
//! operating systems, and bridges.

use super::cables::port_name;
use super::cell::{self, join, named, refs, shown, texts, value, values};
use super::{Asked, ShowError, View};
use crate::document::{Block, Document, Table};
use lab_model::derived::{Port, PortId, PortVlans};
use lab_model::lab::{DeviceId, VlanIdOf};
use lab_model::written::{PortMode, Vlans};
use lab_model::{Lab, ThingId};
use std::collections::{BTreeMap, BTreeSet};

pub(super) const VIEW: View = View {
    name: "interfaces",
    summary: "every port: type, speed, VLANs, aggregate, where its cable leads; of one device when named",
    document,
    drawing: None,
};

fn document(asked: &Asked<'_>) -> Result<Document, ShowError> {
    let lab = asked.lab;
    let owners = owners(asked)?;
    let wanted = |thing: ThingId| owners.is_empty() || owners.contains(&thing);
    let ports = ports(lab, |device| wanted(device.into()));
    let title = format!("{} ports", ports.rows.len());
    let others = [machine_interfaces(lab, wanted), bridges(lab, wanted)];
    let tables = std::iter::once(ports).chain(others).filter(|table| !table.rows.is_empty());
    Ok(Document { title, blocks: tables.map(Block::Table).collect() })
}

/// The devices and machines named; with a host its device, with a device its host.
fn owners(asked: &Asked<'_>) -> Result<BTreeSet<ThingId>, ShowError> {
    let lab = asked.lab;
    let mut owners = BTreeSet::new();
    for name in asked.names {
        let device = lab.devices.find(name);
        let host = lab.hosts.find(name);
        let vm = lab.vms.find(name);
        if device.is_none() && host.is_none() && vm.is_none() {
            let devices = lab.devices.iter().map(|(_, device)| &*device.name.text);
            let machines = lab.hosts.iter().map(|(_, host)| &*host.name.text);
            let vms = lab.vms.iter().map(|(_, vm)| &*vm.name.text);
            return Err(ShowError::unknown("device or machine", name, devices.chain(machines).chain(vms)));
        }
        owners.extend(device.map(ThingId::from));
        owners.extend(vm.map(ThingId::from));
        let under = host.and_then(|host| lab.hosts[host].on.as_ref()).and_then(|on| on.id);
        owners.extend(under.map(ThingId::from));
        let on = |host: &lab_model::written::Host| host.on.as_ref().and_then(|on| on.id);
        let over = lab.hosts.iter().filter(|(_, host)| device.is_some() && on(host) == device);
        owners.extend(over.map(|(id, _)| ThingId::from(id)));
        owners.extend(host.map(ThingId::from));
    }
    Ok(owners)
}

/// The ports of the devices that are wanted.
pub(super) fn ports(lab: &Lab, wanted: impl Fn(DeviceId) -> bool) -> Table {
    let modes = modes(lab);
    let mut table = Table::new(&[
        "device",
        "port",
        "~type",
        ">speed",
        ">-mtu",
        "vlans",
        "~lag",
        "peer",
        "-poe",
        "state",
        "-mac",
        "-os name",
        "-through",
        "~-description",
        "~-documented as",
    ]);
    for (index, port) in (0u32..).zip(&lab.derived.ports) {
        if wanted(port.device) {
            let mode = modes.get(&(port.device, &*port.name)).copied();
            table.row(port_row(lab, PortId(index), port, mode));
        }
    }
    table
}

/// What is written under `ports:`, by device and port.
fn modes(lab: &Lab) -> BTreeMap<(DeviceId, &str), &PortMode> {
    let known = lab.ports.iter().filter_map(|(name, ports)| Some((lab.devices.find(&name.text)?, ports)));
    known.flat_map(|(id, ports)| ports.iter().map(move |(name, mode)| ((id, &*name.text), mode))).collect()
}

fn port_row(lab: &Lab, id: PortId, port: &Port, mode: Option<&PortMode>) -> Vec<String> {
    let device = &lab.devices[port.device];
    let said = device.interfaces.get(&port.name);
    let vlans = lab.derived.vlans_of(id);
    let set = mode.and_then(|mode| mode.speed.as_ref()).map(|speed| speed.value);
    let speed = port.set_speed.as_ref().map(|speed| speed.value).or(set).or(port.ty.speed);
    let mtu = vlans.and_then(|vlans| vlans.mtu.as_ref()).or(port.mtu.as_ref());
    let paths = lab.derived.paths_from(id);
    let off = !port.enabled || vlans.is_some_and(|vlans| !vlans.enabled);
    let texts = |text: Option<&lab_model::Text>| shown(text);
    let description = [
        texts(said.and_then(|said| said.description.as_ref())),
        texts(mode.and_then(|mode| mode.description.as_ref())),
    ];
    vec![
        device.name.to_string(),
        port.name.to_string(),
        port.type_word.to_string(),
        shown(speed),
        shown(mtu.map(|mtu| mtu.value)),
        vlans.map_or_else(String::new, |vlans| carried(lab, vlans)),
        lab.derived.lag_of(id).map_or_else(String::new, |lag| lab.lags[lag].name.to_string()),
        cell::names(paths.iter().map(|path| port_name(lab, path.end))),
        poe(port, vlans),
        if off { "off".to_owned() } else { String::new() },
        value(&port.mac),
        shown(port.os_name.as_ref()),
        cell::names(paths.iter().flat_map(|path| &path.through).map(|port| port_name(lab, *port))),
        join(description.iter().map(String::as_str), "; "),
        texts(mode.and_then(|mode| mode.documented_as.as_ref())),
    ]
}

fn poe(port: &Port, vlans: Option<&PortVlans>) -> String {
    let by_type = port
        .poe
        .as_ref()
        .map(|(mode, standard)| join([&**mode, standard.as_ref().map_or("", |standard| &**standard)], " "));
    match vlans.and_then(|vlans| vlans.poe) {
        Some(true) => by_type.unwrap_or_else(|| "on".to_owned()),
        Some(false) => "off".to_owned(),
        None => by_type.unwrap_or_default(),
    }
}

/// `users`, `users + tagged mgmt, iot`, `tagged all`.
pub(super) fn carried(lab: &Lab, vlans: &PortVlans) -> String {
    let name = |id: &VlanIdOf| lab.vlans[*id].name.to_string();
    let untagged = vlans.untagged.as_ref().map(name).unwrap_or_default();
    let tagged = if vlans.all {
        "tagged all".to_owned()
    } else if vlans.tagged.is_empty() {
        String::new()
    } else {
        format!("tagged {}", vlans.tagged.iter().map(name).collect::<Vec<_>>().join(", "))
    };
    let private = vlans.private.map(|role| format!("({role})")).unwrap_or_default();
    let community = vlans.community.as_ref().map(|name| format!("(community {name})")).unwrap_or_default();
    let carried = join([untagged.as_str(), &tagged], " + ");
    join([carried.as_str(), &private, &community], " ")
}

fn vlans_written(vlans: &Vlans) -> String {
    if vlans.all { "all".to_owned() } else { refs(&vlans.some) }
}

fn machine_interfaces(lab: &Lab, wanted: impl Fn(ThingId) -> bool) -> Table {
    let heads = [
        "machine",
        "interface",
        "stands on",
        "untagged",
        "~tagged",
        ">mtu",
        "bridge",
        "~addresses",
        "-mac",
        "state",
    ];
    let mut table = Table::new(&heads).titled("Interfaces of machines");
    for (id, host) in lab.hosts.iter().filter(|(id, _)| wanted((*id).into())) {
        let mut names: Vec<&str> = host.interfaces.iter().map(|(name, _)| &*name.text).collect();
        names.extend(
            host.addresses
                .iter()
                .map(|(name, _)| &*name.text)
                .filter(|name| host.interfaces.get(name).is_none()),
        );
        for name in names {
            let said = host.interfaces.get(name);
            let untagged = said.and_then(|said| said.vlan.as_ref().or(said.untagged.as_ref()));
            let adds = said.is_some_and(|said| said.vlan.is_some());
            table.row([
                host.name.to_string(),
                name.to_owned(),
                stands_on(lab, id.into(), name),
                untagged.map_or_else(String::new, |vlan| {
                    if adds { format!("tag of {vlan}") } else { vlan.to_string() }
                }),
                said.map_or_else(String::new, |said| vlans_written(&said.tagged)),
                said.map_or_else(String::new, |said| value(&said.mtu)),
                String::new(),
                host.addresses.get(name).map_or_else(String::new, |uses| values(&uses.address)),
                said.map_or_else(String::new, |said| value(&said.mac)),
                String::new(),
            ]);
        }
    }
    for (id, vm) in lab.vms.iter().filter(|(id, _)| wanted((*id).into())) {
        let mut names: Vec<&str> = vm.nics.iter().map(|(name, _)| &*name.text).collect();
        names.extend(
            vm.addresses.iter().map(|(name, _)| &*name.text).filter(|name| vm.nics.get(name).is_none()),
        );
        for name in names {
            let nic = vm.nics.get(name);
            let is_down =
                nic.and_then(|nic| nic.connected.as_ref()).is_some_and(|connected| !connected.value);
            table.row([
                vm.name.to_string(),
                name.to_owned(),
                stands_on(lab, id.into(), name),
                nic.map_or_else(String::new, |nic| named(&nic.vlan)),
                String::new(),
                nic.map_or_else(String::new, |nic| value(&nic.mtu)),
                nic.map_or_else(String::new, |nic| named(&nic.bridge)),
                vm.addresses.get(name).map_or_else(String::new, |uses| values(&uses.address)),
                nic.map_or_else(String::new, |nic| value(&nic.mac)),
                if is_down { "not connected".to_owned() } else { String::new() },
            ]);
        }
    }
    table
}

/// The ports under an interface, and the aggregate.
fn stands_on(lab: &Lab, owner: ThingId, interface: &str) -> String {
    let Some(found) = lab.derived.attachment(owner, interface) else { return String::new() };
    let ports = cell::names(found.ports.iter().map(|port| port_name(lab, *port)));
    match found.lag {
        Some(lag) => format!("{} ({ports})", lab.lags[lag].name),
        None => ports,
    }
}

fn bridges(lab: &Lab, wanted: impl Fn(ThingId) -> bool) -> Table {
    let heads =
        ["bridge", "on", "~name there", "ports", "vlan", "tagged", ">mtu", "~addresses", "~-description"];
    let mut table = Table::new(&heads).titled("Bridges");
    for (_, bridge) in lab.bridges.iter() {
        if !bridge.on.as_ref().and_then(|on| on.id).is_none_or(&wanted) {
            continue;
        }
        table.row([
            bridge.name.to_string(),
            named(&bridge.on),
            shown(bridge.record.name.as_ref()),
            texts(&bridge.ports.items),
            named(&bridge.vlan),
            vlans_written(&bridge.tagged),
            value(&bridge.mtu),
            values(&bridge.addresses),
            shown(bridge.description.as_ref()),
        ]);
    }
    table
}
