//! Circuits from numbers: random ones of any shape, and large ones in the shape of fault trees and of labs.

use lab_predict::circuit::{BasicEvent, Circuit, CircuitBuilder, NodeId};

/// Reproducible numbers (xorshift64*).
#[derive(Clone, Debug)]
pub(crate) struct Numbers(u64);

impl Numbers {
    /// The same seed gives the same numbers.
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// A number below a bound.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) as usize % bound
    }
}

/// A small circuit of any shape, from the recipe of each gate: its kind, its threshold, and inputs counted back from it.
pub(crate) fn from_recipes(n_events: usize, recipes: &[(u8, usize, Vec<usize>)]) -> Circuit {
    let mut builder = CircuitBuilder::new();
    let mut nodes: Vec<NodeId> = (0..n_events)
        .map(|event| {
            builder.event(BasicEvent::new(format!("e{event}")).probability(0.02 + 0.03 * event as f64))
        })
        .collect();
    for (kind, k, inputs) in recipes {
        let inputs: Vec<NodeId> =
            inputs.iter().map(|back| nodes[nodes.len() - 1 - back % nodes.len()]).collect();
        let node = match kind % 5 {
            0 | 1 => builder.or(inputs),
            2 | 3 => builder.and(inputs),
            _ => {
                let k = 1 + k % inputs.len().max(1);
                builder.at_least(k, inputs)
            }
        };
        nodes.push(node);
    }
    for (place, node) in nodes.iter().rev().take(3).enumerate() {
        builder.top(format!("top{place}"), *node);
    }
    builder.finish()
}

/// A fault tree with gates in layers that share what is below, as those of plants do: most gates OR, some AND, a few k of n.
pub(crate) fn fault_tree(n_events: usize, seed: u64) -> Circuit {
    let mut numbers = Numbers::new(seed);
    let mut builder = CircuitBuilder::new();
    let event =
        |event: usize| BasicEvent::new(format!("e{event}")).probability(0.001 + 0.0005 * (event % 37) as f64);
    let mut layer: Vec<NodeId> = (0..n_events).map(|place| builder.event(event(place))).collect();
    let leaves = layer.clone();
    let mut level = 0;
    while layer.len() > 1 {
        let mut above = Vec::new();
        let mut rest = layer.as_slice();
        while !rest.is_empty() {
            let (own, later) = rest.split_at((2 + numbers.below(4)).min(rest.len()));
            rest = later;
            let mut inputs = own.to_vec();
            // Shared parts: another gate of the same layer, or an event from anywhere. Fewer in large trees, or SCRAM takes minutes.
            if numbers.below(3 + n_events / 60) == 0 {
                inputs.push(layer[numbers.below(layer.len())]);
            }
            if numbers.below(4 + n_events / 60) == 0 {
                inputs.push(leaves[numbers.below(leaves.len())]);
            }
            let kind = numbers.below(10);
            above.push(match (level % 2, kind) {
                (_, 0) if inputs.len() > 2 => builder.at_least(2, inputs),
                (0, _) | (_, 1..=3) => builder.or(inputs),
                _ => builder.and(inputs),
            });
        }
        layer = above;
        level += 1;
    }
    builder.top("top", layer[0]);
    builder.finish()
}

/// The failure logic of a lab with dual feeds, racks with two switches each, hosts with two supplies and raidz2 pools, services with two or
/// three replicas that need a name server pair and a pool.
pub(crate) fn lab(n_components: usize, n_services: usize) -> Circuit {
    let mut numbers = Numbers::new(7);
    let mut builder = CircuitBuilder::new();
    let n_racks = n_components / 200;
    let part =
        |builder: &mut CircuitBuilder, name: String| builder.event(BasicEvent::new(name).probability(1e-4));
    let feeds = ["a", "b"].map(|feed| {
        let parts = ["breaker", "ups", "cord"].map(|kind| part(&mut builder, format!("{kind}-{feed}")));
        builder.or(parts)
    });
    let cores = ["core1", "core2"].map(|name| {
        let box_ = part(&mut builder, name.to_owned());
        let power = builder.and(feeds);
        builder.or([box_, power])
    });
    let mut hosts = Vec::new();
    let mut pools = Vec::new();
    for rack in 0..n_racks {
        let pdus = [0, 1].map(|side| {
            let pdu = part(&mut builder, format!("r{rack}-pdu{side}"));
            builder.or([pdu, feeds[side]])
        });
        let switches = [0, 1].map(|side| {
            let uplinks = cores.map(|core| {
                let cable = part(&mut builder, format!("r{rack}-sw{side}-up{}", core.index()));
                builder.or([cable, core])
            });
            let uplink = builder.and(uplinks);
            let switch = part(&mut builder, format!("r{rack}-sw{side}"));
            builder.or([switch, uplink, pdus[side]])
        });
        for host in 0..14 {
            let name = format!("r{rack}-h{host}");
            let legs = |builder: &mut CircuitBuilder, kinds: [&str; 2], from: [NodeId; 2]| {
                let legs = [0, 1].map(|side| {
                    let parts = kinds.map(|kind| {
                        builder.event(BasicEvent::new(format!("{name}-{kind}{side}")).probability(1e-4))
                    });
                    builder.or([parts[0], parts[1], from[side]])
                });
                builder.and(legs)
            };
            let power = legs(&mut builder, ["psu", "plug"], pdus);
            let network = legs(&mut builder, ["nic", "cable"], switches);
            let board = part(&mut builder, format!("{name}-board"));
            let host = builder.or([board, power, network]);
            hosts.push(host);
            if numbers.below(7) == 0 {
                let disks: Vec<NodeId> =
                    (0..8).map(|disk| part(&mut builder, format!("{name}-disk{disk}"))).collect();
                let vdev = builder.at_least(3, disks);
                let controller = part(&mut builder, format!("{name}-hba"));
                pools.push(builder.or([vdev, controller, host]));
            }
        }
    }
    let names = {
        let replicas = [hosts[0], hosts[hosts.len() / 2]];
        builder.and(replicas)
    };
    services(&mut builder, &mut numbers, n_services, [&hosts, &pools], names);
    builder.finish()
}

fn services(
    builder: &mut CircuitBuilder,
    numbers: &mut Numbers,
    n_services: usize,
    [hosts, pools]: [&[NodeId]; 2],
    names: NodeId,
) {
    for service in 0..n_services {
        let n_replicas = 2 + numbers.below(2);
        let mut replicas = Vec::new();
        for replica in 0..n_replicas {
            let event = BasicEvent::new(format!("s{service}-{replica}")).probability(1e-4);
            let mut parts = vec![builder.event(event), hosts[numbers.below(hosts.len())]];
            if numbers.below(3) == 0 {
                parts.push(pools[numbers.below(pools.len())]);
            }
            replicas.push(builder.or(parts));
        }
        let all = builder.and(replicas);
        let node = builder.or([all, names]);
        builder.top(format!("service{service}"), node);
    }
}
