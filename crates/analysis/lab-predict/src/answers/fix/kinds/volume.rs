//! A volume on the disk of one node that could be on storage which outlives a node: another storage class of the same cluster.
//!
//! Only volumes of which nobody keeps a second copy, and only where the class has room as far as sizes are known. Their data has to be
//! copied over.

use super::super::candidate::{Candidate, Cost};
use super::super::edit::Edit;
use crate::forecast::Forecast;
use lab_model::Lab;
use lab_model::lab::{StorageClassId, VolumeId};
use lab_model::written::{Importance, VolumeMode};

/// Every volume of one copy on a local disk, with each class that is not local.
pub(super) fn candidates(forecast: &Forecast<'_>) -> Vec<Candidate> {
    let lab = forecast.lab;
    let mut all = Vec::new();
    for (id, volume) in lab.volumes.iter() {
        let Some(class) = lab.class_of(id).filter(|class| mode(lab, *class) == Some(VolumeMode::Local))
        else {
            continue;
        };
        let copies = volume.copies.as_ref().map_or(1, |copies| copies.value);
        let is_scratch =
            volume.importance.as_ref().is_some_and(|importance| importance.value == Importance::Ephemeral);
        if copies > 1 || is_scratch {
            continue;
        }
        let mut classes: Vec<_> = lab.storage_classes.iter().collect();
        // Of classes that are as good, the one that most volumes are on already.
        let n_volumes = |class| lab.volumes.iter().filter(|(id, _)| lab.class_of(*id) == Some(class)).count();
        classes.sort_by_key(|(other, _)| std::cmp::Reverse(n_volumes(*other)));
        for (other, record) in classes {
            let is_block = matches!(mode(lab, other), Some(VolumeMode::Block))
                || volume.shared.as_ref().is_some_and(|shared| shared.value)
                    && mode(lab, other) == Some(VolumeMode::Shared);
            if !is_block || cluster(lab, other) != cluster(lab, class) || !has_room(lab, id, other) {
                continue;
            }
            let mut edit = Edit::default();
            let value = format!("storage-class/{}", record.name);
            if !edit.set(lab, &["volumes", &volume.name.text, "on"], "is", value) {
                continue;
            }
            let mut takes = vec!["its data copied over".to_owned()];
            if volume.size.is_none() {
                takes.push(format!("room on {}: the size of the volume is not said", record.name));
            }
            all.push(Candidate {
                group: format!("volume {}", volume.name),
                what: format!(
                    "keep {} on {} instead of {}",
                    volume.name, record.name, lab.storage_classes[class].name
                ),
                takes,
                covers: Vec::new(),
                edit,
                cost: Cost::Free,
            });
        }
        all.extend(second_copy(lab, id));
    }
    all
}

/// A database that copies itself: one instance more, on a disk of another node.
fn second_copy(lab: &Lab, id: VolumeId) -> Option<Candidate> {
    let volume = &lab.volumes[id];
    let service = volume.service.as_ref()?.id?;
    let record = &lab.services[service];
    let copies_itself = volume.database.as_ref().is_some_and(|database| database.value)
        && record.roles.iter().any(|role| &*role.text == "database");
    if !copies_itself || lab.replicas_of(service) > 1 || lab.places_of(service).len() < 2 {
        return None;
    }
    let mut edit = Edit::default();
    let is_set = edit.set(lab, &["services", &record.name.text, "replicas"], "is", "2")
        && edit.set(lab, &["volumes", &volume.name.text, "copies"], "is", "2");
    is_set.then(|| Candidate {
        group: format!("volume {}", volume.name),
        what: format!("two instances of {}, each with a copy of {}", record.name, volume.name),
        takes: vec!["a database that copies itself and changes over by itself".to_owned()],
        covers: Vec::new(),
        edit,
        cost: Cost::Free,
    })
}

fn mode(lab: &Lab, class: StorageClassId) -> Option<VolumeMode> {
    lab.storage_classes[class].mode.as_ref().map(|mode| mode.value)
}

fn cluster(lab: &Lab, class: StorageClassId) -> Option<lab_model::lab::ClusterId> {
    lab.storage_classes[class].cluster.as_ref()?.id
}

/// True unless what is known to be on the class's pool and the volume are more than it holds.
fn has_room(lab: &Lab, volume: VolumeId, class: StorageClassId) -> bool {
    let pools = lab.pools_of(class.into());
    let [pool] = pools[..] else { return true };
    let Some(usable) = lab.derived.usable_of_pool(lab, pool) else { return true };
    let others = lab.volumes.iter().filter(|(id, _)| lab.pools_of((*id).into()) == pools);
    let size =
        |volume: &lab_model::written::Volume| volume.size.as_ref().map_or(0, |size| size.value.bytes());
    let used: u64 = others.map(|(_, volume)| size(volume)).sum();
    used.saturating_add(size(&lab.volumes[volume])) <= usable.bytes()
}
