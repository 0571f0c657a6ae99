//! Members of a cluster that decide: three where one decides now.

use super::super::candidate::{Candidate, Cost};
use super::super::edit::{Edit, Value};
use crate::forecast::Forecast;
use lab_model::written::ClusterKind;

/// Every Kubernetes cluster of one or two members that decide, and with enough workers to make it three.
pub(super) fn candidates(forecast: &Forecast<'_>) -> Vec<Candidate> {
    let lab = forecast.lab;
    let mut all = Vec::new();
    for (id, cluster) in lab.clusters.iter().filter(|(id, _)| lab.is_active(*id)) {
        let is_kubernetes = cluster.kind.as_ref().is_some_and(|kind| kind.value == ClusterKind::Kubernetes);
        let members: Vec<_> = cluster.members.ids().collect();
        let active = |thing: &lab_model::ThingId| lab.is_active(*thing) && !members.contains(thing);
        let workers: Vec<_> = lab.workers_of(id).into_iter().filter(active).collect();
        let missing = 3_usize.saturating_sub(members.len());
        if !is_kubernetes
            || members.is_empty()
            || missing == 0
            || workers.len() < missing
            || cluster.quorum.is_some()
        {
            continue;
        }
        let names: Vec<String> =
            members.iter().chain(workers.iter().take(missing)).map(|thing| lab.subject(*thing)).collect();
        let mut edit = Edit::default();
        let of_cluster = |key| ["clusters", &*cluster.name.text, key];
        let left: Vec<String> = (cluster.workers.ids())
            .filter(|thing| !workers[..missing].contains(thing))
            .map(|thing| lab.subject(thing))
            .collect();
        let had_workers = !cluster.workers.is_empty();
        let are_apart = cluster.members_work.as_ref().is_some_and(|work| !work.value);
        let is_set = edit.set(lab, &of_cluster("members"), "is", Value::List(names))
            && (!had_workers || edit.set(lab, &of_cluster("workers"), "is", Value::List(left)))
            && (!are_apart || edit.set(lab, &of_cluster("members-work"), "is", "true"));
        if !is_set {
            continue;
        }
        let mut takes = vec!["the store of the cluster moved to etcd with three members".to_owned()];
        if are_apart {
            takes.push("to accept that members that decide run workloads as well".to_owned());
        }
        let new: Vec<String> =
            workers.iter().take(missing).map(|thing| lab.name(*thing).to_string()).collect();
        all.push(Candidate {
            group: format!("members {}", cluster.name),
            what: format!(
                "let {} decide in {} as well: three members instead of {}",
                new.join(" and "),
                cluster.name,
                members.len()
            ),
            takes,
            covers: Vec::new(),
            edit,
            cost: Cost::Free,
        });
    }
    all
}
