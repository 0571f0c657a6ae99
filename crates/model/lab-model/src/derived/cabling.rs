//! Cables as links between ports: legs of breakouts one by one, and paths followed through patch panels.

use super::Derived;
use super::inventory::{PortClass, PortId, is_unknown, unknown_port};
use crate::grammar::Endpoint;
use crate::lab::{CableGroupId, DeviceId, Lab};
use crate::resolve::UNKNOWN_NAME;
use crate::written::Connection;
use lab_source::{Diagnostic, Span, Spanned};

/// Names one physical cable.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct CableId(pub u32);

/// Names one leg of a cable: a link between two ports.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct LinkId(pub u32);

/// One physical cable.
#[derive(Clone, Debug)]
pub struct Cable {
    /// The group that says what it is.
    pub group: CableGroupId,
    /// The near end: the trunk of a breakout.
    pub near: PortId,
    /// The far end, or the legs in order.
    pub far: Vec<PortId>,
    /// Where the near end is written.
    pub near_span: Span,
    /// Where the far ends are written, in the order of `far`.
    pub far_spans: Vec<Span>,
}

/// One leg of a cable.
#[derive(Clone, Debug)]
pub struct Link {
    /// The cable.
    pub cable: CableId,
    /// Which leg, from 0; 0 for a cable with one.
    pub leg: u32,
    /// The near port: the split port of the leg when the near end is split.
    pub near: PortId,
    /// The far port.
    pub far: PortId,
}

/// From one port to another over cables and through panels.
#[derive(Clone, Debug)]
pub struct CablePath {
    /// The port at the end.
    pub end: PortId,
    /// The cables on the way.
    pub cables: Vec<CableId>,
    /// The panel ports on the way.
    pub through: Vec<PortId>,
}

/// Two network ports that cables join, panels passed through.
#[derive(Clone, Debug)]
pub struct Way {
    /// The port with the smaller id.
    pub one: PortId,
    /// The other.
    pub other: PortId,
    /// The cables from the one to the other.
    pub cables: Vec<CableId>,
}

/// Fills cables, links and ways.
pub(super) fn derive(lab: &Lab, derived: &mut Derived, findings: &mut Vec<Diagnostic>) {
    for (group, record) in lab.cables.iter() {
        for connection in &record.between.items {
            add_cable(lab, group, connection, derived, findings);
        }
    }
    derived.plugged = LinksByPort::of(derived.ports.len(), &derived.links);
    derive_ways(derived);
}

/// Every way is walked here, once: rules that ask for them are many, and labs have many ports.
fn derive_ways(derived: &mut Derived) {
    let mut peers = vec![None; derived.ports.len()];
    let mut ways = Vec::new();
    for (one, port) in (0u32..).map(PortId).zip(&derived.ports) {
        if derived.links_of(one).is_empty() {
            continue;
        }
        let paths = derived.paths_from(one);
        if let [only] = &paths[..] {
            peers[one.0 as usize] = Some(only.end);
        }
        for path in paths {
            let is_way = one < path.end && derived.port(path.end).class == PortClass::Network;
            if is_way && port.class == PortClass::Network {
                ways.push(Way { one, other: path.end, cables: path.cables });
            }
        }
    }
    derived.peers = peers;
    derived.ways = ways;
}

/// The links of each port: those of port `n` stand from `starts[n]` to `starts[n + 1]`.
#[derive(Default, Debug)]
pub(crate) struct LinksByPort {
    starts: Vec<u32>,
    links: Vec<LinkId>,
}

impl LinksByPort {
    fn of(ports: usize, links: &[Link]) -> Self {
        let mut ends: Vec<(PortId, LinkId)> = (0u32..)
            .map(LinkId)
            .zip(links)
            .flat_map(|(id, link)| [(link.near, id), (link.far, id)])
            .collect();
        ends.sort_by_key(|(port, _)| *port);
        let mut starts = vec![0; ports + 1];
        for (port, _) in &ends {
            starts[port.0 as usize + 1] += 1;
        }
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
        Self { starts, links: ends.into_iter().map(|(_, link)| link).collect() }
    }

    fn get(&self, port: PortId) -> &[LinkId] {
        let at = port.0 as usize;
        match (self.starts.get(at), self.starts.get(at + 1)) {
            (Some(&start), Some(&end)) => &self.links[start as usize..end as usize],
            _ => &[],
        }
    }
}

fn add_cable(
    lab: &Lab,
    group: CableGroupId,
    connection: &Connection,
    derived: &mut Derived,
    findings: &mut Vec<Diagnostic>,
) {
    let near = find_port(lab, derived, &connection.near, findings);
    let far: Vec<Option<PortId>> =
        connection.far.iter().map(|end| find_port(lab, derived, end, findings)).collect();
    let Some(near) = near else { return };
    let cable = CableId(u32::try_from(derived.cables.len()).expect("fewer than four billion cables"));
    let lanes = derived.port(near).split_into.clone();
    for (leg, end) in (0u32..).zip(&far) {
        let Some(end) = *end else { continue };
        let near =
            if connection.far.len() > 1 { lanes.get(leg as usize).copied().unwrap_or(near) } else { near };
        derived.links.push(Link { cable, leg, near, far: end });
    }
    let ends = far.iter().zip(&connection.far).filter_map(|(port, end)| port.map(|port| (port, end.span)));
    let (far, far_spans) = ends.unzip();
    derived.cables.push(Cable { group, near, far, near_span: connection.near.span, far_spans });
}

/// The port that an endpoint names, or a finding.
pub(crate) fn find_port(
    lab: &Lab,
    derived: &Derived,
    end: &Spanned<Endpoint>,
    findings: &mut Vec<Diagnostic>,
) -> Option<PortId> {
    let Some(device) = lab.devices.find(&end.value.device.name) else {
        findings.push(unknown_device(lab, end, findings.len()));
        return None;
    };
    let name = &end.value.interface.name;
    let found = derived.find_port(device, name);
    if found.is_none() && !is_unknown(lab, derived, device) {
        let known: Vec<&str> = port_names(derived, device);
        findings.push(
            unknown_port(name, end.span, known.into_iter(), "port")
                .about(lab.subject(device))
                .because(format!("on device `{}`", lab.devices[device].name)),
        );
    }
    found
}

fn port_names(derived: &Derived, device: DeviceId) -> Vec<&str> {
    derived.device(device).ports.iter().map(|port| &*derived.port(*port).name).collect()
}

fn unknown_device(lab: &Lab, end: &Spanned<Endpoint>, found: usize) -> Diagnostic {
    let name = &end.value.device.name;
    let mut finding = Diagnostic::error(UNKNOWN_NAME, format!("there is no device called `{name}`"))
        .at(end.span, "nothing of this name");
    let known = lab.devices.iter().map(|(_, device)| &*device.name.text);
    if let Some(near) = lab_source::suggest::nearest_while_few(found, name, known) {
        finding = finding.help(format!("did you mean `{near}`?"));
    }
    if let Some(host) = lab.hosts.find(name)
        && let Some(device) = &lab.hosts[host].on
    {
        finding = finding.because(format!("`{name}` is a host; cables end at its device, `{device}`"));
    }
    finding
}

impl Derived {
    /// A cable by id.
    pub fn cable(&self, id: CableId) -> &Cable {
        &self.cables[id.0 as usize]
    }

    /// A link by id.
    pub fn link(&self, id: LinkId) -> &Link {
        &self.links[id.0 as usize]
    }

    /// The links that end at a port.
    pub fn links_of(&self, port: PortId) -> &[LinkId] {
        self.plugged.get(port)
    }

    /// Where the cables from a port lead in the end, panels passed through. Several for the trunk of a breakout that is
    /// not split; none when nothing is plugged in. A loop through panels ends the walk.
    pub fn paths_from(&self, port: PortId) -> Vec<CablePath> {
        self.links_of(port).iter().filter_map(|&link| self.follow(port, link)).collect()
    }

    fn follow(&self, from: PortId, first: LinkId) -> Option<CablePath> {
        let (mut at, mut link) = (from, first);
        let mut path = CablePath { end: from, cables: Vec::new(), through: Vec::new() };
        loop {
            let here = self.link(link);
            if path.cables.contains(&here.cable) {
                return None;
            }
            path.cables.push(here.cable);
            at = if here.near == at { here.far } else { here.near };
            path.end = at;
            let Some(other) = self.passed_through(at, here.leg) else { return Some(path) };
            path.through.extend([at, other]);
            let Some(&next) = self.links_of(other).iter().find(|next| self.link(**next).cable != here.cable)
            else {
                path.end = other;
                return Some(path);
            };
            (at, link) = (other, next);
        }
    }

    /// The other side of a panel's port. At the back of a multi-fibre port the leg of the cable picks the front.
    fn passed_through(&self, port: PortId, leg: u32) -> Option<PortId> {
        let here = self.port(port);
        match here.class {
            PortClass::Front => {
                here.leads_to.as_ref().and_then(|(rear, _)| self.find_port(here.device, rear))
            }
            PortClass::Rear => self.device(here.device).ports.iter().copied().find(|front| {
                let leads_to = self.port(*front).leads_to.as_ref();
                leads_to.is_some_and(|(rear, position)| *rear == here.name && *position == leg + 1)
            }),
            PortClass::Network | PortClass::Console => None,
        }
    }

    /// The port at the other end of everything plugged into `port`, when there is exactly one.
    pub fn peer(&self, port: PortId) -> Option<PortId> {
        self.peers.get(port.0 as usize).copied().flatten()
    }
}
