//! What a port carries, as far as it is written, and who is behind it.

use super::Build;
use crate::wired::{Aggregate, Choice, NodeKind};
use lab_model::derived::{PortClass, PortId, Way};
use lab_model::lab::{DeviceId, HostId, LagId, VlanIdOf};
use lab_model::written::{CableKind, DeviceRole, LacpRate, LagMode, PrivateRole};
use std::collections::BTreeSet;

/// What frames pass at an end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Carried {
    /// Whether frames without a tag pass.
    pub(super) has_untagged: bool,
    /// Their VLAN, when it is known.
    pub(super) untagged: Option<VlanIdOf>,
    /// VLANs with tags.
    pub(super) tagged: BTreeSet<VlanIdOf>,
}

/// One end of a cable.
#[derive(Clone, Debug)]
pub(super) struct End {
    pub(super) port: PortId,
    pub(super) node: usize,
    /// The device whose bridges the port is on; none at a machine.
    pub(super) forwarder: Option<DeviceId>,
    /// What is written of it; nothing: it takes what the other end sends.
    pub(super) carried: Option<Carried>,
    pub(super) lag: Option<LagId>,
    pub(super) is_isolated: bool,
    pub(super) mtu: Option<u16>,
}

impl Build<'_> {
    /// The ways that carry Ethernet.
    pub(super) fn ways(&self) -> Vec<&Way> {
        let derived = &self.lab.derived;
        let is_other = |kind: CableKind| {
            matches!(
                kind,
                CableKind::SasExternal | CableKind::Usb | CableKind::Serial | CableKind::Thunderbolt
            )
        };
        let speaks = |port: PortId| {
            let port = derived.port(port);
            port.class == PortClass::Network
                && !port.type_word.contains("gfc")
                && !port.type_word.contains("sas")
                && !port.name.contains("fc-")
        };
        let is_ethernet = |way: &&Way| {
            let kinds =
                way.cables.iter().map(|cable| self.lab.cables[derived.cable(*cable).group].kind.as_ref());
            speaks(way.one) && speaks(way.other) && !kinds.flatten().any(|kind| is_other(kind.value))
        };
        derived.ways.iter().filter(is_ethernet).collect()
    }

    /// Who is at a port and what passes there; none when its device is not in the box or the port is switched off.
    pub(super) fn end_at(&mut self, port: PortId) -> Option<End> {
        let facts = self.lab.derived.port(port);
        let device = facts.device;
        let written = self.lab.derived.vlans_of(port);
        if !facts.enabled || written.is_some_and(|written| !written.enabled) {
            return None;
        }
        let record = &self.lab.devices[device];
        let is_controller = facts.management
            || record
                .out_of_band
                .as_ref()
                .and_then(|oob| oob.interface.as_ref())
                .is_some_and(|i| *i.text == *facts.name);
        if is_controller && self.lab.derived.device(device).role != Some(DeviceRole::Switch) {
            let node = self.controller(device, port);
            return Some(self.plain_end(port, node));
        }
        let node = *self.node_of.get(&device.into())?;
        let is_own = record.addresses.iter().any(|(name, _)| *name.text == *facts.name)
            && self.plan.nodes[node].kind == NodeKind::Router;
        let forwarder = self.forwarders.contains(&device).then_some(device).filter(|_| !is_own);
        let carried = match written {
            Some(written) => Some(Carried {
                has_untagged: written.untagged.is_some(),
                untagged: written.untagged,
                tagged: written.tagged.iter().copied().collect(),
            }),
            None => self.said_by_host(device, port),
        };
        let lag = self.lab.derived.lag_of(port);
        let lag_mtu = lag.and_then(|lag| self.lab.derived.lag(lag).near.mtu);
        let mtu = written.and_then(|w| w.mtu).or(facts.mtu).or(lag_mtu).map(|mtu| mtu.value.get());
        Some(End {
            port,
            node,
            forwarder,
            carried,
            lag,
            is_isolated: written.is_some_and(|written| written.private == Some(PrivateRole::Isolated)),
            mtu: mtu.or(record.mtu.as_ref().map(|mtu| mtu.value.get())),
        })
    }

    fn plain_end(&self, port: PortId, node: usize) -> End {
        End { port, node, forwarder: None, carried: None, lag: None, is_isolated: false, mtu: None }
    }

    /// The node of a machine's controller: it has power while the machine is off.
    fn controller(&mut self, device: DeviceId, port: PortId) -> usize {
        let name = format!("{}.{}", self.lab.devices[device].name.text, self.lab.derived.port(port).name);
        match self.plan.nodes.iter().position(|node| node.name == name) {
            Some(node) => node,
            None => self.add_node(&name, NodeKind::Controller, &[]),
        }
    }

    /// What a host says of the interface over a port.
    fn said_by_host(&self, device: DeviceId, port: PortId) -> Option<Carried> {
        let host = *self.lab.derived.hosts_on(device).first()?;
        let own = self.lab.hosts[host].interfaces.iter();
        let mut carried: Option<Carried> = None;
        for (name, said) in own {
            let Some(attachment) = self.lab.derived.attachment(host, &name.text) else { continue };
            if !attachment.ports.contains(&port) || !attachment.bridges.is_empty() {
                continue;
            }
            let now = carried.get_or_insert_default();
            if said.over.is_none() {
                now.untagged = said.untagged.as_ref().and_then(|vlan| vlan.id).or(now.untagged);
                now.has_untagged |= said.untagged.is_some();
                now.tagged.extend(said.tagged.some.ids());
                if said.tagged.all {
                    let all = self.lab.vlans.iter().map(|(id, _)| id).filter(|id| Some(*id) != now.untagged);
                    now.tagged.extend(all);
                }
            } else if let Some(vlan) = said.vlan.as_ref().and_then(|vlan| vlan.id) {
                now.tagged.insert(vlan);
            }
        }
        // An interface of which only the name or the payload is said tells nothing of VLANs.
        carried.filter(|carried| carried.has_untagged || !carried.tagged.is_empty())
    }

    /// What a machine calls the interface over a port, without tags: the aggregate, its own word, or the port's name.
    pub(super) fn base_name(&self, end: &End) -> String {
        let facts = self.lab.derived.port(end.port);
        let own = || facts.os_name.as_ref().unwrap_or(&facts.name).to_string();
        let Some(&host) = self.lab.derived.hosts_on(facts.device).first() else { return own() };
        if let Some(lag) = end.lag {
            return self.lag_name(host, lag);
        }
        let called = self.lab.hosts[host].interfaces.iter().find(|(_, said)| {
            said.over.is_none() && said.port.as_ref().is_some_and(|port| *port.text == *facts.name)
        });
        called.map_or_else(own, |(name, _)| name.text.to_string())
    }

    /// What a host calls an aggregate.
    fn lag_name(&self, host: HostId, lag: LagId) -> String {
        let said = self.lab.hosts[host].interfaces.iter();
        let by_host = said
            .filter(|(_, said)| said.lag.as_ref().and_then(|lag| lag.id) == Some(lag))
            .map(|(n, _)| &n.text);
        let facts = self.lab.derived.lag(lag);
        let device = self.lab.hosts[host].on.as_ref().and_then(|on| on.id);
        let sides = [&facts.near, &facts.far].into_iter();
        let own = sides
            .filter(|side| device.is_some_and(|d| side.devices.contains(&d)))
            .find_map(|side| side.name.as_ref());
        by_host.chain(own).next().unwrap_or(&self.lab.lags[lag].name.text).to_string()
    }

    /// Whether an aggregate sends each frame over all its links.
    pub(super) fn is_broadcast(&self, lag: LagId) -> bool {
        self.lab.lags[lag].mode.as_ref().is_some_and(|mode| mode.value == LagMode::Broadcast)
    }

    /// The aggregate at an end, unless it sends over all its links at once.
    pub(super) fn aggregate(&self, end: &End) -> Option<Aggregate> {
        let lag = end.lag.filter(|lag| !self.is_broadcast(*lag))?;
        let facts = self.lab.derived.lag(lag);
        let rates = [facts.near.rate, facts.far.rate];
        let is_fast = rates.into_iter().flatten().any(|rate| rate.value == LacpRate::Fast);
        // IEEE 802.1AX, 6.4.4: one second, or thirty.
        let interval_secs = if is_fast { 1 } else { 30 };
        // What is not said of the far side is as on the near one; LACP when nothing is said at all.
        let own = if facts.far.ports.contains(&end.port) { &facts.far } else { &facts.near };
        let mode = own.mode.as_ref().or(facts.near.mode.as_ref()).map_or(LagMode::Lacp, |mode| mode.value);
        let choice = match mode {
            LagMode::Lacp => Choice::Lacp { interval_secs },
            LagMode::Static | LagMode::ActiveBackup | LagMode::Broadcast => {
                Choice::Presence { interval_secs }
            }
        };
        Some(Aggregate { name: self.lab.lags[lag].name.text.to_string(), choice })
    }

    pub(super) fn number(&self, vlan: VlanIdOf) -> Option<u16> {
        self.lab.vlans[vlan].id.as_ref().map(|number| number.value.get())
    }
}
