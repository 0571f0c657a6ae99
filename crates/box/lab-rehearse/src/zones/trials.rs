//! What is tried: from somebody in each zone to an address of every class that the rules tell apart, and from outside to what is let in.

use lab_box::Transport;
use lab_box::observe::Door;
use lab_box::wired::{Node, NodeKind, WiredPlan};
use lab_model::Lab;
use lab_model::grammar::Transport as Carrier;
use lab_reach::{Class, Origin, Packet, Policy, ZonePolicy, classes, pairs};
use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// Addresses of a class that are tried.
const PER_CLASS: usize = 2;
/// Ports that are tried from outside beside those that are let in: the usual ones.
const USUAL: [(Transport, u16); 7] = [
    (Transport::Tcp, 22),
    (Transport::Tcp, 53),
    (Transport::Tcp, 80),
    (Transport::Tcp, 443),
    (Transport::Tcp, 8006),
    (Transport::Udp, 123),
    (Transport::Udp, 161),
];

/// One packet.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Trial {
    /// The zone that it comes from, or `internet`: a row of the matrix.
    pub from: String,
    /// The node that sends it.
    pub node: String,
    /// The column of the matrix: a zone, `gateway` (the routers' addresses in the zone itself), `other gateways`, `internet`, `the
    /// lab` (from outside), or `elsewhere`.
    pub column: String,
    /// Who is there.
    pub target: String,
    /// The address and port.
    pub to: SocketAddr,
    /// What carries it.
    pub transport: Transport,
    /// Whether the rules let it pass.
    pub allowed: bool,
    /// Why.
    pub because: String,
    /// Where to listen for it.
    pub doors: Vec<Door>,
}

/// Everything that is tried.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Trials {
    /// What is tried.
    pub trials: Vec<Trial>,
    /// What is not, and why.
    pub untried: BTreeSet<(String, String)>,
    /// The rows of the matrix: zones in the order of the text, and `internet`.
    pub rows: Vec<String>,
    /// Its columns.
    pub columns: Vec<String>,
    /// From how many places to how many classes of addresses the rules were worked out, and into how many cases of ports: together
    /// they are every packet of TCP and UDP that there is.
    pub proof: (usize, usize, usize),
}

/// Everything that can be tried in the box that `plan` makes of a lab.
pub fn trials(lab: &Lab, plan: &WiredPlan) -> Trials {
    let policy = lab_reach::compile(lab);
    let classes = classes(&policy);
    let all = pairs(&policy, &classes);
    let mut making = Making { lab, plan, policy: &policy, classes: &classes, made: Trials::default() };
    making.made.proof =
        (policy.zones.len() + 1, classes.len(), all.iter().map(|pair| pair.verdicts.len()).sum());
    let zones: Vec<String> = policy.zones.iter().map(|zone| zone.name.clone()).collect();
    making.made.rows = zones.iter().cloned().chain(["internet".to_owned()]).collect();
    let others = ["gateway", "other gateways", "internet", "elsewhere", "the lab"].map(str::to_owned);
    making.made.columns = zones.into_iter().chain(others).collect();
    for zone in &policy.zones {
        making.add_zone(zone, &all);
    }
    making.add_outside();
    let mut made = making.made;
    made.columns.retain(|column| made.trials.iter().any(|trial| trial.column == *column));
    made.rows.retain(|row| made.trials.iter().any(|trial| trial.from == *row));
    made
}

struct Making<'a> {
    lab: &'a Lab,
    plan: &'a WiredPlan,
    policy: &'a Policy,
    classes: &'a [Class],
    made: Trials,
}

impl<'a> Making<'a> {
    fn skip(&mut self, what: String, why: &str) {
        self.made.untried.insert((what, why.to_owned()));
    }

    fn add_zone(&mut self, zone: &ZonePolicy, all: &[lab_reach::Pair]) {
        let Some((node, source)) = self.asker(zone) else {
            return self.skip(format!("from {}", zone.name), "nobody of it is in the box");
        };
        for pair in all.iter().filter(|pair| pair.from == Origin::Zone(zone.id)) {
            let classes = self.classes;
            let class = &classes[pair.class];
            let targets = self.targets(class, node);
            if self.routers_in(class).any(|address| self.is_beside_moving(address)) {
                let what = "to routers' own addresses beside those that move".to_owned();
                self.skip(
                    what,
                    "they are reached over whoever leads, and what the other lets in depends on that",
                );
            }
            if targets.is_empty() {
                let names: Vec<&str> =
                    class.names.iter().map(String::as_str).filter(|n| !n.starts_with("gateway of")).collect();
                let first = class.representative;
                let what = if names.is_empty() { "routers".to_owned() } else { names.join(" and ") };
                self.skip(format!("to {what}: {first} and others"), "nobody has such an address in the box");
            }
            for to in targets {
                for verdict in &pair.verdicts {
                    self.one(zone, (node, source), to, (verdict.transport, verdict.first.max(1)));
                }
            }
        }
    }

    fn one(
        &mut self,
        zone: &ZonePolicy,
        (node, source): (&Node, IpAddr),
        to: IpAddr,
        (carrier, port): (Carrier, u16),
    ) {
        let packet =
            Packet { from: Origin::Zone(zone.id), source: Some(source), to, transport: carrier, port };
        let decision = self.policy.decide(&packet);
        let is_router = self.policy.gateways.contains(to);
        let derived = &self.lab.derived;
        let on_one_link =
            derived.prefix_of(source).is_some() && derived.prefix_of(source) == derived.prefix_of(to);
        // Neighbours speak past every router; what holds them apart is isolation, and nothing else.
        if on_one_link && !is_router && !decision.allowed && zone.isolated.is_none() {
            return self
                .skip(format!("from {} to {to}", zone.name), "they are on one link, so no router is asked");
        }
        let column = match self.policy.zone_of(to) {
            _ if is_router && zone.members.contains(to) => "gateway".to_owned(),
            _ if is_router => "other gateways".to_owned(),
            Some(other) => other.name.clone(),
            None if self.policy.private.contains(to) => "elsewhere".to_owned(),
            None => "internet".to_owned(),
        };
        let transport = carried(carrier);
        let holders = self.holders(to);
        let target = match is_router {
            true => format!("router {to}"),
            false => holders.first().map_or_else(|| to.to_string(), |node| node.name.clone()),
        };
        let at = SocketAddr::new(to, port);
        let doors = holders.iter().map(|node| Door { node: node.name.clone(), transport, at }).collect();
        self.made.trials.push(Trial {
            from: zone.name.clone(),
            node: node.name.clone(),
            column,
            target,
            to: at,
            transport,
            allowed: decision.allowed,
            because: decision.because,
            doors,
        });
    }

    /// Who speaks for a zone: one of the box's clients there, else a machine that is in the fewest other networks.
    fn asker(&self, zone: &ZonePolicy) -> Option<(&'a Node, IpAddr)> {
        let asks = |kind| matches!(kind, NodeKind::Client | NodeKind::Host | NodeKind::Vm | NodeKind::Device);
        let plan = self.plan;
        let own = |node: &Node| {
            let mut addresses = node.addresses.iter().map(|(_, net)| net.addr());
            addresses.find(|own| {
                own.is_ipv4() && zone.members.contains(*own) && !self.policy.gateways.contains(*own)
            })
        };
        let found = plan.nodes.iter().filter(|node| asks(node.kind));
        let with = found.filter_map(|node| Some((node, own(node)?)));
        with.min_by_key(|(node, _)| (node.kind != NodeKind::Client, node.addresses.len(), &node.name))
    }

    /// The first of each range of the routers' addresses in a class.
    fn routers_in(&self, class: &Class) -> impl Iterator<Item = IpAddr> + use<> {
        let routers = class.addresses.intersection(&self.policy.gateways);
        let firsts: Vec<IpAddr> = routers.ranges().map(|range| range.first()).collect();
        firsts.into_iter().filter(IpAddr::is_ipv4)
    }

    /// True for a router's own address beside one that moves. A packet to it from another zone gets there over whoever leads, and when that is another
    /// router it comes in from inside with an address of elsewhere, as nobody's should: what becomes of it depends on who leads.
    fn is_beside_moving(&self, address: IpAddr) -> bool {
        let derived = &self.lab.derived;
        let vips = || self.lab.vips.iter().flat_map(|(_, vip)| &vip.address).map(|own| own.value.0);
        let home = derived.prefix_of(address);
        home.is_some()
            && vips().all(|vip| vip != address)
            && vips().any(|vip| derived.prefix_of(vip) == home && self.policy.gateways.contains(vip))
    }

    /// Addresses of a class that somebody in the box has: a client's, a machine's, or some of the routers'.
    fn targets(&self, class: &Class, asker: &Node) -> Vec<IpAddr> {
        let of_routers = self.routers_in(class).filter(|address| !self.is_beside_moving(*address));
        let of_routers: Vec<IpAddr> = of_routers.take(PER_CLASS).collect();
        if !of_routers.is_empty() {
            return of_routers;
        }
        let rank = |node: &Node| u8::from(node.kind != NodeKind::Client);
        let mut found: Vec<(u8, &str, IpAddr)> = self
            .plan
            .nodes
            .iter()
            .filter(|node| node.name != asker.name && node.kind != NodeKind::Provider)
            .flat_map(|node| node.addresses.iter().map(move |(_, net)| (rank(node), &*node.name, net.addr())))
            .filter(|(.., address)| address.is_ipv4() && class.addresses.contains(*address))
            .collect();
        found.sort();
        let mut ranks = BTreeSet::new();
        found.retain(|(rank, ..)| ranks.insert(*rank));
        found.into_iter().map(|(.., address)| address).take(PER_CLASS).collect()
    }

    /// The nodes that have an address, or may have it when it moves.
    fn holders(&self, address: IpAddr) -> Vec<&'a Node> {
        let moves = self.policy.gateways.contains(address);
        let has = |node: &&Node| {
            node.addresses.iter().any(|(_, net)| net.addr() == address)
                || (moves && node.kind == NodeKind::Router)
        };
        let plan = self.plan;
        plan.nodes.iter().filter(has).collect()
    }

    /// From outside to the addresses that providers give: what is let in and what is not.
    fn add_outside(&mut self) {
        let plan = self.plan;
        let Some(outside) = plan.nodes.iter().find(|node| node.kind == NodeKind::Internet) else {
            return self.skip("from the Internet".to_owned(), "the box has no outside");
        };
        let routers: Vec<String> = self
            .plan
            .nodes
            .iter()
            .filter(|node| node.kind == NodeKind::Router)
            .map(|node| node.name.clone())
            .collect();
        for public in self.public() {
            let policy = self.policy;
            let opened = policy.openings.iter().flat_map(|opening| {
                let both = |port: &lab_model::grammar::Port| {
                    let of = [(Transport::Tcp, Carrier::Tcp), (Transport::Udp, Carrier::Udp)];
                    let first = port.first();
                    let port = *port;
                    of.into_iter()
                        .filter(move |(_, carrier)| port.contains(first, *carrier))
                        .map(move |(t, _)| (t, first))
                };
                opening.ports.iter().flat_map(both).collect::<Vec<_>>()
            });
            let ports: BTreeSet<(Transport, u16)> = opened.chain(USUAL).collect();
            for (transport, port) in ports {
                let at = SocketAddr::new(public.into(), port);
                let mut doors: Vec<Door> =
                    routers.iter().map(|node| Door { node: node.clone(), transport, at }).collect();
                let inner = self.behind(transport, port);
                doors.extend(inner.iter().flat_map(|to| {
                    let holders = self.holders(to.ip()).into_iter();
                    holders.map(|node| Door { node: node.name.clone(), transport, at: *to })
                }));
                if !inner.is_empty() && doors.len() == routers.len() {
                    self.skip(
                        format!("from the Internet to {port}"),
                        "nobody with the address behind is in the box",
                    );
                    continue;
                }
                let trial = Trial {
                    from: "internet".to_owned(),
                    node: outside.name.clone(),
                    column: "the lab".to_owned(),
                    target: format!("public address {public}"),
                    to: at,
                    transport,
                    allowed: !inner.is_empty(),
                    because: if inner.is_empty() { "no forward leads there" } else { "a forward leads in" }
                        .to_owned(),
                    doors,
                };
                self.made.trials.push(trial);
            }
        }
    }

    /// Where a port from outside leads to, for whoever asks.
    fn behind(&self, transport: Transport, port: u16) -> Vec<SocketAddr> {
        let carrier = if transport == Transport::Tcp { Carrier::Tcp } else { Carrier::Udp };
        let open = self.policy.openings.iter().filter(|opening| {
            opening.sources.is_empty() && opening.ports.iter().any(|own| own.contains(port, carrier))
        });
        open.flat_map(|opening| {
            let inner = opening.to_port.map_or(port, |to| to.first());
            opening.to.iter().filter(|to| to.is_ipv4()).map(move |to| SocketAddr::new(*to, inner))
        })
        .collect()
    }

    /// The addresses that providers of the box give to routers: the one after their own.
    fn public(&self) -> Vec<Ipv4Addr> {
        let fixed: BTreeSet<IpAddr> = self
            .plan
            .nodes
            .iter()
            .flat_map(|node| node.addresses.iter().map(|(_, net)| net.addr()))
            .collect();
        let providers = self.plan.nodes.iter().filter(|node| node.kind == NodeKind::Provider);
        let lines = providers
            .flat_map(|node| node.addresses.iter())
            .filter(|(device, _)| device == "line")
            .filter_map(|(_, net)| match net.addr() {
                IpAddr::V4(own) => Some(Ipv4Addr::from(u32::from(own) + 1)),
                IpAddr::V6(_) => None,
            });
        // A modem that routes has it for good, and lets nobody in.
        lines.filter(|given| !fixed.contains(&IpAddr::V4(*given))).collect()
    }
}

fn carried(carrier: Carrier) -> Transport {
    match carrier {
        Carrier::Tcp => Transport::Tcp,
        Carrier::Udp => Transport::Udp,
    }
}
