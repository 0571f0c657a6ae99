//! What switch ports carry, and both sides of aggregated links.

use super::Derived;
use super::cabling::find_port;
use super::inventory::{PortId, is_unknown, unknown_port};
use crate::grammar::Mtu;
use crate::lab::{DeviceId, Lab, LagId, VlanIdOf};
use crate::resolve::UNKNOWN_NAME;
use crate::written::{LacpRate, LagMode, PortMode, PrivateRole};
use lab_source::{Diagnostic, Span, Spanned};
use std::collections::BTreeSet;
use std::sync::Arc;

/// What a port carries.
#[derive(Clone, Debug)]
pub struct PortVlans {
    /// The VLAN of frames without a tag.
    pub untagged: Option<VlanIdOf>,
    /// The VLANs with tags. With `all` every VLAN of the lab but `untagged`.
    pub tagged: BTreeSet<VlanIdOf>,
    /// True when it was written as `all`.
    pub all: bool,
    /// Its part in a private VLAN.
    pub private: Option<PrivateRole>,
    /// The community it belongs to.
    pub community: Option<Arc<str>>,
    /// The largest payload it is set to.
    pub mtu: Option<Spanned<Mtu>>,
    /// False when it is switched off.
    pub enabled: bool,
    /// Whether it powers what hangs on it, when said.
    pub poe: Option<bool>,
    /// Where it is written.
    pub span: Span,
}

impl PortVlans {
    /// True when frames of `vlan` pass, with a tag or without.
    pub fn carries(&self, vlan: VlanIdOf) -> bool {
        self.untagged == Some(vlan) || self.tagged.contains(&vlan)
    }
}

/// One side of an aggregate.
#[derive(Clone, Debug, Default)]
pub struct LagSideFacts {
    /// The devices it is on; more than one when two act as one.
    pub devices: Vec<DeviceId>,
    /// Its ports.
    pub ports: Vec<PortId>,
    /// How links are aggregated.
    pub mode: Option<Spanned<LagMode>>,
    /// How often LACP speaks.
    pub rate: Option<Spanned<LacpRate>>,
    /// The largest payload.
    pub mtu: Option<Spanned<Mtu>>,
    /// What it is called there.
    pub name: Option<Arc<str>>,
}

/// Both sides of an aggregate.
#[derive(Clone, Debug, Default)]
pub struct LagFacts {
    /// The side that the lab names.
    pub near: LagSideFacts,
    /// The side at the other end of the cables. What is not said of it is not repeated here.
    pub far: LagSideFacts,
    /// Ports of the near side without a cable.
    pub uncabled: Vec<PortId>,
}

/// Fills what ports carry, and aggregates.
pub(super) fn derive(lab: &Lab, derived: &mut Derived, findings: &mut Vec<Diagnostic>) {
    for (device, ports) in &lab.ports {
        let Some(id) = lab.devices.find(&device.text) else {
            findings.push(unknown_device(lab, &device.text, device.span, findings.len()));
            continue;
        };
        for (name, mode) in ports.iter() {
            match derived.find_port(id, &name.text) {
                Some(port) => {
                    let vlans = port_vlans(lab, mode, name.span);
                    derived.port_vlans.insert(port, vlans);
                }
                None if is_unknown(lab, derived, id) => {}
                None => {
                    let names = derived.device(id).ports.iter().map(|port| &*derived.port(*port).name);
                    findings.push(unknown_port(&name.text, name.span, names, "port").about(lab.subject(id)));
                }
            }
        }
    }
    for (id, lag) in lab.lags.iter() {
        let facts = lag_facts(lab, derived, lag, findings);
        for port in facts.near.ports.iter().chain(&facts.far.ports) {
            derived.lag_of_port.entry(*port).or_insert(id);
        }
        derived.lags.push(facts);
    }
}

fn unknown_device(lab: &Lab, name: &str, span: Span, found: usize) -> Diagnostic {
    let mut finding = Diagnostic::error(UNKNOWN_NAME, format!("there is no device called `{name}`"))
        .at(span, "nothing of this name");
    let known = lab.devices.iter().map(|(_, device)| &*device.name.text);
    if let Some(near) = lab_source::suggest::nearest_while_few(found, name, known) {
        finding = finding.help(format!("did you mean `{near}`?"));
    }
    finding
}

fn port_vlans(lab: &Lab, mode: &PortMode, span: Span) -> PortVlans {
    let untagged = mode.access.as_ref().or(mode.untagged.as_ref()).and_then(|vlan| vlan.id);
    let mut tagged: BTreeSet<VlanIdOf> = mode.tagged.some.ids().collect();
    if mode.tagged.all {
        tagged.extend(lab.vlans.iter().map(|(id, _)| id).filter(|id| Some(*id) != untagged));
    }
    PortVlans {
        untagged,
        tagged,
        all: mode.tagged.all,
        private: mode.private.as_ref().map(|role| role.value),
        community: mode.community.as_ref().map(|community| community.text.clone()),
        mtu: mode.mtu,
        enabled: mode.enabled.as_ref().is_none_or(|enabled| enabled.value),
        poe: mode.poe.as_ref().map(|poe| poe.value),
        span,
    }
}

fn lag_facts(
    lab: &Lab,
    derived: &Derived,
    lag: &crate::written::Lag,
    findings: &mut Vec<Diagnostic>,
) -> LagFacts {
    let mut facts = LagFacts::default();
    for end in &lag.of.items {
        let Some(port) = find_port(lab, derived, end, findings) else { continue };
        facts.near.ports.push(port);
        match derived.peer(port) {
            Some(peer) => facts.far.ports.push(peer),
            None => facts.uncabled.push(port),
        }
    }
    facts.near.mode = lag.mode;
    facts.near.rate = lag.rate;
    facts.near.mtu = lag.mtu;
    facts.near.name = lag.name.as_ref().map(|name| name.text.clone());
    if let Some(far) = &lag.far {
        facts.far.mode = far.mode;
        facts.far.rate = far.rate;
        facts.far.mtu = far.mtu;
        facts.far.name = far.name.as_ref().map(|name| name.text.clone());
    }
    for side in [&mut facts.near, &mut facts.far] {
        side.devices = side.ports.iter().map(|port| derived.port(*port).device).collect();
        side.devices.sort_unstable();
        side.devices.dedup();
    }
    facts
}

impl Derived {
    /// The aggregate that a port belongs to.
    pub fn lag_of(&self, port: PortId) -> Option<LagId> {
        self.lag_of_port.get(&port).copied()
    }

    /// Both sides of an aggregate.
    pub fn lag(&self, id: LagId) -> &LagFacts {
        &self.lags[id.0 as usize]
    }

    /// What a port carries, when the lab says.
    pub fn vlans_of(&self, port: PortId) -> Option<&PortVlans> {
        self.port_vlans.get(&port)
    }
}
