//! One instance more of a service, or its only one elsewhere. Only where the memory it takes is known and is free, and where it keeps
//! no data of its own: moving data is more than a line.

use super::{Candidate, Cost};
use crate::answers::forecast::Forecast;
use crate::works::{Holder, MachineId, Need, Placement, Service, ServiceId, Works};

/// Machines tried for each service.
const MACHINES_MAX: usize = 4;

/// Every service with one place more.
pub(super) fn candidates<'a>(forecast: &'a Forecast<'_>) -> Vec<Candidate<'a>> {
    let works = &forecast.works;
    let mut all = Vec::new();
    for (id, service) in (0..).map(ServiceId).zip(&works.services) {
        if keeps_data(service) || service.memory.is_none() {
            continue;
        }
        match &service.placement {
            Placement::Fixed(at) => all.extend(elsewhere(works, id, at)),
            Placement::Movable { on, replicas, .. } if (*replicas as usize) < on.len() => {
                if on.iter().any(|machine| has_memory(works, *machine, service)) {
                    all.push(one_more(works, id, *replicas));
                }
            }
            Placement::Movable { .. } => {}
        }
    }
    all
}

fn keeps_data(service: &Service) -> bool {
    service.needs.iter().any(|need| matches!(need.need, Need::Data(_) | Need::Pool(_)))
}

fn one_more<'a>(works: &Works, id: ServiceId, replicas: u32) -> Candidate<'a> {
    let service = &works[id];
    let change = move |works: &mut Works| {
        if let Placement::Movable { replicas, .. } = &mut works.services[id.index()].placement {
            *replicas += 1;
        }
    };
    Candidate {
        group: format!("place {}", service.label),
        what: format!("{} instances of {} instead of {replicas}", replicas + 1, service.label),
        hint: format!("services.{}.replicas: {}", service.label, replicas + 1),
        span: service.span,
        cost: Cost::Free,
        change: Box::new(change),
    }
}

fn elsewhere<'a>(works: &Works, id: ServiceId, at: &[Holder]) -> Vec<Candidate<'a>> {
    let service = &works[id];
    let [Holder::Machine(now)] = at else { return Vec::new() };
    let machines = (0..works.machines.len() as u32).map(MachineId);
    let is_fit = |machine: &MachineId| {
        let (one, other) = (&works[*machine], &works[*now]);
        let segment = |vertex: &crate::works::VertexId| works[*vertex].segment;
        let is_joined = one.vertices.iter().any(|a| other.vertices.iter().any(|b| segment(a) == segment(b)));
        machine != now
            && is_joined
            && one.architecture == other.architecture
            && service.cards.is_empty()
            && has_memory(works, *machine, service)
    };
    let fit = machines.filter(is_fit).take(MACHINES_MAX);
    fit.map(|machine| {
        let place = works[machine].label.clone();
        let change = move |works: &mut Works| {
            works.services[id.index()].placement = Placement::Fixed(vec![Holder::Machine(machine)]);
        };
        Candidate {
            group: format!("place {}", service.label),
            what: format!("run {} on {place} instead of {}", service.label, works[*now].label),
            hint: format!("services.{}.runs-on: {place}", service.label),
            span: service.span,
            cost: Cost::Free,
            change: Box::new(change),
        }
    })
    .collect()
}

/// True when a machine has the memory that an instance takes, with everything that may run there running there.
fn has_memory(works: &Works, machine: MachineId, service: &Service) -> bool {
    let Some((has, takes)) = works[machine].memory.zip(service.memory) else { return false };
    let mut used = works[machine].own_memory;
    for other in &works.services {
        let may = match &other.placement {
            Placement::Fixed(at) => at.contains(&Holder::Machine(machine)),
            Placement::Movable { on, .. } => on.contains(&machine),
        };
        if may {
            used = used.saturating_add(other.memory.unwrap_or_default());
        }
    }
    used.saturating_add(takes) <= has
}
