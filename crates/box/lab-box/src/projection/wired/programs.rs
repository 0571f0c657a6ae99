//! What runs on the nodes: the files that the drivers render for routers and for the BGP speakers of clusters, addresses that move inside
//! clusters. Services are in `services.rs`.

use super::Build;
use crate::wired::{Aggregate, Choice, NodeFile, NodeKind, Program};
use ipnet::IpNet;
use lab_driver::Rendering;
use lab_model::ThingId;
use lab_model::lab::{ClusterId, VipId};
use lab_model::written::{PrefixKind, VipProtocol};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::net::IpAddr;

/// What starts when a file is there: the file, the program's name, the shell commands, its processes.
const ROUTER: [(&str, &str, &str, &[&str]); 7] = [
    (
        "etc/sysctl.d/90-labwright.conf",
        "sysctl",
        "sysctl --quiet --ignore --load=/etc/sysctl.d/90-labwright.conf || true\n",
        &[],
    ),
    ("etc/nftables.conf", "nftables", "nft -f /etc/nftables.conf\n", &[]),
    ("etc/frr/frr.conf", "frr", FRR, &["zebra", "staticd", "bfdd", "bgpd"]),
    (
        "etc/conntrackd/conntrackd.conf",
        "conntrackd",
        "mkdir -p /var/lock\nconntrackd -d -C /etc/conntrackd/conntrackd.conf\n",
        &["conntrackd"],
    ),
    (
        "etc/unbound/unbound.conf.d/labwright.conf",
        "unbound",
        "unbound -c /etc/labwright-unbound.conf\n",
        &["unbound"],
    ),
    (
        "etc/kea/kea-dhcp4.conf",
        "kea-dhcp4",
        "export KEA_LOCKFILE_DIR=/run/lock/kea KEA_PIDFILE_DIR=/run/kea\nsetsid kea-dhcp4 -c /etc/kea/kea-dhcp4.conf &\n",
        &["kea-dhcp4"],
    ),
    ("etc/keepalived/keepalived.conf", "keepalived", KEEPALIVED, &["keepalived"]),
];

/// FRR's daemons read nothing themselves: the file has words for all of them, and one stumbles over those of another.
const FRR: &str = "\
install -d -o frr -g frr -m 755 /run/frr
for daemon in zebra staticd bfdd bgpd; do
    /usr/lib/frr/$daemon -d -f /dev/null -A 127.0.0.1
done
vtysh -f /etc/frr/frr.conf
";

/// One that was killed has left its addresses behind, and does not know of them when it starts again.
const KEEPALIVED: &str = "\
rm -f /run/keepalived.pid /run/vrrp.pid
for net in $(awk '/virtual_ipaddress/ { on = 1; next } /}/ { on = 0 } on { print $1 }' /etc/keepalived/keepalived.conf); do
    for device in $(ip -o address show to \"${net%/*}\" | awk '{ print $2 }'); do
        ip address delete \"$net\" dev \"$device\"
    done
done
setsid keepalived -n -l -D -f /etc/keepalived/keepalived.conf &
";

/// The resolver of the box asks the box's own Internet, and knows no root servers and no keys of the root zone.
const UNBOUND: &str = "\
server:
  username: \"\"
  chroot: \"\"
  directory: \"/run\"
  pidfile: \"/run/unbound.pid\"
  use-syslog: no
  module-config: \"iterator\"
include: \"/etc/unbound/unbound.conf.d/labwright.conf\"
";

const LEASE: &str = "\
#!/bin/sh
# What udhcpc calls when it has an address, or has it no more.
case \"$1\" in
deconfig)
    ip link set \"$interface\" up
    [ -f \"/run/lease.$interface\" ] && ip addr del \"$(cat \"/run/lease.$interface\")\" dev \"$interface\" 2>/dev/null
    ;;
bound | renew)
    ip addr replace \"$ip/${mask:-24}\" dev \"$interface\"
    echo \"$ip/${mask:-24}\" >\"/run/lease.$interface\"
    for hop in $router; do ip route replace default via \"$hop\" dev \"$interface\" metric 200; break; done
    ;;
esac
";

impl Build<'_> {
    pub(super) fn add_programs(&mut self) {
        self.add_services();
        self.add_routers();
        self.add_speakers();
        self.add_moving_addresses();
        self.add_gates();
        self.add_aggregates();
    }

    /// Where routers share a line, the bridge at its end lets one of them in at a time, whatever the routers think.
    fn add_gates(&mut self) {
        for (_, group) in self.lab.ha.iter().filter(|(_, group)| group.shared_line.is_some()) {
            let legs: Vec<super::At> = group.members.ids().filter_map(|member| self.leg(member)).collect();
            let bridge = |at: &super::At| {
                let node = self.plan.cables[at.cable].ends[at.side].node;
                self.end(*at).bridge.clone().map(|bridge| (node, bridge))
            };
            let bridges: BTreeSet<_> = legs.iter().map(bridge).collect();
            let name = group.name.text.to_string();
            if legs.len() < 2 || bridges.len() != 1 || bridges.contains(&None) {
                self.plan
                    .not_checked
                    .push(format!("fencing of the line of {name}: its members do not meet on one bridge"));
                continue;
            }
            let (node, bridge) = bridges.into_iter().flatten().next().expect("there is one");
            for leg in legs {
                self.end_mut(leg).aggregate =
                    Some(Aggregate { name: format!("line-of-{name}"), choice: Choice::Gate });
            }
            let words = format!(
                "the line of {name}: {bridge} of {} lets one of them in at a time, whoever took its link up last",
                self.plan.nodes[node].name
            );
            self.plan.stand_ins.push(words);
        }
    }

    /// The far end of a router's first interface to the outside.
    fn leg(&self, member: ThingId) -> Option<super::At> {
        let node = *self.node_of.get(&member)?;
        let outside = lab_reach::outside_interfaces(self.lab, member);
        let bases = outside.iter().map(|name| super::Base { node, name: name.to_string(), tag: None });
        let near = bases.into_iter().find_map(|base| self.stations.get(&base)?.first().copied())?;
        Some(super::At { side: 1 - near.side, ..near })
    }

    /// What chooses between the links of aggregates, before anything that needs them.
    fn add_aggregates(&mut self) {
        let script = "setsid perl /mnt/aggregates.pl /mnt/aggregates &\nsleep 0.2\n";
        for node in 0..self.plan.nodes.len() {
            if self.plan.ends_of(node).any(|(_, _, end)| end.aggregate.is_some() && end.bridge.is_some()) {
                self.plan.nodes[node].programs.insert(0, program("aggregates", script, &["lw-aggregates"]));
            }
        }
    }

    fn add_routers(&mut self) {
        let driver = lab_drivers::find("linux-router").expect("it is one of the drivers");
        let mut played = Vec::new();
        for thing in lab_reach::routers(self.lab) {
            let Some(&node) = self.node_of.get(&thing) else { continue };
            let rendering = (driver.render)(self.lab, thing);
            self.plan.nodes[node].kind = NodeKind::Router;
            self.plan.nodes[node].forwards = true;
            played.push(self.plan.nodes[node].name.clone());
            self.take_files(node, &rendering);
            self.add_lease(node, thing);
        }
        if !played.is_empty() {
            self.plan.stand_ins.push(format!(
                "{}: Debian with nftables, FRR, keepalived, Unbound and Kea as `labwright render` writes them, whatever the lab says runs there",
                played.join(", ")
            ));
        }
    }

    fn take_files(&mut self, node: usize, rendering: &Rendering) {
        let own = &mut self.plan.nodes[node];
        for (path, file) in &rendering.files {
            own.files.insert(path.clone(), NodeFile { text: file.text.clone(), executable: file.executable });
        }
        let has_resolver = rendering.files.get("etc/unbound/unbound.conf.d/labwright.conf");
        if let Some(file) = has_resolver {
            let mut text = UNBOUND.to_owned();
            if !file.text.contains("name: \".\"") {
                text.push_str("forward-zone:\n  name: \".\"\n  forward-addr: 9.9.9.9\n");
            }
            own.files.insert("etc/labwright-unbound.conf".to_owned(), NodeFile { text, executable: false });
        }
        for (path, name, script, processes) in ROUTER {
            if rendering.files.contains_key(path) {
                own.programs.push(program(name, script, processes));
            }
        }
    }

    /// A router that asks its provider for an address: all the time, or while it leads, when the line is shared.
    fn add_lease(&mut self, node: usize, thing: ThingId) {
        let fixed: BTreeSet<&str> =
            self.plan.nodes[node].addresses.iter().map(|(device, _)| device.as_str()).collect();
        let outside: Vec<String> =
            lab_reach::outside_interfaces(self.lab, thing).iter().map(ToString::to_string).collect();
        let asks = |name: &&String| !fixed.contains(name.as_str()) || self.says_dhcp(thing, name);
        let asking: Vec<String> = outside.iter().filter(asks).cloned().collect();
        if asking.is_empty() {
            return;
        }
        let own = &mut self.plan.nodes[node];
        own.files
            .insert("etc/labwright-lease".to_owned(), NodeFile { text: LEASE.to_owned(), executable: true });
        let is_led =
            own.files.get("etc/keepalived/labwright-notify").is_some_and(|file| file.text.contains("ifup@"));
        let script = asking.iter().fold(String::new(), |mut text, name| {
            // Who shares the line begins without it; the program that follows the lead takes it up.
            let words = if is_led {
                format!("ip link set {name} down\n")
            } else {
                format!("systemctl restart ifup@{name}.service &\n")
            };
            text.push_str(&words);
            text
        });
        own.programs.insert(0, program("lease", &script, &["udhcpc"]));
    }

    fn says_dhcp(&self, thing: ThingId, interface: &str) -> bool {
        let uses = match thing.kind {
            lab_model::lab::Kind::Host => &self.lab.hosts[lab_model::lab::HostId(thing.index)].addresses,
            lab_model::lab::Kind::Vm => &self.lab.vms[lab_model::lab::VmId(thing.index)].addresses,
            lab_model::lab::Kind::Device => {
                &self.lab.devices[lab_model::lab::DeviceId(thing.index)].addresses
            }
            _ => return false,
        };
        uses.get(interface).is_some_and(|uses| {
            uses.address.iter().any(|address| matches!(address.value, lab_model::written::HostAddress::Dhcp))
        })
    }

    /// Nodes of clusters that speak BGP: BIRD in place of the cluster's own speaker, from the same record as the router's end.
    fn add_speakers(&mut self) {
        let driver = lab_drivers::find("bird").expect("it is one of the drivers");
        let mut played = Vec::new();
        for thing in (driver.subjects)(self.lab) {
            let Some(&node) = self.node_of.get(&thing) else { continue };
            let rendering = (driver.render)(self.lab, thing);
            if rendering.files.is_empty() {
                continue;
            }
            self.take_files(node, &rendering);
            let script = "bird -c /etc/bird/bird.conf -P /run/bird.pid -s /run/bird.ctl\n";
            self.plan.nodes[node].programs.push(program("bird", script, &["bird"]));
            played.push(self.plan.nodes[node].name.clone());
            for address in self.announced(thing) {
                self.plan.nodes[node].addresses.push(("lo".to_owned(), IpNet::from(address)));
            }
        }
        if !played.is_empty() {
            self.plan.stand_ins.push(format!(
                "{}: BIRD in place of the cluster's speaker; each node answers itself at the addresses that are announced",
                played.join(", ")
            ));
        }
    }

    /// Addresses of services and of the cluster itself within what a node announces for load balancers.
    fn announced(&self, thing: ThingId) -> BTreeSet<IpAddr> {
        let sessions = lab_reach::sessions(self.lab);
        let nets: Vec<IpNet> = sessions
            .iter()
            .filter_map(|s| s.seen_from(thing))
            .flat_map(|(own, _)| own.announces.clone())
            .collect();
        let is_pods = |address: IpAddr| {
            let prefix = self.lab.derived.prefix_of(address).map(|prefix| &self.lab.prefixes[prefix]);
            prefix
                .and_then(|p| p.kind.as_ref())
                .is_some_and(|kind| matches!(kind.value, PrefixKind::Pods | PrefixKind::Services))
        };
        let services = self.lab.services.iter().flat_map(|(_, service)| &service.address);
        let vips = self.lab.vips.iter().flat_map(|(_, vip)| &vip.address);
        let all = services.chain(vips).map(|address| address.value.0);
        all.filter(|address| nets.iter().any(|net| net.contains(address)) && !is_pods(*address)).collect()
    }

    /// Addresses that move between nodes of a cluster, by VRRP in place of whatever moves them.
    fn add_moving_addresses(&mut self) {
        let mut instances: BTreeMap<usize, String> = BTreeMap::new();
        let mut moved = Vec::new();
        let ids: Vec<VipId> = self.lab.vips.iter().map(|(id, _)| id).collect();
        for id in ids {
            let vip = &self.lab.vips[id];
            let protocol = vip.protocol.as_ref().map(|protocol| protocol.value);
            let by_routers = vip.members.ids().any(|member| lab_reach::is_router(self.lab, member));
            if by_routers || matches!(protocol, None | Some(VipProtocol::Bgp | VipProtocol::Manual)) {
                continue;
            }
            let of_cluster = vip.cluster.as_ref().and_then(|cluster| cluster.id);
            let members: Vec<ThingId> = match vip.members.is_empty() {
                false => vip.members.ids().collect(),
                true => of_cluster.map_or_else(Vec::new, |cluster: ClusterId| self.lab.workers_of(cluster)),
            };
            if self.add_instances(id, &members, &mut instances) {
                moved.push(vip.name.text.to_string());
            }
        }
        for (node, text) in instances {
            let head = "global_defs {\n  vrrp_garp_master_repeat 2\n}\n";
            let own = &mut self.plan.nodes[node];
            let file = NodeFile { text: format!("{head}{text}"), executable: false };
            own.files.insert("etc/keepalived/keepalived.conf".to_owned(), file);
            own.programs.push(program("keepalived", KEEPALIVED, &["keepalived"]));
        }
        if !moved.is_empty() {
            self.plan.stand_ins.push(format!(
                "{}: moved by VRRP, announced every second, in place of the cluster's own way",
                moved.join(", ")
            ));
        }
    }

    fn add_instances(&self, id: VipId, members: &[ThingId], instances: &mut BTreeMap<usize, String>) -> bool {
        let vip = &self.lab.vips[id];
        let mut rank = 0;
        for node in members.iter().filter_map(|member| self.node_of.get(member)) {
            if self.plan.nodes[*node].kind == NodeKind::Router {
                continue;
            }
            let of = |address: IpAddr| {
                let near = self.plan.nodes[*node]
                    .addresses
                    .iter()
                    .find(|(device, net)| device != "lo" && self.is_near(net, address));
                near.map(|(device, net)| (device.clone(), IpNet::new(address, net.prefix_len())))
            };
            let held: Vec<(String, IpNet)> = vip
                .address
                .iter()
                .filter_map(|address| of(address.value.0))
                .filter_map(|(d, net)| Some((d, net.ok()?)))
                .collect();
            let Some((device, _)) = held.first() else { continue };
            let number = vip
                .id
                .as_ref()
                .map_or(100 + u8::try_from(id.0 % 150).unwrap_or(0), |number| number.value.get());
            let priority = 200u32.saturating_sub(rank * 10).max(1);
            let addresses: String =
                held.iter().map(|(device, net)| format!("    {net} dev {device}\n")).collect();
            write!(
                instances.entry(*node).or_default(),
                "vrrp_instance {} {{\n  version 3\n  state BACKUP\n  nopreempt\n  interface {device}\n  virtual_router_id {number}\n  priority {priority}\n  advert_int 1\n  virtual_ipaddress {{\n{addresses}  }}\n}}\n",
                vip.name.text
            )
            .expect("a string takes all");
            rank += 1;
        }
        rank > 0
    }

    fn is_near(&self, net: &IpNet, address: IpAddr) -> bool {
        let same = self.lab.derived.prefix_of(net.addr());
        net.contains(&address) && same == self.lab.derived.prefix_of(address)
    }
}

pub(super) fn program(name: &str, script: &str, processes: &[&str]) -> Program {
    Program {
        name: name.to_owned(),
        script: script.to_owned(),
        processes: processes.iter().map(|process| (*process).to_owned()).collect(),
        is_last: name == "keepalived",
    }
}
