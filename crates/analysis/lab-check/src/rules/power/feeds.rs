//! The supply as a graph: what feeds what, what a device cannot do without, what an alternative would be. Judges
//! nothing and counts no watts; see `load`.

use lab_model::Lab;
use lab_model::derived::{InletId, PowerSource};
use lab_model::grammar::Volts;
use lab_model::lab::{DeviceId, PowerId, SiteId};
use lab_model::written::{DeviceRole, PowerKind, PowerNode, Status};
use lab_source::Span;
use std::collections::{BTreeMap, BTreeSet};

/// Something that feeds others.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Feeder {
    Node(PowerId),
    Device(DeviceId),
}

impl Feeder {
    pub(super) fn name(self, lab: &Lab) -> String {
        match self {
            Self::Node(id) => lab.power[id].name.to_string(),
            Self::Device(id) => lab.devices[id].name.to_string(),
        }
    }

    pub(super) fn span(self, lab: &Lab) -> Span {
        match self {
            Self::Node(id) => lab.power[id].name.span,
            Self::Device(id) => lab.devices[id].name.span,
        }
    }

    pub(super) fn subject(self, lab: &Lab) -> String {
        match self {
            Self::Node(id) => lab.subject(id),
            Self::Device(id) => lab.subject(id),
        }
    }
}

/// True for devices that are in use.
pub(super) fn is_active(lab: &Lab, device: DeviceId) -> bool {
    lab.devices[device].status.as_ref().is_none_or(|status| status.value == Status::Active)
}

/// What an inlet is plugged into.
pub(super) fn source_of(lab: &Lab, inlet: InletId) -> Option<Feeder> {
    Some(match lab.derived.inlet(inlet).source? {
        PowerSource::Node(node) => Feeder::Node(node),
        PowerSource::Device(device) => Feeder::Device(device),
        PowerSource::Outlet(outlet) => Feeder::Device(lab.derived.outlet(outlet).device),
    })
}

/// Where the source of an inlet is written; the inlet's own place when it has none.
pub(super) fn source_span(lab: &Lab, inlet: InletId) -> Span {
    let inlet = lab.derived.inlet(inlet);
    let said = lab.devices[inlet.device].inlets.get(&inlet.name);
    said.and_then(|said| said.from.as_ref()).map_or(inlet.span, |from| from.span)
}

/// The inlets of a device that are plugged in.
pub(super) fn plugged(lab: &Lab, device: DeviceId) -> Vec<(InletId, Feeder)> {
    let inlets = lab.derived.inlets_of(device);
    inlets.filter_map(|(id, _)| source_of(lab, id).map(|source| (id, source))).collect()
}

/// What feeds something directly: one entry a way in.
pub(super) fn parents(lab: &Lab, feeder: Feeder) -> Vec<Feeder> {
    match feeder {
        Feeder::Node(node) => lab.power[node].from.ids().map(Feeder::Node).collect(),
        Feeder::Device(device) => {
            let inlets: Vec<Feeder> = plugged(lab, device).into_iter().map(|(_, source)| source).collect();
            let by_network = || lab.derived.poe_source(device).map(|port| lab.derived.port(port).device);
            if inlets.is_empty() { by_network().map(Feeder::Device).into_iter().collect() } else { inlets }
        }
    }
}

/// What each thing needs without a way around it, worked out once for a whole lab.
#[derive(Default)]
pub(super) struct Needs {
    known: BTreeMap<Feeder, BTreeSet<Feeder>>,
    open: BTreeSet<Feeder>,
}

impl Needs {
    /// Everything without which `feeder` has no power, itself included. A loop ends the walk.
    pub(super) fn of(&mut self, lab: &Lab, feeder: Feeder) -> BTreeSet<Feeder> {
        if let Some(known) = self.known.get(&feeder) {
            return known.clone();
        }
        if !self.open.insert(feeder) {
            return BTreeSet::from([feeder]);
        }
        let mut ways =
            parents(lab, feeder).into_iter().map(|parent| self.of(lab, parent)).collect::<Vec<_>>();
        let mut needs = ways.pop().unwrap_or_default();
        for way in ways {
            needs.retain(|need| way.contains(need));
        }
        needs.insert(feeder);
        self.open.remove(&feeder);
        self.known.insert(feeder, needs.clone());
        needs
    }

    /// Of what all of `things` need, the one nearest to them that could have been doubled: no grid, no panel.
    pub(super) fn nearest_common(&mut self, lab: &Lab, things: &[BTreeSet<Feeder>]) -> Option<Feeder> {
        let (first, rest) = things.split_first()?;
        let common: Vec<Feeder> = first
            .iter()
            .copied()
            .filter(|need| can_be_doubled(lab, *need) && rest.iter().all(|other| other.contains(need)))
            .collect();
        common.into_iter().max_by_key(|need| self.of(lab, *need).len())
    }

    /// Another feeder that does without `common`, and that `common` does not hang on: where a second plug could go.
    pub(super) fn alternative(&mut self, lab: &Lab, common: Feeder) -> Option<Feeder> {
        let above = self.of(lab, common);
        let site = site_of(lab, common);
        let mut candidates: Vec<Feeder> = lab
            .devices
            .iter()
            .filter(|(id, _)| is_active(lab, *id) && lab.derived.outlets_of(*id).next().is_some())
            .map(|(id, _)| Feeder::Device(id))
            .collect();
        let circuits = lab.power.iter().filter(|(_, node)| kind(node) == PowerKind::Circuit);
        candidates.extend(circuits.map(|(id, _)| Feeder::Node(id)));
        candidates.into_iter().find(|candidate| {
            let other = site_of(lab, *candidate);
            let elsewhere = site.is_some() && other.is_some() && site != other;
            !elsewhere && !above.contains(candidate) && !self.of(lab, *candidate).contains(&common)
        })
    }
}

/// False for what a home has one of.
pub(super) fn can_be_doubled(lab: &Lab, feeder: Feeder) -> bool {
    match feeder {
        Feeder::Node(node) => kind(&lab.power[node]) == PowerKind::Circuit,
        Feeder::Device(device) => {
            let role = lab.derived.device(device).role;
            lab.derived.outlets_of(device).next().is_some() && role != Some(DeviceRole::TransferSwitch)
        }
    }
}

/// What a part of the supply is.
pub(super) fn kind(node: &PowerNode) -> PowerKind {
    let guessed =
        if node.from.is_empty() && node.breaker.is_none() { PowerKind::Utility } else { PowerKind::Circuit };
    node.kind.as_ref().map_or(guessed, |kind| kind.value)
}

/// The site of a feeder, as far as it or what feeds it says.
fn site_of(lab: &Lab, feeder: Feeder) -> Option<SiteId> {
    let mut at = feeder;
    for _ in 0..16 {
        let said = match at {
            Feeder::Node(node) => lab.power[node].site.as_ref().and_then(|site| site.id),
            Feeder::Device(device) => lab.derived.place(device).and_then(|place| place.site),
        };
        if said.is_some() {
            return said;
        }
        at = *parents(lab, at).first()?;
    }
    None
}

/// The voltage at the sockets of a feeder: its own, or that of what feeds it, or the lab's.
pub(super) fn voltage(lab: &Lab, feeder: Feeder) -> Option<Volts> {
    let mut at = feeder;
    for _ in 0..16 {
        let said = match at {
            Feeder::Node(node) => lab.power[node].voltage.as_ref(),
            Feeder::Device(_) => None,
        };
        if let Some(said) = said {
            return Some(said.value);
        }
        let Some(parent) = parents(lab, at).first().copied() else { break };
        at = parent;
    }
    lab.head.voltage.as_ref().map(|voltage| voltage.value)
}

/// What hangs directly on a feeder, each with the share of its load that comes this way.
pub(super) fn children(lab: &Lab, feeder: Feeder) -> Vec<(Feeder, f64)> {
    let mut shares: BTreeMap<Feeder, f64> = BTreeMap::new();
    if let Feeder::Node(node) = feeder {
        for &below in lab.derived.nodes_below(node) {
            // A transfer switch takes the first while it has power.
            let is_first = lab.power[below].from.ids().next() == Some(node);
            shares.insert(Feeder::Node(below), if is_first { 1.0 } else { 0.0 });
        }
    }
    let inlets: Vec<InletId> = match feeder {
        Feeder::Node(node) => lab.derived.fed_by_node(node).map(|(id, _)| id).collect(),
        Feeder::Device(device) => lab.derived.fed_by_device(device).map(|(id, _)| id).collect(),
    };
    for inlet in inlets {
        let device = lab.derived.inlet(inlet).device;
        let all = plugged(lab, device);
        let switches = lab.derived.device(device).role == Some(DeviceRole::TransferSwitch);
        let share = match switches {
            true if all.first().is_some_and(|(first, _)| *first == inlet) => 1.0,
            true => 0.0,
            false => 1.0 / all.len() as f64,
        };
        *shares.entry(Feeder::Device(device)).or_insert(0.0) += share;
    }
    shares.into_iter().collect()
}

/// True when some way up from a device leads through a UPS.
pub(super) fn has_ups(lab: &Lab, device: DeviceId) -> bool {
    let mut seen = BTreeSet::from([Feeder::Device(device)]);
    let mut open: Vec<Feeder> = parents(lab, Feeder::Device(device));
    while let Some(at) = open.pop() {
        if !seen.insert(at) {
            continue;
        }
        if let Feeder::Device(device) = at
            && lab.derived.device(device).role == Some(DeviceRole::Ups)
        {
            return true;
        }
        open.extend(parents(lab, at));
    }
    false
}
