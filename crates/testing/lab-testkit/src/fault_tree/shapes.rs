//! The shapes, each a way to put events together until one gate is left.

use super::{Kind, Node, Tree};

fn events(range: std::ops::Range<usize>) -> Vec<Node> {
    range.map(Node::Event).collect()
}

/// Every event is used once first; then gates of the last few and of anything before.
pub(super) fn dense(tree: &mut Tree) -> Node {
    let mut unused = events(0..tree.events);
    let mut all = unused.clone();
    while unused.len() > 1 {
        let n_own = (1 + tree.below(3)).min(unused.len());
        let start = if tree.one_in(3) { 0 } else { tree.below(unused.len() - n_own + 1) };
        let mut inputs: Vec<Node> = unused.drain(start..start + n_own).collect();
        let n_shared = tree.below(3) + usize::from(n_own == 1);
        let window = all.len().saturating_sub(all.len() / 3);
        for _ in 0..n_shared {
            let from = if tree.one_in(2) { window } else { 0 };
            let place = from + tree.below(all.len() - from);
            inputs.push(all[place]);
        }
        let kind = match tree.below(10) {
            0..=5 => Kind::Or,
            6..=8 => Kind::And,
            _ => Kind::AtLeast(2),
        };
        let gate = tree.gate(kind, inputs);
        all.push(gate);
        unused.push(gate);
    }
    unused[0]
}

/// Boards, lines of two boards that cover for each other, trains of lines.
pub(super) fn trains(tree: &mut Tree) -> Node {
    let mut boards = Vec::new();
    let mut start = 0;
    while start < tree.events {
        let end = (start + 6 + tree.below(9)).min(tree.events);
        let pool = events(start..end);
        // Each board leaves a few of the pool's events out; together they leave out none.
        let n_boards = 2 + tree.below(3);
        for board in 0..n_boards {
            let own = pool.iter().copied().enumerate().filter(|(place, _)| place % (n_boards + 2) != board);
            let mut own: Vec<Node> = own.map(|(_, node)| node).collect();
            if own.is_empty() {
                own.clone_from(&pool);
            }
            if !boards.is_empty() && tree.one_in(3) {
                own.push(tree.pick(&boards));
            }
            boards.push(tree.gate(Kind::Or, own));
        }
        start = end;
    }
    let shift = 1 + tree.below(boards.len() - 1);
    let lines: Vec<Node> = (0..boards.len())
        .map(|place| tree.gate(Kind::And, vec![boards[place], boards[(place + shift) % boards.len()]]))
        .collect();
    let mut trains = Vec::new();
    for place in (0..lines.len()).step_by(2) {
        let mut inputs = lines[place..(place + 2).min(lines.len())].to_vec();
        inputs.push(tree.pick(&lines));
        trains.push(tree.gate(Kind::Or, inputs));
    }
    join(tree, trains)
}

/// A quarter of the events are in support systems, in layers; the others in front systems of two to four trains.
pub(super) fn support(tree: &mut Tree) -> Node {
    let n_support = tree.events / 4;
    let mut supports: Vec<Node> = Vec::new();
    let mut start = 0;
    while start < n_support {
        let end = (start + 1 + tree.below(4)).min(n_support);
        let mut inputs = events(start..end);
        start = end;
        if supports.len() > 2 {
            let both = [tree.pick(&supports), tree.pick(&supports)];
            let both = tree.gate(Kind::And, both.to_vec());
            inputs.push(if tree.one_in(4) { tree.pick(&supports) } else { both });
        }
        let system = tree.gate(Kind::Or, inputs);
        supports.push(if tree.one_in(5) { tree.gate(Kind::Same, vec![system]) } else { system });
    }
    let mut fronts = Vec::new();
    while start < tree.events {
        let n_trains = 2 + tree.below(3);
        let mut trains = Vec::new();
        for _ in 0..n_trains {
            let end = (start + 1 + tree.below(6)).min(tree.events);
            let mut inputs = events(start..end);
            start = end;
            let n_needed = 1 + tree.below(3);
            inputs.extend(tree.some(&supports, n_needed));
            if !fronts.is_empty() && tree.one_in(4) {
                inputs.push(tree.pick(&fronts));
            }
            trains.push(tree.gate(Kind::Or, inputs));
        }
        let kind = if n_trains > 2 && tree.one_in(2) { Kind::AtLeast(2) } else { Kind::And };
        fronts.push(tree.gate(kind, trains));
    }
    join(tree, fronts)
}

/// Gates over threes of what is left, mostly OR, until one is left.
fn join(tree: &mut Tree, mut layer: Vec<Node>) -> Node {
    while layer.len() > 1 {
        let mut above = Vec::new();
        for own in layer.chunks(3) {
            let is_last = layer.len() <= 3;
            let kind = if !is_last && tree.one_in(3) { Kind::And } else { Kind::Or };
            above.push(tree.gate(kind, own.to_vec()));
        }
        layer = above;
    }
    layer[0]
}

/// Three channels; at every level each adds events of its own to a vote on the level below.
pub(super) fn votes(tree: &mut Tree) -> Node {
    let mut systems: Vec<Node> = Vec::new();
    let mut start = 0;
    while start < tree.events {
        let mut channels: Vec<Node> = Vec::new();
        for level in 0..2 + tree.below(4) {
            let below = channels.clone();
            channels.clear();
            for _ in 0..3 {
                let end = (start + 1 + tree.below(3)).min(tree.events);
                let mut inputs = events(start..end);
                start = end;
                if level > 0 {
                    inputs.push(tree.gate(Kind::AtLeast(2), below.clone()));
                }
                if !systems.is_empty() && (inputs.is_empty() || tree.one_in(3)) {
                    inputs.push(tree.pick(&systems));
                }
                if inputs.is_empty() {
                    inputs.push(Node::Event(tree.below(tree.events)));
                }
                channels.push(tree.gate(Kind::Or, inputs));
            }
        }
        systems.push(tree.gate(Kind::AtLeast(2), channels));
    }
    join(tree, systems)
}
