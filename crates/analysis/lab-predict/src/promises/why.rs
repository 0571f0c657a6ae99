//! Why a failure does what it does, in the words of whoever runs such things: votes and quorum, copies and placement groups, parity, the only
//! place of a service. Built from the tables and the settled state, so that every lab gets its own figures.
//!
//! It explains and decides nothing: what comes about is the circuit's word.

use crate::answers::{Forecast, drawn_together, names_words};
use crate::simulate::{DriveState, Scene, Simulator, Viewer};
use crate::works::{
    Ceph, Cluster, ClusterId, Fate, Holder, Layout, MachineId, Need, Outcome, PartId, Placement, Pool,
    PoolId, ServiceId, Subject, Vdev,
};
use lab_model::written::ClusterKind;
use std::collections::BTreeMap;

/// Sentences on how `hit` follows from `failed`, the root first.
pub(super) fn explain(forecast: &Forecast<'_>, failed: &[PartId], hit: &[Outcome]) -> Vec<String> {
    let simulator = Simulator::new(&forecast.works);
    let teller = Teller { forecast, scene: simulator.play(failed) };
    let mut sentences = Vec::new();
    let clusters = hit.iter().filter_map(|outcome| match outcome.subject {
        Subject::Cluster(id) => Some(id),
        _ => None,
    });
    sentences.extend(clusters.map(|id| teller.no_quorum(id)));
    sentences.extend(teller.pools(hit));
    sentences.extend(teller.services(hit));
    sentences.extend(teller.cannot_start_again(failed));
    sentences
}

/// Sentences on why nothing of what is watched comes about although `n` of these fail: what stands in, and how much of it is left.
pub(super) fn margin(forecast: &Forecast<'_>, watched: &[Outcome], n: usize) -> Vec<String> {
    let works = &forecast.works;
    let mut told: Vec<(String, Vec<&str>)> = Vec::new();
    let mut tight: Vec<String> = Vec::new();
    for outcome in watched {
        let (label, why) = match (outcome.subject, outcome.fate) {
            (Subject::Pool(id), fate) => {
                tight.extend(nowhere_to_rebuild(&works[id], n));
                tight.extend(stops_before(forecast, &works[id], fate, n));
                (works[id].label.as_str(), pool_margin(&works[id], fate))
            }
            (Subject::Cluster(id), _) if works[id].quorum > 0 => {
                let cluster = &works[id];
                let why = format!("{} of {} votes decide", cluster.quorum, cluster.members.len());
                (cluster.label.as_str(), Some(why))
            }
            _ => continue,
        };
        let Some(why) = why else { continue };
        match told.iter_mut().find(|(known, _)| *known == why) {
            Some((_, labels)) if labels.contains(&label) => {}
            Some((_, labels)) => labels.push(label),
            None => told.push((why, vec![label])),
        }
    }
    let mut sentences: Vec<String> =
        told.into_iter().take(3).map(|(why, labels)| format!("{}: {why}.", names_words(labels))).collect();
    tight.sort();
    tight.dedup();
    sentences.extend(tight);
    sentences
}

fn pool_margin(pool: &Pool, fate: Fate) -> Option<String> {
    match (&pool.layout, fate) {
        (Layout::Groups(groups), _) => {
            let weakest = groups.iter().min_by_key(|group| group.tolerates)?;
            Some(format!(
                "{} bears {} of its {} drives",
                weakest.label,
                weakest.tolerates,
                weakest.drives.len()
            ))
        }
        (Layout::Separate(group), _) => {
            Some(format!("{} bears {} drives gone", group.label, group.tolerates))
        }
        (Layout::Ceph(ceph), Fate::Lost) => Some(format!(
            "{} in {} failure domains, and data is lost when drives die in {} of those",
            pieces(ceph),
            ceph.domains.len(),
            ceph.lost_at
        )),
        (Layout::Ceph(ceph), _) => Some(format!(
            "{}, serving with {} of them, so {} of {} failure domains may be away",
            pieces(ceph),
            ceph.min_copies,
            ceph.copies.saturating_sub(ceph.min_copies),
            ceph.domains.len()
        )),
        (Layout::Unknown, _) => None,
    }
}

/// `3 copies`, or chunks when fewer lost ones than all are too many.
fn pieces(ceph: &Ceph) -> String {
    let what = if ceph.lost_at < ceph.copies { "chunks (erasure-coded)" } else { "copies" };
    format!("{} {what}", ceph.copies)
}

/// Data outlives failures that already stop reading and writing.
fn stops_before(forecast: &Forecast<'_>, pool: &Pool, fate: Fate, n: usize) -> Option<String> {
    let Layout::Ceph(ceph) = &pool.layout else { return None };
    let n = n as u32;
    if fate != Fate::Lost || ceph.copies.saturating_sub(n) >= ceph.min_copies {
        return None;
    }
    let cluster = &forecast.works[ceph.cluster];
    let votes = (cluster.members.len() as u32).saturating_sub(n);
    let monitors = match votes < cluster.quorum {
        true => format!(", and {votes} of {} monitors is no quorum", cluster.members.len()),
        false => String::new(),
    };
    Some(format!(
        "Kept is not served: with {n} domains away {} of {} are left where {} must be (min_size), the placement groups are inactive{monitors}: reads stop as well as writes, there is no read-only mode.",
        ceph.copies.saturating_sub(n),
        pieces(ceph),
        ceph.min_copies
    ))
}

/// Ceph rebuilds copies in other domains only while there are more domains than copies.
fn nowhere_to_rebuild(pool: &Pool, n: usize) -> Option<String> {
    let Layout::Ceph(ceph) = &pool.layout else { return None };
    let left = ceph.domains.len().checked_sub(n)?;
    (left < ceph.copies as usize).then(|| {
        format!(
            "Nothing is rebuilt until what failed is back: {} need as many domains, and {left} {}.",
            pieces(ceph),
            if left == 1 { "is left" } else { "are left" }
        )
    })
}

struct Teller<'f, 'l, 's> {
    forecast: &'f Forecast<'l>,
    scene: Scene<'s>,
}

impl Teller<'_, '_, '_> {
    fn no_quorum(&self, id: ClusterId) -> String {
        let cluster = &self.forecast.works[id];
        let sides = &self.scene.state().clusters[id.index()].sides;
        let left = sides.first().map_or(0, Vec::len);
        let votes = format!(
            "{} of {} votes are left in {} and {} decide",
            left,
            cluster.members.len(),
            cluster.label,
            cluster.quorum
        );
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
        told.into_iter().map(|(why, pools)| format!("{}: {why}.", drawn_together(pools).join(", "))).collect()
    }

    fn pool(&self, pool: &Pool, fate: Fate) -> String {
        match &pool.layout {
            Layout::Ceph(ceph) => self.ceph(ceph, fate),
            Layout::Groups(groups) => self.groups(pool, groups, fate),
            Layout::Separate(group) if fate == Fate::Lost => format!(
                "{} bears {} dead drives and {} are; what was on those is gone, the other drives stay readable",
                group.label,
                group.tolerates,
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
                "{} bears {} dead drives and {} are; the pool cannot be imported, everything on it is gone",
                group.label,
                group.tolerates,
                self.n_drives(group, state)
            ),
            Some(group) if self.holder_is_up(pool) => format!(
                "{} bears {} drives away and {} are; I/O is suspended, nothing is lost, and it goes on when they are back",
                group.label,
                group.tolerates,
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
                format!("every drive hangs on {}; the drives keep what they hold", names_words(broken))
            }
        }
    }

    fn ceph(&self, ceph: &Ceph, fate: Fate) -> String {
        let state = self.scene.state();
        if fate == Fate::Lost {
            let dead = self.domains(ceph, |osd| state.drives[osd.drive.index()] == DriveState::Dead);
            let all =
                if ceph.lost_at < ceph.copies { "more chunks than can be rebuilt" } else { "all copies" };
            return format!(
                "{}, and drives are dead in {dead} failure domains: some placement group may have had {all} there",
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
                "of {} copies as few as {left} are there, and {} must be (min_size): such placement groups are inactive, reads stop as well as writes, there is no read-only mode{monitors}{kept}",
                ceph.copies, ceph.min_copies
            );
        }
        match self.votes_left(ceph.cluster) {
            Some((left, votes)) => format!(
                "{left} of {votes} monitors reach each other, which is no quorum: clients get no map, reads and writes stop, no data is lost"
            ),
            None => "its OSDs are not reached".to_owned(),
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
                format!("{} {verb} gone: {why}.", names_words(services))
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
                    drawn_together(many.iter().copied()).join(", ")
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
        if let Some(by) = by.filter(|by| !self.scene.state().clusters[by.index()].held) {
            return format!(
                "it may have been where the failure is, and {} cannot start it elsewhere without quorum",
                works[by].label
            );
        }
        if !self.scene.state().services[id.index()].works && by.is_none() {
            return "an instance that is gone is started nowhere else".to_owned();
        }
        if self.scene.state().services[id.index()].places.is_empty() {
            return "no place is left that has all it needs".to_owned();
        }
        match service.front.map(|front| &works[front]) {
            Some(vip) => format!("it runs, and nobody who uses it reaches it at {}", vip.label),
            None => "it runs, and nobody who uses it reaches it".to_owned(),
        }
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
            Need::External(part) | Need::Part(part) => works[*part].label.clone(),
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

    /// Machines that run on and could not start again: they boot from what is gone.
    fn cannot_start_again(&self, failed: &[PartId]) -> Option<String> {
        let works = &self.forecast.works;
        let healthy = Simulator::new(works);
        let healthy = healthy.play(&[]);
        let stuck = (0..works.machines.len() as u32).map(MachineId).filter(|id| {
            let unmet = |scene: &Scene<'_>| {
                let from = Viewer::Holder(Holder::Machine(*id));
                works[*id].needs_to_start.iter().any(|need| !scene.is_met(&need.need, from))
            };
            self.scene.state().machines[id.index()] && unmet(&self.scene) && !unmet(&healthy)
        });
        let labels: Vec<&str> = stuck.map(|id| works[id].label.as_str()).collect();
        let (verb, they) = if labels.len() == 1 { ("runs", "it needs") } else { ("run", "they need") };
        (!labels.is_empty() && !failed.is_empty()).then(|| {
            format!(
                "{} {verb} on, and must not restart meanwhile: {they} what has failed in order to boot.",
                drawn_together(labels).join(", ")
            )
        })
    }
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
