//! What each device has: ports of its type, its cards and its own, split ports, drives in bays.

use super::port_type::{PortType, port_type};
use super::templates::{self, Owner};
use super::{Derived, UNKNOWN_PORT, UNKNOWN_TYPE};
use crate::device_type::{DeviceType, Found, TypeCatalogue, TypeKind, TypeSource};
use crate::grammar::{BitRate, MacAddress, Mtu};
use crate::grammar::{Grammar, Pattern};
use crate::lab::{DeviceId, Lab};
use crate::record::Text;
use crate::written::{CardUse, DeviceRole, DriveType, DriveUse, InterfaceFacts, Status};
use lab_source::{Diagnostic, Files, Span, Spanned};
use std::collections::HashMap;
use std::sync::Arc;

/// Names one port of the lab.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct PortId(pub u32);

/// Names one card in a device.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct CardId(pub u32);

/// Names one drive in a device.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct DriveId(pub u32);

/// What a device is and has.
#[derive(Clone, Debug, Default)]
pub struct DeviceFacts {
    /// Its type, when it is known.
    pub ty: Option<Arc<DeviceType>>,
    /// Its role, said or guessed from its type.
    pub role: Option<DeviceRole>,
    /// Its ports, those of its cards included.
    pub ports: Vec<PortId>,
    /// Its cards.
    pub cards: Vec<CardId>,
    /// Its drives.
    pub drives: Vec<DriveId>,
}

/// What kind of port.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum PortClass {
    /// Carries frames.
    Network,
    /// The front of a panel.
    Front,
    /// The back of a panel.
    Rear,
    /// Console.
    Console,
}

/// Why a port is there.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum PortOrigin {
    /// The device's type has it.
    Type,
    /// A card has it.
    Card(CardId),
    /// The lab says so.
    Said,
    /// Another port was split.
    Split(PortId),
}

/// One port of a device.
#[derive(Clone, Debug)]
pub struct Port {
    /// The device.
    pub device: DeviceId,
    /// Its name.
    pub name: Arc<str>,
    /// What kind.
    pub class: PortClass,
    /// Why it is there.
    pub origin: PortOrigin,
    /// The library's word for its type; empty when nobody says.
    pub type_word: Arc<str>,
    /// What that means.
    pub ty: PortType,
    /// The speeds it can be set to beyond its type's; each with the maker that cable and far end must be of.
    pub extra_speeds: Vec<(BitRate, Option<Arc<str>>)>,
    /// True when it is for management only.
    pub management: bool,
    /// `pse` or `pd`, and the standard.
    pub poe: Option<(Arc<str>, Option<Arc<str>>)>,
    /// The speed it is set to.
    pub set_speed: Option<Spanned<BitRate>>,
    /// The largest payload it is set to.
    pub mtu: Option<Spanned<Mtu>>,
    /// Its MAC address.
    pub mac: Option<Spanned<MacAddress>>,
    /// False when it is switched off.
    pub enabled: bool,
    /// Its name in the operating system.
    pub os_name: Option<Arc<str>>,
    /// For the front of a panel: the port at the back it leads to, and the position there.
    pub leads_to: Option<(Arc<str>, u32)>,
    /// The ports it is split into.
    pub split_into: Vec<PortId>,
    /// Where it, or the device that has it, is written.
    pub span: Span,
}

/// A card in a slot.
#[derive(Clone, Debug)]
pub struct Card {
    /// The device.
    pub device: DeviceId,
    /// The slot.
    pub slot: Arc<str>,
    /// Its type.
    pub ty: Option<Arc<DeviceType>>,
    /// The name of its type as written.
    pub type_name: Option<Text>,
    /// Whether it is in use.
    pub status: Status,
    /// Where it is written.
    pub span: Span,
}

/// A drive in a bay.
#[derive(Clone, Debug)]
pub struct Drive {
    /// The device whose bay it is in.
    pub device: DeviceId,
    /// The bay.
    pub bay: Arc<str>,
    /// Its model.
    pub ty: Option<Arc<DriveType>>,
    /// The model as written.
    pub model: Option<Text>,
    /// What the lab says of it.
    pub said: DriveUse,
    /// Where it is written.
    pub span: Span,
}

/// Where types come from.
pub(super) struct Types<'a> {
    pub(super) catalogue: &'a mut TypeCatalogue,
    pub(super) types: &'a dyn TypeSource,
    pub(super) files: &'a mut Files,
}

impl Types<'_> {
    fn find(
        &mut self,
        kind: TypeKind,
        name: &Text,
        findings: &mut Vec<Diagnostic>,
    ) -> Option<Arc<DeviceType>> {
        match self.catalogue.find(kind, &name.text, self.types, self.files, findings) {
            Found::Type(ty) => Some(ty),
            Found::Unknown => {
                findings.push(self.unknown(kind, name, findings.len()));
                None
            }
        }
    }

    fn unknown(&self, kind: TypeKind, name: &Text, found: usize) -> Diagnostic {
        let (what, key) = match kind {
            TypeKind::Device => ("device type", "device-types"),
            TypeKind::Card => ("card type", "card-types"),
        };
        let mut finding =
            Diagnostic::error(UNKNOWN_TYPE, format!("there is no {what} called `{}`", name.text))
                .at(name.span, "nothing of this name in the lab, its libraries or the catalogue");
        if let Some(near) = self.nearest(kind, &name.text, found) {
            finding = finding.help(format!("did you mean `{near}`?"));
        }
        if let Some(others) = alike(kind, &name.text) {
            finding = finding.because(others);
        }
        finding.help(format!("describe it under `{key}:`, or name a library in `lab.device-types`"))
    }

    /// The name that was probably meant.
    fn nearest(&self, kind: TypeKind, name: &str, found: usize) -> Option<String> {
        if found > lab_source::suggest::FEW {
            return None;
        }
        let mut known = self.types.names(kind);
        known.extend(crate::catalogue::names(kind).map(str::to_owned));
        known
            .extend(self.catalogue.iter().filter(|(of, ..)| *of == kind).map(|(_, name, _)| name.to_owned()));
        known.sort_unstable();
        lab_source::suggest::nearest(name, known.iter().map(String::as_str)).map(str::to_owned)
    }
}

/// What the catalogue has of the same maker.
fn alike(kind: TypeKind, name: &str) -> Option<String> {
    let maker = name.split_once('/').map_or("generic", |(maker, _)| maker);
    let of_maker = |maker: &str| -> Vec<&str> {
        let begins = |known: &&str| known.split_once('/').is_some_and(|(of, _)| of == maker);
        crate::catalogue::names(kind).filter(begins).collect()
    };
    let known = of_maker(maker);
    let known = if known.is_empty() { of_maker("generic") } else { known };
    (!known.is_empty()).then(|| format!("the catalogue has {}", known.join(", ")))
}

/// Fills devices, ports, cards and drives.
pub(super) fn derive(
    lab: &Lab,
    derived: &mut Derived,
    types: &mut Types<'_>,
    findings: &mut Vec<Diagnostic>,
) {
    for (_, ty) in lab.device_types.iter() {
        types.catalogue.add(TypeKind::Device, &ty.name.text, ty.record.clone());
    }
    for (_, ty) in lab.card_types.iter() {
        types.catalogue.add(TypeKind::Card, &ty.name.text, ty.record.clone());
    }
    derived.port_by_name = vec![HashMap::new(); lab.devices.len()];
    for (id, device) in lab.devices.iter() {
        let ty = device.r#type.as_ref().and_then(|name| types.find(TypeKind::Device, name, findings));
        let role = device.role.as_ref().map(|role| role.value).or_else(|| guess_role(ty.as_deref()));
        derived.devices.push(DeviceFacts { ty: ty.clone(), role, ..DeviceFacts::default() });
        let span = device.name.span;
        if let Some(ty) = &ty {
            templates::ports_of(
                ty,
                &Owner { device: id, origin: PortOrigin::Type, prefix: "", module: "", span },
                derived,
            );
        }
        for (slot, card) in device.cards.iter() {
            add_card(id, ty.as_deref(), slot, card, derived, types, findings);
        }
        for (name, facts) in device.interfaces.iter() {
            said_port(id, name, facts, derived);
        }
        split_ports(lab, id, derived, findings);
        for (bay, drive) in device.drives.iter() {
            add_drive(lab, id, bay, drive, ty.as_deref(), derived, findings);
        }
    }
}

fn guess_role(ty: Option<&DeviceType>) -> Option<DeviceRole> {
    let ty = ty?;
    if let Some(role) = &ty.role {
        return Some(role.value);
    }
    if !ty.power_outlets.is_empty() {
        return Some(if ty.battery.is_some() { DeviceRole::Ups } else { DeviceRole::Pdu });
    }
    if !ty.front_ports.is_empty() {
        return Some(DeviceRole::PatchPanel);
    }
    let wired =
        ty.interfaces.iter().flat_map(|template| names_of(template.name.as_ref(), template.names.as_ref()));
    (wired.count() >= 5).then_some(DeviceRole::Switch)
}

/// The names of a component: one, or those of a range.
pub(crate) fn names_of(name: Option<&Text>, names: Option<&Text>) -> Vec<Arc<str>> {
    let several = names.and_then(|names| Pattern::parse(&names.text).map(|pattern| pattern.expand()).ok());
    match (name, several) {
        (_, Some(several)) => several.into_iter().map(Arc::from).collect(),
        (Some(name), None) => vec![name.text.clone()],
        (None, None) => Vec::new(),
    }
}

pub(super) fn new_port(
    device: DeviceId,
    name: Arc<str>,
    class: PortClass,
    origin: PortOrigin,
    type_word: Arc<str>,
    span: Span,
) -> Port {
    Port {
        device,
        name,
        class,
        origin,
        ty: port_type(&type_word),
        type_word,
        extra_speeds: Vec::new(),
        management: false,
        poe: None,
        set_speed: None,
        mtu: None,
        mac: None,
        enabled: true,
        os_name: None,
        leads_to: None,
        split_into: Vec::new(),
        span,
    }
}

pub(super) fn push(port: Port, derived: &mut Derived) -> PortId {
    let id = PortId(u32::try_from(derived.ports.len()).expect("fewer than four billion ports"));
    derived.port_by_name[port.device.0 as usize].entry(port.name.clone()).or_insert(id);
    derived.devices[port.device.0 as usize].ports.push(id);
    derived.ports.push(port);
    id
}

fn add_card(
    device: DeviceId,
    around: Option<&DeviceType>,
    slot: &crate::record::Name,
    said: &CardUse,
    derived: &mut Derived,
    types: &mut Types<'_>,
    findings: &mut Vec<Diagnostic>,
) {
    let ty = said.r#type.as_ref().and_then(|name| types.find(TypeKind::Card, name, findings));
    let id = CardId(u32::try_from(derived.cards.len()).expect("fewer than four billion cards"));
    derived.cards.push(Card {
        device,
        slot: slot.text.clone(),
        ty: ty.clone(),
        type_name: said.r#type.clone(),
        status: said.status.as_ref().map_or(Status::Active, |status| status.value),
        span: slot.span,
    });
    derived.devices[device.0 as usize].cards.push(id);
    if let Some(ty) = ty {
        let prefix = said.prefix.as_ref().map_or("", |prefix| &prefix.text);
        let module = position_of(around, &slot.text);
        let owner = Owner { device, origin: PortOrigin::Card(id), prefix, module, span: slot.span };
        templates::ports_of(&ty, &owner, derived);
    }
}

/// What stands for `{module}` in the names of a module's ports: the position of its bay, else the bay's name.
pub(super) fn position_of<'a>(around: Option<&'a DeviceType>, slot: &'a str) -> &'a str {
    let mut bays = around.into_iter().flat_map(|ty| &ty.module_bays);
    let bay = bays.find(|bay| bay.name.as_ref().is_some_and(|name| &*name.text == slot));
    bay.and_then(|bay| bay.position.as_ref()).map_or(slot, |position| &*position.text)
}

/// What the lab says of a port: facts about one that is there, or a port of its own.
fn said_port(device: DeviceId, name: &crate::record::Name, facts: &InterfaceFacts, derived: &mut Derived) {
    let id = match derived.find_port(device, &name.text) {
        Some(id) => id,
        None => push(
            new_port(
                device,
                name.text.clone(),
                PortClass::Network,
                PortOrigin::Said,
                Arc::default(),
                name.span,
            ),
            derived,
        ),
    };
    let port = &mut derived.ports[id.0 as usize];
    if let Some(word) = &facts.r#type {
        port.type_word = word.text.clone();
        port.ty = port_type(&word.text);
    }
    port.set_speed = facts.speed;
    port.mtu = facts.mtu;
    port.mac = facts.mac;
    port.os_name = facts.os_name.as_ref().map(|name| name.text.clone());
    port.enabled = facts.enabled.as_ref().is_none_or(|enabled| enabled.value);
    port.span = name.span;
}

fn split_ports(lab: &Lab, id: DeviceId, derived: &mut Derived, findings: &mut Vec<Diagnostic>) {
    for (name, split) in lab.devices[id].split.iter() {
        let Some(parent) = derived.find_port(id, &name.text) else {
            if is_unknown(lab, derived, id) {
                continue;
            }
            let known = derived.devices[id.0 as usize].ports.iter();
            let known: Vec<Arc<str>> =
                known.map(|port| derived.ports[port.0 as usize].name.clone()).collect();
            findings.push(unknown_port(&name.text, name.span, known.iter().map(|name| &**name), "port"));
            continue;
        };
        let count = split.into.as_ref().map_or(0, |into| into.value.min(8));
        let speed = split.speed.as_ref().map(|speed| speed.value);
        for number in 1..=count {
            let child: Arc<str> = Arc::from(format!("{}/{number}", name.text));
            let mut port =
                new_port(id, child, PortClass::Network, PortOrigin::Split(parent), Arc::default(), name.span);
            port.ty = derived.ports[parent.0 as usize].ty;
            let whole = port.ty.speed;
            port.ty.speed = speed.or_else(|| {
                whole.map(|whole| BitRate::from_bits_per_second(whole.bits_per_second() / u64::from(count)))
            });
            let child = push(port, derived);
            derived.ports[parent.0 as usize].split_into.push(child);
        }
    }
}

fn add_drive(
    lab: &Lab,
    device: DeviceId,
    bay: &crate::record::Name,
    said: &DriveUse,
    ty: Option<&DeviceType>,
    derived: &mut Derived,
    findings: &mut Vec<Diagnostic>,
) {
    let id = DriveId(u32::try_from(derived.drives.len()).expect("fewer than four billion drives"));
    let model = said.model.as_ref().and_then(|model| find_drive(lab, model, findings));
    let cards = derived.devices[device.0 as usize].cards.iter();
    let bays: Vec<Arc<str>> = ty
        .into_iter()
        .chain(cards.filter_map(|card| derived.cards[card.0 as usize].ty.as_deref()))
        .flat_map(|ty| &ty.drive_bays)
        .flat_map(|bay| names_of(bay.name.as_ref(), bay.names.as_ref()))
        .collect();
    if !bays.is_empty() && !bays.contains(&bay.text) {
        findings.push(unknown_port(&bay.text, bay.span, bays.iter().map(|bay| &**bay), "bay"));
    }
    derived.drive_by_name.insert((device, bay.text.clone()), id);
    derived.devices[device.0 as usize].drives.push(id);
    derived.drives.push(Drive {
        device,
        bay: bay.text.clone(),
        ty: model,
        model: said.model.clone(),
        said: said.clone(),
        span: bay.span,
    });
}

fn find_drive(lab: &Lab, model: &Text, findings: &mut Vec<Diagnostic>) -> Option<Arc<DriveType>> {
    if let Some(id) = lab.drive_types.find(&model.text) {
        return Some(Arc::new(lab.drive_types[id].record.clone()));
    }
    if let Some(drive) = crate::catalogue::drives().get(&*model.text) {
        return Some(drive.clone());
    }
    let own = lab.drive_types.iter().map(|(_, ty)| &*ty.name.text);
    let known = own.chain(crate::catalogue::drives().keys().map(String::as_str));
    let mut finding =
        Diagnostic::error(UNKNOWN_TYPE, format!("there is no drive model called `{}`", model.text))
            .at(model.span, "nothing of this name in the lab or the catalogue");
    if let Some(near) = lab_source::suggest::nearest_while_few(findings.len(), &model.text, known) {
        finding = finding.help(format!("did you mean `{near}`?"));
    }
    findings.push(finding.help("describe it under `drive-types:`"));
    None
}

/// True when the device, or a card in it, names a type that is nowhere. That is one finding; what the device has is not
/// known then, so that nothing is said of the ports, bays and outlets that others name.
pub(crate) fn is_unknown(lab: &Lab, derived: &Derived, device: DeviceId) -> bool {
    let facts = derived.device(device);
    let card_is = |card: &Card| card.type_name.is_some() && card.ty.is_none();
    (lab.devices[device].r#type.is_some() && facts.ty.is_none())
        || facts.cards.iter().any(|card| card_is(derived.card(*card)))
}

/// A finding about a port, bay, slot or outlet that a device does not have.
pub(crate) fn unknown_port<'k>(
    name: &str,
    span: Span,
    known: impl Iterator<Item = &'k str>,
    what: &str,
) -> Diagnostic {
    let known: Vec<&str> = known.collect();
    let mut finding = Diagnostic::error(UNKNOWN_PORT, format!("there is no {what} `{name}`"))
        .at(span, format!("no such {what}"));
    if let Some(near) = lab_source::suggest::nearest(name, known.iter().copied()) {
        finding = finding.help(format!("did you mean `{near}`?"));
    }
    if known.is_empty() {
        finding.because(format!("the device has no {what}s that are known; say them, or give it a type"))
    } else {
        let shown: Vec<&str> = known.iter().take(16).copied().collect();
        let more = if known.len() > 16 { format!(" and {} more", known.len() - 16) } else { String::new() };
        finding.because(format!("{what}s: {}{more}", shown.join(", ")))
    }
}

impl Derived {
    /// A port by id.
    pub fn port(&self, id: PortId) -> &Port {
        &self.ports[id.0 as usize]
    }

    /// A card by id.
    pub fn card(&self, id: CardId) -> &Card {
        &self.cards[id.0 as usize]
    }

    /// A drive by id.
    pub fn drive(&self, id: DriveId) -> &Drive {
        &self.drives[id.0 as usize]
    }

    /// What a device is and has.
    pub fn device(&self, id: DeviceId) -> &DeviceFacts {
        &self.devices[id.0 as usize]
    }

    /// The port of a device called `name`.
    pub fn find_port(&self, device: DeviceId, name: &str) -> Option<PortId> {
        self.port_by_name.get(device.0 as usize)?.get(name).copied()
    }

    /// The drive in a bay.
    pub fn find_drive(&self, device: DeviceId, bay: &str) -> Option<DriveId> {
        self.drive_by_name.get(&(device, Arc::from(bay))).copied()
    }
}
