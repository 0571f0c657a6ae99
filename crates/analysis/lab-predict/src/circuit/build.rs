//! Building a circuit from the leaves up. Equal nodes become one, and constants and gates that are none (an OR of one input, two of
//! two) never come to be, so that no engine has to think of them.

use super::{BasicEvent, Circuit, EventId, Named, Node, NodeId, Stored, StoredKind};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Builds a [`Circuit`].
#[derive(Debug)]
pub struct CircuitBuilder {
    circuit: Circuit,
    known: Known,
    events: HashMap<String, NodeId>,
}

impl Default for CircuitBuilder {
    fn default() -> Self {
        Self::new()
    }
}

impl CircuitBuilder {
    /// An empty circuit.
    pub fn new() -> Self {
        let constant = |kind| Stored { kind, start: 0, end: 0 };
        let nodes = vec![constant(StoredKind::Never), constant(StoredKind::Always)];
        let circuit =
            Circuit { events: Vec::new(), nodes, inputs: Vec::new(), gates: Vec::new(), tops: Vec::new() };
        Self { circuit, known: Known::default(), events: HashMap::new() }
    }

    /// The node of a basic event. An event of a name that is already there is the one that is there.
    pub fn event(&mut self, event: BasicEvent) -> NodeId {
        if let Some(&known) = self.events.get(&event.name) {
            return known;
        }
        let id = EventId(self.circuit.events.len() as u32);
        let node = NodeId(self.circuit.nodes.len() as u32);
        self.circuit.nodes.push(Stored { kind: StoredKind::Event(id), start: 0, end: 0 });
        self.events.insert(event.name.clone(), node);
        self.circuit.events.push(event);
        node
    }

    /// A leaf of its own without a name, for what has to be there before it can be said.
    pub(crate) fn leaf(&mut self) -> NodeId {
        let id = EventId(self.circuit.events.len() as u32);
        let node = NodeId(self.circuit.nodes.len() as u32);
        self.circuit.nodes.push(Stored { kind: StoredKind::Event(id), start: 0, end: 0 });
        self.circuit.events.push(BasicEvent::new(String::new()));
        node
    }

    /// What a node is.
    pub(crate) fn node(&self, id: NodeId) -> Node<'_> {
        self.circuit.node(id)
    }

    /// Fails with any input; without inputs it never fails.
    pub fn or(&mut self, inputs: impl IntoIterator<Item = NodeId>) -> NodeId {
        self.gate(StoredKind::Or, inputs, NodeId::ALWAYS, NodeId::NEVER)
    }

    /// Fails once all inputs have failed; without inputs it has failed from the outset.
    pub fn and(&mut self, inputs: impl IntoIterator<Item = NodeId>) -> NodeId {
        self.gate(StoredKind::And, inputs, NodeId::NEVER, NodeId::ALWAYS)
    }

    /// As [`Self::and`], with what each input fails from set beside it: `(c or x) and (c or y)` is `c or (x and y)`.
    pub(crate) fn and_apart(&mut self, inputs: Vec<NodeId>) -> NodeId {
        if inputs.len() < 2 {
            return self.and(inputs);
        }
        let reasons: Vec<Vec<NodeId>> = inputs.iter().map(|&input| self.reasons(input)).collect();
        let common = in_all(&reasons);
        if common.is_empty() {
            return self.and(inputs);
        }
        let own: Vec<NodeId> = reasons.iter().map(|reasons| self.or_without(reasons, &common)).collect();
        let own = self.and(own);
        self.or(common.into_iter().chain([own]))
    }

    /// An OR of some reasons without others. Both ascending.
    pub(crate) fn or_without(&mut self, reasons: &[NodeId], without: &[NodeId]) -> NodeId {
        self.or(reasons.iter().copied().filter(|reason| without.binary_search(reason).is_err()))
    }

    /// What a node is the OR of, through ORs of ORs: ascending, each once. Itself if it is no OR.
    pub(crate) fn reasons(&self, node: NodeId) -> Vec<NodeId> {
        let mut reasons = BTreeSet::new();
        // The newest first: an OR is met again before anything that it is made of.
        let mut open = BTreeSet::from([node]);
        while let Some(node) = open.pop_last() {
            match self.node(node) {
                Node::Or(inputs) => open.extend(inputs),
                Node::Never => {}
                _ => _ = reasons.insert(node),
            }
        }
        reasons.into_iter().collect()
    }

    /// Fails once at least `k` inputs have failed. An input that stands twice counts twice.
    pub fn at_least(&mut self, k: usize, inputs: impl IntoIterator<Item = NodeId>) -> NodeId {
        let mut inputs: Vec<NodeId> = inputs.into_iter().filter(|&input| input != NodeId::NEVER).collect();
        let before = inputs.len();
        inputs.retain(|&input| input != NodeId::ALWAYS);
        let k = k.saturating_sub(before - inputs.len());
        inputs.sort_unstable();
        if inputs.windows(2).any(|pair| pair[0] == pair[1]) {
            return self.at_least_of_repeated(k, &inputs);
        }
        match k {
            0 => NodeId::ALWAYS,
            1 => self.or(inputs),
            _ if k > inputs.len() => NodeId::NEVER,
            _ if k == inputs.len() => self.and(inputs),
            _ => self.cons(StoredKind::AtLeast(k as u32), inputs),
        }
    }

    /// An input that stands m times either has failed, and k - m of the others are enough, or it takes k of the others. Written out here,
    /// since other tools refuse or misread gates with repeated inputs.
    fn at_least_of_repeated(&mut self, k: usize, inputs: &[NodeId]) -> NodeId {
        let runs = inputs.chunk_by(|one, other| one == other);
        let (repeated, single): (Vec<&[NodeId]>, Vec<&[NodeId]>) = runs.partition(|run| run.len() > 1);
        let single = single.concat();
        // wanted[i]: which numbers are asked of what is left after i repeated inputs.
        let mut wanted = vec![BTreeSet::from([k])];
        for run in &repeated {
            let last = wanted.last().expect("it begins with one");
            let next = last.iter().flat_map(|&k| [k, k.saturating_sub(run.len())]).collect();
            wanted.push(next);
        }
        let last = wanted.pop().expect("it begins with one");
        let mut known: BTreeMap<usize, NodeId> =
            last.into_iter().map(|k| (k, self.at_least(k, single.iter().copied()))).collect();
        for (run, wanted) in repeated.iter().zip(wanted).rev() {
            let mut with_run = BTreeMap::new();
            for k in wanted {
                let failed = self.and([run[0], known[&k.saturating_sub(run.len())]]);
                with_run.insert(k, self.or([failed, known[&k]]));
            }
            known = with_run;
        }
        known[&k]
    }

    /// Gives a node a name that people know, without asking about it.
    pub fn name(&mut self, named: Named) {
        self.circuit.gates.push(named);
    }

    /// Asks about a node.
    pub fn top(&mut self, name: impl Into<String>, node: NodeId) {
        self.named_top(Named { name: name.into(), label: None, node, span: None });
    }

    /// Asks about a node, with everything that is known of its name.
    pub fn named_top(&mut self, named: Named) {
        self.circuit.tops.push(named);
    }

    /// The circuit.
    pub fn finish(self) -> Circuit {
        self.circuit
    }

    /// `decides` is the constant that settles the gate alone, `idle` the one that adds nothing.
    fn gate(
        &mut self,
        kind: StoredKind,
        inputs: impl IntoIterator<Item = NodeId>,
        decides: NodeId,
        idle: NodeId,
    ) -> NodeId {
        let mut inputs: Vec<NodeId> = inputs.into_iter().filter(|&input| input != idle).collect();
        if inputs.contains(&decides) {
            return decides;
        }
        inputs.sort_unstable();
        inputs.dedup();
        match inputs.as_slice() {
            [] => idle,
            [only] => *only,
            _ => self.cons(kind, inputs),
        }
    }

    fn cons(&mut self, kind: StoredKind, inputs: Vec<NodeId>) -> NodeId {
        let next = NodeId(self.circuit.nodes.len() as u32);
        debug_assert!(inputs.iter().all(|&input| input < next), "inputs are older than what they feed");
        let place = match self.known.find(&self.circuit, kind, &inputs) {
            Ok(known) => return known,
            Err(place) => place,
        };
        let start = self.circuit.inputs.len() as u32;
        self.circuit.inputs.extend_from_slice(&inputs);
        let end = self.circuit.inputs.len() as u32;
        self.circuit.nodes.push(Stored { kind, start, end });
        self.known.insert(&self.circuit, place, next);
        next
    }
}

/// What stands in all of some ascending lists.
pub(crate) fn in_all(lists: &[Vec<NodeId>]) -> Vec<NodeId> {
    let [first, others @ ..] = lists else { return Vec::new() };
    let is_in_all = |node: &NodeId| others.iter().all(|list| list.binary_search(node).is_ok());
    first.iter().copied().filter(is_in_all).collect()
}

/// The gates of a circuit by what they are, so that none is there twice. It keeps numbers alone; the inputs stay where they are.
#[derive(Default, Debug)]
struct Known {
    /// 0, which is no gate, is free. Half of them are, at least.
    slots: Vec<NodeId>,
    len: usize,
}

impl Known {
    /// The gate, or the slot in which it would stand.
    fn find(&self, circuit: &Circuit, kind: StoredKind, inputs: &[NodeId]) -> Result<NodeId, usize> {
        if self.slots.is_empty() {
            return Err(0);
        }
        let mut place = hash(kind, inputs) & (self.slots.len() - 1);
        loop {
            let known = self.slots[place];
            if known == NodeId::NEVER {
                return Err(place);
            }
            let stored = circuit.nodes[known.index()];
            if stored.kind == kind && circuit.inputs[stored.start as usize..stored.end as usize] == *inputs {
                return Ok(known);
            }
            place = (place + 1) & (self.slots.len() - 1);
        }
    }

    /// Adds a gate that was not found.
    fn insert(&mut self, circuit: &Circuit, place: usize, gate: NodeId) {
        self.len += 1;
        if self.len * 2 <= self.slots.len() {
            self.slots[place] = gate;
            return;
        }
        let n_slots = (self.slots.len() * 2).max(64);
        let gates = std::mem::replace(&mut self.slots, vec![NodeId::NEVER; n_slots]);
        for gate in gates.into_iter().filter(|gate| *gate != NodeId::NEVER).chain([gate]) {
            let stored = circuit.nodes[gate.index()];
            let inputs = &circuit.inputs[stored.start as usize..stored.end as usize];
            if let Err(place) = self.find(circuit, stored.kind, inputs) {
                self.slots[place] = gate;
            }
        }
    }
}

/// Fast, and nobody outside chooses the numbers.
fn hash(kind: StoredKind, inputs: &[NodeId]) -> usize {
    let kind = match kind {
        StoredKind::AtLeast(k) => u64::from(k) + 2,
        kind => u64::from(kind == StoredKind::Or),
    };
    let mix = |word: u64, more: u64| (word.rotate_left(5) ^ more).wrapping_mul(0x517C_C1B7_2722_0A95);
    let word = inputs.iter().fold(mix(0, kind), |word, input| mix(word, u64::from(input.0)));
    (word ^ (word >> 32)) as usize
}
