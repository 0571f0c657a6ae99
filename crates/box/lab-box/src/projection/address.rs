//! Addresses that the lab leaves open: given by DHCP, or not known. The box chooses one, so that the machine can be reached,
//! and says so.

use super::Work;
use ipnet::{IpNet, Ipv4Net};
use lab_model::ThingId;
use lab_model::derived::PortId;
use lab_model::lab::{PrefixId, VlanIdOf};
use lab_model::written::{AddressUse, HostAddress};
use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};

/// Host numbers below this are left alone: people give them to routers and switches.
const FIRST: u32 = 10;
/// So many addresses of a prefix are looked through.
const TRIES: usize = 1 << 20;

/// An address of the box's own choice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Chosen {
    /// `host:interface`.
    pub(super) place: String,
    pub(super) address: Ipv4Addr,
    /// What the lab says in place of an address.
    pub(super) said: &'static str,
}

impl Work<'_> {
    /// The network of an interface without a fixed address and an address in it; none when the lab does not tell in
    /// which network the interface is.
    pub(super) fn choose(
        &mut self,
        owner: ThingId,
        place: (&str, &str),
        uses: &AddressUse,
    ) -> Option<(PrefixId, IpNet)> {
        let said = uses.address.iter().find_map(|address| match address.value {
            HostAddress::Dhcp => Some("by DHCP"),
            HostAddress::Unknown => Some("unknown"),
            HostAddress::Fixed(_) | HostAddress::Slaac => None,
        })?;
        let vlan = self.vlan_of(owner, place.1)?;
        let (prefix, network) = self.network_of(vlan)?;
        let address = self.lowest_free(prefix, network)?;
        self.chosen.push(Chosen { place: format!("{}:{}", place.0, place.1), address, said });
        Some((prefix, Ipv4Net::new(address, network.prefix_len()).ok()?.into()))
    }

    /// The first IPv4 network of a VLAN with room for machines.
    fn network_of(&self, vlan: VlanIdOf) -> Option<(PrefixId, Ipv4Net)> {
        self.lab.prefixes.iter().find_map(|(id, _)| {
            let facts = self.lab.derived.prefix(id);
            match facts.network {
                Some(IpNet::V4(network)) if facts.vlan == Some(vlan) && network.prefix_len() <= 29 => {
                    Some((id, network))
                }
                _ => None,
            }
        })
    }

    /// The VLAN of an interface: its own word, or that of the first port that says where frames without a tag go, as
    /// seen from the interface through cables and switches that say nothing.
    fn vlan_of(&self, owner: ThingId, interface: &str) -> Option<VlanIdOf> {
        let derived = &self.lab.derived;
        let attachment = derived.attachment(owner, interface)?;
        if attachment.vlan.is_some() {
            return attachment.vlan;
        }
        let mut seen: BTreeSet<PortId> = BTreeSet::new();
        let mut next: Vec<PortId> = attachment.ports.clone();
        while let Some(port) = next.pop() {
            let Some(peer) = derived.peer(port).filter(|peer| seen.insert(*peer)) else { continue };
            if let Some(vlans) = derived.vlans_of(peer) {
                if vlans.untagged.is_some() {
                    return vlans.untagged;
                }
                continue;
            }
            let others = derived.device(derived.port(peer).device).ports.iter();
            next.extend(others.rev().filter(|other| seen.insert(**other)));
        }
        None
    }

    /// The lowest address that nobody has, in a range for DHCP where the prefix has one.
    fn lowest_free(&self, prefix: PrefixId, network: Ipv4Net) -> Option<Ipv4Addr> {
        let pools: Vec<_> =
            self.lab.derived.prefix(prefix).ranges.iter().filter(|range| range.is_dhcp()).collect();
        let within = |address: Ipv4Addr| {
            pools.is_empty() || pools.iter().any(|pool| pool.range.contains(IpAddr::V4(address)))
        };
        let lowest = u32::from(network.network()) + FIRST.min(1 << (30 - network.prefix_len()));
        let highest = u32::from(network.broadcast()) - 1;
        let mut inside = (lowest..=highest).take(TRIES).map(Ipv4Addr::from);
        inside.find(|address| within(*address) && !self.is_taken(*address))
    }

    /// Takes the lowest free address of a prefix, as `said` for `place`.
    pub(super) fn take_free(
        &mut self,
        prefix: PrefixId,
        network: Ipv4Net,
        place: &str,
        said: &'static str,
    ) -> Option<Ipv4Addr> {
        let address = self.lowest_free(prefix, network)?;
        self.chosen.push(Chosen { place: place.to_owned(), address, said });
        Some(address)
    }

    pub(super) fn is_taken(&self, address: Ipv4Addr) -> bool {
        let lab = self.lab.derived.assignments.iter().any(|own| own.address == IpAddr::V4(address));
        let service = self.networks.iter().filter_map(|(_, network)| network.service);
        lab || service.map(|net| net.addr()).any(|own| own == address)
            || self.chosen.iter().any(|chosen| chosen.address == address)
    }

    /// What was chosen, in words.
    pub(super) fn chosen_words(&self) -> Vec<String> {
        let of = |said: &str| {
            let all = self.chosen.iter().filter(|chosen| chosen.said == said);
            all.map(|chosen| format!("{} has {}", chosen.place, chosen.address))
                .collect::<Vec<_>>()
                .join(", ")
        };
        let words =
            |(said, why): (&str, &str)| Some(format!("{}: {why}", of(said))).filter(|_| !of(said).is_empty());
        [("unknown", "the lab does not say which address"), ("by DHCP", "the lab's DHCP server would choose")]
            .into_iter()
            .filter_map(words)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::projected_from;

    const LAB: &str = "
lab: { name: Home Lab }
vlans: { lan: { id: 1 }, guests: { id: 2 } }
prefixes:
  10.0.20.0/24: { vlan: lan, ranges: { 10.0.20.100..120: { use: dhcp } } }
  10.0.30.0/24: { vlan: guests }
devices:
  router: { role: router, interfaces: { p1: 1000base-t } }
  switch: { role: switch, interfaces: { p1..4: 1000base-t } }
  box-1..3: { memory: 8 GiB, interfaces: { eth0: 1000base-t } }
cables: { lan: { between: { 'router:p1': 'switch:p1', 'switch:p2..3': 'box-1..2:eth0' } } }
ports: { router: { p1: { untagged: lan, tagged: guests } } }
hosts:
  node-1: { on: box-1, addresses: { eth0: unknown } }
  node-2: { on: box-2, addresses: { eth0: dhcp } }
  node-3: { on: box-3, addresses: { eth0: unknown } }
  fixed: { on: box-3, addresses: { eth0: 10.0.20.100/24 } }
";

    #[test]
    fn an_open_address_is_chosen_from_the_pool_of_the_network_at_the_other_end() {
        let projection = projected_from(LAB, &[]);
        let addresses: Vec<String> = projection
            .plan
            .machines
            .iter()
            .map(|machine| format!("{} {}", machine.name, machine.interfaces[0].addresses[0]))
            .collect();
        assert_eq!(addresses, ["node-1 10.0.20.101/24", "node-2 10.0.20.102/24", "fixed 10.0.20.100/24"]);
        assert_eq!(projection.left_out[0].0, "node-3", "no cable says where it is");
        let stand_ins = projection.plan.stand_ins.join("\n");
        assert!(stand_ins.contains("node-1:eth0 has 10.0.20.101: the lab does not say"), "{stand_ins}");
        assert!(stand_ins.contains("node-2:eth0 has 10.0.20.102: the lab's DHCP"), "{stand_ins}");
    }
}
