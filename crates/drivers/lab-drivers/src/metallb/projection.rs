//! Clusters that MetalLB announces addresses of, and which addresses.

use crate::bgp::speakers_of;
use lab_model::lab::{ClusterId, VipId};
use lab_model::written::{ClusterKind, VipProtocol};
use lab_model::{Lab, ThingId};
use std::collections::BTreeSet;

/// The clusters: those with an address that MetalLB moves, and those that speak BGP by something else than Cilium.
pub(super) fn subjects(lab: &Lab) -> Vec<ThingId> {
    let is_one = |(id, cluster): &(ClusterId, &lab_model::lab::Entry<lab_model::written::Cluster>)| {
        let is_kubernetes = cluster.kind.as_ref().is_some_and(|kind| kind.value == ClusterKind::Kubernetes);
        let has_cilium = cluster.cni.as_ref().is_some_and(|cni| &*cni.text == "cilium");
        let speaks = !has_cilium && !speakers_of(lab, *id).is_empty();
        is_kubernetes && (speaks || !moved_on_link(lab, *id).is_empty())
    };
    lab.clusters.iter().filter(is_one).map(|(id, _)| id.into()).collect()
}

/// Addresses of the cluster that MetalLB moves between nodes of one network.
pub(super) fn moved_on_link(lab: &Lab, cluster: ClusterId) -> Vec<VipId> {
    let is_moved = |(_, vip): &(VipId, &lab_model::lab::Entry<lab_model::written::Vip>)| {
        vip.cluster.as_ref().and_then(|of| of.id) == Some(cluster)
            && vip.protocol.as_ref().is_some_and(|protocol| protocol.value == VipProtocol::MetallbL2)
    };
    lab.vips.iter().filter(is_moved).map(|(id, _)| id).collect()
}

/// The addresses it may give out: ranges for load balancers, prefixes for them, else the very addresses that it moves.
pub(super) fn pool(lab: &Lab, cluster: ClusterId) -> BTreeSet<String> {
    let of_cluster = lab.prefixes.iter().filter(|(_, prefix)| {
        let is_for = prefix
            .kind
            .as_ref()
            .is_some_and(|kind| kind.value == lab_model::written::PrefixKind::LoadBalancers);
        is_for && prefix.cluster.as_ref().and_then(|of| of.id) == Some(cluster)
    });
    let mut pool: BTreeSet<String> = of_cluster
        .filter_map(|(id, _)| lab.derived.prefix(id).network)
        .map(|network| network.to_string())
        .collect();
    let moved = moved_on_link(lab, cluster);
    let addresses = moved.iter().flat_map(|vip| &lab.vips[*vip].address).map(|address| address.value.0);
    for address in addresses {
        let facts = lab.derived.prefix_of(address).map(|prefix| lab.derived.prefix(prefix));
        let around = facts.and_then(|facts| {
            facts
                .ranges
                .iter()
                .find(|range| range.purpose.contains("load balancer") && range.range.contains(address))
        });
        pool.insert(match around {
            Some(range) => format!("{}-{}", range.range.first(), range.range.last()),
            None => format!("{address}/{}", if address.is_ipv4() { 32 } else { 128 }),
        });
    }
    pool
}
