//! Graphs taken apart at their cut vertices into blocks, in which any two vertices lie on a ring (or are joined by one bridge).
//!
//! Every simple path from one vertex to another goes through the same blocks in the same order, entering and leaving each at the same
//! vertices. So ways through a network need to be worked out within blocks only. It knows numbers, no networks.

/// A graph taken apart. Vertices are numbers from 0.
#[derive(Clone, Default, Debug)]
pub(super) struct Blocks {
    /// The vertices of each block. The first is its top: where it hangs on the block above.
    pub(super) blocks: Vec<Vec<u32>>,
    /// The block above each vertex. None for the root of each connected part.
    above: Vec<Option<u32>>,
    /// How many blocks are above.
    depth: Vec<u32>,
    /// The root of its connected part.
    root: Vec<u32>,
}

/// A way through one block.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Passage {
    /// The block.
    pub(super) block: u32,
    /// Where it is entered: its top, if that is one end.
    pub(super) from: u32,
    /// Where it is left.
    pub(super) to: u32,
}

impl Blocks {
    /// Takes a graph without parallel edges apart (Hopcroft and Tarjan 1973).
    pub(super) fn new(neighbors: &[Vec<u32>]) -> Self {
        let n = neighbors.len();
        let mut search = Search {
            neighbors,
            seen: vec![0; n],
            low: vec![0; n],
            n_seen: 0,
            stack: Vec::new(),
            blocks: Self { blocks: Vec::new(), above: vec![None; n], depth: vec![0; n], root: vec![0; n] },
            order: Vec::new(),
        };
        for vertex in 0..n as u32 {
            if search.seen[vertex as usize] == 0 {
                search.search(vertex);
            }
        }
        let Search { mut blocks, order, .. } = search;
        // In the order of the search, the top of a block comes before what hangs on it.
        for vertex in order {
            if let Some(block) = blocks.above[vertex as usize] {
                let top = blocks.top(block);
                blocks.depth[vertex as usize] = blocks.depth[top as usize] + 1;
            }
        }
        blocks
    }

    fn top(&self, block: u32) -> u32 {
        self.blocks[block as usize][0]
    }

    /// The blocks that every way from one vertex to the other goes through. None if there is no way.
    pub(super) fn passages(&self, one: u32, other: u32) -> Option<Vec<Passage>> {
        let (mut one, mut other) = (one, other);
        if self.root[one as usize] != self.root[other as usize] {
            return None;
        }
        let mut passages = Vec::new();
        while one != other {
            let (above_one, above_other) = (self.above[one as usize], self.above[other as usize]);
            if let (Some(block), true) = (above_one, above_one == above_other) {
                let (from, to) = (one.min(other), one.max(other));
                passages.push(Passage { block, from, to });
                break;
            }
            let lower =
                if self.depth[one as usize] >= self.depth[other as usize] { &mut one } else { &mut other };
            let block = self.above[*lower as usize].expect("the lower of two in one part is no root");
            let top = self.top(block);
            passages.push(Passage { block, from: top, to: *lower });
            *lower = top;
        }
        Some(passages)
    }
}

struct Search<'a> {
    neighbors: &'a [Vec<u32>],
    /// When each vertex was met, from 1; 0 before.
    seen: Vec<u32>,
    /// The earliest vertex that it or what was met through it has an edge to.
    low: Vec<u32>,
    n_seen: u32,
    /// Vertices whose block is not closed.
    stack: Vec<u32>,
    blocks: Blocks,
    order: Vec<u32>,
}

impl Search<'_> {
    fn meet(&mut self, vertex: u32, root: u32) {
        self.n_seen += 1;
        self.seen[vertex as usize] = self.n_seen;
        self.low[vertex as usize] = self.n_seen;
        self.blocks.root[vertex as usize] = root;
        self.stack.push(vertex);
        self.order.push(vertex);
    }

    /// Depth first with a stack of its own: each vertex with the one it was met through, and how many neighbours were looked at.
    fn search(&mut self, root: u32) {
        self.meet(root, root);
        let mut open: Vec<(u32, u32, usize)> = vec![(root, root, 0)];
        while let Some((vertex, parent, looked)) = open.last_mut() {
            let (vertex, parent) = (*vertex, *parent);
            match self.neighbors[vertex as usize].get(*looked) {
                Some(&next) => {
                    *looked += 1;
                    if self.seen[next as usize] == 0 {
                        self.meet(next, root);
                        open.push((next, vertex, 0));
                    } else if next != parent {
                        let met = self.seen[next as usize];
                        self.low[vertex as usize] = self.low[vertex as usize].min(met);
                    }
                }
                None => {
                    open.pop();
                    if vertex != root {
                        self.leave(vertex, parent);
                    }
                }
            }
        }
        self.stack.clear();
    }

    /// Closes the block below `parent` if nothing in it has an edge past that.
    fn leave(&mut self, vertex: u32, parent: u32) {
        let low = self.low[vertex as usize];
        self.low[parent as usize] = self.low[parent as usize].min(low);
        if low < self.seen[parent as usize] {
            return;
        }
        let start = self.stack.iter().rposition(|&open| open == vertex).expect("it is on the stack");
        let id = self.blocks.blocks.len() as u32;
        let mut block = vec![parent];
        block.extend(self.stack.drain(start..));
        block[1..].iter().for_each(|&member| self.blocks.above[member as usize] = Some(id));
        self.blocks.blocks.push(block);
    }
}
