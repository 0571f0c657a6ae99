//! Who speaks BGP with whom. One [`Session`] is made of what both speakers say, and both ends are configured from it: what
//! must be alike on both is one value here.

use crate::holders::machine_addresses;
use ipnet::IpNet;
use lab_model::Lab;
use lab_model::grammar::{Asn, Period};
use lab_model::lab::{BgpId, ThingId};
use lab_source::Spanned;
use std::collections::BTreeSet;
use std::net::IpAddr;

/// One side of a session.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct End {
    /// The speaker it is one of.
    pub speaker: BgpId,
    /// Its autonomous system.
    pub asn: u32,
    /// The machine.
    pub machine: ThingId,
    /// The address it speaks from.
    pub address: IpAddr,
    /// What it announces.
    pub announces: Vec<IpNet>,
    /// What it takes from the other side: everything that the other side announces when empty.
    pub accepts: Vec<IpNet>,
}

/// Two machines that speak BGP, and what they agree on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Session {
    /// The end whose speaker is written first.
    pub near: End,
    /// The other.
    pub far: End,
    /// Seconds between signs of life.
    pub keepalive_secs: u64,
    /// Seconds of silence after which the peer is dead.
    pub hold_secs: u64,
    /// True when BFD watches the path.
    pub bfd: bool,
    /// True when the session has a password.
    pub authenticated: bool,
    /// Seconds that routes are kept over a restart, if at all.
    pub graceful_restart_secs: Option<u64>,
}

/// Hold time where neither side says one: what RFC 4271 §10 suggests.
const HOLD_SECS: u64 = 90;

impl Session {
    /// The ends as seen from `machine`: itself, then the other. `None` when it is not one of them.
    pub fn seen_from(&self, machine: ThingId) -> Option<(&End, &End)> {
        if self.near.machine == machine {
            Some((&self.near, &self.far))
        } else if self.far.machine == machine {
            Some((&self.far, &self.near))
        } else {
            None
        }
    }
}

/// Every session of the lab, in the order of the speakers and their machines.
pub fn sessions(lab: &Lab) -> Vec<Session> {
    let mut pairs: BTreeSet<(BgpId, BgpId)> = BTreeSet::new();
    for (id, speaker) in lab.bgp.iter() {
        for peer in
            speaker.peers.ids().filter_map(|peer| BgpId::try_from(peer).ok()).filter(|peer| *peer != id)
        {
            pairs.insert((id.min(peer), id.max(peer)));
        }
    }
    pairs.into_iter().flat_map(|(near, far)| between(lab, near, far)).collect()
}

fn between(lab: &Lab, near: BgpId, far: BgpId) -> Vec<Session> {
    let mut sessions = Vec::new();
    for here in machines(lab, near) {
        for there in machines(lab, far) {
            let Some((own, other)) = common_link(lab, here, there) else { continue };
            let (Some(one), Some(two)) = (end(lab, near, here, own), end(lab, far, there, other)) else {
                continue;
            };
            sessions.push(agreed(lab, one, two));
        }
    }
    sessions
}

fn agreed(lab: &Lab, near: End, far: End) -> Session {
    let (one, two) = (&lab.bgp[near.speaker], &lab.bgp[far.speaker]);
    let secs = |period: &Option<Spanned<Period>>| period.as_ref().map(|period| period.value.seconds());
    let lower = |one: Option<u64>, two: Option<u64>| one.into_iter().chain(two).min();
    // The lower hold time counts on both sides (RFC 4271 §4.2), 3 seconds at least, and three signs of life fit into it.
    let hold_secs = lower(secs(&one.hold), secs(&two.hold)).unwrap_or(HOLD_SECS).max(3);
    let keepalive_secs =
        lower(secs(&one.keepalive), secs(&two.keepalive)).unwrap_or(hold_secs / 3).clamp(1, hold_secs / 3);
    let is =
        |fact: &Option<Spanned<bool>>, wanted: bool| fact.as_ref().is_some_and(|fact| fact.value == wanted);
    Session {
        keepalive_secs,
        hold_secs,
        bfd: (is(&one.bfd, true) || is(&two.bfd, true))
            && !is(&one.bfd, false)
            && !is(&two.bfd, false)
            && !has_no_bfd(lab, near.speaker)
            && !has_no_bfd(lab, far.speaker),
        authenticated: is(&one.authenticated, true) || is(&two.authenticated, true),
        graceful_restart_secs: lower(secs(&one.graceful_restart), secs(&two.graceful_restart)),
        near,
        far,
    }
}

/// Cilium's BGP knows no BFD, so that neither side uses it.
fn has_no_bfd(lab: &Lab, speaker: BgpId) -> bool {
    let cluster = lab.bgp[speaker].cluster.as_ref().and_then(|cluster| cluster.id);
    let cni = cluster.and_then(|cluster| lab.clusters[cluster].cni.as_ref());
    cni.is_some_and(|cni| &*cni.text == "cilium")
}

fn end(lab: &Lab, speaker: BgpId, machine: ThingId, address: IpAddr) -> Option<End> {
    let record = &lab.bgp[speaker];
    Some(End {
        speaker,
        asn: record.asn.as_ref().map(|asn: &Spanned<Asn>| asn.value.get())?,
        machine,
        address,
        announces: record.announces.ids().filter_map(|prefix| lab.derived.prefix(prefix).network).collect(),
        accepts: record.accepts.iter().map(|prefix| prefix.value.network()).collect(),
    })
}

/// The machines that speak for a speaker, in the order of the text.
fn machines(lab: &Lab, id: BgpId) -> Vec<ThingId> {
    let speaker = &lab.bgp[id];
    let cluster = speaker.cluster.as_ref().and_then(|cluster| cluster.id);
    let nodes = cluster
        .into_iter()
        .flat_map(|cluster| lab.clusters[cluster].members.ids().chain(lab.clusters[cluster].workers.ids()));
    let mut seen = BTreeSet::new();
    speaker.on.ids().chain(nodes).filter(|machine| seen.insert(*machine)).collect()
}

/// Addresses of two machines in one network, the first such in order.
fn common_link(lab: &Lab, here: ThingId, there: ThingId) -> Option<(IpAddr, IpAddr)> {
    let others = machine_addresses(lab, there);
    machine_addresses(lab, here).into_iter().find_map(|own| {
        let prefix = lab.derived.prefix_of(own)?;
        let other = others.iter().find(|other| lab.derived.prefix_of(**other) == Some(prefix))?;
        Some((own, *other))
    })
}
