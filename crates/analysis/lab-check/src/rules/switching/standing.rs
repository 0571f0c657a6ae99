//! Vocabulary of the takeover rules: where a thing physically is, and which networks it is in.

use lab_model::Lab;
use lab_model::derived::AddressRole;
use lab_model::lab::{BgpId, DeviceId, Kind, PrefixId, ThingId};
use std::collections::{BTreeMap, BTreeSet};

/// The one device a thing depends on: its own, or that of its only host. `None` when it can be on several, or when it is
/// not known.
pub(super) fn only_device(lab: &Lab, thing: ThingId) -> Option<DeviceId> {
    match thing.kind {
        Kind::Device => Some(DeviceId(thing.index)),
        Kind::Host | Kind::Vm => match &lab.derived.machine(thing)?.devices[..] {
            [one] => Some(*one),
            _ => None,
        },
        _ => None,
    }
}

/// The prefixes that each thing has addresses in, those around included.
pub(super) fn presence(lab: &Lab) -> BTreeMap<ThingId, BTreeSet<PrefixId>> {
    let mut present: BTreeMap<ThingId, BTreeSet<PrefixId>> = BTreeMap::new();
    for assignment in &lab.derived.assignments {
        if !matches!(assignment.role, AddressRole::Interface | AddressRole::Reservation) {
            continue;
        }
        let mut around = assignment.prefix;
        while let Some(id) = around {
            present.entry(assignment.owner).or_default().insert(id);
            around = lab.derived.prefix(id).parent;
        }
    }
    present
}

/// The machines that speak for a BGP speaker.
pub(super) fn speakers(lab: &Lab, id: BgpId) -> Vec<ThingId> {
    let speaker = &lab.bgp[id];
    let cluster = speaker.cluster.as_ref().and_then(|cluster| cluster.id);
    let nodes = cluster
        .into_iter()
        .flat_map(|cluster| lab.clusters[cluster].members.ids().chain(lab.clusters[cluster].workers.ids()));
    speaker.on.ids().chain(nodes).collect()
}
