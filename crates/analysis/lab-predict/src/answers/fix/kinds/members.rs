//! Members of a cluster that decide: three where one decides now.

use super::super::candidate::{Candidate, Cost};
use super::super::edit::{Edit, Value};
use crate::answers::forecast::Forecast;
use lab_model::written::ClusterKind;

/// Every Kubernetes cluster of one or two members that decide, and with enough workers to make it three.
pub(super) fn candidates(forecast: &Forecast<'_>) -> Vec<Candidate> {
    let lab = forecast.lab;
    let mut all = Vec::new();
    for (id, cluster) in lab.clusters.iter().filter(|(id, _)| lab.is_active(*id)) {
        let is_kubernetes =
            cluster.kind.as_ref().is_some_and(|kind| kind.value == ClusterKind::Kubernetes);
        let members: Vec<_> = cluster.members.ids().collect();
        let active = |thing: &lab_model::ThingId| lab.is_active(*thing) && !members.contains(thing);
        let workers: Vec<_> = lab.derived.workers_of(id).into_iter().filter(active).collect();
        let missing = 3_usize.saturating_sub(members.len());
        if !is_kubernetes || members.is_empty() || missing == 0 || workers.len() < missing || cluster.quorum.is_some() {
            continue;
        }
        let names: Vec<String> =
            members.iter().chain(workers.iter().take(missing)).map(|thing| lab.subject(*thing)).collect();
        let mut edit = Edit::default();
        if !edit.set(lab, &["clusters", &cluster.name.text, "members"], "is", Value::List(names)) {
            continue;
        }
        let new: Vec<String> =
            workers.iter().take(missing).map(|thing| lab.name(*thing).to_string()).collect();
        all.push(Candidate {
            group: format!("members {}", cluster.name),
            what: format!("let {} decide in {} as well: three members instead of {}", new.join(" and "), cluster.name, members.len()),
            takes: vec!["the store of the cluster moved to etcd with three members".to_owned()],
            edit,
            cost: Cost::Free,
        });
    }
    all
}
