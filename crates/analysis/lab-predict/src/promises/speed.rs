//! "Between them it is so fast": the slowest piece of the fastest way between the machines that a thing is on.
//!
//! Cables and ports count, one stream at a time: an aggregate is as fast as one of its members. What processors and drives can do is
//! not known here.

use super::{Aspect, Witness};
use crate::forecast::{Forecast, words};
use lab_model::derived::{PortClass, PortId};
use lab_model::grammar::{BitRate, Grammar, Prefix};
use lab_model::lab::{ClusterId, DatasetId, DeviceId, Kind, PoolId, ServiceId};
use lab_model::written::{Claim, ClusterKind, DeviceRole};
use lab_model::{Lab, ThingId};
use std::collections::{BTreeMap, BTreeSet};

/// Compares the speed with the ways of each thing in `of`.
pub(super) fn judge(forecast: &Forecast<'_>, claim: &Claim) -> Vec<Aspect> {
    let Some(speed) = &claim.speed else { return Vec::new() };
    let lab = forecast.lab;
    let net = Net::of(lab);
    let of_thing = |thing: ThingId| {
        let over = ClusterId::try_from(thing).ok().and_then(|cluster| network_of(lab, cluster));
        let over = over.map_or_else(String::new, |over| format!(", over {over}"));
        let said = format!("{} is reached at {} at least{over}", lab.name(thing), speed.value);
        judge_ends(lab, &net, said, &ends(lab, thing), speed.value)
    };
    claim.of.ids().map(of_thing).collect()
}

/// A machine's name with the ports that its traffic leaves by.
type End = (String, BTreeSet<PortId>);

/// The machines that a thing is on, each with its ports.
fn ends(lab: &Lab, thing: ThingId) -> Vec<End> {
    let machines: Vec<ThingId> = match thing.kind {
        Kind::Cluster => {
            let cluster = &lab.clusters[ClusterId(thing.index)];
            let net = network_of(lab, ClusterId(thing.index));
            let all: BTreeSet<ThingId> = cluster.members.ids().chain(cluster.workers.ids()).collect();
            return all
                .into_iter()
                .map(|machine| (lab.name(machine).to_string(), ports_of(lab, machine, net.as_ref())))
                .collect();
        }
        Kind::Pool => {
            let pool = &lab.pools[PoolId(thing.index)];
            if let Some(cluster) = pool.cluster.as_ref().and_then(|cluster| cluster.id) {
                return ends(lab, cluster.into());
            }
            pool.on.iter().filter_map(|on| on.id).collect()
        }
        Kind::Dataset => {
            let pool = lab.datasets[DatasetId(thing.index)].pool.as_ref().and_then(|pool| pool.id);
            return pool.map_or_else(Vec::new, |pool| ends(lab, pool.into()));
        }
        Kind::Service => lab.places_of(ServiceId(thing.index)),
        _ => vec![thing],
    };
    machines
        .into_iter()
        .map(|machine| (lab.name(machine).to_string(), ports_of(lab, machine, None)))
        .collect()
}

/// The network that members speak over: what the lab says; for Kubernetes that in which its API is, since a node's address is the one of its default
/// route and not that of a network for storage.
fn network_of(lab: &Lab, cluster: ClusterId) -> Option<Prefix> {
    let record = &lab.clusters[cluster];
    if let Some(network) = &record.network {
        return Some(network.value);
    }
    let is_kubernetes = record.kind.as_ref().is_some_and(|kind| kind.value == ClusterKind::Kubernetes);
    let api = record.api.as_ref().filter(|_| is_kubernetes)?.value.0;
    let mut plans = lab.prefixes.iter().filter_map(|(_, plan)| Prefix::parse(&plan.name.text).ok());
    let net = plans.find(|prefix| prefix.network().contains(&api))?;
    let is_in = |machine: ThingId| {
        lab.derived.addresses_of(machine).any(|assignment| net.network().contains(&assignment.address))
    };
    record.members.ids().all(is_in).then_some(net)
}

/// The ports under a machine's interfaces with an address within `net`, or under all that have an address or are cabled.
fn ports_of(lab: &Lab, machine: ThingId, net: Option<&Prefix>) -> BTreeSet<PortId> {
    let owner = |name: &std::sync::Arc<str>| lab.derived.attachment(machine, name);
    let is_in = |name: &str| {
        let all = lab.derived.addresses_of(machine);
        net.is_none_or(|net| {
            let mut all = all.filter(|assignment| net.network().contains(&assignment.address));
            all.any(|assignment| *assignment.interface == *name)
        })
    };
    let names = lab.derived.attachments.get(&machine).into_iter().flat_map(|found| found.keys());
    let found: BTreeSet<PortId> =
        names.filter(|name| is_in(name)).filter_map(owner).flat_map(|found| found.ports.clone()).collect();
    if !found.is_empty() {
        return found;
    }
    let device = match machine.kind {
        Kind::Device => Some(DeviceId(machine.index)),
        Kind::Vm => None,
        _ => lab.derived.machine(machine).and_then(|facts| facts.devices.first().copied()),
    };
    let ports = device.into_iter().flat_map(|device| lab.derived.device(device).ports.clone());
    let is_data = |port: &PortId| {
        let facts = lab.derived.port(*port);
        facts.class == PortClass::Network && !facts.management && !lab.derived.links_of(*port).is_empty()
    };
    ports.filter(is_data).collect()
}

/// Cabled ports with the speed of each way; None when one end does not say.
struct Net<'a> {
    lab: &'a Lab,
    ways: BTreeMap<PortId, Vec<(PortId, Option<BitRate>)>>,
}

impl<'a> Net<'a> {
    fn of(lab: &'a Lab) -> Self {
        let set: BTreeMap<PortId, BitRate> = lab
            .ports
            .iter()
            .flat_map(|(device, modes)| {
                let device = lab.devices.find(&device.text);
                modes.iter().filter_map(move |(name, mode)| {
                    Some((lab.derived.find_port(device?, &name.text)?, mode.speed.as_ref()?.value))
                })
            })
            .collect();
        let own = |id: PortId| {
            let port = lab.derived.port(id);
            set.get(&id).copied().or(port.set_speed.as_ref().map(|speed| speed.value)).or(port.ty.speed)
        };
        let mut ways: BTreeMap<PortId, Vec<(PortId, Option<BitRate>)>> = BTreeMap::new();
        for way in &lab.derived.ways {
            let made_for = way.cables.iter().filter_map(|cable| {
                lab.cables[lab.derived.cable(*cable).group].speed.as_ref().map(|speed| speed.value)
            });
            let made_for = made_for.min();
            let speed = match (own(way.one), own(way.other)) {
                (Some(one), Some(other)) => Some(one.min(other)),
                (one, other) => made_for.map(|made| one.or(other).map_or(made, |end| made.min(end))),
            };
            ways.entry(way.one).or_default().push((way.other, speed));
            ways.entry(way.other).or_default().push((way.one, speed));
        }
        Self { lab, ways }
    }

    /// Devices reached from `from` over ways that `passes` lets through; switches and the like lead on.
    fn reached(&self, from: &BTreeSet<PortId>, passes: &dyn Fn(Option<BitRate>) -> bool) -> BTreeSet<PortId> {
        let mut seen: BTreeSet<PortId> = BTreeSet::new();
        let mut next: Vec<PortId> = from.iter().copied().collect();
        while let Some(port) = next.pop() {
            for (far, speed) in self.ways.get(&port).into_iter().flatten() {
                if passes(*speed) && seen.insert(*far) && self.leads_on(*far) {
                    let device = self.lab.derived.port(*far).device;
                    next.extend(&self.lab.derived.device(device).ports);
                }
            }
        }
        seen
    }

    fn leads_on(&self, port: PortId) -> bool {
        let role = self.lab.derived.device(self.lab.derived.port(port).device).role;
        matches!(
            role,
            Some(DeviceRole::Switch | DeviceRole::Router | DeviceRole::AccessPoint | DeviceRole::Modem)
        )
    }
}

fn judge_ends(lab: &Lab, net: &Net<'_>, said: String, ends: &[End], wanted: BitRate) -> Aspect {
    let surely = |speed: Option<BitRate>| speed.is_some_and(|speed| speed >= wanted);
    let perhaps = |speed: Option<BitRate>| speed.is_none_or(|speed| speed >= wanted);
    let bare: Vec<&str> =
        ends.iter().filter(|(_, ports)| ports.is_empty()).map(|(name, _)| &**name).collect();
    if ends.is_empty() || !bare.is_empty() {
        let who = if bare.is_empty() { "any machine of it".to_owned() } else { words::names(bare) };
        return Aspect::not_judged(said, format!("Nobody says by which ports {who} is reached."));
    }
    let facts = || slowest(lab, net, ends);
    let (mut slow, mut open): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
    let pairs =
        ends.iter().enumerate().flat_map(|(at, one)| ends[at + 1..].iter().map(move |other| (one, other)));
    let mut judge = |name: String, sure: bool, maybe: bool| match (sure, maybe) {
        (true, _) => {}
        (false, true) => open.push(name),
        (false, false) => slow.push(name),
    };
    if let [(name, ports)] = ends {
        let any = |passes: &dyn Fn(Option<BitRate>) -> bool| !net.reached(ports, passes).is_empty();
        judge(name.clone(), any(&surely), any(&perhaps));
    }
    for ((one, from), (other, to)) in pairs {
        // Two virtual machines behind the same ports speak inside the host.
        let meets = |passes: &dyn Fn(Option<BitRate>) -> bool| {
            from == to || !net.reached(from, passes).is_disjoint(to)
        };
        judge(format!("{one} to {other}"), meets(&surely), meets(&perhaps));
    }
    if !slow.is_empty() {
        let ends = first_below(lab, net, ends, wanted);
        let ends = if ends.is_empty() { ends } else { format!(" The first cable of {ends}.") };
        let why = format!(
            "No way of cables is as fast for {}.{ends}",
            words::names(slow.iter().map(String::as_str))
        );
        return Aspect::refuted(said, why).with(facts());
    }
    if !open.is_empty() {
        let why = format!(
            "Nobody says how fast every port on the way is, for {}.",
            words::names(open.iter().map(String::as_str))
        );
        return Aspect::not_judged(said, why).with(facts());
    }
    let why = "Every cable and port on some way is as fast; processors, drives and what else uses the way are another matter.";
    Aspect::proved(said, why).with(facts())
}

/// Ports of the machines whose cable is slower than wanted, with how fast it is.
fn first_below(lab: &Lab, net: &Net<'_>, ends: &[End], wanted: BitRate) -> String {
    let ports: BTreeSet<PortId> = ends.iter().flat_map(|(_, ports)| ports.iter().copied()).collect();
    let below = ports.into_iter().filter_map(|port| {
        let speed =
            net.ways.get(&port)?.iter().find_map(|(_, speed)| *speed).filter(|speed| *speed < wanted)?;
        let facts = lab.derived.port(port);
        Some(format!("{}:{} runs at {speed}", lab.devices[facts.device].name, facts.name))
    });
    let below: Vec<String> = below.collect();
    words::names(below.iter().map(String::as_str))
}

/// The first cables of each machine with their speed.
fn slowest(lab: &Lab, net: &Net<'_>, ends: &[End]) -> Vec<Witness> {
    let ports: BTreeSet<PortId> = ends.iter().flat_map(|(_, ports)| ports.iter().copied()).collect();
    let fact = |port: PortId| {
        let facts = lab.derived.port(port);
        let ways = net.ways.get(&port)?;
        let speed = ways.iter().find_map(|(_, speed)| *speed);
        let speed = speed.map_or_else(|| "speed not said".to_owned(), |speed| speed.to_string());
        let name = format!("{}:{}: {speed}", lab.devices[facts.device].name, facts.name);
        Some(Witness::new(name, Some(facts.span)))
    };
    ports.into_iter().filter_map(fact).collect()
}

#[cfg(test)]
mod tests {
    use super::super::tests::verdicts;

    #[test]
    fn the_slowest_piece_of_the_fastest_way_counts() {
        let lab = |second: &str| {
            format!(
                "
devices:
  a: {{ role: server, interfaces: {{ e0: {{ speed: 10 Gb/s }} }} }}
  b: {{ role: server, interfaces: {{ e0: {second} }} }}
  sw: {{ role: switch, interfaces: {{ 'p1..4': {{ speed: 10 Gb/s }} }} }}
hosts:
  ha: {{ on: a, addresses: {{ e0: 10.0.0.1/24 }} }}
  hb: {{ on: b, addresses: {{ e0: 10.0.0.2/24 }} }}
cables: {{ c: {{ kind: cat6a, between: {{ 'sw:p1': 'a:e0', 'sw:p2': 'b:e0' }} }} }}
clusters: {{ k: {{ kind: kubernetes, members: [ha, hb] }} }}
promises: {{ it: {{ says: it, claim: {{ speed: 5 Gb/s, of: cluster/k }} }} }}
"
            )
        };
        assert_eq!(verdicts(&lab("{ speed: 10 Gb/s }")), ["proved"]);
        assert_eq!(verdicts(&lab("{ speed: 1 Gb/s }")), ["REFUTED"]);
        assert_eq!(verdicts(&lab("{}")), ["not judged"]);
    }
}
