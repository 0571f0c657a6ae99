//! Services: where they run, what they need, who reaches them and by which name.
//!
//! - `placement.rs`: where instances are, and who moves them.
//! - `needs.rs`: what is needed, said or implied.
//! - `names.rs`: name servers, and where names lead.
//! - `access.rs`: from where people use a service.

mod access;
mod names;
mod needs;
mod placement;

use super::Surveyor;
use super::vips::seconds;
use crate::works::{Audience, MachineId, PartId, Placement, Service};
use lab_model::lab::ServiceId as LabServiceId;
use lab_model::written::{self, Criticality, Exposure};

/// Where a service runs.
pub(super) struct Placed {
    placement: Placement,
    cards: Vec<(MachineId, Vec<PartId>)>,
}

impl Surveyor<'_> {
    /// Where each service in use runs. What the lab does not say makes machines of which nothing is known.
    pub(super) fn place_services(&mut self) -> Vec<Placed> {
        let services: Vec<LabServiceId> = self.service_of.keys().copied().collect();
        services.into_iter().map(|id| self.place(id)).collect()
    }

    /// Adds a row for each service in use.
    pub(super) fn add_services(&mut self, placed: Vec<Placed>) {
        let services: Vec<LabServiceId> = self.service_of.keys().copied().collect();
        for (id, placed) in services.into_iter().zip(placed) {
            let row = self.service(id, placed);
            self.works.services(row);
        }
    }

    fn service(&mut self, id: LabServiceId, placed: Placed) -> Service {
        let lab = self.lab;
        let record = &lab.services[id];
        let audience = self.audience(id);
        let access = self.access(id, &placed, audience);
        let wants = record.wants.items.iter().chain(&record.alerts_to.items);
        let apart =
            record.apart_from.ids().filter_map(|other| self.service_of.get(&other).copied()).collect();
        Service {
            thing: id.into(),
            label: record.name.text.to_string(),
            needed: record.quorum.as_ref().map_or(1, |quorum| quorum.value.max(1)),
            needs: self.needs_of_service(id, &placed),
            wants: self.needs(wants, id.into()),
            front: access.front,
            clients_need: access.clients_need,
            used_from: access.used_from,
            audience,
            criticality: criticality(record.criticality.as_ref().map(|level| level.value), &record.record),
            memory: record.memory.as_ref().map(|memory| memory.value.bytes()),
            tolerates_seconds: record.tolerates.as_ref().map(|period| seconds(period.value)),
            strands: Vec::new(),
            detach_seconds: self.detach_seconds(id, &placed),
            cards: placed.cards,
            apart_from: apart,
            span: Some(record.name.span),
            placement: placed.placement,
        }
    }

    /// Who notices. When nothing is said: people outside if it is opened to them, the lab itself if it plays a role for others and
    /// nothing says that it is for people, else the owner.
    fn audience(&self, id: LabServiceId) -> Audience {
        let record = &self.lab.services[id];
        let said = record.r#for.as_ref().map(|who| match who.value {
            written::Audience::Public => Audience::Public,
            written::Audience::Everyone | written::Audience::Household | written::Audience::Guests => {
                Audience::Household
            }
            written::Audience::Owner => Audience::Owner,
            written::Audience::Lab => Audience::Lab,
        });
        let exposed = record.exposed.as_ref().map(|exposed| exposed.value);
        said.unwrap_or(match exposed {
            Some(Exposure::Internet | Exposure::Tunnel) => Audience::Public,
            Some(Exposure::Cluster) => Audience::Lab,
            None if record.url.is_empty() && !record.roles.is_empty() => Audience::Lab,
            _ => Audience::Owner,
        })
    }
}

/// How bad it is when a service is gone: what is said; else what everybody uses is worst, then what the household and people outside use.
fn criticality(said: Option<Criticality>, record: &written::Service) -> u8 {
    match (said, record.r#for.as_ref().map(|who| who.value)) {
        (Some(Criticality::Critical), _) => 3,
        (Some(Criticality::High), _) => 2,
        (Some(Criticality::Medium), _) => 1,
        (Some(Criticality::Low), _) => 0,
        (None, Some(written::Audience::Everyone)) => 3,
        (None, Some(written::Audience::Household | written::Audience::Public)) => 2,
        (None, _) => 1,
    }
}
