//! What switch ports carry, and both sides of aggregated links.

use super::Derived;
use super::cabling::find_port;
use super::inventory::{PortId, is_unknown, unknown_port};
use crate::grammar::Mtu;
use crate::lab::{DeviceId, Lab, LagId, VlanIdOf};
use crate::resolve::UNKNOWN_NAME;
use crate::written::{LacpRate, LagMode, PortMode, PrivateRole};
use lab_source::{Diagnostic, Span, Spanned};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// What a port carries.
#[derive(Clone, Debug)]
pub struct PortVlans {
    /// The VLAN of frames without a tag.
    pub untagged: Option<VlanIdOf>,
    /// The VLANs with tags. With `all` every VLAN of the lab but `untagged`. Ports that carry the same share it.
    pub tagged: Arc<BTreeSet<VlanIdOf>>,
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
    /// Where its untagged VLAN is written.
    pub untagged_span: Option<Span>,
    /// Where its tagged VLANs are written.
    pub tagged_span: Option<Span>,
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

impl LagFacts {
    /// True when one side speaks LACP and the other is said not to: no link comes into service (IEEE 802.1AX, 6.4.14: a port without a
    /// partner is not in sync with anybody). LACP is what a side speaks of which nothing is said.
    pub fn is_one_sided(&self) -> bool {
        let speaks =
            |mode: &Option<Spanned<LagMode>>| mode.as_ref().is_none_or(|mode| mode.value == LagMode::Lacp);
        self.far.mode.is_some() && speaks(&self.near.mode) != speaks(&self.far.mode)
    }
}

/// Fills what ports carry, and aggregates.
pub(super) fn derive(lab: &Lab, derived: &mut Derived, findings: &mut Vec<Diagnostic>) {
    let mut sets = TaggedSets::default();
    let mut carried: BTreeMap<PortId, PortVlans> = BTreeMap::new();
    for (device, ports) in &lab.ports {
        let Some(id) = lab.devices.find(&device.text) else {
            findings.push(unknown_device(lab, &device.text, device.span, findings.len()));
            continue;
        };
        for (name, mode) in ports.iter() {
            match derived.find_port(id, &name.text) {
                Some(port) => {
                    carried.insert(port, port_vlans(lab, mode, name.span, &mut sets));
                }
                None if is_unknown(lab, derived, id) => {}
                None => {
                    let names = derived.device(id).ports.iter().map(|port| &*derived.port(*port).name);
                    findings.push(unknown_port(&name.text, name.span, names, "port").about(lab.subject(id)));
                }
            }
        }
    }
    derived.keep_vlans(carried);
    derived.lag_of_port = vec![None; derived.ports.len()];
    for (id, lag) in lab.lags.iter() {
        let facts = lag_facts(lab, derived, lag, findings);
        for port in &facts.near.ports {
            derived.lag_of_port[port.0 as usize].get_or_insert(id);
        }
        derived.lags.push(facts);
    }
    // What an aggregate names itself comes first: in a mesh, one's own ports are the far ones of others.
    for (id, facts) in (0..).map(LagId).zip(&derived.lags) {
        for port in &facts.far.ports {
            derived.lag_of_port[port.0 as usize].get_or_insert(id);
        }
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

/// The sets of tagged VLANs that occur: a switch has fifty ports that carry the same, and `all` may be long.
#[derive(Default)]
struct TaggedSets {
    some: HashMap<Vec<VlanIdOf>, Arc<BTreeSet<VlanIdOf>>>,
    /// By the VLAN that is left out.
    all: HashMap<Option<VlanIdOf>, Arc<BTreeSet<VlanIdOf>>>,
}

impl TaggedSets {
    fn of(&mut self, lab: &Lab, mode: &PortMode, untagged: Option<VlanIdOf>) -> Arc<BTreeSet<VlanIdOf>> {
        if mode.tagged.all {
            let others = || lab.vlans.iter().map(|(id, _)| id).filter(|id| Some(*id) != untagged);
            return self.all.entry(untagged).or_insert_with(|| Arc::new(others().collect())).clone();
        }
        let some: Vec<VlanIdOf> = mode.tagged.some.ids().collect();
        self.some.entry(some).or_insert_with_key(|some| Arc::new(some.iter().copied().collect())).clone()
    }
}

fn port_vlans(lab: &Lab, mode: &PortMode, span: Span, sets: &mut TaggedSets) -> PortVlans {
    let said = mode.access.as_ref().or(mode.untagged.as_ref());
    let untagged = said.and_then(|vlan| vlan.id);
    PortVlans {
        untagged,
        tagged: sets.of(lab, mode, untagged),
        all: mode.tagged.all,
        private: mode.private.as_ref().map(|role| role.value),
        community: mode.community.as_ref().map(|community| community.text.clone()),
        mtu: mode.mtu,
        enabled: mode.enabled.as_ref().is_none_or(|enabled| enabled.value),
        poe: mode.poe.as_ref().map(|poe| poe.value),
        span,
        untagged_span: said.map(|vlan| vlan.span),
        tagged_span: mode.tagged.some.span,
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
    fn keep_vlans(&mut self, carried: BTreeMap<PortId, PortVlans>) {
        self.port_vlans = carried.into_iter().collect();
        self.vlans_at = vec![None; self.ports.len()];
        for (at, (port, _)) in (0u32..).zip(&self.port_vlans) {
            self.vlans_at[port.0 as usize] = Some(at);
        }
    }

    /// The aggregate that a port belongs to.
    pub fn lag_of(&self, port: PortId) -> Option<LagId> {
        self.lag_of_port.get(port.0 as usize).copied().flatten()
    }

    /// Both sides of an aggregate.
    pub fn lag(&self, id: LagId) -> &LagFacts {
        &self.lags[id.0 as usize]
    }

    /// What a port carries, when the lab says.
    pub fn vlans_of(&self, port: PortId) -> Option<&PortVlans> {
        let at = *self.vlans_at.get(port.0 as usize)?.as_ref()?;
        Some(&self.port_vlans[at as usize].1)
    }
}
