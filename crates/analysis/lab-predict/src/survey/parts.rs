//! Parts, made once each and named as people name them in commands.

use super::Surveyor;
use super::figures::{self, Figures};
use crate::works::{Mode, Part, PartId, PartKind};
use lab_model::ThingId;
use lab_model::derived::{CableId, CardId};
use lab_model::lab::{DeviceId, HostId, PowerId};
use lab_model::written::DeviceRole;
use lab_source::Span;

/// What a part is to be, before its name and figures follow.
pub(super) struct NewPart<'a> {
    /// The thing that it is, or is a piece of.
    pub(super) thing: ThingId,
    /// The piece: `psu-1`. None for the thing itself.
    pub(super) piece: Option<&'a str>,
    /// What it is.
    pub(super) kind: PartKind,
    /// How it fails.
    pub(super) mode: Mode,
    /// What a person reads.
    pub(super) label: String,
    /// Where it is written.
    pub(super) span: Option<Span>,
}

impl Surveyor<'_> {
    /// The part, made when it is not there yet, with the field's figures.
    pub(super) fn part(&mut self, new: NewPart<'_>) -> PartId {
        let mut name = self.lab.subject(new.thing);
        if let Some(piece) = new.piece {
            name = format!("{name} {piece}");
        }
        match new.mode {
            Mode::Fails => {}
            Mode::Long => name.push_str(" long"),
            Mode::Briefly => name.push_str(" briefly"),
        }
        if let Some(&part) = self.part_of.get(&name) {
            return part;
        }
        let figures = figures::of_the_field(new.kind, new.mode);
        let part = self.works.parts(Part {
            name: name.clone(),
            label: new.label,
            kind: new.kind,
            mode: new.mode,
            thing: Some(new.thing),
            span: new.span,
            per_year: Some(figures.per_year),
            hours_to_mend: Some(figures.hours_to_mend),
            figures_assumed: true,
        });
        self.part_of.insert(name, part);
        part
    }

    /// Gives a part other figures than those that are usual for its kind.
    pub(super) fn set_figures(&mut self, part: PartId, figures: Figures, assumed: bool) {
        let part = &mut self.works.parts[part.index()];
        part.per_year = Some(figures.per_year);
        part.hours_to_mend = Some(figures.hours_to_mend);
        part.figures_assumed = assumed;
    }

    /// A thing that fails as a whole: a host, virtual machine, line, outside service, room.
    pub(super) fn whole(&mut self, thing: impl Into<ThingId>, kind: PartKind) -> PartId {
        let thing = thing.into();
        let name = self.lab.name(thing);
        let (label, span) = (name.text.to_string(), Some(name.span));
        self.part(NewPart { thing, piece: None, kind, mode: Mode::Fails, label, span })
    }

    /// A host's system, told apart from a device that has the same name.
    pub(super) fn system(&mut self, host: HostId) -> PartId {
        let name = &self.lab.hosts[host].name;
        let is_shared = self.lab.devices.iter().any(|(_, device)| device.name.text == name.text);
        let label = if is_shared { format!("the system of {name}") } else { name.to_string() };
        let span = Some(name.span);
        self.part(NewPart {
            thing: host.into(),
            piece: None,
            kind: PartKind::Host,
            mode: Mode::Fails,
            label,
            span,
        })
    }

    /// A device with everything in it that has no part of its own.
    pub(super) fn device(&mut self, device: DeviceId) -> PartId {
        let kind = match self.lab.derived.device(device).role {
            Some(DeviceRole::Ups) => PartKind::Ups,
            Some(DeviceRole::Pdu | DeviceRole::TransferSwitch) => PartKind::Pdu,
            Some(DeviceRole::Switch) => PartKind::Switch,
            Some(DeviceRole::Router) => PartKind::Router,
            Some(DeviceRole::AccessPoint) => PartKind::AccessPoint,
            _ => PartKind::Device,
        };
        let part = self.whole(device, kind);
        self.device_part.insert(device, part);
        part
    }

    /// A cable with its connectors and transceivers; all legs of a breakout are one.
    pub(super) fn cable(&mut self, cable: CableId) -> PartId {
        if let Some(&part) = self.cable_part.get(&cable) {
            return part;
        }
        let facts = self.lab.derived.cable(cable);
        let end = |port| {
            let port = self.lab.derived.port(port);
            format!("{}:{}", self.lab.devices[port.device].name, port.name)
        };
        let near = end(facts.near);
        let far: Vec<String> = facts.far.iter().map(|&port| end(port)).collect();
        let label = match &far[..] {
            [] => format!("the cable at {near}"),
            [one] => format!("the cable from {near} to {one}"),
            [first, ..] => format!("the cable from {near} to {first} and {} more", far.len() - 1),
        };
        let (thing, span) = (facts.group.into(), Some(facts.near_span));
        let kind = PartKind::Cable;
        let part = self.part(NewPart { thing, piece: Some(&near), kind, mode: Mode::Fails, label, span });
        self.cable_part.insert(cable, part);
        part
    }

    /// A card in a slot. The card of a power supply is the supply.
    pub(super) fn card(&mut self, card: CardId) -> PartId {
        if let Some(&part) = self.card_part.get(&card) {
            return part;
        }
        let facts = self.lab.derived.card(card);
        let device = &self.lab.devices[facts.device].name;
        let taken = self.part_of.get(&format!("{} {}", self.lab.subject(facts.device), facts.slot));
        let is_drive = taken.is_some_and(|&part| self.works[part].kind == PartKind::Drive);
        let piece = if is_drive { format!("card {}", facts.slot) } else { facts.slot.to_string() };
        let label = format!("the card in {} of {device}", facts.slot);
        let (thing, span, kind) = (facts.device.into(), Some(facts.span), PartKind::Card);
        let part = self.part(NewPart { thing, piece: Some(&piece), kind, mode: Mode::Fails, label, span });
        self.card_part.insert(card, part);
        part
    }

    /// A part of the supply upstream of the first plug, failing in one way.
    pub(super) fn power_node(&mut self, node: PowerId, kind: PartKind, mode: Mode) -> PartId {
        let name = &self.lab.power[node].name;
        let label = match mode {
            Mode::Fails => name.text.to_string(),
            Mode::Long => format!("{name}, for long"),
            Mode::Briefly => format!("{name}, for a moment"),
        };
        let span = Some(name.span);
        self.part(NewPart { thing: node.into(), piece: None, kind, mode, label, span })
    }
}
