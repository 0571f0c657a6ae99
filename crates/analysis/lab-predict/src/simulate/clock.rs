//! Seconds until a service is back after a failure, as a range from the least to the most, and what makes them.
//!
//! The figures are the protocols' defaults where the lab does not say. Failures are taken as silent: nothing says good-bye. A link that goes down at both ends is seen
//! at once; that is the least where it is possible. Caches of clients (names, address resolution) are not counted.

use super::preference::holdings;
use super::scene::Scene;
use super::viewer::Viewer;
use crate::works::{
    EdgeId, Gateway, Holder, MachineId, MachineKind, Need, Placement, SegmentId, ServiceId, VertexId, Vip,
    VipId, Works,
};
use lab_model::written::VipProtocol;
use std::collections::BTreeSet;

/// From the least to the most, in seconds.
#[derive(Clone, Copy, PartialEq, PartialOrd, Debug)]
pub struct Seconds {
    /// The least.
    pub least: f64,
    /// The most. Infinite when a hand is needed.
    pub most: f64,
}

impl Seconds {
    /// A range.
    pub const fn new(least: f64, most: f64) -> Self {
        Self { least, most }
    }

    /// One after the other.
    fn then(self, next: Self) -> Self {
        Self::new(self.least + next.least, self.most + next.most)
    }
}

/// What is waited for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Cause {
    /// An address moves to another holder.
    Address(VipId),
    /// A member of an aggregate is left out.
    Aggregate(EdgeId),
    /// Frames take another way: spanning tree.
    SpanningTree(SegmentId),
    /// Packets take another router.
    Router(SegmentId),
    /// A virtual machine is started on another host.
    VmMoves(MachineId),
    /// Instances on a silent machine are started elsewhere.
    InstanceMoves(ServiceId),
    /// Another instance is used instead of the one that is gone.
    OtherInstance(ServiceId),
}

/// One thing that is waited for.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Wait {
    /// What.
    pub cause: Cause,
    /// How long.
    pub seconds: Seconds,
}

/// How long a service is gone that is there before and after.
#[derive(Clone, PartialEq, Debug)]
pub struct Recovery {
    /// The service.
    pub service: ServiceId,
    /// The longest chain of waits, one after the other; what goes on beside it takes less.
    pub chain: Vec<Wait>,
    /// The sum of the chain.
    pub seconds: Seconds,
    /// How long it may be gone, when the lab says.
    pub tolerates: Option<f64>,
}

impl Recovery {
    /// Whether it is back in time: None when nobody says how long it may be gone, or when it may be either.
    pub fn is_in_time(&self) -> Option<bool> {
        let tolerates = self.tolerates?;
        if self.seconds.most <= tolerates {
            return Some(true);
        }
        (self.seconds.least > tolerates).then_some(false)
    }
}

/// Starting a virtual machine, until its services run.
const VM_START: Seconds = Seconds::new(20.0, 120.0);
/// Starting a container: at once with the image there, a minute when it is pulled.
const INSTANCE_START: Seconds = Seconds::new(2.0, 60.0);
/// Kubernetes takes a silent node's instances out of a service once the node counts as not ready: `node-monitor-grace-period`, 40 s, 50 s from 1.32.
const NODE_NOT_READY: Seconds = Seconds::new(0.0, 50.0);
/// resolv.conf(5): the next name server is asked after `timeout`, 5 s. Others that choose among several take about as long.
const NEXT_INSTANCE: Seconds = Seconds::new(0.0, 5.0);
/// IEEE 802.1AX: down at once with the link; a partner that falls silent is left out after 3 x 1 s (fast) or 3 x 30 s (slow).
const AGGREGATE: Seconds = Seconds::new(0.0, 90.0);
/// IEEE 802.1Q, rapid spanning tree: at once with the link, 3 x 2 s hello when the way is silent. The old spanning tree takes 30 to 50 s; no switch of today has it as its default.
const SPANNING_TREE: Seconds = Seconds::new(0.0, 6.0);
/// RFC 4271, 10: a suggested hold time of 90 s; BFD (RFC 5880) with usual timers takes less than one second.
const HOLD_TIME: Seconds = Seconds::new(0.0, 90.0);

/// Seconds until another holder has an address after its holder fell silent. Infinite when a hand moves it.
pub fn seconds_to_move(vip: &Vip) -> Seconds {
    let interval = vip.interval_seconds.unwrap_or(1.0);
    match vip.protocol {
        // RFC 9568, 6.1: Active_Down_Interval = 3 x interval + skew, and skew = (256 - priority) x interval / 256. CARP likewise: 3 x advbase + advskew / 256.
        // The last announcement is up to one interval old.
        VipProtocol::Vrrp | VipProtocol::Carp => Seconds::new(2.0 * interval, 4.0 * interval),
        // An election in etcd: at once when the holder says good-bye; without a word, up to a minute is taken.
        VipProtocol::Talos => Seconds::new(1.0, 60.0),
        // A lease of 5 s that is looked at every second in its manifests; Kubernetes' own default lease is 15 s and 2 s.
        VipProtocol::KubeVip => Seconds::new(1.0, 17.0),
        // MetalLB, concepts/layer2: within a few seconds, and more than about ten is a bug.
        VipProtocol::MetallbL2 => Seconds::new(1.0, 10.0),
        // A lease of 15 s by default, tried for every 2 s.
        VipProtocol::CiliumL2 => Seconds::new(2.0, 17.0),
        VipProtocol::Bgp => vip.interval_seconds.map_or(HOLD_TIME, |hold| Seconds::new(0.0, hold)),
        VipProtocol::Manual => Seconds::new(f64::INFINITY, f64::INFINITY),
    }
}

/// How long each service is gone that is there before and after, the longest first. Services that notice nothing are left out.
pub fn recoveries(before: &Scene<'_>, after: &Scene<'_>) -> Vec<Recovery> {
    let clock = Clock::new(before, after);
    let is_there = |id: ServiceId| {
        before.state().services[id.index()].is_there() && after.state().services[id.index()].is_there()
    };
    let all = (0..after.works.services.len() as u32).map(ServiceId).filter(|&id| is_there(id));
    let mut recoveries: Vec<Recovery> = all
        .map(|service| {
            let chain = clock.seen(service);
            Recovery {
                service,
                seconds: sum(&chain),
                chain,
                tolerates: after.works[service].tolerates_seconds,
            }
        })
        .filter(|recovery| !recovery.chain.is_empty())
        .collect();
    recoveries.sort_by(|a, b| b.seconds.most.total_cmp(&a.seconds.most).then(a.service.cmp(&b.service)));
    recoveries
}

/// What frames and packets of some segments wait for after a failure, side by side: links that take another way, routers that hand over.
pub fn ways(before: &Scene<'_>, after: &Scene<'_>, segments: &BTreeSet<SegmentId>) -> Vec<Wait> {
    let clock = Clock::new(before, after);
    clock.links(segments).into_iter().chain(clock.routers(segments)).collect()
}

struct Clock<'a, 'w> {
    works: &'w Works,
    before: &'a Scene<'w>,
    after: &'a Scene<'w>,
    /// Routers that hand over, by segment.
    routers: Vec<Option<Wait>>,
}

type Chain = Vec<Wait>;

fn sum(chain: &[Wait]) -> Seconds {
    chain.iter().map(|wait| wait.seconds).fold(Seconds::new(0.0, 0.0), Seconds::then)
}

/// The chain that takes longest.
fn longest(chains: impl IntoIterator<Item = Chain>) -> Chain {
    let longer = |a: &Chain, b: &Chain| (sum(a).most, sum(a).least) >= (sum(b).most, sum(b).least);
    chains.into_iter().reduce(|a, b| if longer(&a, &b) { a } else { b }).unwrap_or_default()
}

impl<'a, 'w> Clock<'a, 'w> {
    fn new(before: &'a Scene<'w>, after: &'a Scene<'w>) -> Self {
        let mut clock = Self { works: after.works, before, after, routers: Vec::new() };
        clock.routers =
            (0..clock.works.segments.len() as u32).map(|id| clock.hands_over(SegmentId(id))).collect();
        clock
    }

    /// Until people have it: its instances, its address and the way, side by side.
    fn seen(&self, id: ServiceId) -> Chain {
        let mut chains = vec![self.service(id, &mut BTreeSet::new())];
        if let Some(front) = self.works[id].front {
            let holding = holdings(self.before, self.after).swap_remove(front.index());
            if holding.before.is_some() && !holding.now.iter().any(|&now| Some(now) == holding.before) {
                chains.push(vec![Wait {
                    cause: Cause::Address(front),
                    seconds: seconds_to_move(&self.works[front]),
                }]);
            }
        }
        let segments = self.segments(id);
        chains
            .extend(self.links(&segments).into_iter().chain(self.routers(&segments)).map(|wait| vec![wait]));
        longest(chains)
    }

    /// Until instances work: what they need first, then they themselves.
    fn service(&self, id: ServiceId, asked: &mut BTreeSet<ServiceId>) -> Chain {
        if !asked.insert(id) {
            return Chain::new();
        }
        let is = &self.after.state().services[id.index()];
        let lost = self.lost(id);
        let service = &self.works[id];
        let needs = service.needs.iter().map(|need| self.need(&need.need, asked)).collect::<Vec<_>>();
        let machines = is.places.iter().filter_map(|&place| self.machine(place));
        let mut chain = longest(needs.into_iter().chain(machines.map(|wait| vec![wait])));
        let moved = |wait: &Wait| matches!(wait.cause, Cause::InstanceMoves(_));
        let is_waiting = chain.iter().any(moved);
        let waited_for_disks = chain.iter().filter_map(|wait| match wait.cause {
            Cause::InstanceMoves(id) => Some(self.works[id].detach_seconds),
            _ => None,
        });
        let waited_for_disks = waited_for_disks.fold(0.0, f64::max);
        chain.extend(self.own(id, lost).map(|own| match own.cause {
            // Evictions run beside each other, and so do disks that are taken away: what is left after those of what it needs is its own start.
            Cause::InstanceMoves(_) if is_waiting => {
                let disk = (service.detach_seconds - waited_for_disks).max(0.0);
                Wait { seconds: Seconds::new(0.0, (INSTANCE_START.most + disk).min(own.seconds.most)), ..own }
            }
            _ => own,
        }));
        chain
    }

    /// How many places of a service are gone, or cut off from people who have it from another one.
    fn lost(&self, id: ServiceId) -> usize {
        let (was, is) = (&self.before.state().services[id.index()], &self.after.state().services[id.index()]);
        let is_cut_off = |place: &Holder| {
            was.seen.iter().filter(|was| was.there && was.from.contains(place)).any(|was| {
                let mut now = is.seen.iter().filter(|now| now.vantage == was.vantage && now.there);
                now.any(|now| !now.from.contains(place))
            })
        };
        was.places.iter().filter(|place| !is.places.contains(place) || is_cut_off(place)).count()
    }

    /// What a service itself waits for when `lost` of its places are gone.
    fn own(&self, id: ServiceId, lost: usize) -> Option<Wait> {
        if lost == 0 {
            return None;
        }
        match &self.works[id].placement {
            Placement::Fixed(_) => Some(Wait { cause: Cause::OtherInstance(id), seconds: NEXT_INSTANCE }),
            Placement::Movable { replicas, spread: true, .. }
                if *replicas as usize > lost && *replicas > self.works[id].needed =>
            {
                Some(Wait { cause: Cause::OtherInstance(id), seconds: NODE_NOT_READY })
            }
            Placement::Movable { by, .. } => {
                let eviction = by.map_or(f64::INFINITY, |by| self.works[by].eviction_seconds);
                // It may not have been on the machine that is gone.
                let most = eviction + self.works[id].detach_seconds + INSTANCE_START.most;
                Some(Wait { cause: Cause::InstanceMoves(id), seconds: Seconds::new(0.0, most) })
            }
        }
    }

    fn need(&self, need: &Need, asked: &mut BTreeSet<ServiceId>) -> Chain {
        match need {
            Need::Service(id) => self.service(*id, asked),
            Need::Holder(holder) => self.machine(*holder).into_iter().collect(),
            Need::AnyOf(needs) => {
                longest(needs.iter().map(|need| self.need(need, asked)).collect::<Vec<_>>())
            }
            Need::Data(_)
            | Need::Pool(_)
            | Need::Cluster(_)
            | Need::Internet
            | Need::External(_)
            | Need::Part(_) => Chain::new(),
        }
    }

    /// A virtual machine that runs on another host than before.
    fn machine(&self, holder: Holder) -> Option<Wait> {
        let Holder::Machine(id) = holder else { return None };
        let MachineKind::Vm { hosts, moved_by: Some(by), anywhere, .. } = &self.works[id].kind else {
            return None;
        };
        let good = |scene: &Scene<'_>, host: MachineId| {
            scene.state().machines[id.index()] && scene.could_run_on(id, host)
        };
        let lost = |host: &MachineId| good(self.before, *host) && !good(self.after, *host);
        let may = if *anywhere { &hosts[..] } else { &hosts[..hosts.len().min(1)] };
        if !may.iter().any(lost) || !self.after.state().machines[id.index()] {
            return None;
        }
        let eviction = self.works[*by].eviction_seconds;
        let moves = Seconds::new(eviction, eviction).then(VM_START);
        let seconds = if *anywhere { Seconds::new(0.0, moves.most) } else { moves };
        Some(Wait { cause: Cause::VmMoves(id), seconds })
    }

    /// The segments that people and instances of a service are in.
    fn segments(&self, id: ServiceId) -> BTreeSet<SegmentId> {
        let seats = self.works[id]
            .used_from
            .iter()
            .flat_map(|&vantage| self.works.vantages[vantage as usize].at.iter().copied());
        let places = self.after.state().services[id.index()]
            .places
            .iter()
            .flat_map(|&place| self.after.vertices(place).iter().copied());
        seats.chain(places).map(|vertex| self.works[vertex].segment).collect()
    }

    /// Links that are gone while their ends still reach each other.
    fn links(&self, segments: &BTreeSet<SegmentId>) -> Vec<Wait> {
        let edges = (0..).map(EdgeId).zip(&self.works.edges);
        edges
            .filter(|(id, edge)| {
                let [a, b] = edge.ends;
                segments.contains(&self.works[a].segment)
                    && self.before.is_open(*id)
                    && !self.after.is_open(*id)
                    && self.after.is_joined(a, b)
            })
            .map(|(id, edge)| match edge.lag {
                Some(_) => Wait { cause: Cause::Aggregate(id), seconds: AGGREGATE },
                None => Wait {
                    cause: Cause::SpanningTree(self.works[edge.ends[0]].segment),
                    seconds: SPANNING_TREE,
                },
            })
            .collect()
    }

    /// Routers that hand over to others: by the address that they share, or by a routing protocol.
    fn routers(&self, segments: &BTreeSet<SegmentId>) -> Vec<Wait> {
        segments.iter().filter_map(|segment| self.routers[segment.index()]).collect()
    }

    fn hands_over(&self, segment: SegmentId) -> Option<Wait> {
        let (before, now) = (self.leader(self.before, segment)?, self.leader(self.after, segment)?);
        if let Some(wait) = self.perhaps_moves(segment, now) {
            return Some(wait);
        }
        if before == now {
            return None;
        }
        let shares = |vip: &Vip| vip.holders.contains(&before) && vip.holders.contains(&now);
        if let Some(at) = self.works.vips.iter().position(shares) {
            let seconds = seconds_to_move(&self.works.vips[at]);
            return Some(Wait { cause: Cause::Address(VipId(at as u32)), seconds });
        }
        let takes_over = !leads_out(self.before, before) || leads_out(self.after, now);
        takes_over.then_some(Wait { cause: Cause::Router(segment), seconds: HOLD_TIME })
    }

    /// The address of the routers of a segment where whoever has it keeps it, when one who may have had it is lost. It is not known who had it, so it may
    /// also be that nothing happens.
    fn perhaps_moves(&self, segment: SegmentId, now: Holder) -> Option<Wait> {
        let is_fit = |scene: &Scene<'_>, holder: Holder| {
            scene.state().is_up(holder) && self.is_heard(scene, segment, holder)
        };
        let gateways = self.works[segment].gateways.iter().map(|gateway| gateway.holder);
        let lost = |holder: &Holder| is_fit(self.before, *holder) && !is_fit(self.after, *holder);
        let lost: Vec<Holder> = gateways.filter(lost).collect();
        let is_shared = |vip: &Vip| {
            vip.stays && vip.holders.contains(&now) && lost.iter().any(|lost| vip.holders.contains(lost))
        };
        let at = self.works.vips.iter().position(is_shared)?;
        let most = seconds_to_move(&self.works.vips[at]).most;
        Some(Wait { cause: Cause::Address(VipId(at as u32)), seconds: Seconds::new(0.0, most) })
    }

    /// The router that takes packets out of a segment: of those that are up and not cut off from it, the first that leads out, else
    /// the first.
    fn leader(&self, scene: &Scene<'_>, segment: SegmentId) -> Option<Holder> {
        let gateways = self.works[segment].gateways.iter().map(|gateway| gateway.holder);
        let mut fit =
            gateways.filter(|&holder| scene.state().is_up(holder) && self.is_heard(scene, segment, holder));
        let first = fit.next()?;
        let leads = |holder: &Holder| self.has_line(scene, segment, *holder);
        Some(std::iter::once(first).chain(fit).find(leads).unwrap_or(first))
    }

    /// Whether a router of a segment leads out by itself, and not through another router of that segment.
    fn has_line(&self, scene: &Scene<'_>, segment: SegmentId, holder: Holder) -> bool {
        let peers = &self.works[segment].gateways;
        let leads = |gateway: &Gateway| {
            peers.iter().all(|peer| peer.holder != gateway.holder)
                && (gateway.holder == Holder::Internet || leads_out(scene, gateway.holder))
        };
        scene.vertices(holder).iter().any(|&own| {
            let gateways = &self.works[self.works[own].segment].gateways;
            gateways.iter().any(|gateway| leads(gateway) && scene.is_joined(own, gateway.vertex))
        })
    }

    /// Whether anybody else in a segment hears a holder; true when nobody else is in it.
    fn is_heard(&self, scene: &Scene<'_>, segment: SegmentId, holder: Holder) -> bool {
        let own = |at: &VertexId| self.works[*at].holder == holder;
        let all = (0..self.works.vertices.len() as u32).map(VertexId);
        let (own, others): (Vec<VertexId>, Vec<VertexId>) =
            all.filter(|at| self.works[*at].segment == segment).partition(own);
        others.is_empty() || own.iter().any(|own| others.iter().any(|other| scene.is_joined(*own, *other)))
    }
}

fn leads_out(scene: &Scene<'_>, holder: Holder) -> bool {
    scene.reaches(Viewer::Holder(holder), Holder::Internet)
}

#[cfg(test)]
mod tests {
    use super::super::scene::Simulator;
    use super::super::tests::{cluster, edge, host, needs, part, segment, service, thing, vertex, vm};
    use super::*;
    use crate::works::VertexKind;

    /// VRRP every second: silent for 2 s at the least (the last announcement came just before), and 3 s plus a skew below one, plus nothing, at the most 4 s.
    #[test]
    fn an_address_moves_in_its_time() {
        let vip = |protocol, interval_seconds| Vip {
            thing: thing(),
            label: "vip".into(),
            protocol,
            holders: vec![],
            moved_by: None,
            interval_seconds,
            stays: false,
            span: None,
        };
        assert_eq!(seconds_to_move(&vip(VipProtocol::Vrrp, None)), Seconds::new(2.0, 4.0));
        assert_eq!(seconds_to_move(&vip(VipProtocol::Carp, Some(2.0))), Seconds::new(4.0, 8.0));
        assert!(seconds_to_move(&vip(VipProtocol::Manual, None)).most.is_infinite());
    }

    /// Two routers with one address, each with a cable to the people and a line of its own: the second takes over when the first is off, cut
    /// off, or without its line, and nothing happens when the second is.
    #[test]
    fn the_other_router_takes_over_whatever_the_first_lost() {
        let mut works = Works::default();
        let (lan, wan) = (segment(&mut works, "lan"), segment(&mut works, "wan"));
        let desk = Holder::Machine(host(&mut works, "desk").0);
        let people = vertex(&mut works, desk, lan, VertexKind::Forwards);
        let internet = vertex(&mut works, Holder::Internet, wan, VertexKind::Forwards);
        works.segments[wan.index()].gateways = vec![Gateway { vertex: internet, holder: Holder::Internet }];
        let mut losses = Vec::new();
        let holders = ["router-1", "router-2"].map(|name| {
            let (machine, off) = host(&mut works, name);
            let holder = Holder::Machine(machine);
            let inside = vertex(&mut works, holder, lan, VertexKind::Station);
            let outside = vertex(&mut works, holder, wan, VertexKind::Station);
            let (cable, line) = (part(&mut works, "cable"), part(&mut works, "line"));
            edge(&mut works, inside, people, vec![cable]);
            edge(&mut works, outside, internet, vec![line]);
            works.segments[lan.index()].gateways.push(Gateway { vertex: inside, holder });
            losses.push([off, cable, line]);
            holder
        });
        let vip = works.vips(Vip {
            thing: thing(),
            label: "gateway".into(),
            protocol: VipProtocol::Vrrp,
            holders: holders.to_vec(),
            moved_by: None,
            interval_seconds: None,
            stays: false,
            span: None,
        });
        let moves = Wait { cause: Cause::Address(vip), seconds: Seconds::new(2.0, 4.0) };
        let after = |works: &Works, part| {
            let simulator = Simulator::new(works);
            ways(&simulator.play(&[]), &simulator.play(&[part]), &BTreeSet::from([lan]))
        };
        losses[0].into_iter().for_each(|part| assert_eq!(after(&works, part), [moves], "{part:?}"));
        losses[1].into_iter().for_each(|part| assert_eq!(after(&works, part), [], "{part:?}"));
        // Where nobody takes it back, the second may have it when it goes off or is cut off.
        works.vips[0].stays = true;
        let may_move = Wait { cause: Cause::Address(vip), seconds: Seconds::new(0.0, 4.0) };
        assert_eq!(after(&works, losses[0][0]), [may_move]);
        losses[1][..2].iter().for_each(|part| assert_eq!(after(&works, *part), [may_move], "{part:?}"));
    }

    /// A database in a virtual machine whose first host dies, moved after 120 s and started within 20 to 120 s, and an application on another host that needs it.
    /// 140 to 240 s for both; the application tolerates 300 s, the database 100 s.
    #[test]
    fn a_chain_is_followed() {
        let mut works = Works::default();
        let lan = segment(&mut works, "lan");
        let hosts: Vec<_> = (0..3).map(|at| host(&mut works, &format!("pve-{at}"))).collect();
        let ids: Vec<MachineId> = hosts.iter().map(|(id, _)| *id).collect();
        let by = cluster(&mut works, "pve", &ids, 2);
        works.clusters[by.index()].eviction_seconds = 120.0;
        let guest = vm(&mut works, "db-vm", ids.clone(), Some(by));
        let ends: Vec<_> = ids
            .iter()
            .chain([&guest])
            .map(|&id| vertex(&mut works, Holder::Machine(id), lan, VertexKind::Forwards))
            .collect();
        for a in 0..ends.len() {
            for b in 0..a {
                edge(&mut works, ends[a], ends[b], vec![]);
            }
        }
        let db = service(&mut works, "db", Placement::Fixed(vec![Holder::Machine(guest)]));
        let app = service(&mut works, "app", Placement::Fixed(vec![Holder::Machine(ids[2])]));
        works.services[app.index()].needs = vec![needs(Need::Service(db))];
        works.services[db.index()].tolerates_seconds = Some(100.0);
        works.services[app.index()].tolerates_seconds = Some(300.0);
        let simulator = Simulator::new(&works);
        let (before, after) = (simulator.play(&[]), simulator.play(&[hosts[0].1]));
        let found = recoveries(&before, &after);
        assert_eq!(found.len(), 2);
        assert!(found.iter().all(|recovery| recovery.seconds == Seconds::new(140.0, 240.0)));
        assert!(found.iter().all(|recovery| recovery.chain[0].cause == Cause::VmMoves(guest)));
        assert_eq!(found.iter().map(Recovery::is_in_time).collect::<Vec<_>>(), [Some(false), Some(true)]);
        assert!(recoveries(&before, &simulator.play(&[hosts[1].1])).is_empty());
    }

    /// One instance that Kubernetes moves after 300 s and starts within a minute: at the most 360 s, and none if it was elsewhere.
    #[test]
    fn an_eviction_is_counted() {
        let mut works = Works::default();
        let lan = segment(&mut works, "lan");
        let hosts: Vec<_> = (0..3).map(|at| host(&mut works, &format!("node-{at}"))).collect();
        let ids: Vec<MachineId> = hosts.iter().map(|(id, _)| *id).collect();
        let ends: Vec<_> = ids
            .iter()
            .map(|&id| vertex(&mut works, Holder::Machine(id), lan, VertexKind::Forwards))
            .collect();
        let cable = part(&mut works, "cable");
        edge(&mut works, ends[0], ends[1], vec![cable]);
        edge(&mut works, ends[1], ends[2], vec![]);
        edge(&mut works, ends[0], ends[2], vec![]);
        let by = cluster(&mut works, "k8s", &ids, 2);
        service(&mut works, "app", Placement::Movable { on: ids, by: Some(by), replicas: 1, spread: false });
        let simulator = Simulator::new(&works);
        let before = simulator.play(&[]);
        let found = recoveries(&before, &simulator.play(&[hosts[0].1]));
        assert_eq!(found[0].seconds, Seconds::new(0.0, 360.0));
        // A cable of a ring of three: frames take the other way.
        let found = recoveries(&before, &simulator.play(&[cable]));
        assert_eq!(found[0].chain, [Wait { cause: Cause::SpanningTree(lan), seconds: SPANNING_TREE }]);
    }
}
