//! The wired box as a stage: which node is what of the lab, what can be broken in it, who sits where.
//!
//! The box comes with listeners and movers of its own; those that stand-ins take the place of are left out of its plan. Real programs and pools
//! of disks stay, with a stand-in beside each. People sit at
//! every place where the prediction has them, so clients are added to the one that the box makes for each zone.

use crate::acts::{Act, Means};
use crate::places::Places;
use crate::programs::Programs;
use crate::seats;
use crate::stage::{Stage, StageError};
use crate::troupe::{Cast, OUTSIDE, Troupe};
use crate::vector::From;
use lab_box::faults::{self, Act as BoxAct};
use lab_box::wired::{Node, NodeKind, WiredPlan};
use lab_box::{BoxDirs, Pool, disk_program, missing_storage};
use lab_model::lab::{Kind, VipId, ZoneId};
use lab_model::written::VipProtocol;
use lab_model::{Lab, ThingId};
use lab_predict::works::{Holder, Placement, Works};
use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr};
use std::path::Path;

/// A wired box.
pub struct Wired<'a> {
    lab: &'a Lab,
    works: &'a Works,
    /// What stands in it.
    pub plan: WiredPlan,
    dirs: BoxDirs,
    /// True when cables carry nothing and their ends do not see it.
    is_silent: bool,
    /// The clients of each vantage.
    seats: BTreeMap<u32, Vec<String>>,
    /// The clients that the box made for each zone.
    clients: BTreeMap<ZoneId, Vec<String>>,
}

impl<'a> Wired<'a> {
    /// The box of a lab, before it is up.
    pub fn new(lab: &'a Lab, works: &'a Works, mut plan: WiredPlan, dirs: BoxDirs, is_silent: bool) -> Self {
        plan.cast();
        for node in &mut plan.nodes {
            // Stand-ins take the place of listeners; real programs and pools stay.
            node.services.clear();
            let moves = |protocol| matches!(protocol, Some(VipProtocol::Vrrp | VipProtocol::Carp));
            // A machine of a cluster moves addresses with its cluster's quorum, which VRRP knows nothing of.
            let has_vrrp = lab.vips.iter().any(|(_, vip)| {
                let protocol = vip.protocol.as_ref().map(|protocol| protocol.value);
                moves(protocol) && vip.members.ids().any(|member| node.things.contains(&lab.subject(member)))
            });
            if node.kind != NodeKind::Router && !has_vrrp {
                node.programs.retain(|program| program.name != "keepalived");
            }
        }
        for thing in asked_of(works) {
            if let Some(node) = plan.find(&lab.subject(thing)) {
                seats::give_address(&mut plan, node);
            }
        }
        let (seats, clients) = (BTreeMap::new(), BTreeMap::new());
        let mut wired = Self { lab, works, plan, dirs, is_silent, seats, clients };
        for (zone, _) in lab.zones.iter() {
            wired.find_clients(zone);
        }
        for at in 0..works.vantages.len() as u32 {
            wired.seat_people(at);
        }
        wired
    }

    /// The clients that the box made for a zone.
    fn find_clients(&mut self, zone: ZoneId) {
        let own = format!("client-{}", self.lab.zones[zone].name.text);
        let numbered = format!("{own}-");
        let is_own = |name: &str| {
            name == own || name.strip_prefix(&numbered).is_some_and(|rest| rest.parse::<u32>().is_ok())
        };
        let clients =
            self.plan.nodes.iter().filter(|node| node.kind == NodeKind::Client && is_own(&node.name));
        let names: Vec<String> = clients.map(|node| node.name.clone()).collect();
        if !names.is_empty() {
            self.clients.insert(zone, names);
        }
    }

    /// Whoever uses a zone may sit at each of its sockets and access points.
    fn seat_people(&mut self, at: u32) {
        let vantage = &self.works.vantages[at as usize];
        let Some(zone) = vantage.thing.filter(|thing| thing.kind == Kind::Zone) else { return };
        let Some(mut names) = self.clients.get(&ZoneId(zone.index)).cloned() else { return };
        let holders: Vec<Holder> = vantage.at.iter().map(|vertex| self.works[*vertex].holder).collect();
        let nodes: Vec<usize> = holders
            .into_iter()
            .filter_map(|holder| self.node_of(holder))
            .filter_map(|name| self.plan.find(&name))
            .collect();
        names.extend(seats::add(&mut self.plan, &names, &nodes));
        self.seats.insert(at, names);
    }

    /// The node that a thing of the lab is.
    pub fn node(&self, subject: &str) -> Option<&str> {
        self.plan.find(subject).map(|node| self.plan.nodes[node].name.as_str())
    }

    /// The node that a holder is.
    pub fn node_of(&self, holder: Holder) -> Option<String> {
        let thing = match holder {
            Holder::Unit(id) => self.works[id].thing,
            Holder::Machine(id) => self.works[id].thing,
            Holder::Internet => return None,
        };
        self.node(&self.lab.subject(thing)).map(str::to_owned)
    }

    /// The addresses of a node.
    pub fn addresses(&self, node: &str) -> Vec<IpAddr> {
        let found = self.plan.nodes.iter().find(|known| known.name == node);
        let own = found.into_iter().flat_map(|node| &node.addresses).filter(|(device, _)| device != "lo");
        own.map(|(_, net)| net.addr()).filter(IpAddr::is_ipv4).collect()
    }

    /// The addresses of everything of the lab that is in the box.
    pub fn given(&self) -> BTreeMap<String, Vec<IpAddr>> {
        let mut given = BTreeMap::new();
        for node in &self.plan.nodes {
            given.extend(node.things.iter().map(|thing| (thing.clone(), self.addresses(&node.name))));
        }
        given
    }

    /// The addresses of the seats of a vantage.
    pub fn seat_addresses(&self, vantage: u32) -> Vec<IpAddr> {
        let names = self.seats.get(&vantage).into_iter().flatten();
        names.filter_map(|name| self.addresses(name).first().copied()).collect()
    }

    /// What of the lab is real in the box.
    pub fn programs(&self) -> Programs {
        let node = |holder| self.node_of(holder).and_then(|name| self.plan.find(&name));
        let folder = |node: &str| self.dirs.node(&self.plan.id, node);
        Programs::of((self.lab, self.works), &self.plan, &node, &folder)
    }

    /// Somebody outside who answers.
    pub fn outside(&self) -> Option<SocketAddr> {
        let internet = self.plan.nodes.iter().find(|node| node.kind == NodeKind::Internet)?;
        let own = internet.addresses.iter().find(|(device, net)| device == "lo" && net.addr().is_ipv4())?;
        Some(SocketAddr::new(own.1.addr(), OUTSIDE))
    }

    /// Whether a program of the box moves an address.
    fn moves_itself(&self, vip: VipId) -> bool {
        let subject = self.lab.subject(vip);
        let row = self.works.vips.iter().find(|row| self.lab.subject(row.thing) == subject);
        let holders = row.into_iter().flat_map(|row| &row.holders);
        let mut nodes =
            holders.filter_map(|holder| self.node_of(*holder)).filter_map(|name| self.plan.find(&name));
        nodes.any(|node| self.plan.nodes[node].programs.iter().any(|program| program.name == "keepalived"))
    }

    /// Starts the stand-ins in the box, which must be up.
    ///
    /// # Errors
    /// When they cannot be started.
    pub fn cast(&self, places: &Places<'_>, program: &Path, folder: &Path) -> Result<Troupe, StageError> {
        let is_other = |kind: NodeKind| matches!(kind, NodeKind::Client | NodeKind::Internet);
        let others = self.plan.nodes.iter().filter(|node| is_other(node.kind));
        let is_held = |address: IpAddr| {
            self.plan.nodes.iter().flat_map(|node| &node.addresses).any(|(_, net)| net.addr() == address)
        };
        let cast = Cast {
            node: &|holder| self.node_of(holder),
            moves_itself: &|vip| self.moves_itself(vip),
            is_held: &is_held,
            others: others.map(|node| node.name.clone()).collect(),
        };
        Troupe::start(self, places, &cast, program, folder)
    }

    /// What is done to the box. Several things, since each leg of a breakout cable is a cable of the box; nothing when it is not in it.
    fn box_acts(&self, act: &Act) -> Vec<BoxAct> {
        match act {
            Act::Cut { part, end } => {
                let all = self.cables(part);
                if all.is_empty() { self.cables(end) } else { all }
            }
            Act::Line { subject, .. } => self.cables(subject),
            Act::Off { subject, .. } => {
                let node = self.node(subject).map(str::to_owned);
                node.into_iter().map(|node| BoxAct::NodeOff { node }).collect()
            }
            Act::Disk { part, .. } => {
                let (program, found) = self.disk(part);
                let node = found.filter(|(_, pool)| pool.is_real).map(|(node, _)| node.name.clone());
                node.into_iter()
                    .map(|node| BoxAct::ProcessKilled { node, program: program.clone() })
                    .collect()
            }
        }
    }

    /// The program that is a drive, with the node and the pool that have it.
    fn disk(&self, part: &str) -> (String, Option<(&Node, &Pool)>) {
        let (device, bay) = part.split_once(' ').unwrap_or((part, ""));
        let program = disk_program(device.rsplit('/').next().unwrap_or(device), bay);
        let pools = self.plan.nodes.iter().flat_map(|node| node.pools.iter().map(move |pool| (node, pool)));
        let found =
            pools.into_iter().find(|(_, pool)| pool.groups.iter().any(|(_, disks)| disks.contains(&program)));
        (program, found)
    }

    fn cables(&self, word: &str) -> Vec<BoxAct> {
        let cables = self.plan.cables.iter().filter(|cable| cable.is_described && cable.is_called(word));
        let cut = |cable: String| {
            if self.is_silent { BoxAct::CableSilent { cable } } else { BoxAct::CableCut { cable } }
        };
        cables.map(|cable| cut(cable.name.clone())).collect()
    }
}

/// Who is asked for something: who has data, and who runs services.
fn asked_of(works: &Works) -> BTreeSet<ThingId> {
    let pools = works.pools.iter().filter_map(|pool| pool.holder);
    let services = works.services.iter().flat_map(|service| match &service.placement {
        Placement::Fixed(on) => on.clone(),
        Placement::Movable { on, .. } => on.iter().copied().map(Holder::Machine).collect(),
    });
    let thing = |holder: Holder| match holder {
        Holder::Unit(id) => Some(works[id].thing),
        Holder::Machine(id) => Some(works[id].thing),
        Holder::Internet => None,
    };
    pools.chain(services).filter_map(thing).collect()
}

impl Means for Wired<'_> {
    fn can(&self, act: &Act) -> Result<(), String> {
        if !self.box_acts(act).is_empty() {
            return Ok(());
        }
        Err(match act {
            Act::Disk { part, .. } => match self.disk(part).1 {
                Some((_, pool)) => {
                    let packages: Vec<&str> =
                        missing_storage().iter().map(|missing| missing.package).collect();
                    format!(
                        "the disks of {} need ZFS, which is not installed ({})",
                        pool.name,
                        packages.join(", ")
                    )
                }
                None => "the box has disks of ZFS pools only".to_owned(),
            },
            _ => "it is not in the box".to_owned(),
        })
    }
}

impl Stage for Wired<'_> {
    fn seats(&self, from: From) -> Vec<String> {
        match from {
            From::Vantage(at) => self.seats.get(&at).cloned().unwrap_or_default(),
            From::Seat { vantage, seat } => {
                self.seats.get(&vantage).and_then(|seats| seats.get(seat)).cloned().into_iter().collect()
            }
            From::Zone(zone) => self.clients.get(&zone).cloned().unwrap_or_default(),
            From::Machine(id) => self.node_of(Holder::Machine(id)).into_iter().collect(),
            From::Unit(id) => self.node_of(Holder::Unit(id)).into_iter().collect(),
        }
    }

    fn enter(&self, seat: &str) -> Vec<String> {
        vec!["nsenter".to_owned(), format!("--net=/run/netns/lw-{}.{seat}", self.plan.id)]
    }

    fn inject(&mut self, acts: &[Act]) -> Result<(), StageError> {
        let mut done: Vec<BoxAct> = acts.iter().flat_map(|act| self.box_acts(act)).collect();
        done.sort();
        done.dedup();
        faults::inject(&self.dirs, &self.plan.id, &done)
            .map_err(|error| StageError::new("the box cannot be broken", error))
    }

    fn heal(&mut self) -> Result<(), StageError> {
        faults::heal_all(&self.dirs, &self.plan.id)
            .map_err(|error| StageError::new("the box cannot be mended", error))
    }
}
