//! Watts: what devices draw, what hangs on a feeder, and what it can give. Unknown draws are counted, never taken for
//! nothing: a sum that is too high stays too high whatever the others draw.

use super::feeds::{Feeder, children, is_active, voltage};
use lab_model::Lab;
use lab_model::derived::PowerSource;
use lab_model::grammar::{VoltAmperes, Watts};
use lab_model::lab::DeviceId;
use lab_source::Span;
use std::collections::BTreeMap;

/// Watts of one device, or of several together.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Figures {
    /// In normal use, of those that say so.
    pub(super) typical: f64,
    /// At most, of those that say so; what is known of normal use for the others.
    pub(super) peak: f64,
    /// How many devices do not say what they draw in normal use.
    pub(super) no_typical: usize,
    /// How many devices do not say what they draw at most.
    pub(super) no_peak: usize,
}

impl Figures {
    fn add(&mut self, other: Self, share: f64) {
        self.typical += other.typical * share;
        self.peak += other.peak * share;
        self.no_typical += other.no_typical;
        self.no_peak += other.no_peak;
    }
}

/// What every device of a lab draws, power over Ethernet counted at the switch that gives it.
pub(crate) struct Draws {
    own: BTreeMap<DeviceId, Figures>,
}

impl Draws {
    pub(crate) fn of(lab: &Lab) -> Self {
        let mut own: BTreeMap<DeviceId, Figures> = BTreeMap::new();
        for (id, _) in lab.devices.iter().filter(|(id, _)| is_active(lab, *id)) {
            let figures = figures(lab, id);
            let at = lab.derived.poe_source(id).map_or(id, |port| lab.derived.port(port).device);
            own.entry(at).or_default().add(figures, 1.0);
        }
        Self { own }
    }

    pub(super) fn own(&self, device: DeviceId) -> Figures {
        self.own.get(&device).copied().unwrap_or_default()
    }

    /// The most that a device is known to draw.
    pub(super) fn peak_of(lab: &Lab, device: DeviceId) -> Option<Watts> {
        let ty = lab.derived.device(device).ty.as_ref();
        let facts = lab.devices[device].watts.as_ref().or_else(|| ty.and_then(|ty| ty.watts.as_ref()))?;
        facts.peak.as_ref().map(|peak| peak.value)
    }

    /// What hangs on a feeder while everything works: devices with two supplies draw half on each.
    pub(super) fn normal(&self, lab: &Lab, feeder: Feeder) -> (Figures, Vec<DeviceId>) {
        let mut shares = BTreeMap::new();
        spread(lab, &mut vec![feeder], 1.0, &mut shares);
        self.sum(shares.into_iter().filter(|(_, share)| *share > 0.0))
    }

    /// What hangs on a feeder when every other way has failed.
    pub(super) fn alone(&self, lab: &Lab, feeder: Feeder) -> (Figures, Vec<DeviceId>) {
        let mut shares = BTreeMap::new();
        spread(lab, &mut vec![feeder], 1.0, &mut shares);
        self.sum(shares.into_keys().map(|device| (device, 1.0)))
    }

    fn sum(&self, shares: impl Iterator<Item = (DeviceId, f64)>) -> (Figures, Vec<DeviceId>) {
        let mut all = Figures::default();
        let mut devices = Vec::new();
        for (device, share) in shares {
            let own = self.own(device);
            all.add(own, share);
            if own.peak > 0.0 {
                devices.push(device);
            }
        }
        devices.sort_by(|one, other| self.own(*other).peak.total_cmp(&self.own(*one).peak));
        (all, devices)
    }
}

/// Adds the shares of everything below the last feeder of a way down. A loop, which another rule finds, ends the way.
fn spread(lab: &Lab, way: &mut Vec<Feeder>, share: f64, shares: &mut BTreeMap<DeviceId, f64>) {
    let Some(&feeder) = way.last() else { return };
    for (child, part) in children(lab, feeder) {
        if way.contains(&child) {
            continue;
        }
        if let Feeder::Device(device) = child
            && is_active(lab, device)
        {
            *shares.entry(device).or_insert(0.0) += share * part;
        }
        way.push(child);
        spread(lab, way, share * part, shares);
        way.pop();
    }
}

fn watts(watts: Option<&lab_source::Spanned<Watts>>) -> Option<f64> {
    watts.map(|watts| watts.value.milliwatts() as f64 / 1000.0)
}

/// What one device draws: by what the lab says, else by its type with the graphics cards in it.
fn figures(lab: &Lab, id: DeviceId) -> Figures {
    let device = &lab.devices[id];
    let facts = lab.derived.device(id);
    let of_type = || facts.ty.as_ref().and_then(|ty| ty.watts.as_ref());
    let said = device.watts.as_ref();
    let feeds_others = lab.derived.outlets_of(id).next().is_some();
    let is_passive = facts.ty.as_ref().is_some_and(|ty| {
        ty.is_powered.as_ref().is_some_and(|powered| !powered.value)
            || (ty.power_ports.is_empty() && ty.watts.is_none())
    });
    let Some(known) = said.or_else(of_type) else {
        let unknown = usize::from(!feeds_others && !is_passive);
        return Figures { no_typical: unknown, no_peak: unknown, ..Figures::default() };
    };
    let count = device.count.as_ref().map_or(1.0, |count| f64::from(count.value));
    let typical = watts(known.typical.as_ref());
    let peak = watts(known.peak.as_ref());
    let mut figures = Figures {
        typical: typical.unwrap_or(0.0),
        peak: peak.or(typical).unwrap_or(0.0),
        no_typical: usize::from(typical.is_none()),
        no_peak: usize::from(peak.is_none()),
    };
    if said.is_none() {
        for card in &facts.cards {
            let card = lab.derived.card(*card).ty.as_ref().filter(|ty| ty.gpu_memory.is_some());
            let of_card = card.and_then(|card| card.watts.as_ref());
            figures.typical += of_card.and_then(|facts| watts(facts.typical.as_ref())).unwrap_or(0.0);
            figures.peak += of_card.and_then(|facts| watts(facts.peak.as_ref())).unwrap_or(0.0);
        }
    }
    figures.typical *= count;
    figures.peak *= count;
    figures
}

/// What a feeder can give.
pub(super) struct Limit {
    pub(super) watts: f64,
    /// How it comes about: `16 A at 230 V`.
    pub(super) why: String,
    pub(super) span: Span,
}

/// The tightest of a feeder's limits; `None` when nothing is known of them.
pub(super) fn limit(lab: &Lab, feeder: Feeder) -> Option<Limit> {
    let mut limits = match feeder {
        Feeder::Node(_) => node_limits(lab, feeder),
        Feeder::Device(device) => device_limits(lab, device),
    };
    limits.sort_by(|one, other| one.watts.total_cmp(&other.watts));
    limits.into_iter().next()
}

fn node_limits(lab: &Lab, feeder: Feeder) -> Vec<Limit> {
    let Feeder::Node(id) = feeder else { return Vec::new() };
    let node = &lab.power[id];
    let mut limits = Vec::new();
    if let (Some(breaker), Some(volts)) = (&node.breaker, voltage(lab, feeder)) {
        let whole = apparent(breaker.value.at(volts));
        let is_american = (100_000..=127_000).contains(&volts.millivolts());
        let percent = node.continuous.as_ref().map(|share| share.value.of(100) as f64);
        let percent = percent.unwrap_or(if is_american { 80.0 } else { 100.0 });
        let mut why = format!("{} at {volts} is {whole:.0} W", breaker.value);
        if percent < 100.0 {
            why.push_str(&format!(", of which {percent:.0} % may be drawn without end"));
        }
        if node.continuous.is_none() && is_american {
            why.push_str(" (NEC 210.20)");
        }
        limits.push(Limit { watts: whole * percent / 100.0, why, span: breaker.span });
    }
    if let Some(power) = &node.power {
        let watts = watts(Some(power)).unwrap_or(0.0);
        limits.push(Limit { watts, why: format!("it gives {}", power.value), span: power.span });
    }
    if let Some(power) = &node.apparent_power {
        limits.push(Limit {
            watts: apparent(power.value),
            why: format!("it gives {}", power.value),
            span: power.span,
        });
    }
    limits
}

fn device_limits(lab: &Lab, device: DeviceId) -> Vec<Limit> {
    let mut limits = Vec::new();
    let Some(ty) = &lab.derived.device(device).ty else { return limits };
    if lab.derived.outlets_of(device).next().is_none() {
        return limits;
    }
    let span = lab.devices[device].name.span;
    let volts = voltage(lab, Feeder::Device(device));
    if let Some(rating) = &ty.rating {
        let volts = rating.voltage.as_ref().map(|volts| volts.value).or(volts);
        if let Some(real) = &rating.real {
            let watts = watts(Some(real)).unwrap_or(0.0);
            limits.push(Limit { watts, why: format!("it is rated {}", real.value), span });
        }
        if let Some(power) = &rating.apparent {
            let why = format!("it is rated {}", power.value);
            limits.push(Limit { watts: apparent(power.value), why, span });
        }
        if let (Some(input), Some(volts)) = (&rating.input, volts) {
            let why = format!("its inlet takes {} at {volts}", input.value);
            limits.push(Limit { watts: apparent(input.value.at(volts)), why, span });
        }
    }
    for (id, inlet) in lab.derived.inlets_of(device) {
        if let (Some(PowerSource::Outlet(outlet)), Some(volts)) = (inlet.source, volts) {
            let outlet = lab.derived.outlet(outlet);
            let Some(current) = outlet.current else { continue };
            let name = &lab.devices[outlet.device].name;
            let why = format!("outlet {} of `{name}` gives {current} at {volts}", outlet.name);
            let span = super::feeds::source_span(lab, id);
            limits.push(Limit { watts: apparent(current.at(volts)), why, span });
        }
    }
    limits
}

/// Apparent power as if all of it were real: the most that can be drawn.
pub(super) fn apparent(power: VoltAmperes) -> f64 {
    power.millivolt_amperes() as f64 / 1000.0
}

/// ` (3 devices more do not say what they draw)`, or nothing.
pub(super) fn unknown(count: usize) -> String {
    match count {
        0 => String::new(),
        1 => "; what one more device draws is not known".to_owned(),
        count => format!("; what {count} more devices draw is not known"),
    }
}

/// The devices that draw most, as `nas-1 180 W, node-1 130 W and 4 more`.
pub(super) fn heaviest(lab: &Lab, draws: &Draws, devices: &[DeviceId]) -> String {
    let shown: Vec<String> = devices
        .iter()
        .take(5)
        .map(|device| format!("{} {:.0} W", lab.devices[*device].name, draws.own(*device).peak))
        .collect();
    let more = devices.len().saturating_sub(5);
    if more > 0 { format!("{} and {more} more", shown.join(", ")) } else { shown.join(", ") }
}
