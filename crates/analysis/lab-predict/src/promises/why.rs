//! Why a failure does what it does, in the words of whoever runs such things: votes and quorum, copies and placement groups, parity, the only
//! place of a service. Built from the tables and the settled state, so that every lab gets its own figures.
//!
//! It explains and decides nothing: what comes about is the circuit's word.

use super::margin::pieces;
use crate::forecast::{Forecast, words};
use crate::simulate::{DriveState, Scene, Simulator, Viewer};
use crate::works::{
    Ceph, Cluster, ClusterId, Fate, Holder, Layout, MachineId, Need, Outcome, PartId, PartKind, Placement,
    Pool, PoolId, Service, ServiceId, Subject, Vdev,
};
use lab_model::written::ClusterKind;
use std::collections::{BTreeMap, BTreeSet};

/// Sentences on how `hit` follows from `failed`, the root first.
pub(crate) fn explain(forecast: &Forecast<'_>, failed: &[PartId], hit: &[Outcome]) -> Vec<String> {
    let simulator = Simulator::new(&forecast.works);
    let teller = Teller { forecast, scene: simulator.play(failed) };
    let mut sentences = Vec::new();
    let clusters = hit.iter().filter_map(|outcome| match outcome.subject {
        Subject::Cluster(id) => Some(id),
        _ => None,
    });
    sentences.extend(clusters.map(|id| teller.no_quorum(id)));
    sentences.extend(teller.pools(hit));
    sentences.extend(teller.cut_off(failed));
    sentences.extend(teller.services(hit));
    sentences.extend(teller.cannot_start_again(failed));
    sentences
}

/// Sentences on why `kept` is there although `failed` has failed: who serves it.
pub(super) fn stands(forecast: &Forecast<'_>, failed: &[PartId], kept: &[Outcome]) -> Vec<String> {
    let simulator = Simulator::new(&forecast.works);
    let teller = Teller { forecast, scene: simulator.play(failed) };
    let mut served: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for outcome in kept {
        let label = forecast.works.label(outcome.subject);
        if let Some(by) = teller.served_by(outcome.subject) {
            let labels = served.entry(by).or_default();
            if !labels.contains(&label) {
                labels.push(label);
            }
        }
    }
    let sentences = served.into_iter().map(|(by, labels)| match labels.as_slice() {
        [one] => format!("{one} goes on {by}."),
        many => format!("{} go on {by}.", words::names(many.iter().copied())),
    });
    sentences.chain(teller.cannot_start_again(failed)).collect()
}

struct Teller<'f, 'l, 's> {
    forecast: &'f Forecast<'l>,
    scene: Scene<'s>,
}

impl Teller<'_, '_, '_> {
    /// Where something is that goes on: `at node-2`, `on the drives of node-1..3`.
    fn served_by(&self, subject: Subject) -> Option<String> {
        let works = &self.forecast.works;
        match subject {
            Subject::Service(id) => {
                let places = self.scene.state().services[id.index()].places.iter();
                let labels = words::drawn_together(places.map(|place| works.holder_label(*place)));
                (!labels.is_empty()).then(|| format!("at {}", labels.join(", ")))
            }
            Subject::Pool(id) => match (&works[id].layout, works[id].holder) {
                (Layout::Ceph(ceph), _) => {
                    let servers: BTreeSet<MachineId> =
                        ceph.domains.iter().flatten().filter_map(|osd| osd.machine).collect();
                    let labels =
                        words::drawn_together(servers.iter().map(|machine| works[*machine].label.as_str()));
                    Some(format!("with the drives of {} ({})", labels.join(", "), works[ceph.cluster].label))
                }
                (_, Some(holder)) => Some(format!("at {}", works.holder_label(holder))),
                _ => None,
            },
            Subject::Data(id) => self.served_by(Subject::Pool(*works[id].pools.first()?)),
            _ => None,
        }
    }

    fn no_quorum(&self, id: ClusterId) -> String {
        let cluster = &self.forecast.works[id];
        let sides = &self.scene.state().clusters[id.index()].sides;
        let left = sides.first().map_or(0, Vec::len);
        let votes = match cluster.members.len() {
            1 => format!("the only control plane of {} is gone", cluster.label),
            all => format!(
                "{left} of {all} votes {} left in {} and {} decide",
                if left == 1 { "is" } else { "are" },
                cluster.label,
                cluster.quorum
            ),
        };
        let split = if sides.len() > 1 { ", the members being cut off from each other" } else { "" };
        format!("{votes}{split}: {}.", without_quorum(cluster, left))
    }

    /// Pools that are lost or stop, told by what takes them.
    fn pools(&self, hit: &[Outcome]) -> Vec<String> {
        let mut told: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        for outcome in hit {
            let Subject::Pool(id) = outcome.subject else { continue };
            let lost_too =
                hit.iter().any(|other| other.subject == outcome.subject && other.fate == Fate::Lost);
            if outcome.fate != Fate::Lost && lost_too {
                continue;
            }
            let pool = &self.forecast.works[id];
            told.entry(self.pool(pool, outcome.fate)).or_default().push(&pool.label);
        }
        told.into_iter()
            .map(|(why, pools)| format!("{}: {why}.", words::drawn_together(pools).join(", ")))
            .collect()
    }

    fn pool(&self, pool: &Pool, fate: Fate) -> String {
        match &pool.layout {
            Layout::Ceph(ceph) => self.ceph(pool, ceph, fate),
            Layout::Groups(groups) => self.groups(pool, groups, fate),
            Layout::Separate(group) if fate == Fate::Lost => format!(
                "{} bears {} and {} are; what was on those is gone, the other drives stay readable",
                group.label,
                n_drives("dead", group.tolerates),
                self.n_drives(group, DriveState::Dead)
            ),
            Layout::Separate(group) => self.groups(pool, std::slice::from_ref(group), fate),
            Layout::Unknown => self.served(pool),
        }
    }

    fn n_drives(&self, group: &Vdev, at_least: DriveState) -> usize {
        group.drives.iter().filter(|drive| self.scene.state().drives[drive.index()] >= at_least).count()
    }

    fn groups(&self, pool: &Pool, groups: &[Vdev], fate: Fate) -> String {
        let state = if fate == Fate::Lost { DriveState::Dead } else { DriveState::Away };
        let short = groups.iter().find(|group| self.n_drives(group, state) > group.tolerates as usize);
        match short {
            Some(group) if fate == Fate::Lost => format!(
                "{} bears {} and {} are; the pool cannot be imported, everything on it is gone",
                group.label,
                n_drives("dead", group.tolerates),
                self.n_drives(group, state)
            ),
            Some(group) if self.holder_is_up(pool) => format!(
                "{} bears {} and {} are; I/O is suspended, nothing is lost, and it goes on when they are back",
                group.label,
                n_drives("unreachable", group.tolerates),
                self.n_drives(group, state)
            ),
            _ => self.served(pool),
        }
    }

    fn holder_is_up(&self, pool: &Pool) -> bool {
        pool.holder.is_none_or(|holder| self.scene.state().is_up(holder))
    }

    /// A pool of which the drives are well.
    fn served(&self, pool: &Pool) -> String {
        let works = &self.forecast.works;
        match pool.holder {
            Some(holder) if !self.scene.state().is_up(holder) => format!(
                "served by {} alone, which is down; the drives keep what they hold",
                works.holder_label(holder)
            ),
            _ => {
                let broken = pool.serving_fails.iter().map(|part| works[*part].label.as_str());
                format!("every drive hangs on {}; the drives keep what they hold", words::names(broken))
            }
        }
    }

    fn ceph(&self, pool: &Pool, ceph: &Ceph, fate: Fate) -> String {
        let state = self.scene.state();
        if fate == Fate::Lost {
            let dead = self.domains(ceph, |osd| state.drives[osd.drive.index()] == DriveState::Dead);
            if ceph.lost_at < ceph.copies {
                return format!(
                    "{}: any {} rebuild an object, and drives are dead in {dead} failure domains; placement groups with a chunk on each of those are lost",
                    pieces(ceph),
                    ceph.copies + 1 - ceph.lost_at
                );
            }
            return format!(
                "{}, and drives are dead in {dead} failure domains: some placement group may have had all copies there",
                pieces(ceph)
            );
        }
        let away = self.domains(ceph, |osd| {
            let machine_down = osd.machine.is_some_and(|machine| !state.machines[machine.index()]);
            machine_down || state.drives[osd.drive.index()] != DriveState::There
        });
        let left = ceph.copies.saturating_sub(away as u32);
        if left < ceph.min_copies {
            let monitors = match self.votes_left(ceph.cluster) {
                Some((left, votes)) => {
                    format!(
                        "; with {left} of {votes} monitors there is no quorum either, so that clients get no map"
                    )
                }
                None => String::new(),
            };
            let kept = if left > 0 || self.is_whole(ceph) { ", no data is lost" } else { "" };
            return format!(
                "of {} as few as {left} {} there, and {} must be (min_size): such placement groups are inactive, reads stop as well as writes, there is no read-only mode{monitors}{kept}",
                pieces(ceph),
                if left == 1 { "is" } else { "are" },
                ceph.min_copies
            );
        }
        match self.votes_left(ceph.cluster) {
            Some((left, votes)) => format!(
                "{left} of {votes} monitors reach each other, which is no quorum: clients get no map, reads and writes stop, no data is lost"
            ),
            None if self.scene.any_failed(&pool.serving_fails) => "two of its hosts do not reach each other, and everybody else reaches both: an OSD is called down only when those of two hosts report it (mon_osd_min_down_reporters), so both stay up in the map and what has copies on both waits until one is taken out by a hand".to_owned(),
            None => "its OSDs do not reach each other".to_owned(),
        }
    }

    /// Monitors that are left and all of them, when there is no quorum.
    fn votes_left(&self, id: ClusterId) -> Option<(usize, usize)> {
        let quorum = &self.scene.state().clusters[id.index()];
        let left = quorum.sides.first().map_or(0, Vec::len);
        (!quorum.held).then(|| (left, self.forecast.works[id].members.len()))
    }

    fn domains(&self, ceph: &Ceph, is_hit: impl Fn(&crate::works::Osd) -> bool) -> usize {
        ceph.domains.iter().filter(|domain| domain.iter().any(&is_hit)).count()
    }

    fn is_whole(&self, ceph: &Ceph) -> bool {
        self.domains(ceph, |osd| self.scene.state().drives[osd.drive.index()] == DriveState::Dead) == 0
    }

    /// Services that are gone, told together when one reason takes them.
    fn services(&self, hit: &[Outcome]) -> Vec<String> {
        let mut told: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        for outcome in hit {
            let (Subject::Service(id), Fate::Gone) = (outcome.subject, outcome.fate) else { continue };
            let why = self.service(id, &mut vec![id]);
            told.entry(why).or_default().push(&self.forecast.works[id].label);
        }
        let mut told: Vec<(String, Vec<&str>)> = told.into_iter().collect();
        told.sort_by_key(|(_, services)| std::cmp::Reverse(services.len()));
        const REASONS_MAX: usize = 4;
        let rest: usize = told.iter().skip(REASONS_MAX).map(|(_, services)| services.len()).sum();
        let mut sentences: Vec<String> = told
            .into_iter()
            .take(REASONS_MAX)
            .map(|(why, services)| {
                let verb = if services.len() == 1 { "is" } else { "are" };
                format!("{} {verb} gone: {why}.", words::names(services))
            })
            .collect();
        if rest > 0 {
            sentences.push(format!("And {rest} more for other reasons."));
        }
        sentences
    }

    /// Why a service is gone: what it needs, where it ran, or that nobody gets there.
    fn service(&self, id: ServiceId, seen: &mut Vec<ServiceId>) -> String {
        let works = &self.forecast.works;
        let service = &works[id];
        let (places, by) = match &service.placement {
            Placement::Fixed(holders) => (holders.clone(), None),
            Placement::Movable { on, by, .. } => (on.iter().copied().map(Holder::Machine).collect(), *by),
        };
        let up: Vec<Holder> =
            places.iter().copied().filter(|place| self.scene.state().is_up(*place)).collect();
        if up.is_empty() {
            let labels: Vec<&str> = places.iter().map(|place| works.holder_label(*place)).collect();
            return match labels.as_slice() {
                [] => "nothing can run it".to_owned(),
                [only] => format!("only {only} runs it, and that is down"),
                many => format!(
                    "all that can run it is down: {}",
                    words::drawn_together(many.iter().copied()).join(", ")
                ),
            };
        }
        let unmet = service
            .needs
            .iter()
            .find(|need| !up.iter().any(|place| self.scene.is_met(&need.need, Viewer::Holder(*place))));
        if let Some(unmet) = unmet {
            let implied = unmet.because.map_or_else(String::new, |because| format!(" ({because})"));
            return format!("needs {}{implied}", self.need(&unmet.need, seen));
        }
        if let Some((at, by)) = self.stranded(id).zip(by) {
            return self.is_stranded_at(service, at, &works[by].label);
        }
        if let Some(by) = by.filter(|by| !self.scene.state().clusters[by.index()].held) {
            return format!(
                "it may have been where the failure is, and {} cannot start it elsewhere without quorum",
                works[by].label
            );
        }
        if !self.scene.state().services[id.index()].works && by.is_none() && self.is_stateful_set(id) {
            return "it is a StatefulSet: no pod of a silent node is replaced until that node is back, deleted, or marked by a hand as out of service (`node.kubernetes.io/out-of-service`)"
                .to_owned();
        }
        if !self.scene.state().services[id.index()].works && by.is_none() {
            return "nothing says on which machine it runs; if on one that failed, its data is on a disk there, and nothing starts it elsewhere"
                .to_owned();
        }
        if self.scene.state().services[id.index()].places.is_empty() {
            return "no place is left that has all it needs".to_owned();
        }
        let from = |at: &u32| Viewer::Vantage(*at);
        let is_met = |need: &Need| service.used_from.iter().any(|at| self.scene.is_met(need, from(at)));
        if let Some(unmet) = service.clients_need.iter().find(|need| !is_met(&need.need)) {
            let because = unmet.because.unwrap_or("whoever uses it needs that");
            return format!("it runs, but {because}, and that takes {}", self.need(&unmet.need, seen));
        }
        match service.front.map(|front| &works[front]) {
            Some(vip) => format!("it runs, and nobody who uses it reaches it at {}", vip.label),
            None => "it runs, and nobody who uses it reaches it".to_owned(),
        }
    }

    fn is_stranded_at(&self, service: &Service, at: MachineId, by: &str) -> String {
        let works = &self.forecast.works;
        let from = Viewer::Holder(Holder::Machine(at));
        let lost = service.needs.iter().find(|need| !self.scene.is_met(&need.need, from));
        let lost = match lost.map(|lost| &lost.need) {
            // Its own disk is another one for each service, and what is behind all of them the same.
            Some(Need::Data(id)) => works[*id].pools.first().map(|pool| self.pool_short(*pool)),
            Some(need) => Some(self.need(need, &mut Vec::new())),
            None => None,
        };
        let (at, lost) = (&works[at].label, lost.as_deref().unwrap_or("what it needs"));
        format!(
            "it may have been at {at}, which no longer reaches {lost} and which {by} still hears: nothing moves it until somebody drains {at}"
        )
    }

    /// A place at which an instance is stranded.
    fn stranded(&self, id: ServiceId) -> Option<MachineId> {
        let mut strands = self.forecast.works[id].strands.iter();
        strands.find(|(_, parts)| self.scene.any_failed(parts)).map(|(place, _)| *place)
    }

    fn is_stateful_set(&self, id: ServiceId) -> bool {
        let own = lab_model::lab::ServiceId::try_from(self.forecast.works[id].thing);
        let workload = own.ok().and_then(|own| self.forecast.lab.services[own].workload.as_ref());
        workload.is_some_and(|workload| workload.value == lab_model::written::Workload::StatefulSet)
    }

    /// A need, down to the root of why it is not met.
    fn need(&self, need: &Need, seen: &mut Vec<ServiceId>) -> String {
        let works = &self.forecast.works;
        let state = self.scene.state();
        match need {
            Need::Service(id) if !seen.contains(id) && !state.services[id.index()].is_there() => {
                seen.push(*id);
                format!("{}, of which: {}", works[*id].label, self.service(*id, seen))
            }
            Need::Service(id) => works[*id].label.clone(),
            Need::Data(id) => match works[*id].pools.first() {
                Some(pool) => format!("{} on {}", works[*id].label, self.pool_short(*pool)),
                None => works[*id].label.clone(),
            },
            Need::Pool(id) => self.pool_short(*id),
            Need::Holder(holder) => works.holder_label(*holder).to_owned(),
            Need::Cluster(id) if !state.clusters[id.index()].held => {
                format!("{}, which has no quorum", works[*id].label)
            }
            Need::Cluster(id) => works[*id].label.clone(),
            Need::Internet => "the Internet".to_owned(),
            Need::External(part) => format!("{}, over the Internet", works[*part].label),
            Need::Part(part) => works[*part].label.clone(),
            Need::AnyOf(all) => all
                .first()
                .map_or_else(|| "something that is not there".to_owned(), |first| self.need(first, seen)),
        }
    }

    fn pool_short(&self, id: PoolId) -> String {
        let pool = &self.forecast.works[id];
        match pool.holder {
            Some(holder) => {
                format!("{}, which {} alone serves", pool.label, self.forecast.works.holder_label(holder))
            }
            None => pool.label.clone(),
        }
    }

    /// Machines that run on and that the rest does not reach, when a way has failed.
    fn cut_off(&self, failed: &[PartId]) -> Option<String> {
        let works = &self.forecast.works;
        let is_way =
            |part: &PartId| matches!(works[*part].kind, PartKind::Cable | PartKind::Switch | PartKind::Card);
        if !failed.iter().any(is_way) {
            return None;
        }
        let simulator = Simulator::new(works);
        let healthy = simulator.play(&[]);
        let up = (0..works.machines.len() as u32)
            .map(MachineId)
            .filter(|id| self.scene.state().machines[id.index()] && !works[*id].vertices.is_empty());
        let up: Vec<MachineId> = up.collect();
        let reached = |scene: &Scene<'_>, id: MachineId| {
            let others = up.iter().filter(|other| **other != id);
            others
                .filter(|other| scene.reaches(Viewer::Holder(Holder::Machine(**other)), Holder::Machine(id)))
                .count()
        };
        // Whoever was reached by most and now is by less than half of those, is on the small side.
        let is_cut = |id: &&MachineId| 2 * reached(&self.scene, **id) < reached(&healthy, **id);
        let (cut, rest): (Vec<MachineId>, Vec<MachineId>) = up.iter().partition(is_cut);
        let told = |side: &[MachineId]| {
            let labels = words::drawn_together(side.iter().map(|id| works[*id].label.as_str()));
            words::names(labels.iter().map(String::as_str))
        };
        let verbs = if cut.len() == 1 { "runs on, and reaches" } else { "run on, and reach" };
        (!cut.is_empty() && !rest.is_empty())
            .then(|| format!("{} {verbs} {} no more.", told(&cut), told(&rest)))
    }

    /// Machines that run on and could not start again: they boot from what is gone.
    fn cannot_start_again(&self, failed: &[PartId]) -> Option<String> {
        let works = &self.forecast.works;
        let healthy = Simulator::new(works);
        let healthy = healthy.play(&[]);
        let mut stuck: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        for id in (0..works.machines.len() as u32).map(MachineId) {
            let from = Viewer::Holder(Holder::Machine(id));
            let mut unmet = works[id]
                .needs_to_start
                .iter()
                .filter(|need| !self.scene.is_met(&need.need, from) && healthy.is_met(&need.need, from));
            if let Some(need) = unmet.next().filter(|_| self.scene.state().machines[id.index()]) {
                let what = self.need(&need.need, &mut Vec::new());
                stuck.entry(what).or_default().push(&works[id].label);
            }
        }
        if stuck.is_empty() || failed.is_empty() {
            return None;
        }
        let phrases = stuck.into_iter().map(|(what, labels)| {
            let (verb, they) = if labels.len() == 1 { ("runs", "it needs") } else { ("run", "they need") };
            format!(
                "{} {verb} on, and must not restart meanwhile: to boot {they} {what}.",
                words::drawn_together(labels).join(", ")
            )
        });
        Some(phrases.collect::<Vec<_>>().join(" "))
    }
}

/// `1 dead drive`, `2 dead drives`.
fn n_drives(how: &str, n: u32) -> String {
    format!("{n} {how} {}", if n == 1 { "drive" } else { "drives" })
}

/// What it means for a cluster to have no quorum.
fn without_quorum(cluster: &Cluster, left: usize) -> &'static str {
    match cluster.kind {
        ClusterKind::Kubernetes if left > 0 => {
            "etcd has no leader, so the API takes no writes and gives no consistent reads; pods that run go on, and none is scheduled, moved or restarted elsewhere"
        }
        ClusterKind::Kubernetes => "the API is gone; pods on workers that are up go on, and none is moved",
        ClusterKind::Ceph => {
            "the monitors give out no map, and clients stop reading and writing; no data is lost"
        }
        ClusterKind::Proxmox => {
            "/etc/pve is read-only; virtual machines that run go on, and none is started, moved or changed"
        }
        _ => "nothing is started, moved or changed",
    }
}
