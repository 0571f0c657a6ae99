//! Crowds: many places of which enough have to be good, where those that hang on the same switches are counted together.
//!
//! A place is good while it is up and sees what it needs, and is seen. Of the members of a group each has failures of its own (its power,
//! its links), but what they see is the same for all. So "at least `j` of this group are no good" is worked out once for each case of what
//! is seen, and shared by everything that runs on the same machines: a cluster of a hundred nodes with three hundred services has
//! a few gates for each service and pair of switches, not some for each service on each node. Nothing is approximated.

use super::equations::Equations;
use super::views::{ViewId, Ways};
use crate::circuit::{NodeId, in_all};
use crate::works::Holder;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::rc::Rc;

/// A place, and what makes it no good whatever is seen.
pub(super) type Place = (Holder, NodeId);

/// Places of which some are counted together.
#[derive(Debug)]
pub(super) struct Crowd {
    /// Those that stand alone, by position.
    pub(super) singles: Vec<usize>,
    /// The others.
    pub(super) groups: Vec<Rc<Group>>,
}

/// Places that hang on the same switches.
#[derive(Debug)]
pub(super) struct Group {
    id: u32,
    /// What they see, as in [`Ways::view`].
    pub(super) views: Rc<[ViewId]>,
    members: Vec<Member>,
}

#[derive(Debug)]
struct Member {
    holder: Holder,
    own: NodeId,
    ways: Rc<Ways>,
}

/// All crowds so far.
#[derive(Default, Debug)]
pub(super) struct Crowds {
    known: HashMap<Vec<Place>, Option<Rc<Crowd>>>,
    n_groups: u32,
    /// By group, what is not seen, and how many.
    counts: HashMap<(u32, usize, usize), NodeId>,
}

/// What is no good among some things.
#[derive(Debug)]
pub(super) enum Share {
    /// Each of these, when it fails.
    Each(Vec<NodeId>),
    /// Members of a group, by what is not seen through which ways (at place 0 nothing stands).
    Group(Rc<Group>, Vec<NodeId>),
}

impl Share {
    fn len(&self) -> usize {
        match self {
            Self::Each(failed) => failed.len(),
            Self::Group(group, _) => group.members.len(),
        }
    }
}

/// Things of which some may be no good.
#[derive(Debug)]
pub(super) struct Tally {
    /// Any of these makes all of them no good.
    pub(super) common: Vec<NodeId>,
    shares: Vec<Share>,
}

impl Tally {
    /// Things that fail one by one.
    pub(super) fn each(failed: Vec<NodeId>) -> Self {
        Self { common: Vec::new(), shares: vec![Share::Each(failed)] }
    }

    /// How many things there are.
    pub(super) fn len(&self) -> usize {
        self.shares.iter().map(Share::len).sum()
    }
}

impl Crowd {
    /// True if any of these holders is counted together with others.
    pub(super) fn counts_any(&self, holders: &HashSet<Holder>) -> bool {
        let mut members = self.groups.iter().flat_map(|group| &group.members);
        members.any(|member| holders.contains(&member.holder))
    }

    /// What makes each place no good whatever is seen, of all that are counted together.
    pub(super) fn own(&self) -> Vec<NodeId> {
        self.groups.iter().flat_map(|group| &group.members).map(|member| member.own).collect()
    }
}

impl Equations<'_> {
    /// Which of some places are counted together. None if they are few, or no two of them hang on the same switches.
    pub(super) fn crowd(&mut self, places: Vec<Place>) -> Option<Rc<Crowd>> {
        if places.len() < self.crowd_min {
            return None;
        }
        if let Some(known) = self.crowds.known.get(&places) {
            return known.clone();
        }
        let mut singles = Vec::new();
        let mut by_views: BTreeMap<Vec<ViewId>, Vec<(usize, Member)>> = BTreeMap::new();
        for (place, &(holder, own)) in places.iter().enumerate() {
            match self.ways(holder) {
                Some(ways) => {
                    let members = by_views.entry(ways.views.to_vec()).or_default();
                    members.push((place, Member { holder, own, ways }));
                }
                None => singles.push(place),
            }
        }
        let is_crowd = by_views.values().any(|members| members.len() > 1);
        let mut groups = Vec::new();
        for members in by_views.into_values() {
            let members: Vec<Member> = members.into_iter().map(|(_, member)| member).collect();
            let views = Rc::clone(&members[0].ways.views);
            groups.push(Rc::new(Group { id: self.crowds.n_groups, views, members }));
            self.crowds.n_groups += 1;
        }
        let crowd = is_crowd.then(|| Rc::new(Crowd { singles, groups }));
        self.crowds.known.insert(places, crowd.clone());
        crowd
    }

    /// A group of which something does not see what it should: asked for each of its views.
    pub(super) fn share(
        &mut self,
        group: &Rc<Group>,
        mut unseen: impl FnMut(&mut Self, ViewId) -> NodeId,
    ) -> Share {
        let views = Rc::clone(&group.views);
        let cases = views[1..].iter().map(|&view| unseen(self, view));
        let cases = std::iter::once(NodeId::ALWAYS).chain(cases).collect();
        Share::Group(Rc::clone(group), cases)
    }

    /// All shares together, with what makes everything no good set aside.
    pub(super) fn tally(&mut self, shares: Vec<Share>) -> Tally {
        let shares: Vec<Share> = shares.into_iter().filter(|share| share.len() > 0).collect();
        let mut reasons: Vec<Vec<NodeId>> = Vec::new();
        for share in &shares {
            match share {
                Share::Each(failed) => reasons.extend(failed.iter().map(|&node| self.circuit.reasons(node))),
                Share::Group(_, unseen) => {
                    reasons.extend(unseen[1..].iter().map(|&node| self.circuit.reasons(node)))
                }
            }
        }
        let common = in_all(&reasons);
        let mut without = reasons.into_iter().map(|reasons| self.circuit.or_without(&reasons, &common));
        let mut rest = |nodes: &[NodeId]| nodes.iter().map_while(|_| without.next()).collect::<Vec<_>>();
        let shares = shares.into_iter().map(|share| match share {
            Share::Each(failed) => Share::Each(rest(&failed)),
            Share::Group(group, unseen) => {
                let rest = rest(&unseen[1..]);
                Share::Group(group, std::iter::once(NodeId::ALWAYS).chain(rest).collect())
            }
        });
        let shares = shares.collect();
        Tally { common, shares }
    }

    /// At least so many are no good.
    pub(super) fn at_least(&mut self, k: usize, tally: &Tally) -> NodeId {
        let apart = self.at_least_apart(k, tally);
        let common = tally.common.iter().copied().filter(|_| (1..=tally.len()).contains(&k));
        self.circuit.or(common.chain([apart]))
    }

    /// As [`Self::at_least`], when nothing has failed that makes all of them no good.
    pub(super) fn at_least_apart(&mut self, k: usize, tally: &Tally) -> NodeId {
        let shares: Vec<&Share> = tally.shares.iter().filter(|share| share.len() > 0).collect();
        let n = tally.len();
        match shares.as_slice() {
            _ if k == 0 => NodeId::ALWAYS,
            _ if k > n => NodeId::NEVER,
            [] => NodeId::NEVER,
            [only] => self.share_at_least(only, k),
            _ if k == n => {
                let all: Vec<NodeId> =
                    shares.iter().map(|share| self.share_at_least(share, share.len())).collect();
                self.circuit.and(all)
            }
            _ if k == 1 => {
                let any: Vec<NodeId> = shares.iter().map(|share| self.share_at_least(share, 1)).collect();
                self.circuit.or(any)
            }
            _ => self.shares_at_least(&shares, n, k),
        }
    }

    /// Share by share: how many of those so far are no good, as far as it can matter.
    fn shares_at_least(&mut self, shares: &[&Share], n: usize, k: usize) -> NodeId {
        let mut n_after = n;
        let mut n_before = 0;
        let mut so_far: BTreeMap<usize, NodeId> = BTreeMap::new();
        for share in shares {
            n_after -= share.len();
            let least = k.saturating_sub(n_after).max(1);
            let most = k.min(n_before + share.len());
            let mut with_share = BTreeMap::new();
            for number in least..=most {
                let mut cases = Vec::new();
                for of_share in number.saturating_sub(n_before)..=number.min(share.len()) {
                    let others = match number - of_share {
                        0 => NodeId::ALWAYS,
                        others => so_far[&others],
                    };
                    let of_share = self.share_at_least(share, of_share);
                    cases.push(self.circuit.and([others, of_share]));
                }
                with_share.insert(number, self.circuit.or(cases));
            }
            n_before += share.len();
            so_far = with_share;
        }
        so_far[&k]
    }

    fn share_at_least(&mut self, share: &Share, number: usize) -> NodeId {
        match share {
            _ if number == 0 => NodeId::ALWAYS,
            Share::Each(failed) => self.circuit.at_least(number, failed.iter().copied()),
            Share::Group(group, unseen) => self.group_at_least(group, unseen, number),
        }
    }

    /// One case for each set of ways through which something is not seen. That it is not seen through all of them together is more.
    fn group_at_least(&mut self, group: &Group, unseen: &[NodeId], number: usize) -> NodeId {
        let all = unseen.len() - 1;
        let n_ways = all.count_ones() as usize;
        let mut cases = vec![unseen[all]];
        let blind_max = if n_ways == 1 { 0 } else { all };
        for blind in 0..=blind_max {
            let not_seen = (0..n_ways).filter(|way| blind >> way & 1 == 1).map(|way| unseen[1 << way]);
            let not_seen: Vec<NodeId> = not_seen.collect();
            let count = self.count(group, blind, number);
            cases.push(self.circuit.and(not_seen.into_iter().chain([count])));
        }
        self.circuit.or(cases)
    }

    /// At least so many of a group are no good, when these ways alone show nothing.
    fn count(&mut self, group: &Group, blind: usize, number: usize) -> NodeId {
        let key = (group.id, blind, number);
        if let Some(&known) = self.crowds.counts.get(&key) {
            return known;
        }
        let mut failed = Vec::new();
        for member in &group.members {
            let closed = &member.ways.closed;
            let all_closed = self.circuit.and(closed.iter().copied());
            // Of two ways, one shows nothing, and the other is closed.
            let left_blind = (0..closed.len())
                .filter(|way| blind >> way & 1 == 1)
                .map(|way| closed[closed.len() - 1 - way]);
            let reasons: Vec<NodeId> = left_blind.chain([member.own, all_closed]).collect();
            failed.push(self.circuit.or(reasons));
        }
        let node = self.circuit.at_least(number, failed);
        self.crowds.counts.insert(key, node);
        node
    }
}
