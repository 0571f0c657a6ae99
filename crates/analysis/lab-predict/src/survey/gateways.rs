//! Who takes packets from one segment to another, and where the Internet is.
//!
//! A line ends at a port. On a router, or a modem that is itself a gateway, that port is in a segment of its own with the Internet at the
//! other end; behind a modem that only changes the medium, the Internet is in the segment of whoever is behind it. Towards the
//! inside, whoever is a gateway elsewhere is one in these segments too, and in those between modem and routers.

use super::Surveyor;
use super::figures::{self, Figures};
use super::network::{Net, net_of_prefix};
use crate::works::{Edge, Gateway, Holder, Mode, PartId, PartKind, Segment, SegmentId, VertexId, VertexKind};
use lab_model::ThingId;
use lab_model::derived::AddressRole;
use lab_model::lab::{CircuitId, PrefixId, VmId};
use lab_model::written::{DeviceRole, PrefixKind, VipProtocol};
use lab_source::Span;
use std::collections::BTreeSet;
use std::net::IpAddr;

impl Surveyor<'_> {
    /// Adds gateways to all segments, and the Internet where no line says where it is.
    pub(super) fn add_gateways(&mut self) {
        for (id, _) in self.lab.prefixes.iter() {
            self.add_gateways_of_prefix(id);
        }
        self.guess_gateways();
        self.place_internet();
        self.add_gateways_inward();
    }

    fn add_gateways_of_prefix(&mut self, id: PrefixId) {
        let plan = &self.lab.prefixes[id];
        let is_link = !matches!(
            plan.kind.as_ref().map(|kind| kind.value),
            Some(
                PrefixKind::Container
                    | PrefixKind::Pods
                    | PrefixKind::Services
                    | PrefixKind::LoadBalancers
                    | PrefixKind::Loopback
                    | PrefixKind::Tunnel
            )
        );
        let Some(&segment) = self.network.segment_of.get(&net_of_prefix(self.lab, id)).filter(|_| is_link)
        else {
            return;
        };
        let said = plan.gateway.as_ref().map(|gateway| gateway.value.0);
        let mut owners = said.map_or_else(Vec::new, |address| self.owners_of(address));
        if owners.is_empty() {
            owners.extend(plan.routers.ids());
        }
        let mut holders: Vec<Holder> = Vec::new();
        for owner in owners {
            let holder = self.holder_in(owner, segment);
            holders.extend(holder.filter(|holder| !holders.contains(holder)));
        }
        if said.is_none_or(|address| !self.is_moving(address)) {
            holders =
                self.without_idle_routers(&holders, segment, plan.routers.span.unwrap_or(plan.name.span));
        }
        for holder in holders {
            self.add_gateway(holder, segment, plan.name.span);
        }
    }

    /// Without an address that moves, a client has one router and sticks to it: that of its lease or its route. Another one that is in
    /// no further network stands beside it unused. Between routers it is a matter of their routes, and all are kept.
    fn without_idle_routers(&mut self, routers: &[Holder], segment: SegmentId, span: Span) -> Vec<Holder> {
        // One line to the Internet is as good as another.
        let has_internet =
            |segment: &SegmentId| self.network.vertex_of.contains_key(&(Holder::Internet, *segment));
        let nets = |of: &Holder| -> BTreeSet<Option<SegmentId>> {
            let own = self.network.vertex_of.keys().filter(|(holder, _)| holder == of);
            own.map(|(_, segment)| Some(*segment).filter(|segment| !has_internet(segment))).collect()
        };
        let all = self.routers();
        if self.holders_in(segment).iter().all(|holder| all.contains(holder) || routers.contains(holder)) {
            return routers.to_vec();
        }
        let mut kept: Vec<Holder> = Vec::new();
        let mut idle = None;
        for router in routers {
            match kept.iter().find(|other| nets(router).is_subset(&nets(other))) {
                Some(first) => idle = Some((*first, *router)),
                None => kept.push(*router),
            }
        }
        if let Some((first, other)) = idle {
            let what = format!(
                "whoever is in {} sends to {} and not to {}: no address moves between them",
                self.works[segment].label,
                self.holder_label(first),
                self.holder_label(other)
            );
            self.assume(what, Some(span));
        }
        kept
    }

    /// Who holds an address, or may hold it: members of a VIP, else the one that has it on an interface.
    pub(super) fn owners_of(&self, address: IpAddr) -> Vec<ThingId> {
        let vips =
            self.lab.vips.iter().filter(|(_, vip)| vip.address.iter().any(|own| own.value.0 == address));
        let of_vip = |id: lab_model::lab::VipId| {
            let by_hand =
                self.lab.vips[id].protocol.as_ref().is_none_or(|of| of.value == VipProtocol::Manual);
            let members = self.members_of_vip(id);
            let n = if by_hand { 1 } else { members.len() };
            members.into_iter().take(n)
        };
        let members: Vec<ThingId> = vips.flat_map(|(id, _)| of_vip(id)).collect();
        if !members.is_empty() {
            return members;
        }
        let derived = &self.lab.derived;
        let first = derived.assignments.partition_point(|assignment| assignment.address < address);
        let same = derived.assignments[first..].iter().take_while(|assignment| assignment.address == address);
        let held = same.filter(|assignment| {
            matches!(assignment.role, AddressRole::Interface | AddressRole::Reservation)
                && self.lab.is_active(assignment.owner)
        });
        held.map(|assignment| assignment.owner).collect()
    }

    fn is_moving(&self, address: IpAddr) -> bool {
        self.lab.vips.iter().any(|(_, vip)| vip.address.iter().any(|own| own.value.0 == address))
    }

    fn add_gateway(&mut self, holder: Holder, segment: SegmentId, span: Span) {
        if !self.network.vertex_of.contains_key(&(holder, segment)) {
            let what = format!(
                "{} is a gateway of {}: no interface there is written down",
                self.holder_label(holder),
                self.works[segment].label
            );
            self.assume(what, Some(span));
        }
        let vertex = self.vertex(holder, segment, VertexKind::Station);
        self.push_gateway(segment, Gateway { vertex, holder });
    }

    fn push_gateway(&mut self, segment: SegmentId, gateway: Gateway) {
        let gateways = &mut self.works.segments[segment.index()].gateways;
        if !gateways.contains(&gateway) {
            gateways.push(gateway);
        }
    }

    /// The holder that a thing is in a segment: what runs on a device, or the device itself.
    fn holder_in(&self, thing: ThingId, segment: SegmentId) -> Option<Holder> {
        let unit =
            lab_model::lab::DeviceId::try_from(thing).ok().and_then(|device| self.unit_of.get(&device));
        let unit = unit.map(|&unit| Holder::Unit(unit));
        let is_there = |holder: &Holder| self.network.vertex_of.contains_key(&(*holder, segment));
        self.holder(thing).filter(is_there).or_else(|| unit.filter(is_there)).or_else(|| self.holder(thing))
    }

    /// Holders that route by what they are: routers by role, machines that say so.
    fn routers(&self) -> Vec<Holder> {
        let mut all = Vec::new();
        for (&device, &unit) in &self.unit_of {
            let is_router = self.lab.derived.device(device).role == Some(DeviceRole::Router);
            if is_router && self.active_hosts_on(device) == 0 {
                all.push(Holder::Unit(unit));
            }
        }
        for (&thing, &machine) in &self.machine_of {
            let routes = match VmId::try_from(thing) {
                Ok(vm) => self.lab.vms[vm].routes.as_ref(),
                Err(()) => self.lab.hosts[lab_model::lab::HostId(thing.index)].routes.as_ref(),
            };
            if routes.is_some_and(|routes| routes.value) {
                all.push(Holder::Machine(machine));
            }
        }
        all
    }

    /// In a segment for which nobody names a gateway, and where the Internet is not, whoever routes is one.
    fn guess_gateways(&mut self) {
        let routers = self.routers();
        let segments: Vec<(Net, SegmentId)> =
            self.network.segment_of.iter().map(|(&net, &segment)| (net, segment)).collect();
        for (net, segment) in segments {
            let is_between = matches!(net, Net::Prefix(prefix) if self.is_between_routers(prefix));
            let has_internet = self.network.vertex_of.contains_key(&(Holder::Internet, segment));
            if !self.works[segment].gateways.is_empty() || is_between || has_internet {
                continue;
            }
            let inside: Vec<Holder> = self.holders_in(segment);
            let inside: Vec<Holder> =
                routers.iter().copied().filter(|router| inside.contains(router)).collect();
            let inside = match self.works[segment].span {
                Some(span) => self.without_idle_routers(&inside, segment, span),
                None => inside,
            };
            for holder in inside {
                let vertex = self.network.vertex_of[&(holder, segment)];
                let what = format!(
                    "{} is the gateway of {}: it is the one that routes",
                    self.holder_label(holder),
                    self.works[segment].label
                );
                let span = self.works[segment].span;
                self.assume(what, span);
                self.push_gateway(segment, Gateway { vertex, holder });
            }
        }
    }

    fn is_between_routers(&self, prefix: PrefixId) -> bool {
        let kind = self.lab.prefixes[prefix].kind.as_ref().map(|kind| kind.value);
        matches!(kind, Some(PrefixKind::PointToPoint | PrefixKind::Transit))
    }

    fn holders_in(&self, segment: SegmentId) -> Vec<Holder> {
        self.network.vertex_of.keys().filter(|(_, of)| *of == segment).map(|(holder, _)| *holder).collect()
    }

    /// Lines whose end is not written lead to whoever routes. A lab without any line is taken as having one that never fails.
    fn place_internet(&mut self) {
        let lines: Vec<_> = self.lines().collect();
        let loose: Vec<_> = lines.iter().copied().filter(|&line| self.port_of_line(line).is_none()).collect();
        if loose.is_empty() && !lines.is_empty() {
            return;
        }
        let mut routers = self.routers();
        let gateways = self.works.segments.iter().flat_map(|segment| &segment.gateways);
        routers.extend(gateways.map(|gateway| gateway.holder));
        let routers: BTreeSet<Holder> = routers.into_iter().collect();
        if routers.is_empty() && self.machine_of.is_empty() {
            return;
        }
        let (what, span) = match loose.first() {
            Some(&line) => {
                let name = &self.lab.circuits[line].name;
                (format!("line {name} ends at whoever routes: its end is not written down"), Some(name.span))
            }
            None => ("the Internet is always there: no line to it is written down".to_owned(), None),
        };
        self.assume(what, span);
        let label = "way to the Internet".to_owned();
        let segment = self.works.segments(Segment { label, thing: None, gateways: Vec::new(), span });
        let outside = self.vertex(Holder::Internet, segment, VertexKind::Station);
        for router in routers {
            let vertex = self.vertex(router, segment, VertexKind::Station);
            if loose.is_empty() {
                self.add_line([outside, vertex], Vec::new());
            }
            for &line in &loose {
                let parts = self.parts_of_line(line);
                self.add_line([outside, vertex], parts);
            }
        }
    }

    /// A line and the company that brings it.
    pub(super) fn parts_of_line(&mut self, line: CircuitId) -> Vec<PartId> {
        let record = &self.lab.circuits[line];
        let part = self.whole(line, PartKind::Circuit);
        let per_year = record.outages.as_ref().map(|rate| rate.value.per_year());
        let hours = record.typical_outage.as_ref().map(|period| figures::hours(period.value));
        let field = figures::of_the_field(PartKind::Circuit, Mode::Fails);
        let said = Figures {
            per_year: per_year.unwrap_or(field.per_year),
            hours_to_mend: hours.unwrap_or(field.hours_to_mend),
        };
        self.set_figures(part, said, per_year.is_none() || hours.is_none());
        let provider = record.provider.as_ref().and_then(|provider| provider.id);
        let provider = provider.map(|provider| self.whole(provider, PartKind::External));
        std::iter::once(part).chain(provider).collect()
    }

    fn add_line(&mut self, ends: [VertexId; 2], fails: Vec<PartId>) {
        self.works.edges(Edge { ends, fails, through: Vec::new(), lag: None });
    }

    /// Packets from outside: in the segments where the Internet is, and between modem and routers, whoever is a gateway elsewhere takes them in.
    fn add_gateways_inward(&mut self) {
        let elsewhere: BTreeSet<Holder> = self
            .works
            .segments
            .iter()
            .flat_map(|segment| &segment.gateways)
            .map(|gateway| gateway.holder)
            .collect();
        let transit: Vec<SegmentId> = (self.lab.prefixes.iter())
            .filter(|(_, plan)| plan.kind.as_ref().is_some_and(|kind| kind.value == PrefixKind::Transit))
            .filter_map(|(id, _)| self.network.segment_of.get(&net_of_prefix(self.lab, id)).copied())
            .collect();
        let outer = (0..self.works.segments.len() as u32).map(SegmentId).filter(|&segment| {
            self.network.vertex_of.contains_key(&(Holder::Internet, segment)) || transit.contains(&segment)
        });
        for segment in outer.collect::<Vec<_>>() {
            for holder in self.holders_in(segment) {
                if elsewhere.contains(&holder) {
                    let vertex = self.network.vertex_of[&(holder, segment)];
                    self.push_gateway(segment, Gateway { vertex, holder });
                }
            }
        }
    }

    /// The holders of which one takes packets out of a network.
    pub(super) fn gateways_of(&self, net: Net) -> Vec<Holder> {
        let segment = self.network.segment_of.get(&net);
        let gateways = segment.into_iter().flat_map(|&segment| &self.works[segment].gateways);
        gateways.map(|gateway| gateway.holder).collect()
    }
}
