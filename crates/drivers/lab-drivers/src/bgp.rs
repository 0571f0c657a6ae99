//! What is alike for everybody who speaks BGP in a lab. Each end of a session is rendered from one `lab_reach::Session`, so that
//! timers, BFD and numbers cannot differ between a router and a cluster.

use lab_model::lab::{BgpId, ClusterId};
use lab_model::{Lab, ThingId};
use lab_reach::{End, Session};
use std::collections::BTreeSet;

/// Milliseconds between packets of BFD, and how many may be lost: a dead path is noticed within three tenths of a second.
pub(crate) const BFD_INTERVAL_MS: u32 = 100;
pub(crate) const BFD_MULTIPLIER: u32 = 3;

/// Seconds between attempts to open a session.
pub(crate) const CONNECT_SECS: u64 = 5;

/// Seconds that BIRD stays away after a session has failed, at least and after failing again and again. Its defaults are 60 and 300
/// (BIRD 2.0 User's Guide, BGP, `error wait time`), and it refuses the peer's own attempts meanwhile: a cable that is plugged in again would be of no
/// use for a minute. RFC 4271 section 8.1.1 leaves such damping to the implementation; FRR does without.
pub(crate) const ERROR_WAIT_SECS: [u64; 2] = [1, CONNECT_SECS];

/// The speakers whose machines are all of a cluster.
pub(crate) fn speakers_of(lab: &Lab, cluster: ClusterId) -> Vec<BgpId> {
    let record = &lab.clusters[cluster];
    let nodes: Vec<ThingId> = record.members.ids().chain(record.workers.ids()).collect();
    let is_of = |(_, speaker): &(BgpId, &lab_model::lab::Entry<lab_model::written::BgpSpeaker>)| {
        let named = speaker.cluster.as_ref().and_then(|of| of.id) == Some(cluster);
        let on_nodes = !speaker.on.is_empty() && speaker.on.ids().all(|on| nodes.contains(&on));
        named || on_nodes
    };
    lab.bgp.iter().filter(is_of).map(|(id, _)| id).collect()
}

/// The sessions of one speaker, each as it sees them: itself, then the other. One for each address of the other side.
pub(crate) fn seen_by(sessions: &[Session], speaker: BgpId) -> Vec<(&Session, &End, &End)> {
    let mut addresses = BTreeSet::new();
    let ends = sessions.iter().filter_map(|session| {
        if session.near.speaker == speaker {
            Some((session, &session.near, &session.far))
        } else if session.far.speaker == speaker {
            Some((session, &session.far, &session.near))
        } else {
            None
        }
    });
    ends.filter(|(_, _, other)| addresses.insert(other.address)).collect()
}

/// What to tell of sessions that go without the BFD that one side asks for.
pub(crate) fn bfd_notes(lab: &Lab, sessions: &[Session]) -> BTreeSet<String> {
    let asks = |end: &End| lab.bgp[end.speaker].bfd.as_ref().is_some_and(|bfd| bfd.value);
    let without =
        sessions.iter().filter(|session| !session.bfd && (asks(&session.near) || asks(&session.far)));
    without
        .map(|session| {
            let (one, two) = (&lab.bgp[session.near.speaker].name, &lab.bgp[session.far.speaker].name);
            format!("`{one}` and `{two}` go without BFD, which one of them asks for and the other cannot or will not")
        })
        .collect()
}

/// The name of the Kubernetes secret with the password of the sessions with a peer. What is in it is never rendered.
pub(crate) fn secret_name(lab: &Lab, peer: BgpId) -> String {
    format!("bgp-{}", kube_name(&lab.bgp[peer].name.text))
}

/// A name as Kubernetes takes it (RFC 1123).
pub(crate) fn kube_name(name: &str) -> String {
    let plain: String =
        name.to_ascii_lowercase().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    plain.trim_matches('-').to_owned()
}
