//! From a lab to the netboot service's configuration.
//!
//! A lab with faults projects as far as it is understood; what is left out or changed is told in notes. Which
//! interfaces exist and which files are there is told from outside: nothing is opened here.

mod boot;
mod card;
mod disk;
mod segment;
mod system;
mod talos;
#[cfg(test)]
mod tests;

pub(crate) use boot::{Files, Locale};
pub(crate) use disk::Target;

use card::Card;
use lab_model::Kind;
use lab_model::Lab;
use lab_model::ThingId;
use lab_model::derived::Assignment;
use lab_model::lab::HostId;
use lab_model::written::{Architecture, Status};
use lab_netboot::Interface;
use lab_netboot::config::{Artefact, Boot, Config, Machine, Processor, Role, Unknown};
use lab_netboot::{Mac, config};
use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;
use std::path::PathBuf;

/// Where and how the service is to stand.
#[derive(Clone, Debug)]
pub(crate) struct Stand<'a> {
    /// The interfaces to serve on, with our addresses.
    pub(crate) interfaces: &'a [Interface],
    /// Whether we give addresses or stand beside a server that does.
    pub(crate) role: Role,
    /// The service's state folder.
    pub(crate) state: PathBuf,
    /// The files that are there to be served.
    pub(crate) files: &'a Files,
    /// What installers ask that a lab does not say.
    pub(crate) locale: &'a Locale,
}

/// What a lab becomes.
#[derive(Clone, Debug)]
pub(crate) struct Projection {
    /// What the service is told. It may still have faults.
    pub(crate) config: Config,
    /// The machines that can be installed, with what that wipes, or why they cannot.
    pub(crate) installs: BTreeMap<String, Result<Target, String>>,
    /// What the user should know before it starts.
    pub(crate) notes: Vec<String>,
}

/// The networks of the lab that can be served, as `10.0.0.0/24`, for whoever has no interface in one.
pub(crate) fn networks(lab: &Lab) -> Vec<String> {
    let all = lab.prefixes.iter().filter_map(|(id, _)| segment::network(lab, id));
    all.map(|network| network.to_string()).collect()
}

/// Whether an address is in a network of the lab.
pub(crate) fn is_inside(lab: &Lab, address: Ipv4Addr) -> bool {
    segment::around(lab, address).is_some()
}

/// The configuration of a lab's netboot service.
pub(crate) fn project(lab: &Lab, stand: &Stand<'_>) -> Projection {
    let cards = cards(lab);
    let mut notes = Vec::new();
    let segments = segments(lab, stand, &cards, &mut notes);
    let mut config = Config {
        namespace: None,
        state: stand.state.clone(),
        segments,
        machines: Vec::new(),
        unknown: Unknown::LeaseOnly,
        loaders: config::Loaders::default(),
        artefacts: BTreeMap::new(),
        ports: config::Ports::default(),
        limits: config::Limits::default(),
    };
    for (name, path) in &stand.files.by_name {
        let artefact = if stand.files.folders.contains(name) {
            Artefact::Folder(path.clone())
        } else {
            Artefact::File(path.clone())
        };
        config.artefacts.insert(name.clone(), artefact);
    }
    let installs = machines(lab, stand, &cards, &mut config, &mut notes);
    Projection { config, installs, notes }
}

/// The name of the machine at an address, as the lab knows it.
pub(crate) fn who_has(lab: &Lab, address: Ipv4Addr) -> Option<String> {
    let address = std::net::IpAddr::V4(address);
    // A gateway stands with the network too, which is nobody.
    let is_whose = |one: &&Assignment| one.address == address && one.owner.kind != Kind::Prefix;
    let found = lab.derived.assignments.iter().find(is_whose)?;
    Some(lab.name(found.owner).text.to_string())
}

/// All cards of the lab, each with its machine's name.
fn cards(lab: &Lab) -> Vec<(String, Card)> {
    let mut cards: Vec<(String, Card)> = Vec::new();
    let mut seen = BTreeSet::new();
    let hosts = lab.hosts.iter().map(|(id, host)| (host.name.text.to_string(), card::of_host(lab, id)));
    let vms = lab.vms.iter().map(|(id, vm)| (vm.name.text.to_string(), card::of_vm(lab, id)));
    for (name, own) in hosts.chain(vms) {
        // A card that two machines have, as the parts of one after another, belongs to the first.
        cards.extend(own.into_iter().filter(|card| seen.insert(card.mac)).map(|card| (name.clone(), card)));
    }
    cards
}

fn segments(
    lab: &Lab,
    stand: &Stand<'_>,
    cards: &[(String, Card)],
    notes: &mut Vec<String>,
) -> Vec<config::Segment> {
    let mut segments = Vec::new();
    for interface in stand.interfaces {
        let server = interface.address.addr();
        let Some((id, network)) = segment::around(lab, server) else { continue };
        let mut segment = segment::segment(lab, id, network, server, Some(&interface.name), cards);
        segment.role = stand.role;
        if stand.role == Role::Server {
            let by: Vec<&str> =
                lab.prefixes[id].dhcp.iter().flat_map(|dhcp| &dhcp.by.items).map(|one| &*one.text).collect();
            if !by.is_empty() {
                notes.push(format!(
                    "{network}: the lab says that {} gives the addresses here; until that runs, we do",
                    by.join(", ")
                ));
            }
            if segment.pools.is_empty() {
                let count = segment.reservations.len();
                notes.push(format!(
                    "{network}: no range is for DHCP, so only {count} machines with a known card get addresses"
                ));
            }
        }
        segments.push(segment);
    }
    let Some(server) = stand.interfaces.first().map(|interface| interface.address.addr()) else {
        return segments;
    };
    let is_relayed = |id| {
        let dhcp = lab.prefixes[id].dhcp.as_ref();
        dhcp.and_then(|dhcp| dhcp.relayed.as_ref()).is_some_and(|relayed| relayed.value)
    };
    for (id, _) in lab.prefixes.iter().filter(|(id, _)| is_relayed(*id)) {
        if let Some(network) = segment::network(lab, id)
            && stand.role == Role::Server
            && !segments.iter().any(|segment| segment.network == network)
        {
            segments.push(segment::segment(lab, id, network, server, None, cards));
        }
    }
    segments
}

fn machines(
    lab: &Lab,
    stand: &Stand<'_>,
    cards: &[(String, Card)],
    config: &mut Config,
    notes: &mut Vec<String>,
) -> BTreeMap<String, Result<Target, String>> {
    let mut installs = BTreeMap::new();
    let macs = |name: &str| -> Vec<Mac> {
        cards.iter().filter(|(owner, _)| owner == name).map(|(_, card)| card.mac).collect()
    };
    for (id, host) in lab.hosts.iter() {
        let name = host.name.text.to_string();
        let macs = macs(&name);
        if macs.is_empty() {
            let why = "the lab knows no network card (`mac`) of it".to_owned();
            installs.insert(name, Err(why));
            continue;
        }
        let in_use = host.status.as_ref().is_none_or(|status| status.value == Status::Active);
        let choice = if in_use {
            boot::choose(lab, id, stand, config)
        } else {
            boot::Choice {
                boot: Boot::Disk,
                answer: None,
                install: Err("it is not in use".into()),
                note: None,
            }
        };
        notes.extend(choice.note.map(|note| format!("{name}: {note}")));
        installs.insert(name.clone(), choice.install);
        config.machines.push(Machine {
            name,
            macs,
            answer: choice.answer,
            serial: serial(lab, id),
            arch: arch(lab, id),
            boot: choice.boot,
        });
    }
    for (_, vm) in lab.vms.iter() {
        let name = vm.name.text.to_string();
        let macs = macs(&name);
        if !macs.is_empty() && !config.machines.iter().any(|machine| machine.name == name) {
            config.machines.push(Machine {
                name,
                macs,
                answer: None,
                serial: None,
                arch: None,
                boot: Boot::Disk,
            });
        }
    }
    reserved_only(config);
    installs
}

/// Devices that only have a reservation, such as access points, are of the lab as well.
fn reserved_only(config: &mut Config) {
    let reserved: Vec<(String, Mac)> = config
        .segments
        .iter()
        .flat_map(|segment| &segment.reservations)
        .filter_map(|kept| match &kept.client {
            config::ClientMatch::Mac(mac) => Some((kept.hostname.clone()?, *mac)),
            config::ClientMatch::ClientId(_) => None,
        })
        .collect();
    for (name, mac) in reserved {
        let is_known = config.machine_with(mac).is_some() || config.machines.iter().any(|m| m.name == name);
        if !is_known {
            config.machines.push(Machine {
                name,
                macs: vec![mac],
                answer: None,
                serial: None,
                arch: None,
                boot: Boot::Disk,
            });
        }
    }
}

fn serial(lab: &Lab, id: HostId) -> Option<String> {
    let device = lab.hosts[id].on.as_ref()?.id?;
    lab.devices[device].serial.as_ref().map(|serial| serial.to_string())
}

fn arch(lab: &Lab, id: HostId) -> Option<Processor> {
    match lab.derived.machines.get(&ThingId::from(id))?.architecture? {
        Architecture::X86_64 => Some(Processor::X86_64),
        Architecture::Arm64 => Some(Processor::Arm64),
        Architecture::Armv7 | Architecture::Riscv64 => None,
    }
}
