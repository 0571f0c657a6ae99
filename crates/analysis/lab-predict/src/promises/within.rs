//! "It is back within": the slowest way back of what moves after a failure.
//!
//! Only the mover's own patience is counted, and the start of what it moves; which address moves how fast is for a clock of its own.

use super::{Aspect, Witness};
use crate::answers::Forecast;
use crate::works::{Cluster, MachineKind, Placement};
use lab_model::written::{Claim, ClusterKind};

/// Until an instance answers after it was started: a minute when its image has to be pulled.
const INSTANCE_SECONDS: f64 = 60.0;
/// Until a virtual machine that was started answers.
const VM_SECONDS: f64 = 120.0;

/// Compares the period with how long the clusters that move things wait.
pub(super) fn judge(forecast: &Forecast<'_>, claim: &Claim) -> Vec<Aspect> {
    let Some(within) = &claim.within else { return Vec::new() };
    let works = &forecast.works;
    let said = format!("what moves is back within {}", within.value);
    let of_services = works.services.iter().filter_map(|service| match &service.placement {
        Placement::Movable { by: Some(by), .. } => Some((*by, INSTANCE_SECONDS)),
        _ => None,
    });
    let of_vms = works.machines.iter().filter_map(|machine| match &machine.kind {
        MachineKind::Vm { moved_by: Some(by), .. } => Some((*by, VM_SECONDS)),
        _ => None,
    });
    let seconds = |(by, start): (crate::works::ClusterId, f64)| (works[by].eviction_seconds + start, by);
    let Some((slowest, by)) =
        of_services.chain(of_vms).map(seconds).max_by(|one, other| one.0.total_cmp(&other.0))
    else {
        return vec![Aspect::not_judged(said, "Nothing moves by itself: what is down waits for a hand.")];
    };
    let cluster = &works[by];
    let minutes = (slowest / 60.0).ceil();
    let why = format!("{} The slowest is back after up to {minutes:.0} min.", patience(cluster));
    let fact =
        Witness::new(format!("{} waits {:.0} s", cluster.label, cluster.eviction_seconds), cluster.span);
    if slowest <= within.value.milliseconds() as f64 / 1000.0 {
        vec![Aspect::proved(said, why).with([fact])]
    } else {
        vec![Aspect::refuted(said, why).with([fact])]
    }
}

fn patience(cluster: &Cluster) -> String {
    match cluster.kind {
        ClusterKind::Kubernetes => format!(
            "{} counts a silent node as not ready, then leaves its pods alone until their toleration ends: {:.0} s in all.",
            cluster.label, cluster.eviction_seconds
        ),
        _ => format!(
            "{} waits {:.0} s before it starts things elsewhere.",
            cluster.label, cluster.eviction_seconds
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::verdicts;

    #[test]
    fn patience_of_the_cluster_decides() {
        let lab = |within: &str| {
            format!(
                "
devices: {{ n1..3: {{ role: server }} }}
hosts: {{ h1..3: {{ on: n1..3 }} }}
clusters: {{ k: {{ kind: kubernetes, members: h1..3, members-work: true }} }}
services: {{ web: {{ on: cluster/k }} }}
promises: {{ it: {{ says: it, claim: {{ within: {within} }} }} }}
"
            )
        };
        assert_eq!(verdicts(&lab("10 min")), ["proved"]);
        assert_eq!(verdicts(&lab("1 min")), ["REFUTED"]);
    }
}
