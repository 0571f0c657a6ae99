//! Clusters: who has a vote, how many votes decide, and who works.

use super::Surveyor;
use super::vips::seconds;
use crate::works::{Cluster, MachineId, VipId};
use lab_model::ThingId;
use lab_model::lab::ClusterId as LabClusterId;
use lab_model::written::ClusterKind;

/// Kubernetes evicts from a node that it has called unreachable for this long (the default of `tolerationSeconds`).
const KUBERNETES_EVICTION_SECONDS: f64 = 300.0;
/// Kubernetes calls a silent node unreachable after this long (`node-monitor-grace-period`: 50 s, 40 s before 1.32).
const NODE_GRACE_SECONDS: f64 = 50.0;
/// Proxmox VE fences a node after its watchdog has run out (60 s) and starts its machines once its locks are free (120 s more).
const PROXMOX_EVICTION_SECONDS: f64 = 180.0;

impl Surveyor<'_> {
    /// Adds a row for each cluster in use.
    pub(super) fn add_clusters(&mut self) {
        for id in self.cluster_of.keys().copied().collect::<Vec<_>>() {
            let row = self.cluster(id);
            self.works.clusters(row);
        }
    }

    fn cluster(&self, id: LabClusterId) -> Cluster {
        let record = &self.lab.clusters[id];
        let kind = record.kind.as_ref().map_or(ClusterKind::Other, |kind| kind.value);
        let members = self.machines_of(record.members.ids());
        let more_than_half = members.len() as u32 / 2 + 1;
        let quorum = match (&record.quorum, kind) {
            (Some(quorum), _) => quorum.value,
            (None, ClusterKind::Containers) => 0,
            (None, _) if members.is_empty() => 0,
            (None, _) => more_than_half,
        };
        let usual = match kind {
            ClusterKind::Proxmox => PROXMOX_EVICTION_SECONDS,
            _ => KUBERNETES_EVICTION_SECONDS,
        };
        let grace = if kind == ClusterKind::Kubernetes { NODE_GRACE_SECONDS } else { 0.0 };
        Cluster {
            thing: id.into(),
            label: record.name.text.to_string(),
            kind,
            members,
            quorum,
            among: None,
            clients_in: None,
            workers: self.machines_of(self.lab.workers_of(id).into_iter()),
            api: self.api_of(id),
            eviction_seconds: grace
                + record.eviction.as_ref().map_or(usual, |eviction| seconds(eviction.value)),
            span: Some(record.name.span),
        }
    }

    pub(super) fn machines_of(&self, things: impl Iterator<Item = ThingId>) -> Vec<MachineId> {
        things.filter_map(|thing| self.machine_of.get(&thing).copied()).collect()
    }

    fn api_of(&self, id: LabClusterId) -> Option<VipId> {
        let api = self.lab.clusters[id].api.as_ref()?.value;
        let has = |vip: &lab_model::written::Vip| vip.address.iter().any(|address| address.value == api);
        let (vip, _) = self.lab.vips.iter().find(|(_, vip)| has(vip))?;
        self.vip_of.get(&vip).copied()
    }
}
