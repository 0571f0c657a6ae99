//! Tests of the cut sets of circuits that can be solved by hand: orders, classes, patterns, limits. Random circuits are held against
//! brute force in `tests/it`.

use super::*;
use crate::circuit::{BasicEvent, CircuitBuilder, NodeId};

fn events<const N: usize>(builder: &mut CircuitBuilder, names: [&str; N]) -> [NodeId; N] {
    names.map(|name| builder.event(BasicEvent::new(name)))
}

fn shown(circuit: &Circuit, order: usize) -> Vec<String> {
    let answer = minimal_cut_sets(circuit, Limits::of_order(4)).unwrap();
    patterns(&answer.tops[0], order).iter().map(|pattern| pattern.shown(circuit)).collect()
}

#[test]
fn a_raidz2_behind_one_plug() {
    let mut builder = CircuitBuilder::new();
    let [plug, cord] = events(&mut builder, ["plug", "cord"]);
    let disks: Vec<NodeId> =
        (0..8).map(|disk| builder.event(BasicEvent::new(format!("bulk/disk{disk}")))).collect();
    let vdev = builder.at_least(3, disks);
    let pool = builder.or([vdev, plug, cord]);
    builder.top("pool", pool);
    let circuit = builder.finish();
    let answer = minimal_cut_sets(&circuit, Limits::of_order(3)).unwrap();
    let pool = &answer.tops[0];
    assert_eq!([1, 2, 3].map(|order| pool.count(order)), [2, 0, 56]);
    assert_eq!(answer.n_classes, 9, "plug and cord are alike in effect");
    assert_eq!(shown(&circuit, 1), ["any of plug, cord"]);
    assert_eq!(shown(&circuit, 3), ["any 3 of bulk/disk0..7"]);
    assert_eq!(patterns(pool, 3)[0].n_sets, 56);
}

#[test]
fn two_feeds_that_share_a_breaker() {
    let mut builder = CircuitBuilder::new();
    let [breaker, ups_a, ups_b, psu_1, psu_2] =
        events(&mut builder, ["breaker", "ups-a", "ups-b", "psu1", "psu2"]);
    let left = builder.or([breaker, ups_a, psu_1]);
    let right = builder.or([breaker, ups_b, psu_2]);
    let host = builder.and([left, right]);
    builder.top("host", host);
    let circuit = builder.finish();
    assert_eq!(shown(&circuit, 1), ["breaker"]);
    assert_eq!(shown(&circuit, 2), ["any of ups-a, psu1 and any of ups-b, psu2"]);
    let answer = minimal_cut_sets(&circuit, Limits::of_order(2)).unwrap();
    let pairs: Vec<Vec<usize>> =
        answer.tops[0].sets(2).map(|set| set.iter().map(|event| event.index()).collect()).collect();
    assert_eq!(pairs, [vec![1, 2], vec![1, 4], vec![2, 3], vec![3, 4]]);
}

#[test]
fn nodes_of_which_each_has_several_weak_spots() {
    let mut builder = CircuitBuilder::new();
    let node = |builder: &mut CircuitBuilder, name: &str| {
        let [own, disk] = events(builder, [name, &format!("{name}-disk")]);
        (builder.or([own, disk]), disk)
    };
    let nodes = ["a", "b", "c"].map(|name| node(&mut builder, name));
    let quorum = builder.at_least(2, nodes.map(|(down, _)| down));
    let data = builder.and(nodes.map(|(_, disk)| disk));
    builder.top("quorum", quorum);
    builder.top("data", data);
    let circuit = builder.finish();
    assert_eq!(shown(&circuit, 2), ["any 2 of (a, a-disk), (b, b-disk), (c, c-disk)"]);
    let answer = minimal_cut_sets(&circuit, Limits::of_order(3)).unwrap();
    assert_eq!([2, 3].map(|order| CutSets::count_distinct(&answer.tops, order)), [12, 1]);
}

#[test]
fn constants_and_lone_events_are_tops_too() {
    let mut builder = CircuitBuilder::new();
    let [a] = events(&mut builder, ["a"]);
    builder.top("never", NodeId::NEVER);
    builder.top("always", NodeId::ALWAYS);
    builder.top("a", a);
    let answer = minimal_cut_sets(&builder.finish(), Limits::of_order(3)).unwrap();
    let [never, always, a] = answer.tops.as_slice() else { panic!("three tops") };
    assert!(never.is_empty() && !never.is_always);
    assert!(always.is_always && always.count(1) == 0);
    assert_eq!(a.count(1), 1);
}

#[test]
fn a_limit_takes_the_largest_orders_and_says_so() {
    let mut builder = CircuitBuilder::new();
    let mut side = |name: &str| {
        let events: Vec<NodeId> =
            (0..20).map(|place| builder.event(BasicEvent::new(format!("{name}{place}")))).collect();
        let quorum = builder.at_least(2, events.iter().copied());
        (quorum, events[0])
    };
    let ((left, first), (right, _)) = (side("l"), side("r"));
    let both = builder.and([left, right]);
    let top = builder.or([both, first]);
    builder.top("top", top);
    let circuit = builder.finish();
    let complete = |order, sets_max| {
        let answer = minimal_cut_sets(&circuit, Limits { order, sets_max }).unwrap();
        (answer.tops[0].complete_to, (1..=order).map(|order| answer.tops[0].count(order)).collect::<Vec<_>>())
    };
    assert_eq!(complete(4, 100_000), (4, vec![1, 0, 0, 171 * 190]));
    assert_eq!(complete(4, 1_000), (3, vec![1, 0, 0, 0]));
    assert_eq!(complete(4, 100), (1, vec![1, 0, 0, 0]), "the quorums have 190 pairs");
}

#[test]
fn questions_that_cannot_be_asked_are_refused() {
    let circuit = CircuitBuilder::new().finish();
    let refused = |order| minimal_cut_sets(&circuit, Limits::of_order(order)).err();
    assert_eq!(refused(0), Some(CutSetsError::Order { order: 0 }));
    assert_eq!(refused(5), Some(CutSetsError::Order { order: 5 }));
    assert_eq!(refused(4), None);
}
