//! Whether what moves still fits: virtual machines on hosts, instances of services on machines, by memory and by what may not share a machine.
//!
//! An exact search. The answer is an assignment, or the best one that there is, with what it leaves out and why each machine refuses it; it
//! is proved that no assignment leaves out less, unless the search says that it gave up. That something fits does not mean that a scheduler
//! finds it: Kubernetes and Proxmox move nothing that runs in order to make room.

use super::scene::{Scene, Simulator};
use crate::works::{Holder, MachineId, MachineKind, Placement, ServiceId, Works};

/// What wants a place.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Item {
    /// A virtual machine.
    Vm(MachineId),
    /// An instance of a service, numbered from 0.
    Instance(ServiceId, u32),
}

/// Why a machine does not take what is left out, while everything else is where it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Refusal {
    /// It lacks this many bytes.
    Short(u64),
    /// Another instance of the same service is there.
    Spread,
    /// An instance of this service is there, and the two stay apart.
    Apart(ServiceId),
}

/// Something that is left out.
#[derive(Clone, PartialEq, Debug)]
pub struct LeftOut {
    /// What.
    pub item: Item,
    /// What it takes, in bytes; 0 when nobody says.
    pub needs: u64,
    /// Why not, for each machine on which it could run otherwise. Empty: no machine is left that it could run on.
    pub refusals: Vec<(MachineId, Refusal)>,
}

/// The answer.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Fit {
    /// Where things go.
    pub assigned: Vec<(Item, MachineId)>,
    /// What finds no place. Empty: all fits.
    pub left_out: Vec<LeftOut>,
    /// Bytes that everything that wants a place on the machines of `left_out` takes together.
    pub wanted: u64,
    /// Bytes that those machines have for it.
    pub room: u64,
    /// Those machines.
    pub among: Vec<MachineId>,
    /// Items without a figure for memory; taken as needing none.
    pub unknown_items: Vec<Item>,
    /// Machines without a figure for memory; taken as roomy enough.
    pub unknown_machines: Vec<MachineId>,
    /// True when the search ended early: something better may exist than what is said here.
    pub gave_up: bool,
}

/// How many steps the search takes before it gives up: well under a second.
const STEPS: u64 = 2_000_000;

/// Whether what moves fits on what is left in a scene.
pub fn fit(scene: &Scene<'_>) -> Fit {
    let mut problem = Problem::new(scene);
    let all: Vec<usize> = (0..problem.items.len()).collect();
    let mut fit = Fit {
        unknown_items: problem.unknown_items.clone(),
        unknown_machines: problem.unknown_machines.clone(),
        ..Fit::default()
    };
    for group in problem.groups(all) {
        problem.solve(&group, &mut fit);
    }
    fit.assigned.sort();
    fit
}

/// Whether it fits after each single machine on a unit is gone, and after each pair; healthy first. Only what does not fit is listed.
pub fn fit_without_hosts(simulator: &Simulator<'_>) -> Vec<(Vec<MachineId>, Fit)> {
    let works = simulator.works;
    let is_host = |machine: &MachineId| {
        matches!(works[*machine].kind, MachineKind::Host { .. }) && works[*machine].memory.is_some()
    };
    let hosts: Vec<MachineId> = (0..works.machines.len() as u32).map(MachineId).filter(is_host).collect();
    let singles = hosts.iter().map(|&host| vec![host]);
    let pairs =
        hosts.iter().enumerate().flat_map(|(at, &a)| hosts[at + 1..].iter().map(move |&b| vec![a, b]));
    let sets = std::iter::once(Vec::new()).chain(singles).chain(pairs);
    sets.map(|gone| {
        let fit = fit(&simulator.play_without(&[], &gone));
        (gone, fit)
    })
    .filter(|(_, fit)| !fit.left_out.is_empty() || fit.gave_up)
    .collect()
}

struct Wanting {
    item: Item,
    bytes: u64,
    /// Where it could run.
    on: Vec<MachineId>,
    /// The service it is an instance of.
    service: Option<ServiceId>,
    spread: bool,
}

struct Problem<'w> {
    works: &'w Works,
    items: Vec<Wanting>,
    /// Free bytes by machine.
    free: Vec<u64>,
    unknown_items: Vec<Item>,
    unknown_machines: Vec<MachineId>,
}

impl<'w> Problem<'w> {
    fn new(scene: &Scene<'w>) -> Self {
        let works = scene.works;
        let free = works
            .machines
            .iter()
            .map(|machine| machine.memory.map_or(u64::MAX / 4, |all| all.saturating_sub(machine.own_memory)));
        let mut problem = Self {
            works,
            items: Vec::new(),
            free: free.collect(),
            unknown_items: Vec::new(),
            unknown_machines: Vec::new(),
        };
        problem.take_fixed(scene);
        problem.add_vms(scene);
        problem.add_instances(scene);
        problem.items.sort_by_key(|wanting| (u64::MAX - wanting.bytes, wanting.on.len(), wanting.item));
        let named = |machine: &MachineId| problem.items.iter().any(|wanting| wanting.on.contains(machine));
        problem.unknown_machines = (0..works.machines.len() as u32)
            .map(MachineId)
            .filter(|machine| works[*machine].memory.is_none() && named(machine))
            .collect();
        problem
    }

    /// Instances that stay where they are take their memory first.
    fn take_fixed(&mut self, scene: &Scene<'_>) {
        for (service, standing) in self.works.services.iter().zip(&scene.state().services) {
            if let Placement::Fixed(_) = service.placement {
                for place in &standing.places {
                    if let Holder::Machine(machine) = place {
                        self.free[machine.index()] =
                            self.free[machine.index()].saturating_sub(service.memory.unwrap_or(0));
                    }
                }
            }
        }
    }

    fn add_vms(&mut self, scene: &Scene<'_>) {
        for (id, machine) in (0..)
            .map(MachineId)
            .zip(&self.works.machines)
            .filter(|(id, _)| scene.state().machines[id.index()])
        {
            let MachineKind::Vm { hosts, moved_by, anywhere, .. } = &machine.kind else { continue };
            let moves = moved_by.is_some() || *anywhere;
            let candidates = if moves { &hosts[..] } else { &hosts[..hosts.len().min(1)] };
            let on: Vec<MachineId> =
                candidates.iter().copied().filter(|&host| scene.could_run_on(id, host)).collect();
            if !hosts.is_empty() {
                self.want(Item::Vm(id), machine.memory, on, None, false);
            }
        }
    }

    /// Only instances that a mover with quorum can start somewhere.
    fn add_instances(&mut self, scene: &Scene<'_>) {
        for (id, service) in (0..).map(ServiceId).zip(&self.works.services) {
            let Placement::Movable { by, replicas, spread, .. } = &service.placement else { continue };
            if by.is_some_and(|by| !scene.state().clusters[by.index()].held) {
                continue;
            }
            let places = scene.state().services[id.index()].places.iter();
            let on: Vec<MachineId> = places
                .filter_map(|place| match place {
                    Holder::Machine(machine) => Some(*machine),
                    Holder::Unit(_) | Holder::Internet => None,
                })
                .collect();
            (0..*replicas).for_each(|number| {
                self.want(Item::Instance(id, number), service.memory, on.clone(), Some(id), *spread)
            });
        }
    }

    fn want(
        &mut self,
        item: Item,
        memory: Option<u64>,
        on: Vec<MachineId>,
        service: Option<ServiceId>,
        spread: bool,
    ) {
        if memory.is_none() {
            self.unknown_items.push(item);
        }
        self.items.push(Wanting { item, bytes: memory.unwrap_or(0), on, service, spread });
    }

    /// Items that compete for no machine, and stay apart from none, are solved on their own.
    fn groups(&self, items: Vec<usize>) -> Vec<Vec<usize>> {
        let touches = |a: usize, b: usize| {
            let (a, b) = (&self.items[a], &self.items[b]);
            a.on.iter().any(|machine| b.on.contains(machine))
        };
        let mut groups: Vec<Vec<usize>> = Vec::new();
        for item in items {
            let (mut own, others): (Vec<_>, Vec<_>) =
                groups.into_iter().partition(|group| group.iter().any(|&other| touches(item, other)));
            own.push(vec![item]);
            let mut group = own.concat();
            group.sort_unstable();
            groups = others;
            groups.push(group);
        }
        groups.sort();
        groups
    }

    /// Leaves out as few items as possible: none, then one, then two.
    fn solve(&mut self, group: &[usize], fit: &mut Fit) {
        let mut search =
            Search { problem: self, group, free: self.free.clone(), at: vec![None; group.len()], steps: 0 };
        let homeless = group.iter().filter(|&&item| self.items[item].on.is_empty()).count();
        let mut left = (homeless..=group.len()).find(|&left| search.place(0, left));
        if search.steps > STEPS {
            fit.gave_up = true;
            search.greedily();
            left = Some(group.len());
        }
        debug_assert!(left.is_some(), "leaving out everything always works");
        let (at, free) = (search.at, search.free);
        fit.assigned.extend(
            group.iter().zip(&at).filter_map(|(&item, machine)| Some((self.items[item].item, (*machine)?))),
        );
        for (&item, _) in group.iter().zip(&at).filter(|(_, machine)| machine.is_none()) {
            fit.left_out.push(self.left_out(item, group, &at, &free));
        }
        self.sum_up(group, fit);
    }

    fn left_out(&self, item: usize, group: &[usize], at: &[Option<MachineId>], free: &[u64]) -> LeftOut {
        let wanting = &self.items[item];
        let refusal = |machine: MachineId| match self.conflict(item, machine, group, at) {
            Some(refusal) => (machine, refusal),
            None => (machine, Refusal::Short(wanting.bytes.saturating_sub(free[machine.index()]))),
        };
        LeftOut {
            item: wanting.item,
            needs: wanting.bytes,
            refusals: wanting.on.iter().map(|&machine| refusal(machine)).collect(),
        }
    }

    fn sum_up(&self, group: &[usize], fit: &mut Fit) {
        let machines = fit.left_out.iter().flat_map(|left| left.refusals.iter().map(|(machine, _)| *machine));
        fit.among = machines.collect::<std::collections::BTreeSet<_>>().into_iter().collect();
        let wants = group
            .iter()
            .map(|&item| &self.items[item])
            .filter(|wanting| wanting.on.iter().any(|machine| fit.among.contains(machine)));
        fit.wanted += wants.map(|wanting| wanting.bytes).sum::<u64>();
        fit.room = fit.among.iter().map(|machine| self.free[machine.index()]).sum();
    }

    /// The rule that keeps an item off a machine, memory aside.
    fn conflict(
        &self,
        item: usize,
        machine: MachineId,
        group: &[usize],
        at: &[Option<MachineId>],
    ) -> Option<Refusal> {
        let wanting = &self.items[item];
        let service = wanting.service?;
        let there = group
            .iter()
            .zip(at)
            .filter(|(_, on)| **on == Some(machine))
            .filter_map(|(&other, _)| self.items[other].service);
        let fixed = self.works.services.iter().enumerate().filter_map(|(id, other)| match &other.placement {
            Placement::Fixed(places) if places.contains(&Holder::Machine(machine)) => {
                Some(ServiceId(id as u32))
            }
            _ => None,
        });
        there.chain(fixed).find_map(|other| {
            if other == service {
                wanting.spread.then_some(Refusal::Spread)
            } else {
                let apart = self.works[service].apart_from.contains(&other)
                    || self.works[other].apart_from.contains(&service);
                apart.then_some(Refusal::Apart(other))
            }
        })
    }
}

/// Depth first, the largest item first.
struct Search<'p, 'w> {
    problem: &'p Problem<'w>,
    group: &'p [usize],
    free: Vec<u64>,
    at: Vec<Option<MachineId>>,
    steps: u64,
}

impl Search<'_, '_> {
    /// Places the items from `next` on, leaving out at most `left`.
    fn place(&mut self, next: usize, left: usize) -> bool {
        self.steps += 1;
        if next == self.group.len() {
            return true;
        }
        if self.steps > STEPS || (left == 0 && self.is_too_much(next)) {
            return false;
        }
        let problem = self.problem;
        let wanting = &problem.items[self.group[next]];
        let mut tried: Vec<MachineId> = Vec::new();
        for &machine in &wanting.on {
            let fits = self.free[machine.index()] >= wanting.bytes
                && problem.conflict(self.group[next], machine, self.group, &self.at).is_none();
            if !fits
                || self.is_before_twin(next, machine)
                || tried.iter().any(|&other| self.is_same(other, machine))
            {
                continue;
            }
            tried.push(machine);
            self.free[machine.index()] -= wanting.bytes;
            self.at[next] = Some(machine);
            if self.place(next + 1, left) {
                return true;
            }
            self.free[machine.index()] += wanting.bytes;
            self.at[next] = None;
        }
        left > 0 && self.place(next + 1, left - 1)
    }

    /// Whether what is still to be placed is more than all the room for it.
    fn is_too_much(&self, next: usize) -> bool {
        let rest = self.group[next..].iter().map(|&item| &self.problem.items[item]);
        let wanted: u64 = rest.clone().map(|wanting| wanting.bytes).sum();
        let machines: std::collections::BTreeSet<MachineId> =
            rest.flat_map(|wanting| wanting.on.iter().copied()).collect();
        machines.iter().fold(0_u64, |room, machine| room.saturating_add(self.free[machine.index()])) < wanted
    }

    /// Instances of one service are alike: only their order by machine is tried.
    fn is_before_twin(&self, next: usize, machine: MachineId) -> bool {
        let (problem, group) = (self.problem, self.group);
        next > 0
            && problem.items[group[next]].service.is_some()
            && problem.items[group[next]].service == problem.items[group[next - 1]].service
            && self.at[next - 1].is_some_and(|before| machine < before)
    }

    /// Whether two machines are empty and alike for everything in the group.
    fn is_same(&self, a: MachineId, b: MachineId) -> bool {
        let problem = self.problem;
        let untouched = |machine: MachineId| {
            !self.at.contains(&Some(machine)) && self.free[machine.index()] == problem.free[machine.index()]
        };
        let has_fixed = |machine: MachineId| {
            problem.works.services.iter().any(|service| matches!(&service.placement, Placement::Fixed(places) if places.contains(&Holder::Machine(machine))))
        };
        self.free[a.index()] == self.free[b.index()]
            && untouched(a)
            && untouched(b)
            && !has_fixed(a)
            && !has_fixed(b)
            && self
                .group
                .iter()
                .all(|&item| problem.items[item].on.contains(&a) == problem.items[item].on.contains(&b))
    }

    /// Each item on the first machine that takes it.
    fn greedily(&mut self) {
        self.free.clone_from(&self.problem.free);
        self.at.fill(None);
        for next in 0..self.group.len() {
            let wanting = &self.problem.items[self.group[next]];
            let takes = |machine: &&MachineId| {
                self.free[machine.index()] >= wanting.bytes
                    && self.problem.conflict(self.group[next], **machine, self.group, &self.at).is_none()
            };
            if let Some(&machine) = wanting.on.iter().find(takes) {
                self.free[machine.index()] -= wanting.bytes;
                self.at[next] = Some(machine);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{cluster, edge, host, segment, service, vertex, vm};
    use super::*;
    use crate::works::VertexKind;

    const GIB: u64 = 1 << 30;

    /// Hosts with so many GiB, all on one segment, in a cluster with quorum 2 of 3.
    fn hosts(gib: &[u64]) -> (Works, Vec<MachineId>, crate::works::ClusterId) {
        let mut works = Works::default();
        let lan = segment(&mut works, "lan");
        let hosts: Vec<MachineId> =
            (0..gib.len()).map(|at| host(&mut works, &format!("node-{at}")).0).collect();
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
            _ => assert!(
                rules.contains(&Refusal::Apart(other)) || rules.contains(&Refusal::Spread),
                "{rules:?}"
            ),
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

    fn is_allowed(
        works: &Works,
        instances: &[ServiceId],
        at: &[Option<MachineId>],
        nodes: &[MachineId],
    ) -> bool {
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
}
