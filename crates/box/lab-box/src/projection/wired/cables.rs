//! Cables: what both ends let pass becomes a lane, and each lane ends on a bridge of a switch or as an interface of a machine.

use super::ends::{Carried, End};
use super::{At, Base, Build};
use crate::wired::{Cable, Lane, LaneEnd, Plug};
use lab_model::derived::CableId;
use lab_model::lab::{DeviceId, VlanIdOf};
use lab_netboot::Mac;

/// A lane to be: the VLAN by which both ends tag it, or what frames without a tag belong to at each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Passing {
    Untagged([Option<VlanIdOf>; 2]),
    Tagged(VlanIdOf),
}

/// What passes between two ends. An end of which nothing is written takes what the other sends.
pub(super) fn passing(one: Option<&Carried>, other: Option<&Carried>) -> Vec<Passing> {
    match (one, other) {
        (None, None) => vec![Passing::Untagged([None, None])],
        (Some(known), None) | (None, Some(known)) => {
            let untagged = known.has_untagged.then_some(Passing::Untagged([known.untagged; 2]));
            untagged.into_iter().chain(known.tagged.iter().map(|vlan| Passing::Tagged(*vlan))).collect()
        }
        (Some(one), Some(other)) => {
            let both = one.has_untagged && other.has_untagged;
            let untagged = both.then_some(Passing::Untagged([one.untagged, other.untagged]));
            let tagged = one.tagged.intersection(&other.tagged).map(|vlan| Passing::Tagged(*vlan));
            untagged.into_iter().chain(tagged).collect()
        }
    }
}

impl Build<'_> {
    pub(super) fn add_cables(&mut self) {
        let ways: Vec<_> = self.ways().into_iter().cloned().collect();
        for way in &ways {
            let (Some(one), Some(other)) = (self.end_at(way.one), self.end_at(way.other)) else { continue };
            self.add_cable(&way.cables, [one, other]);
        }
    }

    fn add_cable(&mut self, cables: &[CableId], ends: [End; 2]) {
        let lanes = passing(ends[0].carried.as_ref(), ends[1].carried.as_ref());
        let ports = [0, 1].map(|side| self.port_words(&ends[side]));
        let index = self.plan.cables.len();
        let [one, other] = ports.clone();
        self.plan.cables.push(Cable {
            name: format!("{one} {other}"),
            things: cables.iter().map(|cable| self.cable_words(*cable)).collect(),
            ends: [0, 1].map(|side| Plug { node: ends[side].node, port: ports[side].clone() }),
            lanes: Vec::new(),
            is_described: true,
        });
        for passing in lanes {
            self.add_lane(index, &ends, passing);
        }
    }

    /// The name by which a cable of the lab is known as a part: its group and its near end.
    fn cable_words(&self, cable: CableId) -> String {
        let facts = self.lab.derived.cable(cable);
        let port = self.lab.derived.port(facts.near);
        format!("{} {}:{}", self.lab.subject(facts.group), self.lab.devices[port.device].name, port.name)
    }

    fn port_words(&self, end: &End) -> String {
        let port = self.lab.derived.port(end.port);
        format!("{}:{}", self.lab.devices[port.device].name, port.name)
    }

    fn add_lane(&mut self, cable: usize, ends: &[End; 2], passing: Passing) {
        let tag = match passing {
            Passing::Untagged(_) => None,
            Passing::Tagged(vlan) => match self.number(vlan) {
                Some(number) => Some(number),
                None => return,
            },
        };
        let lane = self.plan.cables[cable].lanes.len();
        self.plan.cables[cable].lanes.push(Lane { tag, ends: [LaneEnd::default(), LaneEnd::default()] });
        for (side, end) in ends.iter().enumerate() {
            let vlan = match passing {
                Passing::Untagged(vlans) => vlans[side],
                Passing::Tagged(vlan) => Some(vlan),
            };
            let at = At { cable, lane, side };
            let made = match end.forwarder {
                Some(device) => {
                    self.secondaries.extend(self.secondary(end, vlan).map(|secondary| (at, secondary)));
                    self.at_forwarder(end, device, vlan, tag)
                }
                None => self.at_machine(end, tag, at),
            };
            *self.end_mut(at) = made;
        }
    }

    fn at_forwarder(
        &mut self,
        end: &End,
        device: DeviceId,
        vlan: Option<VlanIdOf>,
        tag: Option<u16>,
    ) -> LaneEnd {
        let port = self.lab.derived.port(end.port).name.to_string();
        let wanted = tag.map_or_else(|| port.clone(), |tag| format!("{port}.{tag}"));
        let name = self.bridge_name(device, vlan, tag);
        let is_private = vlan.is_some_and(|vlan| self.lab.vlans[vlan].private.is_some());
        let mtu = vlan.and_then(|vlan| self.lab.vlans[vlan].mtu.as_ref()).map(|mtu| mtu.value.get());
        let bridge = self.bridge(end.node, &name);
        if let Some(vlan) = vlan {
            self.vlan_of.entry((end.node, bridge.clone())).or_insert(vlan);
        }
        LaneEnd {
            device: self.name(end.node, &wanted),
            mac: None,
            mtu: end.mtu.max(mtu),
            bridge: Some(bridge),
            isolated: end.is_isolated && is_private,
            aggregate: self.aggregate(end),
        }
    }

    /// The bridge of a forwarding device for a VLAN. A device of which no port is described knows no VLANs: what has no tag is one
    /// network, and each tag another.
    pub(super) fn bridge_name(&self, device: DeviceId, vlan: Option<VlanIdOf>, tag: Option<u16>) -> String {
        let derived = &self.lab.derived;
        let is_managed = derived.device(device).ports.iter().any(|port| derived.vlans_of(*port).is_some());
        let addresses = self.lab.devices[device].addresses.iter();
        // An interface of the device itself that is no port is its foot in one of its networks.
        let mut feet = addresses.filter(|(name, _)| {
            derived.find_port(device, &name.text).is_none_or(|port| derived.links_of(port).is_empty())
        });
        let in_vlan = |uses: &lab_model::written::AddressUse| {
            uses.address.iter().any(|address| match address.value {
                lab_model::written::HostAddress::Fixed(fixed) => {
                    let prefix = derived.prefix_of(fixed.address);
                    prefix.is_some_and(|prefix| derived.prefix(prefix).vlan == vlan && vlan.is_some())
                }
                _ => false,
            })
        };
        if is_managed || tag.is_some() {
            let foot = feet.find(|(_, uses)| in_vlan(uses)).map(|(name, _)| name.text.to_string());
            let number = vlan.and_then(|vlan| self.number(vlan)).or(tag);
            return foot
                .or(number.map(|number| format!("vlan{number}")))
                .unwrap_or_else(|| "bridge".to_owned());
        }
        feet.next().map_or_else(|| "bridge".to_owned(), |(name, _)| name.text.to_string())
    }

    fn at_machine(&mut self, end: &End, tag: Option<u16>, at: At) -> LaneEnd {
        let base = self.base_name(end);
        let facts = self.lab.derived.port(end.port);
        let (port, device) = (facts.name.to_string(), facts.device);
        let host = self.lab.derived.hosts_on(device).first().copied();
        let below = if end.lag.is_some() { port.clone() } else { base.clone() };
        let wanted = match tag {
            None => below,
            Some(tag) => host
                .filter(|_| end.lag.is_none())
                .and_then(|host| self.tagged_name(host, &base, tag))
                .unwrap_or_else(|| format!("{below}.{tag}")),
        };
        let said = host.and_then(|host| self.lab.hosts[host].interfaces.get(&base));
        let said_mtu = said.and_then(|said| said.mtu.as_ref()).map(|mtu| mtu.value.get());
        let said_mac = said.and_then(|said| said.mac.as_ref()).map(|mac| Mac(mac.value.0));
        let mac = said_mac.or(facts.mac.as_ref().map(|mac| Mac(mac.value.0)));
        if let Some(lag) = end.lag {
            self.lags.insert((end.node, base.clone()), lag);
        }
        self.stations.entry(Base { node: end.node, name: base.clone(), tag }).or_default().push(at);
        LaneEnd {
            device: self.name(end.node, &wanted),
            mac: mac.filter(|_| tag.is_none()),
            mtu: said_mtu.or(end.mtu),
            bridge: None,
            isolated: end.lag.is_some(),
            aggregate: self.aggregate(end),
        }
    }

    /// What a host calls the interface that adds a tag over another.
    fn tagged_name(&self, host: lab_model::lab::HostId, base: &str, tag: u16) -> Option<String> {
        let own = self.lab.hosts[host].interfaces.iter().find(|(_, said)| {
            let vlan = said.vlan.as_ref().and_then(|vlan| vlan.id).and_then(|vlan| self.number(vlan));
            said.over.as_ref().is_some_and(|over| *over.text == *base) && vlan == Some(tag)
        });
        own.map(|(name, _)| name.text.to_string())
    }
}
