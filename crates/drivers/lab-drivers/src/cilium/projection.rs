//! Clusters whose network plugin is Cilium and whose nodes speak BGP, and what they announce.

use crate::bgp::speakers_of;
use lab_model::lab::{BgpId, ClusterId};
use lab_model::written::PrefixKind;
use lab_model::{Lab, ThingId};

/// The clusters.
pub(super) fn subjects(lab: &Lab) -> Vec<ThingId> {
    let speaks = |(id, cluster): &(ClusterId, &lab_model::lab::Entry<lab_model::written::Cluster>)| {
        cluster.cni.as_ref().is_some_and(|cni| &*cni.text == "cilium") && !speakers_of(lab, *id).is_empty()
    };
    lab.clusters.iter().filter(speaks).map(|(id, _)| id.into()).collect()
}

/// What kinds of addresses a speaker announces.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub(super) struct Announced {
    pub(super) pods: bool,
    pub(super) services: bool,
    pub(super) load_balancers: bool,
}

/// What a speaker announces, by the kinds of the prefixes it names.
pub(super) fn announced(lab: &Lab, speaker: BgpId) -> Announced {
    let mut announced = Announced::default();
    for prefix in lab.bgp[speaker].announces.ids() {
        match lab.prefixes[prefix].kind.as_ref().map(|kind| kind.value) {
            Some(PrefixKind::Pods) => announced.pods = true,
            Some(PrefixKind::Services) => announced.services = true,
            Some(PrefixKind::LoadBalancers) => announced.load_balancers = true,
            _ => {}
        }
    }
    announced
}
