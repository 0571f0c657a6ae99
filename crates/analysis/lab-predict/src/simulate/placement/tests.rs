//! Placements: by hand where the arithmetic is shown, and against every assignment there is on random small labs.

use super::super::tests::{cluster, edge, host, segment, service, vertex, vm};
use super::*;
use crate::works::{Holder, Placement, VertexKind, Works};

const GIB: u64 = 1 << 30;

/// Hosts with so many GiB, all on one segment, in a cluster with quorum 2 of 3.
fn hosts(gib: &[u64]) -> (Works, Vec<MachineId>, crate::works::ClusterId) {
    let mut works = Works::default();
    let lan = segment(&mut works, "lan");
    let hosts: Vec<MachineId> = (0..gib.len()).map(|at| host(&mut works, &format!("node-{at}")).0).collect();
    let ends: Vec<_> = hosts
        .iter()
        .map(|&host| vertex(&mut works, Holder::Machine(host), lan, VertexKind::Forwards))
        .collect();
    for (at, &host) in hosts.iter().enumerate() {
        works.machines[host.index()].memory = Some(gib[at] * GIB);
        (0..at).for_each(|other| {
            edge(&mut works, ends[at], ends[other], vec![]);
        });
    }
    let by = cluster(&mut works, "k8s", &hosts, gib.len() as u32 / 2 + 1);
    (works, hosts, by)
}

fn add(
    works: &mut Works,
    label: &str,
    on: &[MachineId],
    by: crate::works::ClusterId,
    memory: u64,
    replicas: u32,
) -> ServiceId {
    let id = service(
        works,
        label,
        Placement::Movable { on: on.to_vec(), by: Some(by), replicas, spread: replicas > 1 },
    );
    works.services[id.index()].memory = Some(memory * GIB);
    id
}

/// Three nodes of 10 GiB and four services of 6, 5, 5, 4 GiB. All three: they fit. With one gone: 20 of 20 GiB, as 6 + 4 and 5 + 5.
/// With 5.. made 6, 6, 5, 4: 21 of 20, and no two of them but 6 + 4 and 5 fit, so that one is left out: 6 with 10 - 10 and 10 - 5 free is 1 GiB short.
#[test]
fn an_exact_fit_is_found_and_one_too_many_is_proved() {
    let (mut works, nodes, by) = hosts(&[10, 10, 10]);
    let services: Vec<ServiceId> =
        [4, 5, 5, 6].into_iter().map(|gib| add(&mut works, "app", &nodes, by, gib, 1)).collect();
    assert!(fit_without_hosts(&Simulator::new(&works)).iter().all(|(gone, _)| gone.len() == 2));
    works.services[services[1].index()].memory = Some(6 * GIB);
    let simulator = Simulator::new(&works);
    let fit = fit(&simulator.play_without(&[], &nodes[..1]));
    assert_eq!(fit.assigned.len(), 3);
    assert_eq!((fit.wanted, fit.room, &fit.among[..]), (21 * GIB, 20 * GIB, &nodes[1..]));
    let [left] = &fit.left_out[..] else { panic!("one is left out") };
    let shortest = left.refusals.iter().filter_map(|(_, refusal)| match refusal {
        Refusal::Short(bytes) => Some(*bytes),
        _ => None,
    });
    let free = 20 * GIB - (21 * GIB - left.needs);
    assert!(shortest.clone().count() == 2 && shortest.min().unwrap() >= left.needs.saturating_sub(free));
    assert!(!fit.gave_up);
}

/// Two replicas apart on two nodes, with a third service that stays apart from them: with one of three nodes gone it has none left, whatever the memory.
#[test]
fn rules_are_named() {
    let (mut works, nodes, by) = hosts(&[10, 10, 10]);
    let dns = add(&mut works, "dns", &nodes, by, 1, 2);
    let other = add(&mut works, "other", &nodes, by, 1, 1);
    works.services[other.index()].apart_from = vec![dns];
    let simulator = Simulator::new(&works);
    assert!(fit(&simulator.play(&[])).left_out.is_empty());
    let fit = fit(&simulator.play_without(&[], &nodes[2..]));
    assert_eq!(fit.left_out.len(), 1);
    let rules: Vec<Refusal> = fit.left_out[0].refusals.iter().map(|(_, refusal)| *refusal).collect();
    match fit.left_out[0].item {
        Item::Instance(id, _) if id == other => {
            assert_eq!(rules, [Refusal::Apart(dns), Refusal::Apart(dns)])
        }
        _ => assert!(rules.contains(&Refusal::Apart(other)) || rules.contains(&Refusal::Spread), "{rules:?}"),
    }
}

/// A virtual machine of 6 GiB that moves, and an instance of 6 GiB, on hosts of 10 and 8 GiB of which the host's own system takes 3: one each, and neither both.
#[test]
fn virtual_machines_and_instances_share_hosts() {
    let (mut works, nodes, by) = hosts(&[10, 9]);
    nodes.iter().for_each(|node| works.machines[node.index()].own_memory = 3 * GIB);
    let guest = vm(&mut works, "guest", nodes.clone(), Some(by));
    works.machines[guest.index()].memory = Some(6 * GIB);
    let app = add(&mut works, "app", &nodes, by, 6, 1);
    let simulator = Simulator::new(&works);
    let fit = fit(&simulator.play(&[]));
    assert!(fit.left_out.is_empty());
    let places: std::collections::BTreeSet<MachineId> =
        fit.assigned.iter().map(|(_, machine)| *machine).collect();
    assert_eq!(places.len(), 2);
    assert_eq!(
        fit.assigned.iter().map(|(item, _)| *item).collect::<Vec<_>>(),
        [Item::Vm(guest), Item::Instance(app, 0)]
    );
}

/// Against every assignment there is, on random small labs.
#[test]
fn as_few_as_possible_are_left_out() {
    let mut seed = 7_u64;
    let mut random = |below: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % below
    };
    for round in 0..60 {
        let (mut works, nodes, by) = hosts(&[4 + random(6), 4 + random(6), 4 + random(6)]);
        let services: Vec<ServiceId> = (0..4)
            .map(|_| {
                let on: Vec<MachineId> = nodes.iter().copied().filter(|_| random(4) > 0).collect();
                let replicas = 1 + random(2) as u32;
                let memory = 1 + random(5);
                add(&mut works, "app", &on, by, memory, replicas)
            })
            .collect();
        works.services[services[0].index()].apart_from = vec![services[1]];
        let simulator = Simulator::new(&works);
        let found = fit(&simulator.play(&[]));
        assert_eq!(found.left_out.len(), fewest_left_out(&works, &nodes), "round {round}");
        assert_eq!(
            found.left_out.len() + found.assigned.len(),
            works.services.iter().map(replicas).sum::<u32>() as usize
        );
    }
}

fn replicas(service: &crate::works::Service) -> u32 {
    match service.placement {
        Placement::Movable { replicas, .. } => replicas,
        Placement::Fixed(_) => 0,
    }
}

/// Tries every assignment of every instance to a node or to none.
fn fewest_left_out(works: &Works, nodes: &[MachineId]) -> usize {
    let instances: Vec<ServiceId> = (0..works.services.len() as u32)
        .flat_map(|id| vec![ServiceId(id); replicas(&works.services[id as usize]) as usize])
        .collect();
    let choices = nodes.len() + 1;
    (0..choices.pow(instances.len() as u32))
        .filter_map(|mut code| {
            let at: Vec<Option<MachineId>> = instances
                .iter()
                .map(|_| {
                    let choice = code % choices;
                    code /= choices;
                    nodes.get(choice).copied()
                })
                .collect();
            is_allowed(works, &instances, &at, nodes)
                .then(|| at.iter().filter(|place| place.is_none()).count())
        })
        .min()
        .unwrap()
}

fn is_allowed(works: &Works, instances: &[ServiceId], at: &[Option<MachineId>], nodes: &[MachineId]) -> bool {
    let load = |node: MachineId| -> u64 {
        instances
            .iter()
            .zip(at)
            .filter(|(_, place)| **place == Some(node))
            .map(|(id, _)| works[*id].memory.unwrap())
            .sum()
    };
    let can = |id: &ServiceId, node: MachineId| matches!(&works[*id].placement, Placement::Movable { on, .. } if on.contains(&node));
    let pairs_stand = (0..at.len()).all(|a| {
        (0..a).all(|b| {
            let apart = instances[a] == instances[b]
                || works[instances[a]].apart_from.contains(&instances[b])
                || works[instances[b]].apart_from.contains(&instances[a]);
            at[a].is_none() || at[a] != at[b] || !apart
        })
    });
    pairs_stand
        && instances.iter().zip(at).all(|(id, place)| place.is_none_or(|node| can(id, node)))
        && nodes.iter().all(|&node| load(node) <= works[node].memory.unwrap())
}
