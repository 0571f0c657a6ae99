//! Everything that is asked, in every state of the box: each service from everywhere it is used, names from each name server,
//! gateways, the Internet, and what zones must not reach.

use crate::places::Places;
use crate::stand_in::{PORT, Question};
use lab_model::grammar::Transport;
use lab_model::lab::{Kind, ThingId, ZoneId};
use lab_predict::works::{Holder, MachineId, PoolId, ServiceId, UnitId};
use lab_reach::{Origin, Packet, Policy};
use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// From where something is asked.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum From {
    /// Where people sit, by position among the vantages.
    Vantage(u32),
    /// One seat of a vantage.
    Seat {
        /// The vantage.
        vantage: u32,
        /// Which of its seats.
        seat: usize,
    },
    /// Somebody in a zone of machines, of whose view nothing is predicted.
    Zone(ZoneId),
    /// A machine, in a zone without people.
    Machine(MachineId),
    /// A device without a machine of its own.
    Unit(UnitId),
}

/// What an answer is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Meaning {
    /// A service, for people at a vantage who use it.
    Service {
        /// The service.
        service: ServiceId,
        /// True when they find it by its name.
        by_name: bool,
    },
    /// A service that a zone must not reach.
    Denied {
        /// The service.
        service: ServiceId,
    },
    /// Names, at a name server of the lab.
    Names {
        /// The service that answers.
        service: ServiceId,
        /// Where.
        at: Holder,
    },
    /// A pool of disks, for the machine that has it: reads and writes.
    Pool {
        /// The pool.
        pool: PoolId,
    },
    /// The router's address in a network.
    Gateway,
    /// The Internet.
    Internet {
        /// Whether the zone may.
        allowed: bool,
    },
    /// A neighbour in the same zone, who must not be reached.
    Neighbour,
    /// A machine of another zone, at a port that no service has.
    Zone {
        /// The machine.
        to: Holder,
        /// Whether the zone may.
        allowed: bool,
    },
}

/// One thing that is asked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Probe {
    /// From where.
    pub from: From,
    /// The people or the machine that asks.
    pub who: String,
    /// What for, in a few words: `photos by name`.
    pub what: String,
    /// What is asked.
    pub question: Question,
    /// What the answer is about.
    pub meaning: Meaning,
    /// Who answers: `etcd 3.4.23`, `stand-in`; none for a connection that is only to be accepted, or denied.
    pub by: Option<String>,
}

/// Who answers where nothing real does.
pub(crate) const STAND_IN: &str = "stand-in";

impl Probe {
    /// Stable and readable: `users: photos by name`.
    pub fn id(&self) -> String {
        format!("{}: {}", self.who, self.what)
    }

    /// True when it must fail while all is well.
    pub fn is_isolation(&self) -> bool {
        match self.meaning {
            Meaning::Denied { .. } | Meaning::Neighbour => true,
            Meaning::Internet { allowed } | Meaning::Zone { allowed, .. } => !allowed,
            _ => false,
        }
    }
}

/// The vector, and what could not be made part of it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Vector {
    /// What is asked.
    pub probes: Vec<Probe>,
    /// What is not, with the reason.
    pub unasked: Vec<(String, String)>,
}

/// Makes the vector. `is_there` says which vantages have a seat in the box, and which machines are in it; `seats`, the addresses of
/// the seats of a vantage.
pub fn vector(
    places: &Places<'_>,
    policy: &Policy,
    is_there: &dyn Fn(From) -> bool,
    seats: &dyn Fn(u32) -> Vec<IpAddr>,
) -> Vector {
    let mut maker = Maker { places, policy, is_there, seats, vector: Vector::default() };
    for at in 0..places.works.vantages.len() as u32 {
        maker.vantage(at);
    }
    maker.zones();
    maker.pools();
    maker.vector
}

struct Maker<'a> {
    places: &'a Places<'a>,
    policy: &'a Policy,
    is_there: &'a dyn Fn(From) -> bool,
    seats: &'a dyn Fn(u32) -> Vec<IpAddr>,
    vector: Vector,
}

impl Maker<'_> {
    fn skip(&mut self, what: String, why: &str) {
        self.vector.unasked.push((what, why.to_owned()));
    }

    /// Adds a question, unless the same is asked from there already: five services behind one closed door are one question.
    fn ask(&mut self, from: From, who: &str, what: String, question: Question, meaning: Meaning) {
        if self.vector.probes.iter().any(|probe| probe.from == from && probe.question == question) {
            return;
        }
        let by = self.by(&question, meaning);
        self.vector.probes.push(Probe { from, who: who.to_owned(), what, question, meaning, by });
    }

    /// Who answers a question.
    fn by(&self, question: &Question, meaning: Meaning) -> Option<String> {
        let programs = self.places.programs;
        let holders = match (question, meaning) {
            (Question::Open(_), _) => return None,
            (_, Meaning::Service { service, .. }) => {
                let port = self.places.port(service);
                let all = self.places.holders(service).into_iter();
                let real = |holder: &Holder| port.and_then(|port| programs.service(service, *holder, port));
                all.map(|holder| real(&holder).and(programs.title(service, holder))).collect()
            }
            (_, Meaning::Names { service, at }) => vec![programs.title(service, at)],
            (_, Meaning::Pool { .. }) => return Some("ZFS in user space".to_owned()),
            _ => vec![None],
        };
        let titles: BTreeSet<&str> = holders.into_iter().map(|title| title.unwrap_or(STAND_IN)).collect();
        Some(titles.into_iter().collect::<Vec<_>>().join(", "))
    }

    /// Pools whose disks are real, asked by whoever has them.
    fn pools(&mut self) {
        let places = self.places;
        for id in (0..places.works.pools.len() as u32).map(PoolId).filter(|id| places.programs.has_disks(*id))
        {
            let from = match places.works[id].holder {
                Some(Holder::Machine(machine)) => From::Machine(machine),
                Some(Holder::Unit(unit)) => From::Unit(unit),
                _ => continue,
            };
            let who = places.works[id].holder.map_or("", |holder| places.name(holder)).to_owned();
            let at = vec![SocketAddr::new(Ipv4Addr::LOCALHOST.into(), PORT)];
            let question = Question::At { service: places.pool_name(id), at };
            let what = format!("{} reads and writes", places.works[id].label);
            self.ask(from, &who, what, question, Meaning::Pool { pool: id });
        }
    }

    fn vantage(&mut self, at: u32) {
        let vantage = &self.places.works.vantages[at as usize];
        let who = vantage.label.clone();
        if vantage.outside {
            return self.skip(format!("from {who}"), "what comes in from outside is not asked");
        }
        if !(self.is_there)(From::Vantage(at)) {
            return self.skip(format!("from {who}"), "nobody sits there in the box");
        }
        let zone = vantage.thing;
        for id in (0..self.places.works.services.len() as u32).map(ServiceId) {
            if self.places.works[id].used_from.contains(&at) {
                self.service(at, &who, zone, id);
            } else {
                self.denied(at, &who, zone, id);
            }
        }
        self.names(at, &who, zone);
        self.ways_out(at, &who, zone);
        self.neighbours(at, &who, zone);
    }

    /// Whoever is in an isolated zone must not be reached from the seat beside.
    fn neighbours(&mut self, at: u32, who: &str, zone: Option<ThingId>) {
        let Some(zone) = zone.filter(|zone| zone.kind == Kind::Zone) else { return };
        let is_isolated = self.policy.zone(ZoneId(zone.index)).is_some_and(|zone| zone.isolated.is_some());
        if let (true, Some(other)) = (is_isolated, (self.seats)(at).get(1)) {
            let question = Question::Open(SocketAddr::new(*other, PORT));
            let from = From::Seat { vantage: at, seat: 0 };
            self.ask(from, who, "a neighbour (denied)".to_owned(), question, Meaning::Neighbour);
        }
    }

    fn service(&mut self, at: u32, who: &str, zone: Option<ThingId>, id: ServiceId) {
        let places = self.places;
        let label = places.works[id].label.clone();
        if places.is_name_server(id) {
            // Asked below, server by server.
            return;
        }
        let addresses = places.addresses_of_service(id);
        let Some(port) = places.port(id).or_else(|| self.spare_port(zone, &addresses)) else {
            return self
                .skip(format!("{who}: {label}"), "by TCP, which stand-ins speak, the zone may not ask it");
        };
        let targets: Vec<SocketAddr> = addresses.iter().map(|at| SocketAddr::new(*at, port)).collect();
        let page = places.page(id);
        if targets.is_empty() && page.is_none() {
            return self.skip(format!("{who}: {label}"), "no address is described");
        }
        let servers = places.name_servers(zone);
        let from = From::Vantage(at);
        match page.filter(|_| !servers.is_empty()) {
            Some(name) => {
                let question = Question::Named { service: label.clone(), name, port, servers };
                self.ask(
                    from,
                    who,
                    format!("{label} by name"),
                    question,
                    Meaning::Service { service: id, by_name: true },
                );
            }
            None => {
                let question = Question::At { service: label.clone(), at: targets };
                self.ask(from, who, label, question, Meaning::Service { service: id, by_name: false });
            }
        }
    }

    /// The port at which a zone may ask for a service of which no port is described; none when it may at no port.
    fn spare_port(&self, zone: Option<ThingId>, at: &[IpAddr]) -> Option<u16> {
        let zone = zone.filter(|zone| zone.kind == Kind::Zone).map(|zone| Origin::Zone(ZoneId(zone.index)));
        let Some(origin) = zone.filter(|_| !at.is_empty()) else { return Some(PORT) };
        let may = |port: &&u16| at.iter().any(|at| self.allows(origin, *at, **port));
        self.places.spare.iter().find(may).copied()
    }

    /// A service that is not for them, when the rules say so.
    fn denied(&mut self, at: u32, who: &str, zone: Option<ThingId>, id: ServiceId) {
        let places = self.places;
        let Some(zone) = zone.filter(|zone| zone.kind == Kind::Zone).map(|zone| ZoneId(zone.index)) else {
            return;
        };
        let Some(port) = places.port(id) else { return };
        let targets: Vec<SocketAddr> =
            places.addresses_of_service(id).iter().map(|at| SocketAddr::new(*at, port)).collect();
        let own = self.policy.zone(zone);
        // Neighbours speak past every router.
        let is_denied = |to: &SocketAddr| {
            !own.is_some_and(|own| own.members.contains(to.ip()))
                && !self.allows(Origin::Zone(zone), to.ip(), port)
        };
        if !targets.is_empty() && targets.iter().all(is_denied) {
            let label = places.works[id].label.clone();
            let question = Question::Open(targets[0]);
            self.ask(
                From::Vantage(at),
                who,
                format!("{label} (denied)"),
                question,
                Meaning::Denied { service: id },
            );
        }
    }

    fn allows(&self, from: Origin, to: IpAddr, port: u16) -> bool {
        self.policy.decide(&Packet { from, source: None, to, transport: Transport::Tcp, port }).allowed
    }

    /// One name of the lab that leads to something that they may reach, at each name server; strangers are told no others.
    fn names(&mut self, at: u32, who: &str, zone: Option<ThingId>) {
        let places = self.places;
        let origin = zone.filter(|zone| zone.kind == Kind::Zone).map(|zone| ZoneId(zone.index));
        let known = lab_reach::local_names(places.lab);
        let pages = (0..places.works.services.len() as u32).filter_map(|id| places.page(ServiceId(id)));
        let mut candidates = pages.chain(known.keys().filter(|name| !name.starts_with('*')).cloned());
        let found = candidates.find_map(|name| {
            let parsed = lab_model::grammar::Grammar::parse(&name).ok()?;
            let mut to: Vec<IpAddr> = lab_reach::resolve(places.lab, &parsed);
            to.retain(|to| to.is_ipv4() && origin.is_none_or(|zone| self.may_reach(zone, *to)));
            (!to.is_empty()).then_some((name, to))
        });
        for server in places.name_servers(zone) {
            let Some((service, holder)) = self.name_server(server) else {
                self.skip(
                    format!("{who}: names at {server}"),
                    "no service of the lab answers for names there",
                );
                continue;
            };
            let (what, question) = match &found {
                Some((name, to)) => {
                    let (name, to) = (name.clone(), to.clone());
                    (format!("names at {server}"), Question::Name { name, server, to })
                }
                None => (format!("name server {server}"), Question::Open(SocketAddr::new(server, 53))),
            };
            self.ask(From::Vantage(at), who, what, question, Meaning::Names { service, at: holder });
        }
    }

    /// Whether a zone may reach an address on any port.
    fn may_reach(&self, zone: ZoneId, to: IpAddr) -> bool {
        self.policy.zone(zone).is_some_and(|zone| {
            zone.members.contains(to) || zone.permits.iter().any(|permit| permit.to.contains(to))
        })
    }

    fn name_server(&self, server: IpAddr) -> Option<(ServiceId, Holder)> {
        let places = self.places;
        let services =
            (0..places.works.services.len() as u32).map(ServiceId).filter(|id| places.is_name_server(*id));
        let mut instances =
            services.flat_map(|id| places.holders(id).into_iter().map(move |holder| (id, holder)));
        instances.find(|(_, holder)| places.addresses(*holder).contains(&server))
    }

    fn ways_out(&mut self, at: u32, who: &str, zone: Option<ThingId>) {
        let places = self.places;
        let origin = zone.filter(|zone| zone.kind == Kind::Zone).map(|zone| Origin::Zone(ZoneId(zone.index)));
        for prefix in places.prefixes(zone) {
            let Some(gateway) = places.lab.prefixes[prefix].gateway.as_ref().map(|gateway| gateway.value.0)
            else {
                continue;
            };
            if gateway.is_ipv4() && origin.is_none_or(|origin| self.allows(origin, gateway, 53)) {
                let question = Question::Open(SocketAddr::new(gateway, 53));
                self.ask(From::Vantage(at), who, format!("gateway {gateway}"), question, Meaning::Gateway);
            }
        }
        match places.outside {
            Some(outside) => {
                let allowed = origin.is_none_or(|origin| self.allows(origin, outside.ip(), outside.port()));
                let what = if allowed { "the Internet" } else { "the Internet (denied)" };
                self.ask(
                    From::Vantage(at),
                    who,
                    what.to_owned(),
                    Question::Open(outside),
                    Meaning::Internet { allowed },
                );
            }
            None => self.skip(format!("{who}: the Internet"), "the box has no outside"),
        }
    }

    /// Every pair of zones: a machine of the other zone, at a port that only a wide permission covers.
    fn zones(&mut self) {
        let zones: Vec<ZoneId> = self.places.lab.zones.iter().map(|(id, _)| id).collect();
        for &from in &zones {
            let Some((asker, who)) = self.asker(from) else {
                let name = self.places.lab.zones[from].name.text.to_string();
                self.skip(format!("from zone {name}"), "nobody of it is in the box");
                continue;
            };
            for &to in zones.iter().filter(|to| **to != from) {
                let Some((machine, address)) = self.member(to) else { continue };
                if self.is_in(asker, to) {
                    let names = [from, to].map(|zone| self.places.lab.zones[zone].name.text.to_string());
                    self.skip(format!("{} in {}", names[0], names[1]), "whoever could ask is in both zones");
                    continue;
                }
                let allowed = self.allows(Origin::Zone(from), address, PORT);
                let label = self.places.lab.zones[to].name.text.to_string();
                let name = self.places.name(machine);
                let what = match allowed {
                    true => format!("{name} in {label}"),
                    false => format!("{name} in {label} (denied)"),
                };
                let question = Question::Open(SocketAddr::new(address, PORT));
                self.ask(asker, &who, what, question, Meaning::Zone { to: machine, allowed });
            }
        }
    }

    /// Whether a machine that asks is itself in a zone.
    fn is_in(&self, asker: From, zone: ZoneId) -> bool {
        let From::Machine(id) = asker else { return false };
        let own = self.places.addresses(Holder::Machine(id));
        self.policy.zone(zone).is_some_and(|zone| own.iter().any(|address| zone.members.contains(*address)))
    }

    fn asker(&self, zone: ZoneId) -> Option<(From, String)> {
        let works = self.places.works;
        let thing = Some(ThingId::from(zone));
        let vantage = (0..)
            .zip(&works.vantages)
            .find(|(at, vantage)| vantage.thing == thing && (self.is_there)(From::Vantage(*at)));
        if let Some((at, vantage)) = vantage {
            return Some((From::Vantage(at), vantage.label.clone()));
        }
        if let Some((Holder::Machine(id), _)) = self.member(zone) {
            return Some((From::Machine(id), works[id].label.clone()));
        }
        let name = self.places.lab.zones[zone].name.text.to_string();
        (self.is_there)(From::Zone(zone)).then_some((From::Zone(zone), name))
    }

    /// A machine of a zone that is in the box: one that is in no other zone if there is one.
    fn member(&self, zone: ZoneId) -> Option<(Holder, IpAddr)> {
        let places = self.places;
        let members = &self.policy.zone(zone)?.members;
        let machines = (0..places.works.machines.len() as u32).map(MachineId);
        let mut found: Vec<(usize, Holder, IpAddr)> = machines
            .filter(|id| (self.is_there)(From::Machine(*id)))
            .filter_map(|id| {
                let holder = Holder::Machine(id);
                let all = places.addresses(holder);
                let own = all.iter().copied().find(|address| members.contains(*address))?;
                (!self.policy.gateways.contains(own)).then_some((all.len(), holder, own))
            })
            .collect();
        found.sort();
        found.first().map(|(_, holder, own)| (*holder, *own))
    }
}
