//! Who stands in for what: from the lab's tables to the duties of each machine's stand-in.

use crate::places::Places;
use crate::stand_in::{Cluster, Duties, Front, Instance, Moves, MovingAddress, PORT, Transport, osds_of};
use lab_model::lab::{ServiceId as LabServiceId, VipId as LabVipId};
use lab_model::written::VipProtocol;
use lab_predict::simulate::{Keeping, Scene, Viewer};
use lab_predict::works::{
    ClusterId, Holder, MachineId, Need, Placement, PoolId, Service, ServiceId, VipId, Works,
};
use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};

/// The duties of every machine and device that has any, by holder. `moves_itself` says which addresses real programs of the box move,
/// `is_held` which somebody in it has for good.
pub fn roles(
    places: &Places<'_>,
    moves_itself: &dyn Fn(LabVipId) -> bool,
    is_held: &dyn Fn(IpAddr) -> bool,
) -> BTreeMap<Holder, Duties> {
    let mut roles = Roles { places, is_held, duties: BTreeMap::new() };
    let works = places.works;
    for id in (0..works.services.len() as u32).map(ServiceId) {
        roles.service(id);
    }
    for id in (0..works.clusters.len() as u32).map(ClusterId) {
        roles.cluster(id);
    }
    for id in (0..works.vips.len() as u32).map(VipId) {
        roles.vip(id, moves_itself);
    }
    for id in (0..works.pools.len() as u32).map(PoolId) {
        roles.pool(id);
    }
    roles.routers();
    // A device and the machine on it are one node, of which one has duties.
    for (holder, duties) in &mut roles.duties {
        duties.taken = places.programs.taken().get(holder).cloned().unwrap_or_default();
    }
    roles.duties
}

struct Roles<'a> {
    places: &'a Places<'a>,
    is_held: &'a dyn Fn(IpAddr) -> bool,
    duties: BTreeMap<Holder, Duties>,
}

impl Roles<'_> {
    fn of(&mut self, holder: Holder) -> &mut Duties {
        let name = self.places.name(holder).to_owned();
        let duties = self.duties.entry(holder).or_default();
        duties.machine = name;
        duties
    }

    fn listen(&mut self, holder: Holder, transport: Transport, port: u16) {
        let duties = self.of(holder);
        if !duties.ports.contains(&(transport, port)) {
            duties.ports.push((transport, port));
        }
    }

    fn service(&mut self, id: ServiceId) {
        let places = self.places;
        let row = &places.works[id];
        let holders = places.holders(id);
        let port = places.port(id).unwrap_or(PORT);
        for &holder in &holders {
            self.instance(id, holder, &holders);
            places.listens(id).into_iter().for_each(|port| self.listen(holder, Transport::Tcp, port));
            if places.is_name_server(id) {
                self.listen(holder, Transport::Udp, 53);
                let names = lab_reach::local_names(places.lab).into_iter();
                self.of(holder).names = names.collect();
            }
        }
        let mut fronts: Vec<Holder> =
            row.front.iter().flat_map(|vip| places.works[*vip].holders.clone()).collect();
        fronts.extend(self.proxies(id).into_iter().filter(|proxy| !holders.contains(proxy)));
        // An ingress may be on a machine that could run the service and does not.
        fronts.extend(self.ingresses(id));
        for front in fronts {
            self.front(id, front, &holders, port);
        }
        self.own_address(id, &holders, port);
    }

    fn instance(&mut self, id: ServiceId, holder: Holder, holders: &[Holder]) {
        let places = self.places;
        let row = &places.works[id];
        let mut needs = Vec::new();
        for need in &row.needs {
            let Some(ways) = places.ways(&need.need, holder) else { continue };
            for (to, port) in ways.iter().flat_map(|way| &way.listens) {
                self.listen(*to, Transport::Tcp, *port);
            }
            needs.push(ways.into_iter().map(|way| way.need).collect());
        }
        let moves = match &row.placement {
            Placement::Fixed(_) => None,
            Placement::Movable { on, by, replicas, .. } => Some(Moves {
                by: by.map(|by| places.works[by].label.clone()),
                replicas: *replicas,
                order: on.iter().map(|on| places.works[*on].label.clone()).collect(),
            }),
        };
        let others = holders.iter().filter(|other| **other != holder);
        let others = others.flat_map(|other| places.sockets(holder, *other, PORT)).collect();
        let program = places.port(id).and_then(|port| places.programs.service(id, holder, port));
        let beside = program.into_iter().collect();
        let instance =
            Instance { service: row.label.clone(), needed: row.needed, others, needs, beside, moves };
        self.of(holder).instances.push(instance);
    }

    /// A pool that is real is asked for like a service.
    fn pool(&mut self, id: PoolId) {
        let (places, beside) = (self.places, self.places.real_pool(id));
        let Some(holder) = places.works[id].holder.filter(|_| !beside.is_empty()) else { return };
        self.listen(holder, Transport::Tcp, places.storage_port(id));
        let service = places.pool_name(id);
        let (others, needs) = (Vec::new(), Vec::new());
        let instance = Instance { service, needed: 1, others, needs, beside, moves: None };
        self.of(holder).instances.push(instance);
    }

    fn front(&mut self, id: ServiceId, front: Holder, holders: &[Holder], port: u16) {
        let places = self.places;
        let to = holders.iter().filter(|holder| **holder != front);
        // Nodes of a cluster carry what is between its pods over the network in which they hear each other.
        let is_moved = matches!(places.works[id].placement, Placement::Movable { by: Some(_), .. });
        let is_within = is_moved && holders.contains(&front);
        let at = |holder: &Holder| match is_within {
            true => places.heard_by(front, *holder),
            false => places.between(front, *holder),
        };
        let to: Vec<SocketAddr> = to.flat_map(at).map(|at| SocketAddr::new(at, port)).collect();
        let service = places.works[id].label.clone();
        places.listens(id).into_iter().for_each(|port| self.listen(front, Transport::Tcp, port));
        let duties = self.of(front);
        if duties.fronts.iter().all(|known| known.service != service) {
            duties.fronts.push(Front { service, to });
        }
    }

    /// Where other services are to whose own address the name of a service leads.
    fn ingresses(&self, id: ServiceId) -> Vec<Holder> {
        let places = self.places;
        let name = places.page(id).and_then(|name| lab_model::grammar::Grammar::parse(&name).ok());
        let Some(name) = name else { return Vec::new() };
        let addresses = lab_reach::resolve(places.lab, &name);
        let leads = |other: &ServiceId| {
            let record = places.service(*other).map(|of| &places.lab.services[of]);
            let mut own = record.into_iter().flat_map(|record| &record.address);
            *other != id && own.any(|address| addresses.contains(&address.value.0))
        };
        let others = (0..places.works.services.len() as u32).map(ServiceId).filter(leads);
        others.flat_map(|other| places.holders(other)).collect()
    }

    /// Machines that the name of a service leads to.
    fn proxies(&self, id: ServiceId) -> Vec<Holder> {
        let places = self.places;
        let Some(name) = places.page(id) else { return Vec::new() };
        let Ok(name) = lab_model::grammar::Grammar::parse(&name) else { return Vec::new() };
        let addresses = lab_reach::resolve(places.lab, &name);
        let machines =
            (0..places.works.machines.len() as u32).map(lab_predict::works::MachineId).map(Holder::Machine);
        let units = (0..places.works.units.len() as u32).map(lab_predict::works::UnitId).map(Holder::Unit);
        let has = |holder: &Holder| places.addresses(*holder).iter().any(|own| addresses.contains(own));
        let machines: Vec<Holder> = machines.filter(has).collect();
        if machines.is_empty() { units.filter(has).collect() } else { machines }
    }

    /// An address of a service that nobody is described to hold is held by those that run it.
    fn own_address(&mut self, id: ServiceId, holders: &[Holder], port: u16) {
        let places = self.places;
        let Some(record) =
            places.works[id].thing.try_into().ok().map(|id: LabServiceId| &places.lab.services[id])
        else {
            return;
        };
        let all: Vec<IpAddr> = holders.iter().flat_map(|holder| places.addresses(*holder)).collect();
        let vips =
            || places.lab.vips.iter().flat_map(|(_, vip)| vip.address.iter().map(|address| address.value.0));
        let own = record.address.iter().map(|address| address.value.0);
        for address in own.filter(|own| own.is_ipv4() && !all.contains(own) && vips().all(|vip| vip != *own))
        {
            if !(self.is_held)(address) {
                self.moving(address, holders, false, None);
            }
            holders.iter().for_each(|holder| self.front(id, *holder, holders, port));
        }
    }

    fn moving(&mut self, address: IpAddr, holders: &[Holder], needs_quorum: bool, among: Option<ClusterId>) {
        let places = self.places;
        let cluster = match among {
            Some(id) => places.works[id].label.clone(),
            None => {
                let name = format!("holders-of-{address}");
                let all = |from: Holder| -> Vec<(String, IpAddr)> {
                    holders
                        .iter()
                        .flat_map(|to| with_name(places, *to, places.beside(from, *to, address)))
                        .collect()
                };
                for &holder in holders {
                    let cluster =
                        Cluster { name: name.clone(), quorum: 0, members: all(holder), workers: Vec::new() };
                    let duties = self.of(holder);
                    if duties.clusters.iter().all(|known| known.name != name) {
                        duties.clusters.push(cluster);
                    }
                }
                name
            }
        };
        let names: Vec<String> = holders.iter().map(|holder| places.name(*holder).to_owned()).collect();
        for &holder in holders {
            let moving =
                MovingAddress { address, cluster: cluster.clone(), needs_quorum, holders: names.clone() };
            let duties = self.of(holder);
            if duties.addresses.iter().all(|known| known.address != address) {
                duties.addresses.push(moving);
            }
        }
    }

    fn cluster(&mut self, id: ClusterId) {
        let places = self.places;
        let row = &places.works[id];
        let is_moved =
            |service: &Service| matches!(service.placement, Placement::Movable { by, .. } if by == Some(id));
        let moves = places.works.services.iter().any(is_moved);
        let all: Vec<Holder> =
            row.members.iter().chain(&row.workers).map(|machine| Holder::Machine(*machine)).collect();
        for &from in &all {
            let all = |machines: &[lab_predict::works::MachineId]| -> Vec<(String, IpAddr)> {
                let to = machines.iter().map(|to| Holder::Machine(*to));
                if moves {
                    to.flat_map(|to| with_name(places, to, places.heard_by(from, to))).collect()
                } else {
                    to.flat_map(|to| with_name(places, to, places.between_for(id, from, to))).collect()
                }
            };
            let members = all(&row.members);
            let mut workers = all(&row.workers);
            workers.retain(|worker| !members.contains(worker));
            let cluster = Cluster { name: row.label.clone(), quorum: row.quorum, members, workers };
            let duties = self.of(from);
            if duties.clusters.iter().all(|known| known.name != cluster.name) {
                duties.clusters.push(cluster);
            }
        }
        self.osds(id);
    }

    /// Machines of OSDs hear each other where copies go.
    fn osds(&mut self, id: ClusterId) {
        let places = self.places;
        let machines = places.osd_machines(id);
        for &from in &machines {
            let from = Holder::Machine(from);
            let others = machines.iter().map(|to| Holder::Machine(*to));
            let members =
                others.flat_map(|to| with_name(places, to, places.between_osds(id, from, to))).collect();
            let name = osds_of(&places.works[id].label);
            self.of(from).clusters.push(Cluster { name, quorum: 0, members, workers: Vec::new() });
        }
    }

    fn vip(&mut self, id: VipId, moves_itself: &dyn Fn(LabVipId) -> bool) {
        let row = &self.places.works[id];
        let Ok(of) = LabVipId::try_from(row.thing) else { return };
        if moves_itself(of) || row.protocol == VipProtocol::Bgp {
            return;
        }
        let addresses: Vec<IpAddr> =
            self.places.lab.vips[of].address.iter().map(|address| address.value.0).collect();
        let holders = row.holders.clone();
        for address in addresses.into_iter().filter(IpAddr::is_ipv4) {
            self.moving(address, &holders, row.moved_by.is_some(), row.moved_by);
        }
    }

    /// Routers answer for themselves at every port that their own zones may ask them at.
    fn routers(&mut self) {
        let places = self.places;
        let gateways: Vec<Holder> = places
            .works
            .segments
            .iter()
            .flat_map(|segment| segment.gateways.iter().map(|gateway| gateway.holder))
            .collect();
        for holder in gateways.into_iter().filter(|holder| *holder != Holder::Internet) {
            self.listen(holder, Transport::Tcp, 53);
        }
    }
}

/// A holder with each of some addresses.
fn with_name(places: &Places<'_>, to: Holder, at: Vec<IpAddr>) -> Vec<(String, IpAddr)> {
    at.into_iter().map(|at| (places.name(to).to_owned(), at)).collect()
}

/// How good a place will be, the worst first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
struct Fitness {
    is_up: bool,
    works: bool,
    has_data: bool,
    is_seen: bool,
    n_reach_it: usize,
}

impl Fitness {
    /// Of an address only whether its holder is there counts.
    fn of_holder(after: &Scene<'_>, holder: Holder) -> Self {
        Self { is_up: after.state().is_up(holder), ..Self::default() }
    }
}

/// Whether the pools of a machine serve that have copies of what a service needs.
fn has_data(works: &Works, after: &Scene<'_>, service: &Service, holder: Holder) -> bool {
    let pools = service.needs.iter().flat_map(|need| match &need.need {
        Need::Data(id) => works[*id].pools.clone(),
        Need::Pool(id) => vec![*id],
        _ => Vec::new(),
    });
    let mut own = pools.filter(|pool| works[*pool].holder == Some(holder));
    own.all(|pool| after.state().pools[pool.index()] == Keeping::Serving)
}

/// How many of some machines reach a holder.
fn n_reach(after: &Scene<'_>, holder: Holder, machines: &[MachineId]) -> usize {
    let from = machines.iter().map(|machine| Viewer::Holder(Holder::Machine(*machine)));
    from.filter(|from| after.reaches(*from, holder)).count()
}

/// Where instances and addresses begin so that what is about to fail hits them: machines that will be down come first, then those at
/// which they will not work for another reason, those that people will not reach, and those that few other
/// machines will. Of several with copies of the same data those come first whose own is gone.
/// Lines of `NAME MACHINE,MACHINE`.
pub fn worst_first(places: &Places<'_>, after: &Scene<'_>) -> String {
    let works = places.works;
    let mut text = String::new();
    let mut line = |name: &str, mut machines: Vec<(Fitness, String)>| {
        machines.sort_by_key(|(fitness, _)| *fitness);
        let names: Vec<String> = machines.into_iter().map(|(_, name)| name).collect();
        text.push_str(&format!("{name} {}\n", names.join(",")));
    };
    for (id, row) in (0..).map(ServiceId).zip(&works.services) {
        if let Placement::Movable { on, .. } = &row.placement {
            let standing = &after.state().services[id.index()];
            let fitness = |holder: Holder| Fitness {
                is_up: after.state().is_up(holder),
                works: standing.places.contains(&holder),
                has_data: has_data(works, after, row, holder),
                is_seen: standing.seen.iter().any(|seen| seen.from.contains(&holder)),
                n_reach_it: n_reach(after, holder, on),
            };
            let machines = on.iter().map(|on| (fitness(Holder::Machine(*on)), works[*on].label.clone()));
            line(&row.label, machines.collect());
        }
    }
    for row in works.vips.iter().filter(|row| row.moved_by.is_some()) {
        let Ok(of) = LabVipId::try_from(row.thing) else { continue };
        let holders: Vec<(Fitness, String)> = row
            .holders
            .iter()
            .map(|holder| (Fitness::of_holder(after, *holder), places.name(*holder).to_owned()))
            .collect();
        for address in &places.lab.vips[of].address {
            line(&address.value.0.to_string(), holders.clone());
        }
    }
    text
}
