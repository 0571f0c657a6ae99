//! Reduced ordered binary decision diagrams, no more of them than monotone circuits need: AND, OR, at least k.
//!
//! One diagram holds all tops. Classes are ordered by a walk from the tops downwards, which keeps what belongs together together.

use crate::circuit::{Input, Kind, Reduced};

/// A node of the diagram; 0 and 1 are the two constants.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Node(u32);

impl Node {
    /// Its place among [`Diagram::probabilities`].
    pub(super) fn index(self) -> usize {
        self.0 as usize
    }
}

const FALSE: Node = Node(0);
const TRUE: Node = Node(1);

/// The diagram has more nodes than it may have.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Outgrown;

/// "If the class at this level holds, `high`, otherwise `low`."
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Choice {
    level: u32,
    low: Node,
    high: Node,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Operation {
    Or,
    And,
}

/// What was computed before; an entry may push another out.
#[derive(Clone, Copy, Debug)]
struct Remembered {
    one: u32,
    other: u32,
    result: Node,
}

/// The diagram with its two tables.
#[derive(Debug)]
pub(super) struct Diagram {
    choices: Vec<Choice>,
    /// Nodes by hash, for finding equal ones; 0 is free.
    slots: Vec<u32>,
    remembered: Vec<Remembered>,
    level_of: Vec<u32>,
    class_at: Vec<u32>,
    nodes_max: usize,
    /// How many pairs of nodes were looked at.
    n_steps: usize,
}

/// Pairs of nodes that may be looked at for each node that there may be. Diagrams that fit need a few.
const STEPS_PER_NODE: usize = 50;

const REMEMBERED_MIN: usize = 1 << 12;
const REMEMBERED_MAX: usize = 1 << 20;

impl Diagram {
    /// The diagram of a circuit, and the node of each top. A top whose gates do not fit is outgrown; others may fit all the same.
    /// Tops that are not wanted are left out like those.
    pub(super) fn of(
        reduced: &Reduced,
        is_wanted: impl Fn(usize) -> bool,
        nodes_max: usize,
    ) -> (Self, Vec<Result<Node, Outgrown>>) {
        let wanted: Vec<bool> = (0..reduced.tops.len()).map(is_wanted).collect();
        let (class_at, is_needed) = order(reduced, &wanted);
        let mut level_of = vec![u32::MAX; reduced.classes.len()];
        class_at.iter().enumerate().for_each(|(level, class)| level_of[*class as usize] = level as u32);
        let constant = |node| Choice { level: u32::MAX, low: node, high: node };
        let forgotten = Remembered { one: 0, other: 0, result: FALSE };
        let mut diagram = Self {
            choices: vec![constant(FALSE), constant(TRUE)],
            slots: vec![0; 1 << 12],
            remembered: vec![forgotten; REMEMBERED_MIN],
            level_of,
            class_at,
            nodes_max,
            n_steps: 0,
        };
        let mut gates: Vec<Result<Node, Outgrown>> = Vec::with_capacity(reduced.gates.len());
        for (gate, is_needed) in reduced.gates.iter().zip(is_needed) {
            let inputs = if is_needed { diagram.inputs(&gate.inputs, &gates) } else { Err(Outgrown) };
            gates.push(inputs.and_then(|inputs| diagram.gate(gate.kind, inputs)));
        }
        let top = |(top, is_wanted): (&Input, &bool)| match is_wanted {
            true => diagram.input(*top, &gates),
            false => Err(Outgrown),
        };
        let tops = reduced.tops.iter().zip(&wanted).map(top).collect();
        (diagram, tops)
    }

    pub(super) fn n_nodes(&self) -> usize {
        self.choices.len()
    }

    /// The probability that each node is true, from the probability of each class. Children are older than their parents, so one pass is
    /// enough.
    pub(super) fn probabilities(&self, classes: &[f64]) -> Vec<f64> {
        let mut probabilities = vec![0.0, 1.0];
        for choice in &self.choices[2..] {
            let holds = classes[self.class_at[choice.level as usize] as usize];
            let (low, high) = (probabilities[choice.low.index()], probabilities[choice.high.index()]);
            probabilities.push(holds * high + (1.0 - holds) * low);
        }
        probabilities
    }

    /// By class: how much more probable the node is with the class than without it. `probabilities` are those of all nodes.
    pub(super) fn birnbaum(&self, node: Node, classes: &[f64], probabilities: &[f64]) -> Vec<f64> {
        // How probable it is that the walk from the node comes past each other.
        let mut reached = vec![0.0; node.index() + 1];
        reached[node.index()] = 1.0;
        let mut importance = vec![0.0; classes.len()];
        for place in (2..reached.len()).rev() {
            if reached[place] == 0.0 {
                continue;
            }
            let choice = self.choices[place];
            let class = self.class_at[choice.level as usize] as usize;
            let (low, high) = (choice.low.index(), choice.high.index());
            importance[class] += reached[place] * (probabilities[high] - probabilities[low]);
            reached[high] += reached[place] * classes[class];
            reached[low] += reached[place] * (1.0 - classes[class]);
        }
        importance
    }

    fn inputs(&mut self, inputs: &[Input], gates: &[Result<Node, Outgrown>]) -> Result<Vec<Node>, Outgrown> {
        inputs.iter().map(|input| self.input(*input, gates)).collect()
    }

    fn input(&mut self, input: Input, gates: &[Result<Node, Outgrown>]) -> Result<Node, Outgrown> {
        match input {
            Input::Never => Ok(FALSE),
            Input::Always => Ok(TRUE),
            Input::Class(class) => self.node(self.level_of[class as usize], FALSE, TRUE),
            Input::Gate(gate) => gates[gate as usize],
        }
    }

    fn gate(&mut self, kind: Kind, mut inputs: Vec<Node>) -> Result<Node, Outgrown> {
        // From the bottom of the order upwards, so that each step adds on top.
        inputs.sort_by_key(|node| std::cmp::Reverse(self.choices[node.0 as usize].level));
        match kind {
            Kind::Or => {
                inputs.into_iter().try_fold(FALSE, |sum, input| self.apply(Operation::Or, sum, input))
            }
            Kind::And => {
                inputs.into_iter().try_fold(TRUE, |sum, input| self.apply(Operation::And, sum, input))
            }
            Kind::AtLeast(k) => self.at_least(k as usize, &inputs),
        }
    }

    fn at_least(&mut self, k: usize, inputs: &[Node]) -> Result<Node, Outgrown> {
        // reached[j]: at least j of the inputs so far hold.
        let mut reached = vec![FALSE; k + 1];
        reached[0] = TRUE;
        for &input in inputs {
            for j in (1..=k).rev() {
                let more = self.apply(Operation::And, reached[j - 1], input)?;
                reached[j] = self.apply(Operation::Or, reached[j], more)?;
            }
        }
        Ok(reached[k])
    }

    fn apply(&mut self, operation: Operation, one: Node, other: Node) -> Result<Node, Outgrown> {
        let (one, other) = if one < other { (one, other) } else { (other, one) };
        match (operation, one, other) {
            _ if one == other => return Ok(one),
            (Operation::Or, FALSE, _) | (Operation::And, TRUE, _) => return Ok(other),
            (Operation::Or, TRUE, _) => return Ok(TRUE),
            (Operation::And, FALSE, _) => return Ok(FALSE),
            _ => {}
        }
        // The lowest bit of the key tells the operations apart.
        let key = one.0 << 1 | u32::from(operation == Operation::And);
        let place = self.remembered_at(key, other.0);
        let known = self.remembered[place];
        if (known.one, known.other) == (key, other.0) {
            return Ok(known.result);
        }
        self.n_steps += 1;
        if self.n_steps > self.nodes_max.saturating_mul(STEPS_PER_NODE) {
            return Err(Outgrown);
        }
        let (left, right) = (self.choices[one.0 as usize], self.choices[other.0 as usize]);
        let level = left.level.min(right.level);
        let branches = |choice: Choice, node| {
            if choice.level == level { (choice.low, choice.high) } else { (node, node) }
        };
        let ((left_low, left_high), (right_low, right_high)) = (branches(left, one), branches(right, other));
        let low = self.apply(operation, left_low, right_low)?;
        let high = self.apply(operation, left_high, right_high)?;
        let result = self.node(level, low, high)?;
        // The table may have grown meanwhile.
        let place = self.remembered_at(key, other.0);
        self.remembered[place] = Remembered { one: key, other: other.0, result };
        Ok(result)
    }

    fn remembered_at(&self, key: u32, other: u32) -> usize {
        hash(u64::from(key) << 32 | u64::from(other), 0) & (self.remembered.len() - 1)
    }

    /// The one node of this choice.
    fn node(&mut self, level: u32, low: Node, high: Node) -> Result<Node, Outgrown> {
        if low == high {
            return Ok(low);
        }
        let wanted = Choice { level, low, high };
        let mut place = self.slot_of(wanted);
        while self.slots[place] != 0 {
            if self.choices[self.slots[place] as usize] == wanted {
                return Ok(Node(self.slots[place]));
            }
            place = (place + 1) & (self.slots.len() - 1);
        }
        if self.choices.len() >= self.nodes_max {
            return Err(Outgrown);
        }
        let node = Node(self.choices.len() as u32);
        self.choices.push(wanted);
        self.slots[place] = node.0;
        if self.choices.len() * 2 > self.slots.len() {
            self.grow();
        }
        Ok(node)
    }

    fn slot_of(&self, choice: Choice) -> usize {
        hash(u64::from(choice.low.0) << 32 | u64::from(choice.high.0), choice.level) & (self.slots.len() - 1)
    }

    fn grow(&mut self) {
        self.slots = vec![0; self.slots.len() * 2];
        for node in 2..self.choices.len() {
            let mut place = self.slot_of(self.choices[node]);
            while self.slots[place] != 0 {
                place = (place + 1) & (self.slots.len() - 1);
            }
            self.slots[place] = node as u32;
        }
        if self.remembered.len() < REMEMBERED_MAX {
            let forgotten = Remembered { one: 0, other: 0, result: FALSE };
            self.remembered = vec![forgotten; self.slots.len().min(REMEMBERED_MAX)];
        }
    }
}

fn hash(word: u64, more: u32) -> usize {
    let mixed =
        (word ^ u64::from(more).wrapping_mul(0xA24B_AED4_963E_E407)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (mixed ^ (mixed >> 32)) as usize
}

/// The classes as a walk from the wanted tops meets them: depth first, a gate's own classes before what is below it. And which gates
/// it meets.
fn order(reduced: &Reduced, wanted: &[bool]) -> (Vec<u32>, Vec<bool>) {
    let mut order = Vec::new();
    let mut seen_classes = vec![false; reduced.classes.len()];
    let mut seen_gates = vec![false; reduced.gates.len()];
    let wanted = reduced.tops.iter().zip(wanted).rev().filter(|(_, is_wanted)| **is_wanted);
    let mut open: Vec<Input> = wanted.map(|(top, _)| *top).collect();
    while let Some(input) = open.pop() {
        match input {
            Input::Never | Input::Always => {}
            Input::Class(class) => {
                if !std::mem::replace(&mut seen_classes[class as usize], true) {
                    order.push(class);
                }
            }
            Input::Gate(gate) => {
                if !std::mem::replace(&mut seen_gates[gate as usize], true) {
                    // Inputs are sorted, classes first; the last pushed is walked first.
                    open.extend(reduced.gates[gate as usize].inputs.iter().rev());
                }
            }
        }
    }
    (order, seen_gates)
}
