//! What the rules of this family ask of ports, of cables and of the way between two ports: names, places, set speeds,
//! what a port can do, what a transceiver speaks. Judges nothing.

use lab_model::derived::{Cable, CableId, Connector, Derived, PortId, PortOrigin, port_type};
use lab_model::grammar::BitRate;
use lab_model::lab::Entry;
use lab_model::written::{CableGroup, CableKind, Transceiver};
use lab_model::{Lab, Text};
use lab_source::Span;
use std::collections::BTreeMap;

/// `switch-1:sfp-3`.
pub(super) fn called(lab: &Lab, port: PortId) -> String {
    let port = lab.derived.port(port);
    format!("{}:{}", lab.devices[port.device].name, port.name)
}

/// The device of a port, as findings name it.
pub(super) fn subject(lab: &Lab, port: PortId) -> String {
    lab.subject(lab.derived.port(port).device)
}

/// The socket that a port is in: for one leg of a split port the port that was split.
pub(super) fn socket(derived: &Derived, port: PortId) -> PortId {
    match derived.port(port).origin {
        PortOrigin::Split(whole) => whole,
        _ => port,
    }
}

/// Every end of a cable with the place where it is written.
pub(super) fn ends(cable: &Cable) -> impl Iterator<Item = (PortId, Span)> {
    let far = cable.far.iter().copied().zip(cable.far_spans.iter().copied());
    std::iter::once((cable.near, cable.near_span)).chain(far)
}

/// The group that says what a cable is.
pub(super) fn group(lab: &Lab, cable: CableId) -> &Entry<CableGroup> {
    &lab.cables[lab.derived.cable(cable).group]
}

/// What a cable is, when that is said.
pub(super) fn kind(group: &CableGroup) -> Option<CableKind> {
    group.kind.as_ref().map(|kind| kind.value).filter(|kind| *kind != CableKind::Unknown)
}

/// True for twisted pair.
pub(super) fn is_twisted(kind: CableKind) -> bool {
    use CableKind::*;
    matches!(kind, Cat5 | Cat5e | Cat6 | Cat6a | Cat7 | Cat8 | TwistedPair)
}

/// True for bare fibre.
pub(super) fn is_fibre(kind: CableKind) -> bool {
    is_single_mode(kind) || is_multimode(kind) || kind == CableKind::FibreBreakout
}

/// True for single-mode fibre.
pub(super) fn is_single_mode(kind: CableKind) -> bool {
    matches!(kind, CableKind::Os1 | CableKind::Os2)
}

/// True for multimode fibre of a known grade.
pub(super) fn is_multimode(kind: CableKind) -> bool {
    use CableKind::*;
    matches!(kind, Om1 | Om2 | Om3 | Om4 | Om5)
}

/// True for cables whose plugs are fixed and go into cages.
pub(super) fn is_direct(kind: CableKind) -> bool {
    use CableKind::*;
    matches!(kind, Dac | DacBreakout | Aoc | AocBreakout)
}

/// True for cables made to be split.
pub(super) fn is_breakout(kind: CableKind) -> bool {
    use CableKind::*;
    matches!(kind, DacBreakout | AocBreakout | FibreBreakout)
}

/// Two network ports with everything between them, panels passed through.
pub(super) struct Joined<'a> {
    pub(super) a: PortId,
    pub(super) b: PortId,
    pub(super) cables: &'a [CableId],
    derived: &'a Derived,
}

impl Joined<'_> {
    /// Where the end at `a` is written.
    pub(super) fn at(&self) -> Span {
        self.written(self.a, self.cables.first())
    }

    /// Where the end at `b` is written.
    pub(super) fn other(&self) -> Span {
        self.written(self.b, self.cables.last())
    }

    fn written(&self, port: PortId, cable: Option<&CableId>) -> Span {
        span_of(self.derived, *cable.expect("a way has a cable"), port)
    }
}

/// Every pair of network ports that cables join, once each, in the order of the ports.
pub(super) fn joined(lab: &Lab) -> impl Iterator<Item = Joined<'_>> {
    let derived = &lab.derived;
    derived.ways.iter().map(move |way| Joined { a: way.one, b: way.other, cables: &way.cables, derived })
}

/// Where the end of a cable at a port is written.
pub(super) fn span_of(derived: &Derived, cable: CableId, port: PortId) -> Span {
    let cable = derived.cable(cable);
    let found = ends(cable).find(|(end, _)| *end == port || *end == socket(derived, port));
    found.map_or(cable.near_span, |(_, span)| span)
}

/// Speeds that ports are set to, on the device or under `ports:`, each with its place.
pub(crate) type SetSpeeds = BTreeMap<PortId, (BitRate, Span)>;

/// Collects the speeds that ports are set to.
pub(crate) fn set_speeds(lab: &Lab) -> SetSpeeds {
    let derived = &lab.derived;
    let mut set = BTreeMap::new();
    for (id, port) in (0u32..).map(PortId).zip(&derived.ports) {
        if let Some(speed) = &port.set_speed {
            set.insert(id, (speed.value, speed.span));
        }
    }
    for (device, modes) in &lab.ports {
        let Some(device) = lab.devices.find(&device.text) else { continue };
        for (name, mode) in modes.iter() {
            if let (Some(port), Some(speed)) = (derived.find_port(device, &name.text), &mode.speed) {
                set.insert(port, (speed.value, speed.span));
            }
        }
    }
    set
}

/// The fastest that a port goes with any maker's cable, as its device is set; `None` when nobody says.
pub(super) fn fastest(lab: &Lab, port: PortId) -> Option<BitRate> {
    let facts = lab.derived.port(port);
    let free = facts.extra_speeds.iter().filter(|(_, maker)| maker.is_none()).map(|(speed, _)| *speed);
    let own = facts.ty.speed.into_iter().chain(free).max()?;
    let device = &lab.devices[facts.device];
    let allowed = device.speeds.iter().map(|speed| speed.value).filter(|speed| *speed <= own).max();
    Some(if facts.management { own } else { allowed.unwrap_or(own) })
}

/// The transceiver in a port's cage.
pub(super) fn transceiver(lab: &Lab, port: PortId) -> Option<&Transceiver> {
    let socket = lab.derived.port(socket(&lab.derived, port));
    lab.devices[socket.device].transceivers.get(&socket.name)
}

/// The way a transceiver speaks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Light {
    /// Short waves, for multimode fibre.
    Short,
    /// Long waves, for single-mode fibre.
    Long,
    /// No light: twisted pair.
    Copper,
}

/// What a standard such as `10gbase-sr` says of light; `None` when the word is not known.
pub(super) fn light(standard: &Text) -> Option<Light> {
    let word = standard.text.to_ascii_lowercase();
    if word.contains("pon") {
        return Some(Light::Long);
    }
    let kind = word.rsplit_once("base-").or_else(|| word.rsplit_once("gfc-"))?.1;
    let begins = |with: &[&str]| with.iter().any(|with| kind.starts_with(with));
    match kind {
        "t" => Some(Light::Copper),
        _ if begins(&["sr", "sx", "sw", "vr", "lrm"]) => Some(Light::Short),
        _ if begins(&["lr", "lx", "lw", "er", "zr", "ex", "zx", "fr", "dr", "bx", "psm", "cwdm"]) => {
            Some(Light::Long)
        }
        _ => None,
    }
}

/// The speed of a transceiver's standard.
pub(super) fn optic_speed(standard: &Text) -> Option<BitRate> {
    port_type(&standard.text.to_ascii_lowercase()).speed
}

/// Families of ports that never understand each other.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Family {
    Ethernet,
    FibreChannel,
    Sas,
    Pon,
}

impl Family {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Ethernet => "Ethernet",
            Self::FibreChannel => "Fibre Channel",
            Self::Sas => "SAS",
            Self::Pon => "PON",
        }
    }
}

/// What a port speaks; `None` when its type does not tell.
pub(super) fn family(lab: &Lab, port: PortId) -> Option<Family> {
    let spoken = transceiver(lab, port).and_then(|optic| optic.standard.as_ref());
    let socket = lab.derived.port(socket(&lab.derived, port));
    let word = spoken.map_or(&*socket.type_word, |standard| &standard.text).to_ascii_lowercase();
    match word.as_str() {
        _ if socket.ty.connector == Connector::Sas => Some(Family::Sas),
        _ if word.contains("pon") => Some(Family::Pon),
        _ if word.contains("gfc") => Some(Family::FibreChannel),
        _ if word.contains("base") => Some(Family::Ethernet),
        _ => None,
    }
}
