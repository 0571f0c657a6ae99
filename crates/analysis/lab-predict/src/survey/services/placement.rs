//! Where instances of a service are, and who moves them.
//!
//! In a cluster that moves workloads, anywhere that architecture, labels, cards and `only-on` allow. With data on a local disk of a node an
//! instance stays with its data, and a replica of a StatefulSet stays in any case: Kubernetes deletes no pod because its node is silent, and starts no
//! second one of that name before it is deleted ("Force Delete StatefulSet Pods", Kubernetes documentation). On hosts, virtual machines and devices, one at each that is named.

use super::Placed;
use crate::survey::Surveyor;
use crate::survey::network::net_of_address;
use crate::works::{ClusterId, Holder, MachineId, PartId, Placement, VertexKind};
use lab_model::derived::CardId;
use lab_model::lab::{
    ClusterId as LabClusterId, PoolId as LabPoolId, ServiceId as LabServiceId, VmId, VolumeId,
};
use lab_model::written::{ClusterKind, Spread, VolumeMode, Workload};
use lab_model::{Kind, ThingId};
use std::collections::BTreeSet;

/// Kubernetes detaches a volume from a node that is not healthy once deleting the pod has not succeeded for six minutes ("Forced storage detach on
/// timeout", Kubernetes documentation, node shutdowns).
const FORCED_DETACH_SECONDS: f64 = 360.0;

impl Surveyor<'_> {
    pub(super) fn place(&mut self, id: LabServiceId) -> Placed {
        let record = &self.lab.services[id];
        let (clusters, others): (Vec<ThingId>, Vec<ThingId>) =
            record.on.ids().partition(|runner| runner.kind == Kind::Cluster);
        let cluster = clusters.first().map(|cluster| LabClusterId(cluster.index));
        let places = self.fitting_places(id);
        if places.is_empty() {
            return self.place_nowhere(id);
        }
        let machines: Vec<MachineId> =
            places.iter().filter_map(|place| self.machine_of.get(place).copied()).collect();
        let cards = self.cards_for(id, &places);
        let replicas = self.lab.replicas_of(id).max(1);
        let workload = record.workload.as_ref().map_or(Workload::Deployment, |workload| workload.value);
        let is_fixed = match cluster {
            None => replicas as usize >= places.len(),
            Some(_) if workload == Workload::DaemonSet => true,
            Some(cluster) => others.is_empty() && !self.is_mover(cluster),
        };
        let placement = if is_fixed || machines.len() < places.len() {
            let mut holders: Vec<Holder> = Vec::new();
            for &place in &places {
                holders.extend(self.holder(place).filter(|holder| !holders.contains(holder)));
            }
            Placement::Fixed(holders)
        } else {
            let can_spread = replicas as usize <= machines.len();
            let anywhere = record.spread.as_ref().is_some_and(|spread| spread.value == Spread::Anywhere);
            let stays = workload == Workload::StatefulSet || self.stays_with_data(id);
            if stays && (replicas as usize) < machines.len() {
                let what = format!(
                    "{} is where the failure is: nothing says on which of {} machines it runs, and it stays there",
                    record.name,
                    machines.len()
                );
                self.assume(what, Some(record.name.span));
            }
            let by = cluster.filter(|_| !stays).and_then(|cluster| self.mover_of(cluster));
            Placement::Movable { on: machines, by, replicas, spread: can_spread && !anywhere }
        };
        Placed { placement, cards }
    }

    /// True for clusters that choose where a workload runs.
    fn is_mover(&self, cluster: LabClusterId) -> bool {
        let kind = self.lab.clusters[cluster].kind.as_ref().map(|kind| kind.value);
        matches!(kind, Some(ClusterKind::Kubernetes | ClusterKind::Containers | ClusterKind::Proxmox))
    }

    /// Who starts an instance elsewhere: Kubernetes always; Docker only as a swarm, which has a quorum; Proxmox when it is told to.
    fn mover_of(&self, cluster: LabClusterId) -> Option<ClusterId> {
        let record = &self.lab.clusters[cluster];
        let moves = match record.kind.as_ref().map(|kind| kind.value) {
            Some(ClusterKind::Kubernetes) => true,
            Some(ClusterKind::Containers) => record.quorum.is_some(),
            Some(ClusterKind::Proxmox) => {
                crate::survey::machines::is_true(record.restarts_elsewhere.as_ref())
            }
            _ => false,
        };
        self.cluster_of.get(&cluster).copied().filter(|_| moves)
    }

    /// Places in use that have what the service asks for; all of them when none has.
    fn fitting_places(&mut self, id: LabServiceId) -> Vec<ThingId> {
        let lab = self.lab;
        let record = &lab.services[id];
        let active: Vec<ThingId> =
            lab.places_of(id).into_iter().filter(|&place| self.holder(place).is_some()).collect();
        let local = self.local_pools(id);
        let fits = |place: &ThingId| {
            self.has_architecture(id, *place)
                && record.needs_labels.iter().all(|label| self.has_label(*place, &label.text))
                && record.needs_card.as_ref().is_none_or(|card| self.has_card(*place, &card.text))
                && (local.is_empty() || local.iter().any(|&pool| self.pool_is_on(pool, *place)))
        };
        let fitting: Vec<ThingId> = active.iter().copied().filter(fits).collect();
        if fitting.is_empty() && !active.is_empty() {
            let what = format!(
                "{} finds what it asks for wherever it may run: no place is known to have it",
                record.name
            );
            self.assume(what, Some(record.name.span));
            return active;
        }
        fitting
    }

    fn has_architecture(&self, id: LabServiceId, place: ThingId) -> bool {
        let wanted = &self.lab.services[id].architectures;
        let facts = self.lab.derived.machine(place);
        let own = facts.and_then(|facts| facts.architecture);
        own.is_none_or(|own| wanted.is_empty() || wanted.iter().any(|wanted| wanted.value == own))
    }

    fn has_label(&self, place: ThingId, label: &str) -> bool {
        let labels = match place.kind {
            Kind::Host => &self.lab.hosts[lab_model::lab::HostId(place.index)].labels,
            Kind::Vm => &self.lab.vms[VmId(place.index)].labels,
            _ => return false,
        };
        labels.iter().any(|own| &*own.text == label)
    }

    /// Cards of a place that are of a type, or provide what a word asks for.
    fn cards_like(&self, place: ThingId, wanted: &str) -> Vec<CardId> {
        let derived = &self.lab.derived;
        let fits = |card: &CardId| {
            let card = derived.card(*card);
            let named = card.type_name.as_ref().is_some_and(|name| &*name.text == wanted);
            let provides =
                card.ty.as_deref().is_some_and(|ty| ty.provides.iter().any(|word| &*word.text == wanted));
            named || provides
        };
        if let Ok(vm) = VmId::try_from(place) {
            let given = derived.passed_through.iter().filter(|given| given.vm == vm);
            return given.filter_map(|given| given.card).filter(fits).collect();
        }
        let devices = self.lab.devices_under(place);
        devices.iter().flat_map(|&device| derived.device(device).cards.iter().copied()).filter(fits).collect()
    }

    fn has_card(&self, place: ThingId, wanted: &str) -> bool {
        let built_in = |device: lab_model::lab::DeviceId| {
            let ty = self.lab.derived.device(device).ty.as_ref();
            ty.is_some_and(|ty| ty.provides.iter().any(|word| &*word.text == wanted))
        };
        !self.cards_like(place, wanted).is_empty()
            || place.kind != Kind::Vm && self.lab.devices_under(place).into_iter().any(built_in)
    }

    fn cards_for(&mut self, id: LabServiceId, places: &[ThingId]) -> Vec<(MachineId, Vec<PartId>)> {
        let Some(wanted) = &self.lab.services[id].needs_card else { return Vec::new() };
        let mut found = Vec::new();
        for &place in places {
            let Some(&machine) = self.machine_of.get(&place) else { continue };
            if let Some(&card) = self.cards_like(place, &wanted.text).first() {
                let part = self.card(card);
                found.push((machine, vec![part]));
            }
        }
        found
    }

    /// The pools of the nodes, when a volume of the service is on a local disk.
    fn local_pools(&self, id: LabServiceId) -> BTreeSet<LabPoolId> {
        let local = self.volumes_of(id, VolumeMode::Local);
        local.flat_map(|volume| self.lab.pools_of(volume.into())).collect()
    }

    fn volumes_of(&self, id: LabServiceId, wanted: VolumeMode) -> impl Iterator<Item = VolumeId> + '_ {
        let own =
            self.lab.volumes.iter().filter(move |(_, volume)| {
                volume.service.as_ref().and_then(|service| service.id) == Some(id)
            });
        own.map(|(volume, _)| volume).filter(move |volume| {
            let class = self.lab.class_of(*volume);
            let mode = class.and_then(|class| self.lab.storage_classes[class].mode.as_ref());
            mode.is_some_and(|mode| mode.value == wanted)
        })
    }

    fn stays_with_data(&self, id: LabServiceId) -> bool {
        self.volumes_of(id, VolumeMode::Local).next().is_some()
    }

    /// How long what is started elsewhere waits for a volume that one node has at a time.
    pub(super) fn detach_seconds(&self, id: LabServiceId, placed: &Placed) -> f64 {
        let Placement::Movable { by: Some(by), .. } = placed.placement else { return 0.0 };
        let record =
            self.cluster_of.iter().find(|(_, row)| **row == by).map(|(id, _)| &self.lab.clusters[*id]);
        let kind = record.and_then(|record| record.kind.as_ref()).map(|kind| kind.value);
        let waits =
            kind == Some(ClusterKind::Kubernetes) && self.volumes_of(id, VolumeMode::Block).next().is_some();
        if waits { FORCED_DETACH_SECONDS } else { 0.0 }
    }

    fn pool_is_on(&self, pool: LabPoolId, place: ThingId) -> bool {
        let on = self.lab.pools[pool].on.as_ref().and_then(|on| on.id);
        on.is_none_or(|on| on == place || self.holder(on) == self.holder(place))
    }

    /// A service of which nobody says where it runs, or that runs on nothing in use, has a machine of its own that never fails.
    fn place_nowhere(&mut self, id: LabServiceId) -> Placed {
        let record = &self.lab.services[id];
        let what = format!("{} always runs: nothing in use that it runs on is written down", record.name);
        self.assume(what, Some(record.name.span));
        let mut row = self.blank(id.into());
        row.label = format!("where {} runs", record.name);
        let machine = self.works.machines(row);
        let net = record.address.iter().find_map(|address| net_of_address(self.lab, address.value.0));
        let segment = net.and_then(|net| self.network.segment_of.get(&net).copied());
        if let Some(segment) = segment {
            self.vertex(Holder::Machine(machine), segment, VertexKind::Station);
        }
        Placed { placement: Placement::Fixed(vec![Holder::Machine(machine)]), cards: Vec::new() }
    }

    /// The machines and devices of a placement.
    pub(super) fn holders_of(placed: &Placed) -> Vec<Holder> {
        match &placed.placement {
            Placement::Fixed(holders) => holders.clone(),
            Placement::Movable { on, .. } => on.iter().map(|&machine| Holder::Machine(machine)).collect(),
        }
    }
}
