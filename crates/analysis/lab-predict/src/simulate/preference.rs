//! Who does it when several could: who holds a moving address, which side of a split cluster decides.
//!
//! The steady state takes any working way for good; a real holder may be alive and of no use, or two may act at once. Both are said as risks.
//! That a holder gives its address up when its uplink is gone (interface tracking) is not in the tables and is not assumed.

use super::scene::Scene;
use super::viewer::Viewer;
use crate::works::{ClusterId, Holder, MachineId, ServiceId, VipId};
use lab_model::written::VipProtocol;

/// Who holds a moving address.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Holding {
    /// The address.
    pub vip: VipId,
    /// Who held it before.
    pub before: Option<Holder>,
    /// Who holds it now. Several: holders that do not hear each other, each of which takes it.
    pub now: Vec<Holder>,
    /// Services that the holder does not lead to although another one that is up would: it is alive, and holds on to the address.
    pub blackholes: Vec<(ServiceId, Holder)>,
    /// True when it cannot move, for want of quorum.
    pub stuck: bool,
}

/// A cluster whose members do not all reach each other.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Split {
    /// The cluster.
    pub cluster: ClusterId,
    /// Sides with enough members to decide. More than one: both do, and their data drifts apart.
    pub deciding: Vec<Vec<MachineId>>,
    /// Sides with too few.
    pub waiting: Vec<Vec<MachineId>>,
}

/// Who holds each address after a failure.
pub fn holdings(before: &Scene<'_>, after: &Scene<'_>) -> Vec<Holding> {
    (0..after.works.vips.len() as u32).map(|id| holding(before, after, VipId(id))).collect()
}

fn holding(before: &Scene<'_>, after: &Scene<'_>, id: VipId) -> Holding {
    let vip = &after.works[id];
    let first = elected(before, id).first().copied();
    let stuck = vip.protocol == VipProtocol::Manual
        || vip.moved_by.is_some_and(|by| !after.state().clusters[by.index()].held);
    let stays = first.filter(|&holder| after.state().is_up(holder));
    let now = if stuck { stays.into_iter().collect() } else { elected(after, id) };
    let blackholes = now.first().map(|&holder| blackholes(after, id, holder)).unwrap_or_default();
    Holding { vip: id, before: first, now, blackholes, stuck }
}

/// The first holder that is up, in each group of holders that hear each other. With a mover there is one lease, and so one holder.
fn elected(scene: &Scene<'_>, id: VipId) -> Vec<Holder> {
    let vip = &scene.works[id];
    let mut taken: Vec<Holder> = Vec::new();
    for &holder in vip.holders.iter().filter(|&&holder| scene.state().is_up(holder)) {
        let may = vip
            .moved_by
            .is_none_or(|by| scene.is_met(&crate::works::Need::Cluster(by), Viewer::Holder(holder)));
        let hears = |&other: &Holder| {
            vip.moved_by.is_some()
                || scene.reaches(Viewer::Holder(holder), other)
                || scene.reaches(Viewer::Holder(other), holder)
        };
        if may && !taken.iter().any(hears) {
            taken.push(holder);
        }
    }
    taken
}

/// Services behind an address to which its holder does not lead, while another holder would.
fn blackholes(scene: &Scene<'_>, id: VipId, holder: Holder) -> Vec<(ServiceId, Holder)> {
    let works = scene.works;
    let services = (0..).map(ServiceId).zip(&works.services).filter(|(_, service)| service.front == Some(id));
    services
        .filter_map(|(service, row)| {
            let leads =
                |holder: Holder| row.used_from.iter().any(|&vantage| leads(scene, service, vantage, holder));
            let better = works[id]
                .holders
                .iter()
                .copied()
                .find(|&other| other != holder && scene.state().is_up(other) && leads(other))?;
            (!leads(holder)).then_some((service, better))
        })
        .collect()
}

fn leads(scene: &Scene<'_>, service: ServiceId, vantage: u32, holder: Holder) -> bool {
    scene.reaches(Viewer::Vantage(vantage), holder)
        && scene.state().services[service.index()]
            .places
            .iter()
            .any(|&place| scene.reaches(Viewer::Holder(holder), place))
}

/// Clusters that are split.
pub fn splits(after: &Scene<'_>) -> Vec<Split> {
    let clusters = (0..).map(ClusterId).zip(after.works.clusters.iter().zip(&after.state().clusters));
    clusters
        .filter(|(_, (row, state))| row.quorum > 0 && state.sides.len() > 1)
        .map(|(cluster, (row, state))| {
            let (deciding, waiting) = state
                .sides
                .iter()
                .cloned()
                .partition(|side: &Vec<MachineId>| side.len() as u32 >= row.quorum);
            Split { cluster, deciding, waiting }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::scene::Simulator;
    use super::super::tests::{cluster, edge, host, part, segment, service, vertex};
    use super::*;
    use crate::works::{PartId, Placement, Vantage, VertexKind, Vip, Works};

    /// Two proxies with one address on a segment with people, each with a cable of its own to a second segment with a server; and a cable between the halves of the first.
    fn proxies() -> (Works, [Holder; 2], [PartId; 2], PartId) {
        let mut works = Works::default();
        let (front, back) = (segment(&mut works, "front"), segment(&mut works, "back"));
        let server = host(&mut works, "server").0;
        let end = vertex(&mut works, Holder::Machine(server), back, VertexKind::Forwards);
        let middle = part(&mut works, "middle");
        let mut cables = Vec::new();
        let mut ends = Vec::new();
        let holders = ["a", "b"].map(|name| {
            let proxy = Holder::Machine(host(&mut works, name).0);
            ends.push(vertex(&mut works, proxy, front, VertexKind::Forwards));
            let inner = vertex(&mut works, proxy, back, VertexKind::Station);
            cables.push(part(&mut works, "cable"));
            edge(&mut works, inner, end, vec![cables[cables.len() - 1]]);
            proxy
        });
        edge(&mut works, ends[0], ends[1], vec![middle]);
        works.vantages.push(Vantage {
            thing: None,
            label: "desk".into(),
            at: vec![ends[0], ends[1]],
            outside: false,
        });
        let vip = works.vips(Vip {
            thing: super::super::tests::thing(),
            label: "vip".into(),
            protocol: VipProtocol::Vrrp,
            holders: holders.to_vec(),
            moved_by: None,
            interval_seconds: None,
            stays: false,
            span: None,
        });
        let web = service(&mut works, "web", Placement::Fixed(vec![Holder::Machine(server)]));
        works.services[web.index()].front = Some(vip);
        works.services[web.index()].used_from = vec![0];
        (works, holders, [cables[0], cables[1]], middle)
    }

    /// The preferred proxy loses its way to the server: the tables say that b would do, and a holds on to the address.
    #[test]
    fn an_address_may_be_a_black_hole() {
        let (works, [a, b], cables, _) = proxies();
        let simulator = Simulator::new(&works);
        let (before, after) = (simulator.play(&[]), simulator.play(&cables[..1]));
        assert!(after.state().services[0].is_there());
        let holding = &holdings(&before, &after)[0];
        assert_eq!((holding.before, &holding.now[..]), (Some(a), &[a][..]));
        assert_eq!(holding.blackholes, [(ServiceId(0), b)]);
    }

    /// With the cable between the halves and the one behind gone, both take the address: they do not hear each other.
    #[test]
    fn an_address_may_have_two_holders() {
        let (works, holders, cables, middle) = proxies();
        let simulator = Simulator::new(&works);
        let (before, after) = (simulator.play(&[]), simulator.play(&[middle, cables[0]]));
        assert_eq!(holdings(&before, &after)[0].now, holders);
    }

    /// Four nodes, two on each of two switches: with quorum 3 nobody decides once the switches part; with quorum 2 both sides do.
    #[test]
    fn a_split_is_judged_side_by_side() {
        let mut works = Works::default();
        let lan = segment(&mut works, "lan");
        let nodes: Vec<MachineId> = (0..4).map(|at| host(&mut works, &format!("node-{at}")).0).collect();
        let ends: Vec<_> = nodes
            .iter()
            .map(|&node| vertex(&mut works, Holder::Machine(node), lan, VertexKind::Forwards))
            .collect();
        let cable = part(&mut works, "cable");
        edge(&mut works, ends[0], ends[1], vec![]);
        edge(&mut works, ends[2], ends[3], vec![]);
        edge(&mut works, ends[1], ends[2], vec![cable]);
        for (quorum, deciding) in [(3, 0), (2, 2)] {
            let mut works = works.clone();
            cluster(&mut works, "pve", &nodes, quorum);
            let simulator = Simulator::new(&works);
            assert!(splits(&simulator.play(&[])).is_empty());
            let split = &splits(&simulator.play(&[cable]))[0];
            assert_eq!((split.deciding.len(), split.waiting.len()), (deciding, 2 - deciding));
        }
    }
}
