//! Where things are asked for: addresses of machines, ports of services, names, name servers. What the description does not say is not
//! made up here; whoever asks learns that there is none.

use crate::programs::Programs;
use crate::stand_in;
use lab_model::grammar::{self, Grammar, Port, UrlHost};
use lab_model::lab::{Kind, Lab, PrefixId, ServiceId as LabServiceId, ThingId, VlanIdOf, ZoneId};
use lab_model::written::ShareProtocol;
use lab_predict::works::{DataId, Holder, Need, PoolId, ServiceId, Works};
use lab_reach::{Origin, Packet, Policy, ZonePolicy};
use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// The lab, its tables, and what the box adds: addresses that it chose itself.
pub struct Places<'a> {
    /// The lab.
    pub lab: &'a Lab,
    /// Its tables.
    pub works: &'a Works,
    /// Addresses that the box gave to things of which the description leaves them open.
    pub given: &'a dyn Fn(ThingId) -> Vec<IpAddr>,
    /// Somebody outside who answers, when the box has an outside.
    pub outside: Option<SocketAddr>,
    /// Ports at which services are asked for of which no port is described: that of the stand-ins, then those that zones allow.
    pub spare: Vec<u16>,
    /// Who may reach whom.
    pub policy: &'a Policy,
    /// What is real.
    pub programs: &'a Programs,
}

/// The ports at which a service may be asked for when none is described: that of the stand-ins, and what rules of zones name.
pub fn spare_ports(policy: &lab_reach::Policy) -> Vec<u16> {
    let named = policy.zones.iter().flat_map(|zone| &zone.permits).flat_map(|permit| &permit.ports);
    let tcp =
        named.filter(|port| port.contains(port.first(), grammar::Transport::Tcp)).map(|port| port.first());
    // Where machines have a real server, a stand-in cannot be.
    let own: BTreeSet<u16> = tcp.filter(|port| ![22, 53, stand_in::PORT].contains(port)).collect();
    std::iter::once(stand_in::PORT).chain(own).collect()
}

impl Places<'_> {
    /// The thing of the lab that a holder is.
    pub fn thing(&self, holder: Holder) -> Option<ThingId> {
        match holder {
            Holder::Unit(id) => Some(self.works[id].thing),
            Holder::Machine(id) => Some(self.works[id].thing),
            Holder::Internet => None,
        }
    }

    /// The name of a holder.
    pub fn name(&self, holder: Holder) -> &str {
        self.works.holder_label(holder)
    }

    /// The IPv4 addresses of a holder, as described and as the box gave them.
    pub fn addresses(&self, holder: Holder) -> Vec<IpAddr> {
        let Some(thing) = self.thing(holder) else { return Vec::new() };
        let mut all = lab_reach::machine_addresses(self.lab, thing);
        all.extend((self.given)(thing));
        all.retain(IpAddr::is_ipv4);
        all.sort_unstable();
        all.dedup();
        all
    }

    /// The addresses by which one holder asks another: those in networks that both are in, else all.
    pub fn between(&self, from: Holder, to: Holder) -> Vec<IpAddr> {
        let prefix = |address: &IpAddr| self.lab.derived.prefix_of(*address);
        let own: BTreeSet<PrefixId> = self.addresses(from).iter().filter_map(prefix).collect();
        let (shared, others): (Vec<IpAddr>, Vec<IpAddr>) = self
            .addresses(to)
            .into_iter()
            .partition(|address| prefix(address).is_some_and(|prefix| own.contains(&prefix)));
        if shared.is_empty() { others } else { shared }
    }

    /// The address by which machines of a cluster that moves things hear each other: of several in networks with a way out, since
    /// that is where people are.
    pub fn heard_by(&self, from: Holder, to: Holder) -> Vec<IpAddr> {
        let has_way_out = |address: &IpAddr| {
            let prefix = self.lab.derived.prefix_of(*address);
            prefix.is_some_and(|prefix| self.lab.prefixes[prefix].gateway.is_some())
        };
        let all = self.between(from, to);
        let (main, others): (Vec<IpAddr>, Vec<IpAddr>) = all.into_iter().partition(has_way_out);
        if main.is_empty() { others } else { main }
    }

    /// The addresses by which holders of an address that moves hear each other: those in its own network, else any.
    pub fn beside(&self, from: Holder, to: Holder, moving: IpAddr) -> Vec<IpAddr> {
        let home = self.lab.derived.prefix_of(moving);
        let all = self.between(from, to);
        let (at_home, others): (Vec<IpAddr>, Vec<IpAddr>) =
            all.into_iter().partition(|address| self.lab.derived.prefix_of(*address) == home);
        if at_home.is_empty() { others } else { at_home }
    }

    /// [`Self::between`] with a port.
    pub fn sockets(&self, from: Holder, to: Holder, port: u16) -> impl Iterator<Item = SocketAddr> + use<> {
        self.between(from, to).into_iter().map(move |at| SocketAddr::new(at, port))
    }

    /// The record of a service.
    pub fn service(&self, id: ServiceId) -> Option<LabServiceId> {
        LabServiceId::try_from(self.works[id].thing).ok()
    }

    /// The TCP port at which a service is asked for: the first that it names, that of its page, that of its role, that of the real program.
    pub fn port(&self, id: ServiceId) -> Option<u16> {
        let record = &self.lab.services[self.service(id)?];
        let of_page =
            record.url.first().and_then(|url| url.value.port().or_else(|| scheme_port(url.value.scheme())));
        let is_tcp = |port: &Port| port.transport() != Some(grammar::Transport::Udp);
        let own = record.ports.iter().map(|port| port.value).find(is_tcp).map(Port::first);
        let of_role = || {
            record.roles.iter().filter_map(|role| Port::parse(&role.text).ok()).find(is_tcp).map(Port::first)
        };
        of_page.or(own).or_else(of_role).or_else(|| self.programs.port(id))
    }

    /// The ports at which a service listens: the one described, else all that may be asked.
    pub fn listens(&self, id: ServiceId) -> Vec<u16> {
        self.port(id).map_or_else(|| self.spare.clone(), |port| vec![port])
    }

    /// The name by which people open a service.
    pub fn page(&self, id: ServiceId) -> Option<String> {
        let record = &self.lab.services[self.service(id)?];
        record.url.iter().find_map(|url| match url.value.host() {
            UrlHost::Name(name) => Some(name.as_str().to_ascii_lowercase()),
            UrlHost::Address(_) => None,
        })
    }

    /// The addresses at which people find a service.
    pub fn addresses_of_service(&self, id: ServiceId) -> Vec<IpAddr> {
        let mut all = lab_reach::addresses_of(self.lab, self.works[id].thing);
        if all.is_empty() {
            all = self.holders(id).into_iter().flat_map(|holder| self.addresses(holder)).collect();
        }
        all.retain(IpAddr::is_ipv4);
        all
    }

    /// Where instances of a service are, or may be.
    pub fn holders(&self, id: ServiceId) -> Vec<Holder> {
        match &self.works[id].placement {
            lab_predict::works::Placement::Fixed(holders) => holders.clone(),
            lab_predict::works::Placement::Movable { on, .. } => {
                on.iter().copied().map(Holder::Machine).collect()
            }
        }
    }

    /// Whether a service answers for names.
    pub fn is_name_server(&self, id: ServiceId) -> bool {
        self.service(id).is_some_and(|id| self.lab.services[id].roles.iter().any(|role| &*role.text == "dns"))
    }

    /// The port at which the data of a pool is served.
    pub fn storage_port(&self, pool: PoolId) -> u16 {
        let thing = self.works[pool].thing;
        let shares =
            self.lab.datasets.iter().filter(|(_, set)| {
                set.pool.as_ref().and_then(|pool| pool.id).map(ThingId::from) == Some(thing)
            });
        let protocol = shares.flat_map(|(_, set)| &set.shares).find_map(|share| share.protocol.as_ref());
        match protocol.map(|protocol| protocol.value) {
            Some(ShareProtocol::Smb) => 445,
            Some(ShareProtocol::Iscsi) => 3260,
            _ => 2049,
        }
    }

    /// The name under which a pool is asked for.
    pub fn pool_name(&self, id: PoolId) -> String {
        format!("pool:{}", self.works[id].label.replace([' ', '/'], "-"))
    }

    /// What is real of a pool.
    pub(crate) fn real_pool(&self, id: PoolId) -> Vec<stand_in::Beside> {
        self.programs.pool(id, self.storage_port(id))
    }

    /// The pools whose serving is all that data needs.
    pub fn pools(&self, data: DataId) -> &[PoolId] {
        &self.works[data].pools
    }

    /// The name servers given to the machines of a zone or network.
    pub fn name_servers(&self, thing: Option<ThingId>) -> Vec<IpAddr> {
        let prefixes = self.prefixes(thing);
        let servers =
            prefixes.iter().flat_map(|prefix| &self.lab.prefixes[*prefix].dns).map(|server| server.value.0);
        let mut found: Vec<IpAddr> = Vec::new();
        for server in servers.filter(IpAddr::is_ipv4) {
            if !found.contains(&server) {
                found.push(server);
            }
        }
        found
    }

    /// The prefixes of a zone, a VLAN, or the prefix itself.
    pub fn prefixes(&self, thing: Option<ThingId>) -> Vec<PrefixId> {
        let Some(thing) = thing else { return Vec::new() };
        let of_vlan = |vlan: VlanIdOf| {
            let all = self.lab.prefixes.iter();
            let is_it = move |plan: &lab_model::written::PrefixPlan| {
                plan.vlan.as_ref().and_then(|own| own.id) == Some(vlan)
            };
            all.filter(move |(_, plan)| is_it(plan)).map(|(id, _)| id).collect::<Vec<_>>()
        };
        match thing.kind {
            Kind::Zone => {
                let members = self.lab.zones[ZoneId(thing.index)].of.ids();
                members.flat_map(|member| self.prefixes(Some(member))).collect()
            }
            Kind::Vlan => of_vlan(VlanIdOf(thing.index)),
            Kind::Prefix => vec![PrefixId(thing.index)],
            _ => Vec::new(),
        }
    }

    /// The ways in which a need is met when it is asked from `from`, each with the ports that must be listened at. None: it cannot
    /// be asked in a box, and is taken as met.
    pub fn ways(&self, need: &Need, from: Holder) -> Option<Vec<Way>> {
        let found = match need {
            Need::Service(id) => vec![self.service_way(*id, from)?],
            Need::Holder(holder) => self.open(from, *holder, self.open_port(from, *holder)),
            Need::Pool(id) => self.pool_ways(*id, from),
            // What is on the machine itself is asked of its disks, when it is the only copy, or one of several which nobody knows apart.
            Need::Data(id) if self.own_pool(*id, from).is_some() => {
                let own = self.own_pool(*id, from).filter(|pool| self.programs.has_disks(*pool));
                let pools = self.pools(*id);
                self.pool_ways(own.filter(|_| self.works[*id].pools_needed as usize == pools.len())?, from)
            }
            Need::Data(id) => self.pools(*id).iter().flat_map(|pool| self.pool_ways(*pool, from)).collect(),
            Need::Cluster(id) => vec![self.quorum_way(*id, from)],
            Need::Internet | Need::External(_) => vec![Way::only(stand_in::Need::Open(self.outside?))],
            Need::Part(_) => return None,
            Need::AnyOf(needs) => {
                let ways: Option<Vec<Vec<Way>>> = needs.iter().map(|need| self.ways(need, from)).collect();
                ways?.into_iter().flatten().collect()
            }
        };
        (!found.is_empty()).then_some(found)
    }

    fn own_pool(&self, data: DataId, from: Holder) -> Option<PoolId> {
        self.pools(data).iter().copied().find(|pool| self.works[*pool].holder == Some(from))
    }

    /// The port at which one holder may ask another whether it is there: across zones not every one is let through.
    fn open_port(&self, from: Holder, to: Holder) -> u16 {
        let Some(to) = self.between(from, to).first().copied() else { return stand_in::PORT };
        let own = self.addresses(from);
        let zones: Vec<&ZonePolicy> = self
            .policy
            .zones
            .iter()
            .filter(|zone| own.iter().any(|address| zone.members.contains(*address)))
            .collect();
        let is_gateway = self.policy.gateways.contains(to);
        if !is_gateway && zones.iter().any(|zone| zone.members.contains(to)) {
            return stand_in::PORT;
        }
        let may = |port: &u16| {
            zones.iter().any(|zone| {
                let from = Origin::Zone(zone.id);
                let packet =
                    Packet { from, source: None, to, transport: grammar::Transport::Tcp, port: *port };
                self.policy.decide(&packet).allowed
            })
        };
        // A router may be asked for names by those who may ask nothing else of it.
        let names = is_gateway.then_some(53);
        names.into_iter().chain(self.spare.iter().copied()).find(may).unwrap_or(stand_in::PORT)
    }

    fn open(&self, from: Holder, to: Holder, port: u16) -> Vec<Way> {
        let way = |at| Way { need: stand_in::Need::Open(at), listens: vec![(to, port)] };
        self.sockets(from, to, port).map(way).collect()
    }

    /// Name servers are asked for a name, as whoever needs them does: the real program may have the port.
    fn names_way(&self, id: ServiceId, from: Holder) -> Option<Way> {
        let name = self.known_name()?;
        let at: Vec<IpAddr> = self.holders(id).into_iter().flat_map(|to| self.between(from, to)).collect();
        (!at.is_empty()).then(|| Way::only(stand_in::Need::Names { name, at }))
    }

    /// A name that the lab's name servers know.
    fn known_name(&self) -> Option<String> {
        let known = lab_reach::local_names(self.lab);
        let pages = (0..self.works.services.len() as u32).filter_map(|id| self.page(ServiceId(id)));
        let mut names = pages.chain(known.keys().filter(|name| !name.starts_with('*')).cloned());
        names.find(|name| {
            let parsed = grammar::DnsName::parse(name);
            parsed.is_ok_and(|name| lab_reach::resolve(self.lab, &name).iter().any(IpAddr::is_ipv4))
        })
    }

    fn service_way(&self, id: ServiceId, from: Holder) -> Option<Way> {
        if self.is_name_server(id)
            && let Some(way) = self.names_way(id, from)
        {
            return Some(way);
        }
        let port = self.port(id).unwrap_or(stand_in::PORT);
        let holders = self.holders(id);
        let at: Vec<SocketAddr> = holders.iter().flat_map(|to| self.sockets(from, *to, port)).collect();
        if at.is_empty() {
            return None;
        }
        let need = stand_in::Need::Service { service: self.works[id].label.clone(), at };
        Some(Way { need, listens: holders.into_iter().map(|to| (to, port)).collect() })
    }

    /// Nothing for what is on the machine itself, unless its disks are real: there is nothing to ask over the network.
    fn pool_ways(&self, id: PoolId, from: Holder) -> Vec<Way> {
        let pool = &self.works[id];
        if let lab_predict::works::Layout::Ceph(ceph) = &pool.layout {
            return vec![self.ceph_way(ceph, from)];
        }
        let service = self.pool_name(id);
        let (holder, port) = (pool.holder, self.storage_port(id));
        if holder == Some(from) && self.programs.has_disks(id) {
            let at = vec![SocketAddr::new(Ipv4Addr::LOCALHOST.into(), stand_in::PORT)];
            return vec![Way::only(stand_in::Need::Service { service, at })];
        }
        let holder = holder.filter(|holder| *holder != from);
        if let Some(holder) = holder.filter(|_| !self.real_pool(id).is_empty()) {
            let need = stand_in::Need::Service { service, at: self.sockets(from, holder, port).collect() };
            return vec![Way { need, listens: vec![(holder, port)] }];
        }
        holder.map_or_else(Vec::new, |holder| self.open(from, holder, self.storage_port(id)))
    }

    fn quorum_way(&self, id: lab_predict::works::ClusterId, from: Holder) -> Way {
        let cluster = &self.works[id];
        let members = cluster.members.iter().map(|member| Holder::Machine(*member));
        let at = members.flat_map(|to| self.between_for(id, from, to));
        let at = at.map(|at| SocketAddr::new(at, stand_in::PORT)).collect();
        Way::only(stand_in::Need::Quorum { cluster: cluster.label.clone(), at })
    }
}

/// One way in which a need is met.
#[derive(Clone, Debug)]
pub struct Way {
    /// What is asked.
    pub need: stand_in::Need,
    /// Who must listen at which port for it.
    pub listens: Vec<(Holder, u16)>,
}

impl Way {
    fn only(need: stand_in::Need) -> Self {
        Self { need, listens: Vec::new() }
    }
}

fn scheme_port(scheme: &str) -> Option<u16> {
    Port::parse(scheme).ok().map(Port::first)
}
