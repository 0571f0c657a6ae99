//! "It is back within": each failure is played, and the slowest way back of what is there before and after is read from the clock.
//!
//! What is not back at all is for the claim that it survives.

use super::target::{Failable, parts_of_thing};
use super::{Aspect, Witness};
use crate::forecast::{Forecast, words};
use crate::simulate::Simulator;
use crate::simulate::clock::{Cause, Recovery, Wait, recoveries};
use crate::works::{PartId, ServiceId};
use lab_model::ThingId;
use lab_model::lab::ServiceId as ServiceOf;
use lab_model::written::{Claim, Failing};
use std::collections::{BTreeMap, BTreeSet};

/// A StatefulSet starts no second pod of a name while the first may still run, so that eviction from a silent node marks it and
/// waits for that node's kubelet ("Force Delete StatefulSet Pods" and "Non-graceful node shutdown handling", Kubernetes documentation).
pub(super) const OF_STATEFUL_SETS: &str = "That is how pods of a Deployment go; a pod of a StatefulSet on a silent node is not replaced until the node is back, deleted, or marked by a hand as out of service (`node.kubernetes.io/out-of-service`).";

/// Plays every single failure that the claim lets happen, or the one that it names.
pub(super) fn judge(forecast: &Forecast<'_>, claim: &Claim) -> Vec<Aspect> {
    let Some(within) = &claim.within else { return Vec::new() };
    let said = format!("what is not lost is back within {}", within.value);
    let failures = failures(forecast, claim);
    if failures.is_empty() {
        return vec![Aspect::not_judged(said, "Nothing is described that could fail.")];
    }
    let of: BTreeSet<ThingId> = claim.of.ids().collect();
    let is_meant = |id: ServiceId| {
        let thing = forecast.works[id].thing;
        let on = |service: ServiceOf| forecast.lab.services[service].on.ids().any(|on| of.contains(&on));
        of.is_empty() || of.contains(&thing) || ServiceOf::try_from(thing).is_ok_and(on)
    };
    let simulator = Simulator::new(&forecast.works);
    let healthy = simulator.play(&[]);
    let mut slowest: Option<(f64, Recovery, &Vec<PartId>)> = None;
    let mut late: BTreeSet<ServiceId> = BTreeSet::new();
    let mut unmoved = 0;
    let wanted = within.value.milliseconds() as f64 / 1000.0;
    for failed in &failures {
        let back = recoveries(&healthy, &simulator.play(failed));
        unmoved += usize::from(back.is_empty());
        for recovery in back.into_iter().filter(|recovery| is_meant(recovery.service)) {
            let seconds = recovery.seconds.most;
            if seconds > wanted {
                late.insert(recovery.service);
            }
            if slowest.as_ref().is_none_or(|(known, ..)| seconds > *known) {
                slowest = Some((seconds, recovery, failed));
            }
        }
    }
    let Some((seconds, recovery, failed)) = slowest else {
        let why = format!("None of {} failures makes anything move that is meant.", failures.len());
        return vec![match unmoved == failures.len() {
            true => Aspect::not_judged(said, "Nothing moves by itself: what is down waits for a hand."),
            false => Aspect::proved(said, why),
        }];
    };
    let why = format!(
        "The slowest is {}: {} after {} {}, since {}.",
        forecast.works[recovery.service].label,
        if seconds.is_finite() {
            format!("up to {:.0} min", (seconds / 60.0).ceil())
        } else {
            "never".to_owned()
        },
        words::parts(forecast, failed),
        if failed.len() == 1 { "fails" } else { "fail" },
        way(forecast, &recovery).join(", then ")
    );
    // What says that it is survived tells of StatefulSets already.
    let is_told = claim.keeps.is_some();
    let why = if !is_told && may_be_stateful(forecast, &recovery) {
        format!("{why} {OF_STATEFUL_SETS}")
    } else {
        why
    };
    let facts = way(forecast, &recovery).into_iter().map(|step| Witness::new(step, None));
    if seconds <= wanted {
        return vec![Aspect::proved(said, why).with(facts)];
    }
    let labels = words::names(late.iter().map(|id| forecast.works[*id].label.as_str()));
    vec![Aspect::refuted(said, format!("Not in time: {labels}. {why}")).with(facts)]
}

/// The failures to play: what is named together, else each machine or part alone.
pub(super) fn failures(forecast: &Forecast<'_>, claim: &Claim) -> Vec<Vec<PartId>> {
    let named: BTreeSet<PartId> =
        claim.losing.ids().flat_map(|thing| parts_of_thing(forecast, thing)).collect();
    if !named.is_empty() {
        return vec![named.into_iter().collect()];
    }
    let what = claim.of_any.as_ref().map_or(Failing::Hosts, |what| what.value);
    let chosen = Failable::of(forecast, what, &claim.of);
    let mut by_thing: BTreeMap<(Option<ThingId>, Option<PartId>), Vec<PartId>> = BTreeMap::new();
    for part in chosen.parts {
        // A system and its device fail apart; pieces of one device fail alone.
        let own = matches!(what, Failing::Hosts | Failing::Members | Failing::Routers | Failing::Vms);
        by_thing.entry((forecast.works[part].thing, (!own).then_some(part))).or_default().push(part);
    }
    by_thing.into_values().collect()
}

/// A service on the way that waits for a disk and of which nobody says that it is no StatefulSet.
fn may_be_stateful(forecast: &Forecast<'_>, recovery: &Recovery) -> bool {
    recovery.chain.iter().any(|wait| match wait.cause {
        Cause::InstanceMoves(id) => has_disk(forecast, id) && !says_workload(forecast, id),
        _ => false,
    })
}

/// True for what Kubernetes moves together with a volume that one node has at a time.
pub(super) fn has_disk(forecast: &Forecast<'_>, id: ServiceId) -> bool {
    forecast.works[id].detach_seconds > 0.0
}

/// True when the lab says what keeps it running.
pub(super) fn says_workload(forecast: &Forecast<'_>, id: ServiceId) -> bool {
    let own = ServiceOf::try_from(forecast.works[id].thing);
    own.is_ok_and(|own| forecast.lab.services[own].workload.is_some())
}

/// The waits in words, one after the other.
fn way(forecast: &Forecast<'_>, recovery: &Recovery) -> Vec<String> {
    recovery.chain.iter().map(|wait| step(forecast, wait)).collect()
}

fn step(forecast: &Forecast<'_>, wait: &Wait) -> String {
    let works = &forecast.works;
    let what = match wait.cause {
        Cause::Address(vip) => format!("{} moves", works[vip].label),
        Cause::Aggregate(_) => "an aggregate leaves its dead member out".to_owned(),
        Cause::SpanningTree(_) => "frames take another way".to_owned(),
        Cause::Router(_) => "packets take another router".to_owned(),
        Cause::VmMoves(machine) => format!("{} is started on another host", works[machine].label),
        Cause::InstanceMoves(id) => format!("an instance of {} is started elsewhere", works[id].label),
        Cause::OtherInstance(id) => format!("another instance of {} answers", works[id].label),
    };
    let most = wait.seconds.most;
    match wait.cause {
        Cause::InstanceMoves(id)
            if most.is_finite() && most > works[id].detach_seconds && has_disk(forecast, id) =>
        {
            format!(
                "{what} (up to {most:.0} s, with its volume taken from the silent node by force after {:.0} s)",
                works[id].detach_seconds
            )
        }
        _ if most.is_finite() => format!("{what} (up to {most:.0} s)"),
        _ => format!("{what} (by hand)"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{because, verdicts};

    fn lab(within: &str, storage: &str) -> String {
        format!(
            "
devices: {{ n1..3: {{ role: server }} }}
hosts: {{ h1..3: {{ on: n1..3 }} }}
clusters: {{ k: {{ kind: kubernetes, members: h1..3, members-work: true }} }}
services: {{ web: {{ on: cluster/k }} }}
{storage}
promises: {{ it: {{ says: it, claim: {{ within: {within} }} }} }}
"
        )
    }

    #[test]
    fn patience_of_the_cluster_decides() {
        assert_eq!(verdicts(&lab("10 min", "")), ["proved"]);
        assert_eq!(verdicts(&lab("1 min", "")), ["REFUTED"]);
    }

    #[test]
    fn a_block_volume_is_waited_for() {
        let storage = "
storage-classes: { rbd: { cluster: k, mode: block } }
volumes: { web-data: { on: rbd, service: web } }";
        assert_eq!(verdicts(&lab("10 min", storage)), ["REFUTED"]);
        let why = because(&lab("10 min", storage));
        assert!(why.contains("by force after 360 s"), "{why}");
        assert!(why.contains("a pod of a StatefulSet on a silent node is not replaced"), "{why}");
        assert!(!because(&lab("10 min", "")).contains("StatefulSet"));
        assert_eq!(verdicts(&lab("15 min", storage)), ["proved"]);
        let told = lab("15 min", storage).replace("on: cluster/k", "on: cluster/k, workload: deployment");
        assert!(!because(&told).contains("StatefulSet"), "it is said to be none");
    }
}
