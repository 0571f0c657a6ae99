//! Private VLANs (RFC 5517) over all switches together. A port is isolated, in a community, or neither; who sends from an isolated port or
//! one of a community is told by the address of its card, since a bridge of the kernel cannot hand a frame on in a secondary VLAN.

use super::{At, Build};
use crate::projection::derived_mac;
use crate::wired::NodeFile;
use lab_model::lab::VlanIdOf;
use lab_netboot::Mac;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

const FILE: &str = "etc/labwright-private.nft";

/// A secondary VLAN: that of the isolated ports, or of a community.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Secondary {
    pub(super) vlan: VlanIdOf,
    /// The community; none: isolated.
    pub(super) community: Option<String>,
}

impl Secondary {
    /// Whether a port here must not be told what comes from there.
    fn is_kept_from(&self, from: &Secondary) -> bool {
        self.vlan == from.vlan && (self.community.is_none() || self.community != from.community)
    }
}

impl Build<'_> {
    /// The secondary VLAN of a port that the lab describes, in a VLAN that passes there.
    pub(super) fn secondary(&self, end: &super::ends::End, vlan: Option<VlanIdOf>) -> Option<Secondary> {
        let vlan = vlan.filter(|vlan| self.lab.vlans[*vlan].private.is_some())?;
        let community = self.lab.derived.vlans_of(end.port).and_then(|written| written.community.as_deref());
        (end.is_isolated || community.is_some())
            .then(|| Secondary { vlan, community: community.map(str::to_owned) })
    }

    /// Where the box itself plugs somebody in: isolated, where the VLAN has isolated ports.
    pub(super) fn isolated_in(&self, vlan: Option<VlanIdOf>) -> Option<Secondary> {
        let vlan = vlan.filter(|vlan| self.lab.vlans[*vlan].private.is_some())?;
        Some(Secondary { vlan, community: None })
    }

    /// Gives switches the rules that keep secondary VLANs apart, also when their ports are on different switches.
    pub(super) fn keep_apart(&mut self) {
        let ports: Vec<(At, Secondary)> = std::mem::take(&mut self.secondaries);
        let mut senders: BTreeMap<Secondary, BTreeSet<Mac>> = BTreeMap::new();
        for (at, secondary) in &ports {
            let mac = self.sender(At { side: 1 - at.side, ..*at });
            senders.entry(secondary.clone()).or_default().extend(mac);
        }
        let mut rules: BTreeMap<usize, String> = BTreeMap::new();
        for (at, own) in &ports {
            let kept = senders.iter().filter(|(from, _)| own.is_kept_from(from));
            let macs: Vec<String> = kept.flat_map(|(_, macs)| macs).map(Mac::to_string).collect();
            if macs.is_empty() {
                continue;
            }
            let node = self.plan.cables[at.cable].ends[at.side].node;
            writeln!(
                rules.entry(node).or_default(),
                "    oifname \"{}\" ether saddr {{ {} }} drop",
                self.end(*at).device,
                macs.join(", ")
            )
            .expect("a string takes all");
        }
        if !rules.is_empty() {
            self.plan.stand_ins.push(
                "private VLANs: told by the sender's card address, in place of secondary VLANs between switches"
                    .to_owned(),
            );
        }
        for (node, rules) in rules {
            let text = format!(
                "table bridge private {{\n  chain forward {{\n    type filter hook forward priority 0;\n{rules}  }}\n}}\n"
            );
            let own = &mut self.plan.nodes[node];
            own.files.insert(FILE.to_owned(), NodeFile { text, executable: false });
            let script = format!("nft -f /{FILE}\n");
            own.programs.insert(0, super::programs::program("private-vlans", &script, &[]));
        }
    }

    /// The card address of the station at an end, fixed from now on; none where another bridge is.
    fn sender(&mut self, at: At) -> Option<Mac> {
        let node = self.plan.cables[at.cable].ends[at.side].node;
        let name = format!("{}:{}", self.plan.nodes[node].name, self.end(at).device);
        let end = self.end_mut(at);
        if end.bridge.is_some() {
            return None;
        }
        Some(*end.mac.get_or_insert_with(|| derived_mac(&name)))
    }
}

#[cfg(test)]
mod tests {
    use crate::projection::tests::lab_from;

    const LAB: &str = "
lab: { name: lab }
vlans: { guests: { id: 20, private: { isolated: 21, communities: { games: 22 } } } }
prefixes: { 10.0.20.0/24: { vlan: guests, gateway: 10.0.20.1 } }
devices:
  switch-1..2: { role: switch, interfaces: { p1..4: 1000base-t } }
  box-1..4: { role: server, interfaces: { eth0: 1000base-t } }
cables: { lan: { kind: cat6, between: {
  'switch-1:p1': 'box-1:eth0', 'switch-1:p2': 'box-2:eth0', 'switch-2:p1': 'box-3:eth0', 'switch-2:p2': 'box-4:eth0', 'switch-1:p4': 'switch-2:p4' } } }
ports:
  switch-1..2:
    p1: { access: guests, private: isolated }
    p2: { access: guests, community: games }
    p4: { tagged: guests, private: trunk }
hosts: { node-1..4: { on: 'box-1..4', addresses: { eth0: 10.0.20.11..14/24 } } }
";

    #[test]
    fn ports_of_two_switches_are_kept_apart_by_who_sends() {
        let (plan, _) = super::super::project_wired(&lab_from(LAB));
        let mac = |host: &str| {
            let node = plan.find(&format!("host/{host}")).unwrap();
            plan.ends_of(node).find_map(|(_, _, end)| end.mac).unwrap().to_string()
        };
        let rules = |switch: &str, port: &str| {
            let text = &plan.nodes[plan.find(switch).unwrap()].files[super::FILE].text;
            let wanted = format!("oifname \"{port}\"");
            text.lines().find(|line| line.contains(&wanted)).unwrap_or_default().to_owned()
        };
        for switch in ["switch-1", "switch-2"] {
            let isolated = rules(switch, "p1");
            assert!(
                ["node-1", "node-2", "node-3", "node-4"].iter().all(|host| isolated.contains(&mac(host))),
                "{isolated}"
            );
            let community = rules(switch, "p2");
            assert!(community.contains(&mac("node-1")) && community.contains(&mac("node-3")), "{community}");
            assert!(
                !community.contains(&mac("node-2")) && !community.contains(&mac("node-4")),
                "{community}"
            );
            assert_eq!(rules(switch, "p4"), "", "a trunk carries all");
        }
    }
}
