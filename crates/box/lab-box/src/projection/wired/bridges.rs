//! Inside machines: bridges over ports and aggregates, and the cards of virtual machines on them.

use super::{At, Base, Build};
use crate::wired::LaneEnd;
use lab_model::lab::{BridgeId, HostId, VmId};
use lab_netboot::Mac;

impl Build<'_> {
    /// Bridges of hosts, then aggregates that no bridge took up.
    pub(super) fn add_bridges(&mut self) {
        let lab = self.lab;
        for (id, bridge) in lab.bridges.iter() {
            let host = bridge.on.as_ref().and_then(|on| on.id).and_then(|on| HostId::try_from(on).ok());
            let Some(node) = host.and_then(|host| self.node_of.get(&host.into()).copied()) else { continue };
            let vlan = bridge.vlan.as_ref().and_then(|vlan| vlan.id).and_then(|vlan| self.number(vlan));
            let name = self.bridge(node, bridge.name_in_host());
            self.set_mtu(node, &name, id);
            if let Some(vlan) = bridge.vlan.as_ref().and_then(|vlan| vlan.id) {
                self.vlan_of.entry((node, name.clone())).or_insert(vlan);
            }
            for port in &bridge.ports.items {
                let tagged = Base { node, name: port.text.to_string(), tag: vlan };
                let plain = Base { tag: None, ..tagged.clone() };
                let base = if vlan.is_some() && self.stations.contains_key(&tagged) { tagged } else { plain };
                self.enslave(&base, &name);
            }
        }
        let free: Vec<Base> = self
            .stations
            .iter()
            .filter(|(base, ats)| {
                self.lags.contains_key(&(base.node, base.name.clone()))
                    && ats.iter().any(|at| self.end(*at).bridge.is_none())
            })
            .map(|(base, _)| base.clone())
            .collect();
        for base in free {
            let wanted = base.tag.map_or_else(|| base.name.clone(), |tag| format!("{}.{tag}", base.name));
            let name = self.bridge(base.node, &wanted);
            self.enslave(&base, &name);
            let mtu = self.stations[&base].iter().find_map(|at| self.end(*at).mtu);
            self.change_bridge(base.node, &name, |bridge| bridge.mtu = mtu);
        }
    }

    fn set_mtu(&mut self, node: usize, name: &str, id: BridgeId) {
        let mtu = self.lab.bridges[id].mtu.as_ref().map(|mtu| mtu.value.get());
        self.change_bridge(node, name, |bridge| bridge.mtu = mtu);
    }

    pub(super) fn change_bridge(
        &mut self,
        node: usize,
        name: &str,
        change: impl FnOnce(&mut crate::wired::Bridge),
    ) {
        if let Some(bridge) = self.plan.nodes[node].bridges.iter_mut().find(|bridge| bridge.name == name) {
            change(bridge);
        }
    }

    fn enslave(&mut self, base: &Base, bridge: &str) {
        for at in self.stations.get(base).cloned().unwrap_or_default() {
            self.end_mut(at).bridge.get_or_insert_with(|| bridge.to_owned());
        }
    }

    /// The cards of virtual machines, each on a bridge of its host.
    pub(super) fn add_cards(&mut self) {
        let lab = self.lab;
        for (id, vm) in lab.vms.iter() {
            let Some(&node) = self.node_of.get(&id.into()) else { continue };
            for (name, nic) in vm.nics.iter() {
                let Some(bridge) = nic.bridge.as_ref().and_then(|bridge| bridge.id) else { continue };
                let tag = nic.vlan.as_ref().and_then(|vlan| vlan.id).and_then(|vlan| self.number(vlan));
                let Some((host, on)) = self.bridge_for(bridge, tag) else { continue };
                let called = nic.os_name.as_ref().map_or(&name.text, |os| &os.text).to_string();
                let mtu = nic.mtu.as_ref().map(|mtu| mtu.value.get());
                let above =
                    self.plan.nodes[host].bridges.iter().find(|known| known.name == on).and_then(|b| b.mtu);
                let mac = self.card_mac(id, &name.text, nic.mac.as_ref().map(|mac| Mac(mac.value.0)));
                let own = LaneEnd {
                    device: self.name(node, &called),
                    mac: Some(mac),
                    mtu: mtu.or(above),
                    ..LaneEnd::default()
                };
                let port = format!("{}-{}", vm.name.text, name.text);
                let far = LaneEnd {
                    device: self.name(host, &port),
                    mtu: mtu.or(above),
                    bridge: Some(on.clone()),
                    ..LaneEnd::default()
                };
                let cable = self.join([(node, called.clone(), own), (host, on, far)]);
                let at = At { cable, lane: 0, side: 0 };
                self.stations.entry(Base { node, name: called, tag: None }).or_default().push(at);
            }
        }
    }

    /// The address of a card. Routers that share a line have one address on it, which is how the provider knows them.
    fn card_mac(&self, vm: VmId, nic: &str, said: Option<Mac>) -> Mac {
        let shared = self.lab.ha.iter().find(|(_, group)| {
            group.members.ids().any(|member| member == vm.into())
                && group
                    .shared_line
                    .as_ref()
                    .and_then(|line| line.shared_mac.as_ref())
                    .is_some_and(|mac| mac.value)
        });
        let is_outside =
            || lab_reach::outside_interfaces(self.lab, vm.into()).iter().any(|name| **name == *nic);
        if let Some((_, group)) = shared
            && is_outside()
        {
            return super::super::derived_mac(&format!("line of {}", group.name.text));
        }
        said.unwrap_or_else(|| super::super::derived_mac(&format!("{}:{nic}", self.lab.vms[vm].name.text)))
    }

    /// The bridge for a card: the named one, or one beside it for the card's tag on the same port.
    fn bridge_for(&mut self, id: BridgeId, tag: Option<u16>) -> Option<(usize, String)> {
        let bridge = &self.lab.bridges[id];
        let node = *self.node_of.get(&bridge.on.as_ref()?.id?)?;
        let name: String = bridge.name_in_host().chars().take(super::NAME_MAX).collect();
        let Some(tag) = tag else { return Some((node, name)) };
        let ports =
            bridge.ports.items.iter().map(|port| Base { node, name: port.text.to_string(), tag: Some(tag) });
        let Some(base) = ports.into_iter().find(|base| self.stations.contains_key(base)) else {
            return Some((node, name));
        };
        let beside = self.bridge(node, &format!("{name}.{tag}"));
        self.enslave(&base, &beside);
        Some((node, beside))
    }
}
