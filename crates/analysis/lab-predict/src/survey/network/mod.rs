//! The network of a lab as segments, vertices and edges: who can send frames to whom, and over which parts.
//!
//! - `domain.rs`: what ports carry of which nothing is written.
//! - `interface.rs`: who has a foot in which network.
//! - `wiring.rs`: cables, panels and lines between ports.
//! - `mesh.rs`: neighbours joined without a switch.
//! - `loose.rs`: what the lab does not say of the wiring.
//!
//! A host with a bridge is one vertex that forwards; the members of an aggregate are parallel edges. Isolation inside a private VLAN
//! is not in the segments: it is no failure.

mod domain;
mod interface;
mod loose;
mod mesh;
mod wiring;

pub(super) use domain::Net;
pub(super) use interface::{net_of_address, net_of_prefix};

use super::Surveyor;
use super::parts::NewPart;
use crate::works::{Edge, Holder, Mode, PartId, PartKind, Segment, SegmentId, Vertex, VertexId, VertexKind};
use interface::{Interface, VmNic};
use lab_model::ThingId;
use lab_model::derived::{CablePath, PortId, PortOrigin};
use lab_model::lab::LagId;
use lab_source::Span;
use std::collections::{BTreeMap, BTreeSet};
use wiring::{Means, Way, Wiring};

/// What became of the networks of the lab.
#[derive(Default, Debug)]
pub(super) struct Network {
    /// The segment of each network that somebody is in.
    pub(super) segment_of: BTreeMap<Net, SegmentId>,
    /// Vertices.
    pub(super) vertex_of: BTreeMap<(Holder, SegmentId), VertexId>,
    /// By vertex: bodies it consists of, for telling what cables join.
    bodies: BTreeMap<VertexId, BTreeSet<u32>>,
    /// Pairs of bodies that a cable joins, whatever it carries.
    joined: Vec<(u32, u32)>,
    /// How many bodies there are.
    body_count: u32,
}

/// A vertex to be.
#[derive(Default)]
struct Point {
    forwards: bool,
    bodies: BTreeSet<u32>,
}

/// An edge to be.
struct Link {
    ends: [Holder; 2],
    net: Net,
    means: LinkMeans,
}

enum LinkMeans {
    Way(usize),
    Inside,
}

impl Surveyor<'_> {
    /// Adds segments, vertices and edges of what is written.
    pub(super) fn lay_out_network(&mut self) {
        let interfaces = self.interfaces();
        let wiring = self.wiring(&interfaces);
        let resolved = wiring.domains.resolve();
        let nics = self.nics_on_bridges(&interfaces, &wiring, &resolved);
        let mut points = self.points(&interfaces, &wiring, &resolved);
        let mut links = Self::links(&wiring, &resolved, &mut points);
        let hosted = Self::links_to_hosts(&nics, &mut points);
        let meshed = mesh::expand(&wiring, &links, &hosted, &mut points);
        links.extend(hosted);
        links.extend(meshed);
        self.network.body_count = wiring.bodies;
        self.network.joined = wiring.ways.iter().map(|way| (way.ends[0].body, way.ends[1].body)).collect();
        self.add_segments(&points, &wiring);
        for ((holder, net), point) in points {
            let kind = if point.forwards { VertexKind::Forwards } else { VertexKind::Station };
            let vertex = self.vertex(holder, self.network.segment_of[&net], kind);
            self.network.bodies.insert(vertex, point.bodies);
        }
        self.add_edges(&links, &wiring);
    }

    /// Cards of virtual machines, each with the networks of its bridge when it says none itself.
    fn nics_on_bridges(
        &self,
        interfaces: &[Interface],
        wiring: &Wiring,
        resolved: &[Vec<Net>],
    ) -> Vec<VmNic> {
        let mut nics = self.nics();
        for nic in nics.iter_mut().filter(|nic| nic.nets.is_empty()) {
            let Some(bridge) = nic.bridge else { continue };
            let name = format!("bridge {}", self.lab.bridges[bridge].name);
            let found = interfaces.iter().position(|interface| interface.bridge && interface.label == name);
            let Some(index) = found else { continue };
            let known =
                interfaces[index].nets.iter().find(|carried| !carried.tagged).map(|carried| carried.net);
            let guessed =
                wiring.domain_of.get(&index).and_then(|&domain| resolved[domain as usize].first().copied());
            nic.nets.extend(known.or(guessed));
        }
        nics
    }

    fn points(
        &self,
        interfaces: &[Interface],
        wiring: &Wiring,
        resolved: &[Vec<Net>],
    ) -> BTreeMap<(Holder, Net), Point> {
        let mut points: BTreeMap<(Holder, Net), Point> = BTreeMap::new();
        for (index, interface) in interfaces.iter().enumerate() {
            let written = interface.nets.iter().map(|carried| carried.net);
            let domain = wiring.domain_of.get(&index).filter(|_| !interface.ports.is_empty());
            let guessed = domain.into_iter().flat_map(|&domain| resolved[domain as usize].iter().copied());
            for net in written.chain(guessed) {
                let point = points.entry((interface.holder, net)).or_default();
                point.forwards |= interface.bridge;
                point.bodies.insert(index as u32);
            }
        }
        let mut forwards = |holder: Holder, net: Net, body: u32| {
            let point = points.entry((holder, net)).or_default();
            point.forwards = true;
            point.bodies.insert(body);
        };
        for (&device, &body) in &wiring.body_of_device {
            let holder = Holder::Unit(self.unit_of[&device]);
            for &port in &self.lab.derived.device(device).ports {
                let ends = wiring.ends.get(&port).into_iter().flatten();
                for end in ends.filter(|end| end.holder == holder && end.open) {
                    Wiring::nets(end, resolved).into_iter().for_each(|net| forwards(holder, net, body));
                }
            }
            let own = wiring.managed_in.iter().filter(|(of, _)| *of == device);
            own.for_each(|&(_, net)| forwards(holder, net, body));
            let shared = wiring.device_domain[&device];
            resolved[shared as usize].iter().for_each(|&net| forwards(holder, net, body));
        }
        points
    }

    /// An edge for each network that both ends of a way carry.
    fn links(
        wiring: &Wiring,
        resolved: &[Vec<Net>],
        points: &mut BTreeMap<(Holder, Net), Point>,
    ) -> Vec<Link> {
        let mut links = Vec::new();
        for (index, way) in wiring.ways.iter().enumerate() {
            let [one, other] = &way.ends;
            if !(one.open && other.open) || one.holder == other.holder {
                continue;
            }
            let far: BTreeSet<Net> = Wiring::nets(other, resolved).into_iter().collect();
            let near: BTreeSet<Net> = Wiring::nets(one, resolved).into_iter().collect();
            for &net in near.intersection(&far) {
                for end in &way.ends {
                    points.entry((end.holder, net)).or_default().bodies.insert(end.body);
                }
                links.push(Link { ends: [one.holder, other.holder], net, means: LinkMeans::Way(index) });
            }
        }
        links
    }

    /// Each card of a virtual machine hangs on the vertex of each host that is in the same network.
    fn links_to_hosts(nics: &[VmNic], points: &mut BTreeMap<(Holder, Net), Point>) -> Vec<Link> {
        let mut links = Vec::new();
        let mut seen = BTreeSet::new();
        for nic in nics {
            let machine = Holder::Machine(nic.machine);
            for &net in &nic.nets {
                points.entry((machine, net)).or_default();
                for &host in &nic.hosts {
                    let host = Holder::Machine(host);
                    if let Some(point) = points.get_mut(&(host, net))
                        && seen.insert((machine, host, net))
                    {
                        point.forwards = true;
                        links.push(Link { ends: [machine, host], net, means: LinkMeans::Inside });
                    }
                }
            }
        }
        links
    }

    fn add_segments(&mut self, points: &BTreeMap<(Holder, Net), Point>, wiring: &Wiring) {
        let nets: BTreeSet<Net> = points.keys().map(|(_, net)| *net).collect();
        for net in nets {
            let (label, thing, span) = match net {
                Net::Vlan(vlan) => self.named(vlan.into()),
                Net::Prefix(prefix) => self.named(prefix.into()),
                Net::Unnamed(_) => self.unnamed(net, points, wiring),
            };
            let segment = self.works.segments(Segment { label, thing, gateways: Vec::new(), span });
            self.network.segment_of.insert(net, segment);
        }
    }

    fn named(&self, thing: ThingId) -> (String, Option<ThingId>, Option<Span>) {
        let name = self.lab.name(thing);
        (name.text.to_string(), Some(thing), Some(name.span))
    }

    /// A network without a name is called by the line that ends in it, else by who is in it.
    fn unnamed(
        &self,
        net: Net,
        points: &BTreeMap<(Holder, Net), Point>,
        wiring: &Wiring,
    ) -> (String, Option<ThingId>, Option<Span>) {
        let inside: Vec<Holder> =
            points.keys().filter(|(_, of)| *of == net).map(|(holder, _)| *holder).collect();
        if inside.contains(&Holder::Internet) {
            let line = wiring.ways.iter().find_map(|way| match way.means {
                Means::Line(circuit) if inside.contains(&way.ends[1].holder) => Some(circuit),
                _ => None,
            });
            if let Some(circuit) = line {
                let (label, thing, span) = self.named(circuit.into());
                return (format!("line {label}"), thing, span);
            }
        }
        let label = inside.first().map_or_else(String::new, |&holder| self.holder_label(holder));
        (format!("network of {label}"), None, None)
    }

    /// The name of a holder.
    pub(super) fn holder_label(&self, holder: Holder) -> String {
        let name = |thing: ThingId| self.lab.name(thing).text.to_string();
        match holder {
            Holder::Unit(unit) => {
                let device = self.unit_of.iter().find(|(_, of)| **of == unit).map(|(device, _)| *device);
                device.map_or_else(String::new, |device| name(device.into()))
            }
            Holder::Machine(machine) => {
                let thing = self.machine_of.iter().find(|(_, of)| **of == machine).map(|(thing, _)| *thing);
                thing.map_or_else(|| self.works[machine].label.clone(), name)
            }
            Holder::Internet => "the Internet".to_owned(),
        }
    }

    /// The vertex of a holder in a segment, made when it is not there yet.
    pub(super) fn vertex(&mut self, holder: Holder, segment: SegmentId, kind: VertexKind) -> VertexId {
        if let Some(&vertex) = self.network.vertex_of.get(&(holder, segment)) {
            return vertex;
        }
        let own_ports = if self.is_beside_a_host(holder) { " itself" } else { "" };
        let label = format!("{}{own_ports} in {}", self.holder_label(holder), self.works[segment].label);
        let vertex = self.works.vertices(Vertex { holder, segment, kind, label });
        self.network.vertex_of.insert((holder, segment), vertex);
        vertex
    }

    /// True for a device with a host on it: its own ports are those of its management controller.
    fn is_beside_a_host(&self, holder: Holder) -> bool {
        let device = self.unit_of.iter().find(|(_, unit)| Holder::Unit(**unit) == holder);
        device.is_some_and(|(device, _)| self.active_hosts_on(*device) > 0)
    }

    /// Ways that consist of the same parts are one: both bridges of a host on one port, the legs of one breakout cable.
    fn add_edges(&mut self, links: &[Link], wiring: &Wiring) {
        let mut seen = BTreeSet::new();
        for link in links {
            if self.is_out_of_service(link, wiring) {
                continue;
            }
            let segment = self.network.segment_of[&link.net];
            let ends = link.ends.map(|holder| self.network.vertex_of[&(holder, segment)]);
            let (fails, lag) = match link.means {
                LinkMeans::Way(index) => self.parts_of(&wiring.ways[index]),
                LinkMeans::Inside => (Vec::new(), None),
            };
            if seen.insert((ends[0].min(ends[1]), ends[0].max(ends[1]), fails.clone())) {
                self.works.edges(Edge { ends, fails, through: Vec::new(), lag });
            }
        }
    }

    /// True for a member of an aggregate that never comes into service: it is plugged in and carries nothing.
    fn is_out_of_service(&self, link: &Link, wiring: &Wiring) -> bool {
        let LinkMeans::Way(index) = link.means else { return false };
        let Means::Cables { lag, .. } = &wiring.ways[index].means else { return false };
        lag.is_some_and(|lag| self.lab.derived.lag(lag).is_one_sided())
    }

    fn parts_of(&mut self, way: &Way) -> (Vec<PartId>, Option<ThingId>) {
        match &way.means {
            Means::Cables { path, from, lag, .. } => {
                (self.parts_of_path(*from, path), lag.map(|lag: LagId| lag.into()))
            }
            Means::Line(circuit) => (self.parts_of_line(*circuit), None),
        }
    }

    /// Cards, cables, ducts and panels from one port to another.
    fn parts_of_path(&mut self, from: PortId, path: &CablePath) -> Vec<PartId> {
        let mut parts = Vec::new();
        for port in [from, path.end] {
            parts.extend(self.card_of_port(port));
        }
        for &cable in &path.cables {
            parts.push(self.cable(cable));
            let group = self.lab.derived.cable(cable).group;
            if let Some(duct) = self.lab.cables[group].duct.clone() {
                parts.push(self.duct(&duct));
            }
        }
        for &port in &path.through {
            let panel = self.lab.derived.port(port).device;
            parts.push(self.device(panel));
        }
        let mut seen = BTreeSet::new();
        parts.retain(|part| seen.insert(*part));
        parts
    }

    /// What cables in one duct share: a spade, a drill.
    fn duct(&mut self, duct: &str) -> PartId {
        let mut groups = self.lab.cables.iter();
        let of_duct = groups.find(|(_, group)| group.duct.as_ref().is_some_and(|own| &*own.text == duct));
        let (first, group) = of_duct.expect("a cable in it asked for it");
        let (thing, span) = (first.into(), group.duct.as_ref().map(|own| own.span));
        let (kind, label) = (PartKind::Shared, format!("duct {duct}"));
        self.part(NewPart { thing, piece: Some(&label), kind, mode: Mode::Fails, label: label.clone(), span })
    }

    /// The card that a port is on.
    pub(super) fn card_of_port(&mut self, port: PortId) -> Option<PartId> {
        match self.lab.derived.port(port).origin {
            PortOrigin::Card(card) => Some(self.card(card)),
            PortOrigin::Split(parent) => self.card_of_port(parent),
            PortOrigin::Type | PortOrigin::Said => None,
        }
    }
}
