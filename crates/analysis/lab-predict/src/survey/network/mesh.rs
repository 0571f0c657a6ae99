//! Hosts that are joined to each other without a switch and send each frame on every link (bonding mode `broadcast`).
//!
//! Such a host does not pass on what is meant for another: a frame that came in on the bond does not leave by it again. In a table where
//! vertices forward or do not, this is said by joining everyone behind one host to everyone behind the other, and letting none forward.

use super::domain::Net;
use super::wiring::{Means, Wiring};
use super::{Link, LinkMeans, Point};
use crate::works::Holder;
use std::collections::{BTreeMap, BTreeSet};

/// Edges between those behind meshed hosts. The hosts stop forwarding there.
pub(super) fn expand(
    wiring: &Wiring,
    links: &[Link],
    hosted: &[Link],
    points: &mut BTreeMap<(Holder, Net), Point>,
) -> Vec<Link> {
    let mut meshed: BTreeSet<(Holder, Net)> = BTreeSet::new();
    let mut all = Vec::new();
    for link in links {
        let LinkMeans::Way(index) = link.means else { continue };
        if !matches!(wiring.ways[index].means, Means::Cables { broadcast: true, .. }) {
            continue;
        }
        let [near, far] = link.ends.map(|host| behind(host, link.net, hosted));
        for (one, other) in near.iter().flat_map(|&one| far.iter().map(move |&other| (one, other))) {
            if [one, other] != link.ends {
                all.push(Link { ends: [one, other], net: link.net, means: LinkMeans::Way(index) });
            }
        }
        meshed.extend(link.ends.map(|host| (host, link.net)));
    }
    for &(host, net) in &meshed {
        if let Some(point) = points.get_mut(&(host, net)) {
            point.forwards = false;
        }
        let guests = behind(host, net, hosted);
        for (position, &one) in guests.iter().enumerate().skip(1) {
            let others = guests[position + 1..].iter();
            all.extend(others.map(|&other| Link { ends: [one, other], net, means: LinkMeans::Inside }));
        }
    }
    all
}

/// A host, and the virtual machines on it that are in a network.
fn behind(host: Holder, net: Net, hosted: &[Link]) -> Vec<Holder> {
    let guests =
        hosted.iter().filter(|link| link.net == net && link.ends[1] == host).map(|link| link.ends[0]);
    std::iter::once(host).chain(guests).collect()
}
