//! Cuts circles in the supply. A strip plugged into itself, or two battery supplies that feed each other, are mistakes that the checks
//! report; here they only have to end somewhere.

use super::Surveyor;
use crate::works::{PointId, Source, UnitId, Works};

/// Something that power flows through.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Node {
    Point(PointId),
    Unit(UnitId),
}

/// Where a node says what feeds it.
#[derive(Clone, Copy, Debug)]
enum At {
    /// Its feed of this position.
    Feed(usize),
    /// The chassis around it.
    Inside,
}

/// Nodes that have been reached: not yet, on the way down, done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Mark {
    New,
    Open,
    Done,
}

/// Makes the supply free of circles and notes each cut.
pub(super) fn cut(surveyor: &mut Surveyor<'_>) {
    let (points, units) = (surveyor.works.points.len(), surveyor.works.units.len());
    let mut marks = vec![Mark::New; points + units];
    let place = |node: Node| match node {
        Node::Point(id) => id.index(),
        Node::Unit(id) => points + id.index(),
    };
    let all = (0..points as u32).map(|id| Node::Point(PointId(id)));
    let all: Vec<Node> = all.chain((0..units as u32).map(|id| Node::Unit(UnitId(id)))).collect();
    for start in all {
        if marks[place(start)] != Mark::New {
            continue;
        }
        marks[place(start)] = Mark::Open;
        let mut way = vec![(start, feeders(&surveyor.works, start))];
        while let Some((node, open)) = way.last_mut() {
            let node = *node;
            let Some((at, feeder)) = open.pop() else {
                marks[place(node)] = Mark::Done;
                way.pop();
                continue;
            };
            match marks[place(feeder)] {
                Mark::Done => {}
                Mark::Open => sever(surveyor, node, at, feeder),
                Mark::New => {
                    marks[place(feeder)] = Mark::Open;
                    way.push((feeder, feeders(&surveyor.works, feeder)));
                }
            }
        }
    }
}

/// What feeds a node. The last first, so that taking from the end goes in the order of the lab.
fn feeders(works: &Works, node: Node) -> Vec<(At, Node)> {
    let mut all: Vec<(At, Node)> = match node {
        Node::Point(id) => {
            works[id].from.iter().enumerate().map(|(at, &from)| (At::Feed(at), Node::Point(from))).collect()
        }
        Node::Unit(id) => {
            let unit = &works[id];
            let supplies = unit.supplies.iter().enumerate();
            let feeds = supplies.filter_map(|(at, supply)| match supply.source {
                Source::Point(point) => Some((At::Feed(at), Node::Point(point))),
                Source::Outlet { unit, .. } | Source::Poe(unit) => Some((At::Feed(at), Node::Unit(unit))),
                Source::Unknown => None,
            });
            feeds.chain(unit.inside.map(|around| (At::Inside, Node::Unit(around)))).collect()
        }
    };
    all.reverse();
    all
}

/// Takes a node as fed where the circle closes. A point that has other sources keeps those.
fn sever(surveyor: &mut Surveyor<'_>, node: Node, at: At, feeder: Node) {
    let works = &mut surveyor.works;
    let name = |works: &Works, node: Node| match node {
        Node::Point(id) => works[id].label.clone(),
        Node::Unit(id) => works[id].label.clone(),
    };
    let (this, other) = (name(works, node), name(works, feeder));
    let span = match (node, at) {
        (Node::Point(id), _) => {
            let point = &mut works.points[id.index()];
            let Node::Point(feeder) = feeder else { return };
            point.from.retain(|&from| from != feeder);
            point.span
        }
        (Node::Unit(id), At::Feed(at)) => {
            let supply = &mut works.units[id.index()].supplies[at];
            supply.source = Source::Unknown;
            supply.span
        }
        (Node::Unit(id), At::Inside) => {
            let unit = &mut works.units[id.index()];
            unit.inside = None;
            unit.span
        }
    };
    let what = format!("{this} is fed although {other}, which feeds it, is itself fed by it");
    surveyor.assume(what, span);
}
