//! Circles among machines, pools, clusters and services, solved: the greatest state of things that holds itself up.
//!
//! In failure logic that is the least solution: nothing has failed to begin with, then whatever the definitions say fails, and so on. A
//! single variable is solved in one step, for `x = F(x)` has the least solution `F(never)` when more failures never repair anything. So a
//! circle is cut at one variable, what remains is solved (in smaller circles, perhaps), and solved again with the cut variable put in
//! (Bekić's theorem). Where circles lie in one another so deep that this would double too often, all cut variables go round
//! together instead, as many rounds as there are. Both are exact, and what is in no circle is only copied.

use crate::circuit::{Circuit, CircuitBuilder, Named, Node, NodeId};
use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

/// Puts definitions in the places of leaves. `circuit` comes with the events alone, and gets the names and tops of `equations`.
pub(super) fn solve(
    equations: &Circuit,
    definitions: &[(NodeId, NodeId)],
    circuit: CircuitBuilder,
) -> Circuit {
    let mut planner = Planner::new(equations, definitions);
    let wanted: Vec<NodeId> =
        equations.tops().iter().chain(equations.named_gates()).map(|top| top.node).collect();
    let nodes = planner.needed(&wanted);
    let plan = planner.plan(&nodes);
    let mut solved = Solved { circuit, values: vec![NodeId::NEVER; equations.n_nodes()] };
    solved.values[NodeId::ALWAYS.index()] = NodeId::ALWAYS;
    solved.run(equations, &planner.definition, &plan.steps);
    let mut has_name = HashSet::new();
    for named in equations.named_gates() {
        let node = solved.values[named.node.index()];
        let is_gate = !matches!(solved.circuit.node(node), Node::Never | Node::Always | Node::Event(_));
        if is_gate && has_name.insert(node) {
            solved.circuit.name(Named { node, ..named.clone() });
        }
    }
    for top in equations.tops() {
        let node = solved.values[top.node.index()];
        solved.circuit.named_top(Named { node, ..top.clone() });
    }
    solved.circuit.finish()
}

/// The circuit without variables, in progress.
struct Solved {
    circuit: CircuitBuilder,
    /// What became of each node of the equations.
    values: Vec<NodeId>,
}

/// One step of solving.
#[derive(Debug)]
enum Step {
    /// A node whose inputs are there.
    Node(NodeId),
    /// A circle: the inner steps with the leaf as never failing, then again with what came out.
    Circle { cut: NodeId, inner: Vec<Step> },
    /// Circles within circles: rounds until nothing changes, or as many as there are leaves.
    Rounds { cuts: Vec<NodeId>, order: Vec<NodeId> },
}

/// Steps, and what they are made of.
#[derive(Default, Debug)]
struct Plan {
    steps: Vec<Step>,
    /// Nodes to be made, counted as often as they are.
    cost: usize,
    /// Leaves at which circles were cut.
    cuts: Vec<NodeId>,
    /// Everything else, each after what it needs.
    order: Vec<NodeId>,
}

/// Finds the circles.
struct Planner<'a> {
    equations: &'a Circuit,
    /// By node: the definition of a leaf.
    definition: Vec<Option<NodeId>>,
    /// To which question each node belongs; 0 for none.
    member: Vec<u32>,
    n_questions: u32,
    seen: Vec<u32>,
    low: Vec<u32>,
}

/// How many leaves are tried as cuts.
const TRIED_MAX: usize = 4;

impl<'a> Planner<'a> {
    fn new(equations: &'a Circuit, definitions: &[(NodeId, NodeId)]) -> Self {
        let n = equations.n_nodes();
        let mut definition = vec![None; n];
        definitions.iter().for_each(|(leaf, node)| definition[leaf.index()] = Some(*node));
        Self { equations, definition, member: vec![0; n], n_questions: 0, seen: vec![0; n], low: vec![0; n] }
    }

    fn next(&self, id: NodeId) -> &[NodeId] {
        match self.equations.node(id) {
            Node::Never | Node::Always => &[],
            Node::Event(_) => self.definition[id.index()].as_slice(),
            Node::Or(inputs) | Node::And(inputs) | Node::AtLeast(_, inputs) => inputs,
        }
    }

    fn needed(&self, wanted: &[NodeId]) -> Vec<NodeId> {
        let mut is_needed = vec![false; self.equations.n_nodes()];
        let mut open = wanted.to_vec();
        let mut nodes = Vec::new();
        while let Some(id) = open.pop() {
            if id > NodeId::ALWAYS && !std::mem::replace(&mut is_needed[id.index()], true) {
                nodes.push(id);
                open.extend_from_slice(self.next(id));
            }
        }
        nodes.sort_unstable();
        nodes
    }

    fn plan(&mut self, nodes: &[NodeId]) -> Plan {
        let mut plan = Plan::default();
        for component in self.components(nodes) {
            if let [only] = component.as_slice()
                && !self.next(*only).contains(only)
            {
                plan.steps.push(Step::Node(*only));
                plan.order.push(*only);
                plan.cost += 1;
            } else {
                self.plan_circle(&component, &mut plan);
            }
        }
        plan
    }

    fn plan_circle(&mut self, component: &[NodeId], plan: &mut Plan) {
        let cut = self.best_cut(component);
        let rest: Vec<NodeId> = component.iter().copied().filter(|node| *node != cut).collect();
        let inner = self.plan(&rest);
        let mut cuts = vec![cut];
        cuts.extend_from_slice(&inner.cuts);
        let (nested, flat) = (inner.cost.saturating_mul(2), (cuts.len() + 1) * rest.len());
        plan.cost = plan.cost.saturating_add(nested.min(flat));
        plan.order.extend_from_slice(&inner.order);
        plan.cuts.extend_from_slice(&cuts);
        plan.steps.push(match nested <= flat {
            true => Step::Circle { cut, inner: inner.steps },
            false => Step::Rounds { cuts, order: inner.order },
        });
    }

    /// The leaf without which the smallest circles remain, of those that most others need.
    fn best_cut(&mut self, component: &[NodeId]) -> NodeId {
        let question = self.ask(component);
        let mut n_users = vec![0_u32; component.len()];
        let place: HashMap<NodeId, usize> = component.iter().copied().zip(0..).collect();
        for &node in component {
            let inside = self.next(node).iter().filter(|next| self.member[next.index()] == question);
            inside.for_each(|next| n_users[place[next]] += 1);
        }
        let is_leaf = |node: &&NodeId| self.definition[node.index()].is_some();
        let mut leaves: Vec<NodeId> = component.iter().filter(is_leaf).copied().collect();
        leaves.sort_by_key(|leaf| (Reverse(n_users[place[leaf]]), *leaf));
        leaves.truncate(TRIED_MAX);
        let left_over = |planner: &mut Self, leaf: NodeId| -> usize {
            let rest: Vec<NodeId> = component.iter().copied().filter(|node| *node != leaf).collect();
            planner
                .components(&rest)
                .iter()
                .map(|part| if part.len() > 1 { part.len().pow(2) } else { 0 })
                .sum()
        };
        let best = leaves.into_iter().min_by_key(|&leaf| left_over(self, leaf));
        best.expect("gates alone form no circle")
    }

    fn ask(&mut self, nodes: &[NodeId]) -> u32 {
        self.n_questions += 1;
        for node in nodes {
            self.member[node.index()] = self.n_questions;
            self.seen[node.index()] = 0;
        }
        self.n_questions
    }

    /// Strongly connected components among some nodes, each after those that it needs (Tarjan 1972).
    fn components(&mut self, nodes: &[NodeId]) -> Vec<Vec<NodeId>> {
        let question = self.ask(nodes);
        let mut found = Vec::new();
        let mut n_seen = 0;
        let mut stack: Vec<NodeId> = Vec::new();
        for &root in nodes {
            if self.seen[root.index()] != 0 {
                continue;
            }
            let mut open: Vec<(NodeId, usize)> = vec![(root, 0)];
            while let Some((node, looked)) = open.last_mut() {
                let node = *node;
                if *looked == 0 && self.seen[node.index()] == 0 {
                    n_seen += 1;
                    self.seen[node.index()] = n_seen;
                    self.low[node.index()] = n_seen;
                    stack.push(node);
                }
                if let Some(&next) = self.next(node).get(*looked) {
                    *looked += 1;
                    if self.member[next.index()] != question {
                        continue;
                    }
                    match self.seen[next.index()] {
                        0 => open.push((next, 0)),
                        CLOSED => {}
                        seen => self.low[node.index()] = self.low[node.index()].min(seen),
                    }
                    continue;
                }
                open.pop();
                let low = self.low[node.index()];
                if let Some((parent, _)) = open.last() {
                    self.low[parent.index()] = self.low[parent.index()].min(low);
                }
                if low == self.seen[node.index()] {
                    let start = stack.iter().rposition(|open| *open == node).expect("it is on the stack");
                    let component = stack.split_off(start);
                    component.iter().for_each(|node| self.seen[node.index()] = CLOSED);
                    found.push(component);
                }
            }
        }
        found
    }
}

/// In place of when a node was met: its component is complete.
const CLOSED: u32 = u32::MAX;

impl Solved {
    fn run(&mut self, equations: &Circuit, definition: &[Option<NodeId>], steps: &[Step]) {
        for step in steps {
            match step {
                Step::Node(node) => self.make(equations, definition, *node),
                Step::Circle { cut, inner } => {
                    self.values[cut.index()] = NodeId::NEVER;
                    self.run(equations, definition, inner);
                    let solved = self.defined(definition, *cut);
                    if solved != NodeId::NEVER {
                        self.values[cut.index()] = solved;
                        self.run(equations, definition, inner);
                    }
                }
                Step::Rounds { cuts, order } => self.go_round(equations, definition, cuts, order),
            }
        }
    }

    fn go_round(
        &mut self,
        equations: &Circuit,
        definition: &[Option<NodeId>],
        cuts: &[NodeId],
        order: &[NodeId],
    ) {
        cuts.iter().for_each(|cut| self.values[cut.index()] = NodeId::NEVER);
        for _ in cuts {
            order.iter().for_each(|&node| self.make(equations, definition, node));
            let after: Vec<NodeId> = cuts.iter().map(|&cut| self.defined(definition, cut)).collect();
            if cuts.iter().zip(&after).all(|(cut, after)| self.values[cut.index()] == *after) {
                return;
            }
            cuts.iter().zip(after).for_each(|(cut, after)| self.values[cut.index()] = after);
        }
        // The cut leaves are solved, and everything else is made with them.
        order.iter().for_each(|&node| self.make(equations, definition, node));
    }

    fn defined(&self, definition: &[Option<NodeId>], leaf: NodeId) -> NodeId {
        let definition = definition[leaf.index()].expect("every variable has a definition");
        self.values[definition.index()]
    }

    fn make(&mut self, equations: &Circuit, definition: &[Option<NodeId>], node: NodeId) {
        let values = &self.values;
        let made =
            |inputs: &[NodeId]| -> Vec<NodeId> { inputs.iter().map(|input| values[input.index()]).collect() };
        let value = match equations.node(node) {
            Node::Never => NodeId::NEVER,
            Node::Always => NodeId::ALWAYS,
            Node::Event(_) if definition[node.index()].is_some() => self.defined(definition, node),
            // Parts come first in both circuits, in the same order.
            Node::Event(_) => node,
            Node::Or(inputs) => self.circuit.or(made(inputs)),
            Node::And(inputs) => self.circuit.and(made(inputs)),
            Node::AtLeast(k, inputs) => self.circuit.at_least(k as usize, made(inputs)),
        };
        self.values[node.index()] = value;
    }
}
