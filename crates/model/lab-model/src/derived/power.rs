//! What feeds what: inlets, outlets, and watts as far as they are known.

use super::Derived;
use super::inventory::{PortId, is_unknown, names_of, position_of, unknown_port};
use crate::device_type::PowerPort;
use crate::grammar::{Amperes, Watts};
use crate::lab::{DeviceId, Lab, PowerId};
use crate::record::Text;
use crate::resolve::UNKNOWN_NAME;
use crate::written::Inlet;
use lab_source::{Diagnostic, Span};
use std::sync::Arc;

/// Names one power inlet of a device.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct InletId(pub u32);

/// Names one power outlet of a device.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct OutletId(pub u32);

/// What an inlet is plugged into.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum PowerSource {
    /// A circuit or another part of the supply.
    Node(PowerId),
    /// An outlet.
    Outlet(OutletId),
    /// A device with outlets; which one is not known.
    Device(DeviceId),
}

/// A power inlet.
#[derive(Clone, Debug)]
pub struct InletUse {
    /// The device.
    pub device: DeviceId,
    /// Its name.
    pub name: Arc<str>,
    /// What it is plugged into; `None` when nothing is said, or the name means nothing.
    pub source: Option<PowerSource>,
    /// Its connector, `iec-60320-c14`.
    pub connector: Option<Arc<str>>,
    /// What the supply behind it can give.
    pub rating: Option<Watts>,
    /// The most it draws, by its type.
    pub maximum_draw: Option<Watts>,
    /// True when the lab speaks of it; false for an inlet of the type that is left out.
    pub said: bool,
    /// Where it is written; the device's name when it is not.
    pub span: Span,
}

/// A power outlet.
#[derive(Clone, Debug)]
pub struct Outlet {
    /// The device.
    pub device: DeviceId,
    /// Its name.
    pub name: Arc<str>,
    /// Its connector, `iec-60320-c13`.
    pub connector: Option<Arc<str>>,
    /// The current it is made for.
    pub current: Option<Amperes>,
    /// The inlet that feeds it, when the type says.
    pub inlet: Option<Arc<str>>,
    /// The phase it is on.
    pub leg: Option<Arc<str>>,
    /// False when a UPS does not keep it up on battery.
    pub on_battery: bool,
    /// What is plugged in.
    pub feeds: Vec<InletId>,
}

/// What a device draws, without what hangs on its outlets.
#[derive(Clone, Copy, Default, Debug)]
pub struct Draw {
    /// In normal use.
    pub typical: Option<Watts>,
    /// At most; the sum of its type's inlets when nothing better is known.
    pub peak: Option<Watts>,
    /// True when the lab or the type says so, false when taken from the ratings of inlets.
    pub known: bool,
}

/// Fills inlets, outlets, draws and ports that power their devices.
pub(super) fn derive(lab: &Lab, derived: &mut Derived, findings: &mut Vec<Diagnostic>) {
    for (id, node) in lab.power.iter() {
        for from in node.from.ids() {
            derived.below_node.entry(from).or_default().push(id);
        }
    }
    for (id, _) in lab.devices.iter() {
        add_outlets(id, derived);
    }
    for (id, device) in lab.devices.iter() {
        for (name, said) in device.inlets.iter() {
            let source = said.from.as_ref().and_then(|from| find_source(lab, derived, from, findings));
            add_inlet(id, name.text.clone(), Some(said), source, name.span, derived, findings);
        }
        left_out_inlets(id, device.name.span, derived);
        let draw = draw_of(lab, id, derived);
        derived.draws.push(draw);
    }
    for (id, _) in lab.devices.iter() {
        let by = powered_over_ethernet(id, derived);
        derived.poe_sources.extend(by.map(|port| (id, port)));
    }
}

fn add_outlets(device: DeviceId, derived: &mut Derived) {
    let Some(ty) = derived.device(device).ty.clone() else { return };
    for template in &ty.power_outlets {
        if derived.is_full() {
            return;
        }
        for name in names_of(template.name.as_ref(), template.names.as_ref()) {
            let id = OutletId(u32::try_from(derived.outlets.len()).expect("fewer than four billion outlets"));
            derived.outlet_by_name.insert((device, name.clone()), id);
            derived.outlets_of.entry(device).or_default().push(id);
            derived.outlets.push(Outlet {
                device,
                name,
                connector: template.r#type.as_ref().map(|ty| ty.text.clone()),
                current: template.current.as_ref().map(|current| current.value),
                inlet: template.power_port.as_ref().map(|port| port.text.clone()),
                leg: template.feed_leg.as_ref().map(|leg| leg.text.clone()),
                on_battery: template.battery.as_ref().is_none_or(|battery| battery.value),
                feeds: Vec::new(),
            });
        }
    }
}

/// What `circuit-9`, `ups-1:3` or `ups-1` means.
fn find_source(
    lab: &Lab,
    derived: &Derived,
    from: &Text,
    findings: &mut Vec<Diagnostic>,
) -> Option<PowerSource> {
    let text = &*from.text;
    if let Some(node) = lab.power.find(text) {
        return Some(PowerSource::Node(node));
    }
    if let Some(device) = lab.devices.find(text) {
        return Some(PowerSource::Device(device));
    }
    let (name, outlet) = text.split_once(':').map_or((text, None), |(name, outlet)| (name, Some(outlet)));
    let Some(device) = lab.devices.find(name) else {
        findings.push(unknown_source(lab, name, from.span, findings.len()));
        return None;
    };
    let outlet = outlet?;
    if let Some(&id) = derived.outlet_by_name.get(&(device, Arc::from(outlet))) {
        return Some(PowerSource::Outlet(id));
    }
    if is_unknown(lab, derived, device) {
        return Some(PowerSource::Device(device));
    }
    let known: Vec<Arc<str>> = derived.outlets_of(device).map(|(_, outlet)| outlet.name.clone()).collect();
    findings.push(
        unknown_port(outlet, from.span, known.iter().map(|name| &**name), "outlet")
            .about(lab.subject(device)),
    );
    Some(PowerSource::Device(device))
}

fn unknown_source(lab: &Lab, name: &str, span: Span, found: usize) -> Diagnostic {
    let nodes = lab.power.iter().map(|(_, node)| &*node.name.text);
    let devices = lab.devices.iter().map(|(_, device)| &*device.name.text);
    let mut finding = Diagnostic::error(
        UNKNOWN_NAME,
        format!("there is no circuit or device called `{name}` to plug into"),
    )
    .at(span, "nothing of this name");
    if let Some(near) = lab_source::suggest::nearest_while_few(found, name, nodes.chain(devices)) {
        finding = finding.help(format!("did you mean `{near}`?"));
    }
    finding
}

fn add_inlet(
    device: DeviceId,
    name: Arc<str>,
    said: Option<&Inlet>,
    source: Option<PowerSource>,
    span: Span,
    derived: &mut Derived,
    findings: &mut Vec<Diagnostic>,
) {
    let ports = power_ports(device, derived);
    let port = ports.iter().find(|(known, _)| *known == name).map(|(_, port)| port);
    if port.is_none() && !ports.is_empty() {
        findings.push(unknown_port(&name, span, ports.iter().map(|(name, _)| &**name), "inlet"));
    }
    let own = |text: &Text| text.text.clone();
    let watts = |text: &Option<Text>| {
        text.as_ref().and_then(|text| text.text.parse::<u64>().ok()).map(Watts::from_watts)
    };
    let id = InletId(u32::try_from(derived.inlets.len()).expect("fewer than four billion inlets"));
    derived.inlets.push(InletUse {
        device,
        name,
        source,
        connector: said
            .and_then(|said| said.connector.as_ref())
            .or_else(|| port.and_then(|port| port.r#type.as_ref()))
            .map(own),
        rating: said
            .and_then(|said| said.rating.as_ref())
            .or_else(|| port.and_then(|port| port.rating.as_ref()))
            .map(|rating| rating.value),
        maximum_draw: port.and_then(|port| watts(&port.maximum_draw)),
        said: said.is_some(),
        span,
    });
    match source {
        Some(PowerSource::Node(node)) => derived.fed_by_node.entry(node).or_default().push(id),
        Some(PowerSource::Device(feeder)) => derived.fed_by_device.entry(feeder).or_default().push(id),
        Some(PowerSource::Outlet(outlet)) => {
            let outlet = &mut derived.outlets[outlet.0 as usize];
            outlet.feeds.push(id);
            derived.fed_by_device.entry(outlet.device).or_default().push(id);
        }
        None => {}
    }
    derived.inlets_of.entry(device).or_default().push(id);
}

/// The inlets of a device's type and of the power supplies among its cards, with their names there.
fn power_ports(device: DeviceId, derived: &Derived) -> Vec<(Arc<str>, PowerPort)> {
    let facts = derived.device(device);
    let around = facts.ty.as_deref();
    let cards = facts.cards.iter().map(|&card| derived.card(card));
    let of_cards = cards.filter_map(|card| Some((card.ty.as_deref()?, position_of(around, &card.slot))));
    around
        .map(|ty| (ty, ""))
        .into_iter()
        .chain(of_cards)
        .flat_map(|(ty, module)| ty.power_ports.iter().map(move |port| (port, module)))
        .flat_map(|(port, module)| {
            let names = names_of(port.name.as_ref(), port.names.as_ref());
            names.into_iter().map(move |name| (Arc::from(name.replace("{module}", module)), port.clone()))
        })
        .collect()
}

/// Adds the inlets that the lab does not speak of: power supplies that are not plugged in.
fn left_out_inlets(device: DeviceId, span: Span, derived: &mut Derived) {
    if derived.is_full() {
        return;
    }
    let said: Vec<Arc<str>> = derived.inlets_of(device).map(|(_, inlet)| inlet.name.clone()).collect();
    for (name, _) in power_ports(device, derived) {
        if !said.contains(&name) {
            add_inlet(device, name, None, None, span, derived, &mut Vec::new());
        }
    }
}

fn draw_of(lab: &Lab, id: DeviceId, derived: &Derived) -> Draw {
    let device = &lab.devices[id];
    let ty = derived.device(id).ty.as_ref();
    let facts = device.watts.as_ref().or_else(|| ty.and_then(|ty| ty.watts.as_ref()));
    let of = |watts: Option<&lab_source::Spanned<Watts>>| watts.map(|watts| watts.value);
    let typical = facts.and_then(|facts| of(facts.typical.as_ref()));
    let peak = facts.and_then(|facts| of(facts.peak.as_ref()));
    let known = typical.is_some() || peak.is_some();
    // What the inlet of a PDU or UPS may draw is what it passes on, not its own.
    let passes_on = derived.outlets_of(id).next().is_some();
    let by_type = || {
        if passes_on {
            return None;
        }
        let draws: Vec<Watts> = derived.inlets_of(id).filter_map(|(_, inlet)| inlet.maximum_draw).collect();
        draws.into_iter().max()
    };
    Draw { typical, peak: peak.or_else(by_type), known }
}

/// The port that powers a device over its network cable: its own port takes power, it has no inlet in use, and the
/// other end gives power.
fn powered_over_ethernet(device: DeviceId, derived: &Derived) -> Option<PortId> {
    if derived.inlets_of(device).any(|(_, inlet)| inlet.source.is_some()) {
        return None;
    }
    let mode =
        |port: PortId, word: &str| derived.port(port).poe.as_ref().is_some_and(|(mode, _)| &**mode == word);
    derived
        .device(device)
        .ports
        .iter()
        .filter(|port| mode(**port, "pd"))
        .find_map(|&port| derived.peer(port).filter(|&peer| mode(peer, "pse")))
}

impl Derived {
    /// An inlet by id.
    pub fn inlet(&self, id: InletId) -> &InletUse {
        &self.inlets[id.0 as usize]
    }

    /// An outlet by id.
    pub fn outlet(&self, id: OutletId) -> &Outlet {
        &self.outlets[id.0 as usize]
    }

    /// The inlets of a device, those of its type that the lab leaves out included.
    pub fn inlets_of(&self, device: DeviceId) -> impl Iterator<Item = (InletId, &InletUse)> {
        self.inlets_of.get(&device).into_iter().flatten().map(|&id| (id, self.inlet(id)))
    }

    /// The outlets of a device in the order of its type.
    pub fn outlets_of(&self, device: DeviceId) -> impl Iterator<Item = (OutletId, &Outlet)> {
        self.outlets_of.get(&device).into_iter().flatten().map(|&id| (id, self.outlet(id)))
    }

    /// What a device draws by itself.
    pub fn draw(&self, device: DeviceId) -> Draw {
        self.draws.get(device.0 as usize).copied().unwrap_or_default()
    }

    /// The switch port that powers a device, when its network cable does.
    pub fn poe_source(&self, device: DeviceId) -> Option<PortId> {
        self.poe_sources.get(&device).copied()
    }

    /// The parts of the supply that another part feeds, alone or with others.
    pub fn nodes_below(&self, node: PowerId) -> &[PowerId] {
        self.below_node.get(&node).map_or(&[], Vec::as_slice)
    }

    /// The inlets plugged straight into a part of the supply.
    pub fn fed_by_node(&self, node: PowerId) -> impl Iterator<Item = (InletId, &InletUse)> {
        self.fed_by_node.get(&node).into_iter().flatten().map(|&id| (id, self.inlet(id)))
    }

    /// The inlets plugged into a device's outlets, known or not.
    pub fn fed_by_device(&self, device: DeviceId) -> impl Iterator<Item = (InletId, &InletUse)> {
        self.fed_by_device.get(&device).into_iter().flatten().map(|&id| (id, self.inlet(id)))
    }
}
