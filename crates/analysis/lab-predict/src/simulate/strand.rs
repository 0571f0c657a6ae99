//! What strands: a machine loses the way to a disk and keeps the way to its cluster, so nobody moves what hangs on it.
//!
//! Kubernetes evicts from nodes that are not ready or not heard, and from nothing else ("Taint based Evictions", Kubernetes documentation, taints and
//! tolerations); Proxmox VE moves virtual machines of a host that it fences, and it fences one without quorum ("Fencing", Proxmox VE high availability). A
//! node that has lost its storage network is neither: whatever reads from there hangs until somebody drains the node.
//!
//! Only single failures on a machine's own way are looked for, up to the first device that it hangs on. Two that strand together are
//! not found, and neither is a network that falls apart in its middle.

use super::index::Index;
use super::network::Network;
use super::rows::Rows;
use super::scene::Simulator;
use super::settle::{Given, Look};
use super::viewer::Viewer;
use crate::works::{ClusterId, Holder, MachineId, MachineKind, PartId, Placement, Service, VertexId, Works};
use lab_model::written::ClusterKind;
use std::collections::{BTreeMap, BTreeSet};

/// Fills in the `strands` of services and virtual machines.
pub fn strand(works: &mut Works) {
    let Stranded { services, machines } = find(works);
    for (id, strands) in services {
        works.services[id].strands = strands.into_iter().collect();
    }
    for (id, strands) in machines {
        works.machines[id].strands = strands.into_iter().collect();
    }
}

/// The tables as they count when all of `failed` fails at once, where they differ: a machine that its cluster does not hear any more strands
/// nothing, whatever else it has lost.
///
/// The tables alone are more careful, since sets of failures must not do less harm than a part of them.
pub fn at_once(works: &Works, failed: &[PartId]) -> Option<Works> {
    let simulator = Simulator::new(works);
    let scene = simulator.play(failed);
    let look = scene.look();
    let is_let_go = |by: Option<ClusterId>, (place, parts): &(MachineId, Vec<PartId>)| {
        look.any_failed(parts) && by.is_some_and(|by| !look.is_heard(by, *place))
    };
    let mut changed = works.clone();
    let mut is_changed = false;
    let mut let_go = |strands: &mut Vec<(MachineId, Vec<PartId>)>, by: Option<ClusterId>| {
        let n_before = strands.len();
        strands.retain(|strand| !is_let_go(by, strand));
        is_changed |= strands.len() < n_before;
    };
    for service in &mut changed.services {
        let Placement::Movable { by, .. } = &service.placement else { continue };
        let_go(&mut service.strands, *by);
    }
    for machine in &mut changed.machines {
        let MachineKind::Vm { moved_by, .. } = &machine.kind else { continue };
        let_go(&mut machine.strands, *moved_by);
    }
    is_changed.then_some(changed)
}

type Strands = BTreeMap<MachineId, Vec<PartId>>;

/// By position of the service or machine.
#[derive(Default)]
struct Stranded {
    services: BTreeMap<usize, Strands>,
    machines: BTreeMap<usize, Strands>,
}

fn find(works: &Works) -> Stranded {
    let simulator = Simulator::new(works);
    let index = &simulator.index;
    let mut found = Stranded::default();
    let places = places(works);
    if places.is_empty() {
        return found;
    }
    let nothing = vec![false; works.parts.len()];
    let off = vec![false; works.machines.len()];
    let mut rows = Rows::up(works, index, vec![true; works.units.len()]);
    let healthy = Given { works, index, failed: &nothing, off: &off }.settle(&mut rows);
    let well = Look { works, index, failed: &nothing, off: &off, rows: &rows, network: &healthy };
    for part in parts_on_ways(works, index, &places) {
        let mut failed = nothing.clone();
        failed[part.index()] = true;
        let given = Given { works, index, failed: &failed, off: &off };
        let network = Network::new(works, index, &rows, given.open_edges(&rows.units));
        let mut at_once = rows.clone();
        // Monitors without a majority first, then what they served.
        given.pass_at_once(&mut at_once, &network);
        given.pass_at_once(&mut at_once, &network);
        let look = Look { works, index, failed: &failed, off: &off, rows: &at_once, network: &network };
        found.add(&Sight { well, look }, part, &places);
    }
    found
}

/// The machines between which clusters move something.
fn places(works: &Works) -> BTreeSet<(ClusterId, MachineId)> {
    let services = works.services.iter().filter_map(|service| match &service.placement {
        Placement::Movable { on, by: Some(by), .. } => Some((*by, on)),
        _ => None,
    });
    let machines = works.machines.iter().filter_map(|machine| match &machine.kind {
        MachineKind::Vm { hosts, moved_by: Some(by), .. } => Some((*by, hosts)),
        _ => None,
    });
    let all = services.chain(machines).filter(|(by, _)| keeps_what_is_heard(works, *by));
    all.flat_map(|(by, on)| on.iter().map(move |&place| (by, place))).collect()
}

/// A swarm starts a task anew that fails its health check; the others ask the node only.
fn keeps_what_is_heard(works: &Works, by: ClusterId) -> bool {
    matches!(works[by].kind, ClusterKind::Kubernetes | ClusterKind::Proxmox)
}

/// Parts between machines and what they hang on, of machines that have several ways: whoever has one only loses its cluster with it.
fn parts_on_ways(
    works: &Works,
    index: &Index,
    places: &BTreeSet<(ClusterId, MachineId)>,
) -> BTreeSet<PartId> {
    let machines: BTreeSet<MachineId> = places.iter().map(|&(_, machine)| machine).collect();
    let mut found = BTreeSet::new();
    for machine in machines {
        let ends = index.vertices(Holder::Machine(machine)).iter();
        let ways: BTreeSet<BTreeSet<PartId>> = ends.map(|&end| way(works, index, end)).collect();
        if ways.len() > 1 {
            found.extend(ways.into_iter().flatten());
        }
    }
    found
}

/// The parts on the way of a machine, and of the host that carries it, in one segment.
fn way(works: &Works, index: &Index, start: VertexId) -> BTreeSet<PartId> {
    let mut parts = BTreeSet::new();
    let is_machine = |vertex: VertexId| matches!(works[vertex].holder, Holder::Machine(_));
    let mut next = vec![start];
    for &(edge, end) in index.edges(start) {
        parts.extend(&works[edge].fails);
        // An edge inside a machine has nothing that fails.
        if works[edge].fails.is_empty() && is_machine(end) {
            next.push(end);
        }
    }
    for &carrier in &next[1..] {
        parts.extend(index.edges(carrier).iter().flat_map(|(edge, _)| &works[*edge].fails));
    }
    parts
}

/// Everything while all is well, and everything as it is the moment a part has failed.
struct Sight<'a> {
    well: Look<'a>,
    look: Look<'a>,
}

impl Look<'_> {
    /// Whether a machine is up and its cluster hears it, so that nothing is moved away from it.
    fn is_heard(&self, by: ClusterId, machine: MachineId) -> bool {
        let cluster = &self.works[by];
        let holder = Viewer::Holder(Holder::Machine(machine));
        let is_reached = |&member: &MachineId| {
            self.has_vote(cluster, member)
                && self.network.reaches_in(holder, Holder::Machine(member), cluster.among)
        };
        self.machine(machine, &self.works[machine])
            && if cluster.members.contains(&machine) {
                self.has_vote(cluster, machine)
            } else {
                cluster.members.iter().any(is_reached)
            }
    }
}

impl Sight<'_> {
    /// Whether instances find what they need at a place.
    fn is_good(look: &Look<'_>, service: &Service, place: MachineId) -> bool {
        look.all_met(&service.needs, Viewer::Holder(Holder::Machine(place)))
    }

    /// Whether a virtual machine finds its disks from a host.
    fn has_disks(look: &Look<'_>, machine: MachineId, host: MachineId) -> bool {
        look.is_good_host(&look.works[machine], host)
    }
}

impl Stranded {
    /// Adds what a part strands.
    fn add(&mut self, sight: &Sight<'_>, part: PartId, places: &BTreeSet<(ClusterId, MachineId)>) {
        let heard: BTreeSet<(ClusterId, MachineId)> =
            places.iter().copied().filter(|&(by, place)| sight.look.is_heard(by, place)).collect();
        let works = sight.look.works;
        for (at, service) in works.services.iter().enumerate() {
            let Placement::Movable { on, by: Some(by), .. } = &service.placement else { continue };
            let of = self.services.entry(at).or_default();
            note(of, part, (*by, on, on), &heard, sight, |look, place| Sight::is_good(look, service, place));
        }
        for (at, machine) in works.machines.iter().enumerate() {
            let MachineKind::Vm { hosts, moved_by: Some(by), anywhere, .. } = &machine.kind else { continue };
            let may = if *anywhere { &hosts[..] } else { &hosts[..hosts.len().min(1)] };
            let of = self.machines.entry(at).or_default();
            let id = MachineId(at as u32);
            note(of, part, (*by, hosts, may), &heard, sight, |look, host| Sight::has_disks(look, id, host));
        }
    }
}

/// Notes the places that a part spoils and that are still heard, where another place would do.
fn note(
    strands: &mut Strands,
    part: PartId,
    (by, on, may): (ClusterId, &[MachineId], &[MachineId]),
    heard: &BTreeSet<(ClusterId, MachineId)>,
    sight: &Sight<'_>,
    is_good: impl Fn(&Look<'_>, MachineId) -> bool,
) {
    let is_heard = |place: MachineId| heard.contains(&(by, place));
    let is_spoilt = |place: MachineId| is_good(&sight.well, place) && !is_good(&sight.look, place);
    let spoilt: Vec<MachineId> =
        may.iter().copied().filter(|&place| is_heard(place) && is_spoilt(place)).collect();
    if spoilt.is_empty() || !on.iter().any(|&place| is_heard(place) && is_good(&sight.look, place)) {
        return;
    }
    for place in spoilt {
        strands.entry(place).or_default().push(part);
    }
}
