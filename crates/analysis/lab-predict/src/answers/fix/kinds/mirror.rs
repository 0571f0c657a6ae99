//! A second drive beside the one that a host's system is on: the same model in a free bay of the same kind, as a mirror.

use super::super::candidate::{Candidate, Cost};
use super::super::edit::{Edit, Value};
use crate::forecast::Forecast;
use lab_model::derived::DriveRole;
use lab_model::device_type::DeviceType;
use lab_model::grammar::{Grammar, Pattern};
use lab_model::lab::{DeviceId, HostId};
use lab_model::{Lab, ThingId};

/// Every host whose system is on one drive, and that has a free bay like that drive's.
pub(super) fn candidates(forecast: &Forecast<'_>) -> Vec<Candidate> {
    let lab = forecast.lab;
    let hosts = lab.hosts.iter().filter(|(id, _)| lab.is_active(*id));
    hosts.filter_map(|(id, _)| of_host(lab, id)).collect()
}

fn of_host(lab: &Lab, id: HostId) -> Option<Candidate> {
    let host = &lab.hosts[id];
    let device = host.on.as_ref()?.id?;
    if host.system_pool.is_some() {
        return None;
    }
    let is_system = |owner: &&lab_model::derived::DriveOwner| {
        owner.owner == ThingId::from(id) && owner.role == DriveRole::System
    };
    let mut systems = lab.derived.drive_owners.iter().filter(is_system);
    let (Some(system), None) = (systems.next(), systems.next()) else { return None };
    let drive = lab.derived.drive(system.drive);
    if lab.derived.owners_of(system.drive).count() > 1 || drive.device != device {
        return None;
    }
    let model = drive.model.as_ref()?.text.to_string();
    let bay = free_bay(lab, device, &drive.bay)?;
    let record = &lab.devices[device].name;
    let pool = format!("{}-system", host.name);
    let mut edit = Edit::default();
    let of_pool = |key| ["pools", pool.as_str(), key];
    let mirror = Value::Maps(vec![vec![("mirror".to_owned(), format!("({},{bay})", drive.bay))]]);
    let is_set = lab.pools.find(&pool).is_none()
        && edit.set(lab, &["devices", &record.text, "drives", &bay], "", model)
        && edit.set(lab, &of_pool("kind"), "", "md")
        && edit.set(lab, &of_pool("on"), "", lab.subject(id))
        && edit.set(lab, &of_pool("vdevs"), "", mirror)
        && edit.set(lab, &["hosts", &host.name.text, "system-pool"], "", pool.clone());
    is_set.then(|| Candidate {
        group: format!("mirror {}", host.name),
        what: format!(
            "a second drive in {bay} of {record}, as a mirror of {} for the system of {}",
            drive.bay, host.name
        ),
        takes: vec!["the system set up again on the mirror".to_owned()],
        covers: Vec::new(),
        edit,
        cost: Cost::NotKnown,
    })
}

/// A bay of the same template with nothing in it.
fn free_bay(lab: &Lab, device: DeviceId, like: &str) -> Option<String> {
    let ty = lab.derived.device(device).ty.as_deref()?;
    let row = rows(ty).into_iter().find(|row| row.iter().any(|bay| bay == like))?;
    row.into_iter().find(|bay| lab.derived.find_drive(device, bay).is_none())
}

fn rows(ty: &DeviceType) -> Vec<Vec<String>> {
    let names = |bay: &lab_model::device_type::DriveBay| {
        let text = bay.name.as_ref().or(bay.names.as_ref());
        text.and_then(|text| Pattern::parse(&text.text).ok())
            .map(|pattern| pattern.expand())
            .unwrap_or_default()
    };
    ty.drive_bays.iter().map(names).collect()
}
