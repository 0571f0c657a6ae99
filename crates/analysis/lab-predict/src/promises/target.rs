//! What a claim is about, as outcomes; and what it lets fail, as parts.

use crate::forecast::Forecast;
use crate::works::{Fate, Holder, Layout, MachineKind, PartId, PartKind, Placement, Subject, Works};
use lab_model::lab::ServiceId as ServiceOf;
use lab_model::written::{Failing, Keeps, Promised};
use lab_model::{Kind, Lab, Refs, ThingId};
use std::collections::BTreeSet;

/// The outcomes that must not come about so that the things in `of` keep what is claimed. Positions in the forecast. Without `of`: all.
pub(super) fn outcomes(forecast: &Forecast<'_>, of: &Refs<Promised>, keeps: Keeps) -> Vec<usize> {
    let scope = Scope::of(forecast, of);
    let wanted = |subject: Subject, fate: Fate| match (keeps, fate) {
        (Keeps::Data, Fate::Lost) => scope.has_store(subject),
        (Keeps::Storage, Fate::Stopped) => scope.has_store(subject),
        (Keeps::Service, Fate::Gone) => scope.has_service(subject),
        (Keeps::Service | Keeps::Network, Fate::NoQuorum) => scope.names(subject),
        (Keeps::Service, Fate::Stopped) => scope.names_store(subject),
        (Keeps::Service | Keeps::Network | Keeps::Power, Fate::Down) => scope.names(subject),
        (Keeps::Network, Fate::NoInternet) => scope.internet || scope.names(subject),
        (Keeps::Service, Fate::NoInternet) => scope.internet && !scope.everything,
        (Keeps::Network, Fate::Gone) => scope.has_way(subject),
        (Keeps::Power, Fate::Off) => scope.has_unit(subject),
        _ => false,
    };
    let outcomes = forecast.compiled.outcomes.iter().enumerate();
    outcomes.filter(|(_, (outcome, _))| wanted(outcome.subject, outcome.fate)).map(|(at, _)| at).collect()
}

/// What nobody says, so that an outcome cannot come about by the failure of `what`, or by none; None when the description decides it.
pub(super) fn undescribed(forecast: &Forecast<'_>, at: usize, what: Option<Failing>) -> Option<String> {
    let works = &forecast.works;
    let outcome = forecast.compiled.outcomes[at].0;
    let of_drives = outcome.fate == Fate::Lost || what == Some(Failing::Drives);
    let is_unknown = |pool: &crate::works::Pool| matches!(pool.layout, Layout::Unknown);
    match outcome.subject {
        Subject::Pool(id) if of_drives && is_unknown(&works[id]) => {
            Some(format!("on which drives {} is", works[id].label))
        }
        Subject::Data(id) if of_drives && works[id].pools.iter().all(|pool| is_unknown(&works[*pool])) => {
            Some(format!("on which drives {} is", works[id].label))
        }
        Subject::Service(id) => match &works[id].placement {
            Placement::Fixed(places) if places.iter().any(|place| is_nowhere(works, *place)) => {
                Some(format!("where {} runs", works[id].label))
            }
            _ => None,
        },
        _ => None,
    }
}

/// True for the machine of which nothing is known, on which a service is taken to run.
fn is_nowhere(works: &Works, place: Holder) -> bool {
    let Holder::Machine(id) = place else { return false };
    matches!(works[id].thing.kind, Kind::Service)
}

/// The things that a claim is about, as rows.
struct Scope<'a> {
    lab: &'a Lab,
    works: &'a Works,
    everything: bool,
    internet: bool,
    things: BTreeSet<ThingId>,
    /// Machines and units that the things are.
    holders: BTreeSet<Holder>,
    /// Clusters among the things.
    clusters: BTreeSet<u32>,
}

impl<'a> Scope<'a> {
    fn of(forecast: &'a Forecast<'_>, of: &Refs<Promised>) -> Self {
        let works = &forecast.works;
        let word = |word: &str| of.items.iter().any(|item| item.id.is_none() && &*item.text == word);
        let everything = of.is_empty() || word("everything");
        let internet = of.is_empty() || word("internet");
        let things: BTreeSet<ThingId> = of.ids().collect();
        let mut holders = BTreeSet::new();
        for (id, machine) in (0..).zip(&works.machines) {
            if things.contains(&machine.thing) {
                holders.insert(Holder::Machine(crate::works::MachineId(id)));
                if let MachineKind::Host { unit: Some(unit) } = machine.kind {
                    holders.insert(Holder::Unit(unit));
                }
            }
        }
        for (id, unit) in (0..).zip(&works.units) {
            if things.contains(&unit.thing) {
                holders.insert(Holder::Unit(crate::works::UnitId(id)));
            }
        }
        let clusters = (0..)
            .zip(&works.clusters)
            .filter(|(_, cluster)| things.contains(&cluster.thing))
            .map(|(id, _)| id)
            .collect();
        Self { lab: forecast.lab, works, everything, internet, things, holders, clusters }
    }

    /// True when the subject itself is named.
    fn names(&self, subject: Subject) -> bool {
        self.works.thing(subject).is_some_and(|thing| self.things.contains(&thing))
    }

    fn names_store(&self, subject: Subject) -> bool {
        matches!(subject, Subject::Pool(_) | Subject::Data(_)) && self.names(subject)
    }

    /// A pool or data that is named, on a named pool, of a named cluster, machine or service.
    fn has_store(&self, subject: Subject) -> bool {
        if self.everything || self.names(subject) {
            return true;
        }
        match subject {
            Subject::Pool(id) => {
                let pool = &self.works[id];
                let of_cluster = match &pool.layout {
                    Layout::Ceph(ceph) => self.clusters.contains(&ceph.cluster.0),
                    _ => false,
                };
                of_cluster || pool.holder.is_some_and(|holder| self.holders.contains(&holder))
            }
            Subject::Data(id) => {
                let of_service =
                    self.works.services.iter().filter(|service| self.things.contains(&service.thing));
                let mut needs = of_service.flat_map(|service| &service.needs);
                needs.any(|need| need.need == crate::works::Need::Data(id))
            }
            _ => false,
        }
    }

    /// A service that is named, or runs in a named cluster.
    fn has_service(&self, subject: Subject) -> bool {
        let Subject::Service(id) = subject else { return false };
        if self.everything || self.names(subject) {
            return true;
        }
        let runs_in_one = ServiceOf::try_from(self.works[id].thing)
            .is_ok_and(|service| self.lab.services[service].on.ids().any(|on| self.things.contains(&on)));
        match &self.works[id].placement {
            Placement::Movable { .. } => runs_in_one,
            Placement::Fixed(holders) => holders.iter().all(|holder| self.holders.contains(holder)),
        }
    }

    /// A service that is named, or runs in a named cluster and is reached by an address that moves or is announced.
    fn has_way(&self, subject: Subject) -> bool {
        let Subject::Service(id) = subject else { return false };
        let by_address = self.works[id].front.is_some() && self.has_service(subject);
        !self.everything && (self.names(subject) || by_address)
    }

    fn has_unit(&self, subject: Subject) -> bool {
        let Subject::Unit(id) = subject else { return false };
        self.everything || self.holders.contains(&Holder::Unit(id))
    }
}

/// What a claim lets fail.
pub(super) struct Failable {
    /// The parts. A machine is several: its device, its system.
    pub(super) parts: BTreeSet<PartId>,
    /// How many things they are.
    pub(super) n: usize,
    /// What they are, in the plural.
    pub(super) what: Failing,
}

impl Failable {
    /// What a claim lets fail; of the things in `of`, where it is members.
    pub(super) fn of(forecast: &Forecast<'_>, what: Failing, of: &Refs<Promised>) -> Self {
        let parts = failing(forecast, what, of);
        let is_machines = matches!(what, Failing::Hosts | Failing::Routers | Failing::Members | Failing::Vms);
        let n = if is_machines { things(&forecast.works, &parts) } else { parts.len() };
        Self { parts, n, what }
    }
}

/// How many things parts are pieces of; a host on a device and the device are one.
fn things(works: &Works, parts: &BTreeSet<PartId>) -> usize {
    let under = |thing: ThingId| {
        let machine = works.machines.iter().find(|machine| machine.thing == thing);
        match machine.map(|machine| &machine.kind) {
            Some(MachineKind::Host { unit: Some(unit) }) => works[*unit].thing,
            _ => thing,
        }
    };
    parts.iter().filter_map(|part| works[*part].thing).map(under).collect::<BTreeSet<_>>().len()
}

/// The parts that a claim lets fail.
fn failing(forecast: &Forecast<'_>, what: Failing, of: &Refs<Promised>) -> BTreeSet<PartId> {
    let works = &forecast.works;
    let kinds: &[PartKind] = match what {
        Failing::Drives => &[PartKind::Drive],
        Failing::Cables => &[PartKind::Cable],
        Failing::Switches => &[PartKind::Switch],
        // And what feeds them, short of the grid.
        Failing::Supplies => {
            &[PartKind::Supply, PartKind::Cord, PartKind::Pdu, PartKind::Ups, PartKind::PowerNode]
        }
        Failing::Circuits => &[PartKind::Circuit],
        Failing::Grid => &[PartKind::Grid],
        Failing::Vms => &[PartKind::Vm],
        Failing::Hosts => return machines(works, |machine| matches!(machine.kind, MachineKind::Host { .. })),
        Failing::Routers => return routers(works),
        Failing::Members => return members(works, of),
        Failing::Parts => return (0..works.parts.len() as u32).map(PartId).collect(),
    };
    let parts = (0..).map(PartId).zip(&works.parts);
    parts.filter(|(_, part)| kinds.contains(&part.kind)).map(|(id, _)| id).collect()
}

/// A host that fails is its device failing, or its system; both are let fail, being one machine.
fn machines(works: &Works, wanted: impl Fn(&crate::works::Machine) -> bool) -> BTreeSet<PartId> {
    let mut parts = BTreeSet::new();
    for machine in works.machines.iter().filter(|machine| wanted(machine)) {
        parts.extend(&machine.fails);
        if let MachineKind::Host { unit: Some(unit) } = machine.kind {
            parts.extend(works[unit].fails.iter().filter(|part| works[**part].kind != PartKind::Shared));
        }
    }
    parts
}

/// Router devices, and machines through which packets leave a segment.
fn routers(works: &Works) -> BTreeSet<PartId> {
    let gateways: BTreeSet<Holder> =
        works.segments.iter().flat_map(|segment| &segment.gateways).map(|gateway| gateway.holder).collect();
    let mut ids = (0..).map(crate::works::MachineId).zip(&works.machines);
    let mut parts = BTreeSet::new();
    ids.by_ref().filter(|(id, _)| gateways.contains(&Holder::Machine(*id))).for_each(|(_, machine)| {
        parts.extend(machines(works, |other| other.thing == machine.thing));
    });
    let devices = (0..).map(PartId).zip(&works.parts).filter(|(_, part)| part.kind == PartKind::Router);
    parts.extend(devices.map(|(id, _)| id));
    parts
}

fn members(works: &Works, of: &Refs<Promised>) -> BTreeSet<PartId> {
    let named: BTreeSet<ThingId> = of.ids().collect();
    let is_named = |thing: ThingId| named.is_empty() || named.contains(&thing);
    let mut chosen: BTreeSet<crate::works::MachineId> = BTreeSet::new();
    for (id, cluster) in (0..).zip(&works.clusters) {
        let serves = works.pools.iter().any(|pool| {
            is_named(pool.thing) && matches!(&pool.layout, Layout::Ceph(ceph) if ceph.cluster.0 == id)
        });
        if is_named(cluster.thing) || serves {
            chosen.extend(cluster.members.iter().chain(&cluster.workers));
        }
    }
    let things: BTreeSet<ThingId> = chosen.iter().map(|id| works[*id].thing).collect();
    machines(works, |machine| things.contains(&machine.thing))
}

/// The parts that fail when a thing is gone: a cluster with all its machines, a pool with its holder and drives, a machine, a unit.
pub(super) fn parts_of_thing(forecast: &Forecast<'_>, thing: ThingId) -> BTreeSet<PartId> {
    let works = &forecast.works;
    match thing.kind {
        Kind::Cluster => {
            let clusters = works.clusters.iter().filter(|cluster| cluster.thing == thing);
            let ids: BTreeSet<_> =
                clusters.flat_map(|cluster| cluster.members.iter().chain(&cluster.workers)).collect();
            let things: BTreeSet<ThingId> = ids.into_iter().map(|id| works[*id].thing).collect();
            // The machines of the cluster are gone, not the hardware under them; and a host that also serves storage of its own is more
            // than the cluster.
            let serves = |id: u32| {
                let holder = Some(Holder::Machine(crate::works::MachineId(id)));
                works.pools.iter().any(|pool| pool.holder == holder)
            };
            (0..)
                .zip(&works.machines)
                .filter(|(id, machine)| things.contains(&machine.thing) && !serves(*id))
                .map(|(_, machine)| machine)
                .flat_map(|machine| machine.fails.iter().copied())
                .collect()
        }
        Kind::Host | Kind::Vm => machines(works, |machine| machine.thing == thing),
        Kind::Pool => works
            .pools
            .iter()
            .filter(|pool| pool.thing == thing)
            .flat_map(|pool| drives_of(&pool.layout))
            .flat_map(|drive| works[drive].fails.iter().copied())
            .collect(),
        _ => {
            let parts = (0..).map(PartId).zip(&works.parts);
            parts
                .filter(|(_, part)| part.thing == Some(thing) && part.mode != crate::works::Mode::Briefly)
                .filter(|(_, part)| part.name == forecast.lab.subject(thing) || part.kind == PartKind::Grid)
                .map(|(id, _)| id)
                .collect()
        }
    }
}

/// What else is gone for good with a thing: the drives in a device.
pub(super) fn lost_with(forecast: &Forecast<'_>, thing: ThingId) -> BTreeSet<PartId> {
    let works = &forecast.works;
    let drives =
        works.drives.iter().filter(|drive| thing.kind == Kind::Device && works[drive.unit].thing == thing);
    drives.flat_map(|drive| drive.fails.iter().copied()).collect()
}

fn drives_of(layout: &Layout) -> Vec<crate::works::DriveId> {
    match layout {
        Layout::Groups(groups) => groups.iter().flat_map(|group| group.drives.clone()).collect(),
        Layout::Separate(group) => group.drives.clone(),
        Layout::Ceph(ceph) => ceph.domains.iter().flatten().map(|osd| osd.drive).collect(),
        Layout::Unknown => Vec::new(),
    }
}
