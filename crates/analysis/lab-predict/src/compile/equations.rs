//! The equations of a lab before its circles are solved: a circuit in which a variable (a machine, a cluster, an instance of a service)
//! stands as a leaf, with a definition of its own that may need other variables, or itself.
//!
//! The layers ask for variables and never wait for what they are, so no layer recurses into another. [`super::circle`] puts the
//! definitions in their places.

use super::crowd::Crowds;
use super::network::Network;
use super::service::Reached;
use super::views::{ViewId, Views};
use crate::circuit::{CircuitBuilder, Named, NodeId};
use crate::works::{ClusterId, Holder, MachineId, Mode, PartId, PointId, PoolId, ServiceId, UnitId, Works};
use lab_source::Span;
use std::collections::HashMap;

/// What is asked of power: is it off at all, or off for longer than batteries last?
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Outage {
    /// Off, if only for a moment.
    Any,
    /// Off for long: parts of [`Mode::Briefly`] do not count.
    Long,
}

/// A fact that others may need in a circle. Each is true when the thing has failed.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Variable {
    /// A power point is off.
    Point(PointId, Outage),
    /// A unit is not up.
    Unit(UnitId, Outage),
    /// A machine is not up.
    Machine(MachineId),
    /// A pool has stopped.
    Pool(PoolId),
    /// A cluster has no quorum.
    Cluster(ClusterId),
    /// The instance of a service at one of its places, by position, does not work.
    Instance(ServiceId, u32),
    /// No instance of a service that works is reached from a view.
    Unseen(ServiceId, ViewId),
}

/// The circuit with variables, in progress.
pub(super) struct Equations<'a> {
    /// The tables.
    pub(super) works: &'a Works,
    /// Nodes so far. Events are the parts, in their order, then the variables.
    pub(super) circuit: CircuitBuilder,
    /// What is known of the network.
    pub(super) network: Network,
    /// Whom which service is there for.
    pub(super) reached: Reached,
    /// What things see of the network through their links.
    pub(super) views: Views,
    /// Places that are counted together.
    pub(super) crowds: Crowds,
    /// So many places at least are a crowd.
    pub(super) crowd_min: usize,
    /// Members of clusters without a majority.
    pub(super) outvoted: HashMap<(ClusterId, MachineId), NodeId>,
    parts: Vec<NodeId>,
    leaves: HashMap<Variable, NodeId>,
    open: Vec<(Variable, NodeId)>,
    definitions: Vec<(NodeId, NodeId)>,
}

impl<'a> Equations<'a> {
    /// The leaves alone: an event for each part.
    pub(super) fn new(works: &'a Works, mut circuit: CircuitBuilder, crowd_min: usize) -> Self {
        let parts = super::events(works).map(|event| circuit.event(event)).collect();
        Self {
            works,
            circuit,
            network: Network::new(works),
            reached: Reached::default(),
            views: Views::default(),
            crowds: Crowds::default(),
            crowd_min,
            outvoted: HashMap::new(),
            parts,
            leaves: HashMap::new(),
            open: Vec::new(),
            definitions: Vec::new(),
        }
    }

    /// A part has failed.
    pub(super) fn part(&self, part: PartId) -> NodeId {
        self.parts[part.index()]
    }

    /// Any of these has failed.
    pub(super) fn any_part(&mut self, parts: &[PartId]) -> NodeId {
        let nodes: Vec<NodeId> = parts.iter().map(|&part| self.part(part)).collect();
        self.circuit.or(nodes)
    }

    /// Any of these has failed in a way that counts for an outage of that length.
    pub(super) fn any_part_in(&mut self, parts: &[PartId], outage: Outage) -> NodeId {
        let counts = |part: &&PartId| outage == Outage::Any || self.works[**part].mode != Mode::Briefly;
        let nodes: Vec<NodeId> = parts.iter().filter(counts).map(|&part| self.part(part)).collect();
        self.circuit.or(nodes)
    }

    /// The leaf of a variable. Its definition follows.
    pub(super) fn variable(&mut self, variable: Variable) -> NodeId {
        if let Some(&leaf) = self.leaves.get(&variable) {
            return leaf;
        }
        let leaf = self.circuit.leaf();
        self.leaves.insert(variable, leaf);
        self.open.push((variable, leaf));
        leaf
    }

    /// Defines every variable that was asked for, and those that the definitions ask for.
    pub(super) fn define_all(&mut self) {
        while let Some((variable, leaf)) = self.open.pop() {
            let definition = match variable {
                Variable::Point(point, outage) => self.point(point, outage),
                Variable::Unit(unit, outage) => self.unit(unit, outage),
                Variable::Machine(machine) => self.machine(machine),
                Variable::Pool(pool) => self.pool_stopped(pool),
                Variable::Cluster(cluster) => self.no_quorum(cluster),
                Variable::Instance(service, place) => self.instance(service, place),
                Variable::Unseen(service, view) => self.unseen(service, view),
            };
            self.name_variable(variable, definition);
            self.definitions.push((leaf, definition));
        }
    }

    fn name_variable(&mut self, variable: Variable, node: NodeId) {
        let works = self.works;
        let (span, name) = match variable {
            Variable::Point(point, Outage::Any) => {
                (works[point].span, format!("{} is off", works[point].label))
            }
            Variable::Unit(unit, Outage::Any) => (works[unit].span, format!("{} is off", works[unit].label)),
            Variable::Point(point, Outage::Long) => {
                (works[point].span, format!("{} is off for long", works[point].label))
            }
            Variable::Unit(unit, Outage::Long) => {
                (works[unit].span, format!("{} is off for long", works[unit].label))
            }
            Variable::Machine(machine) => (works[machine].span, format!("{} is down", works[machine].label)),
            Variable::Pool(pool) => (works[pool].span, format!("{} has stopped", works[pool].label)),
            Variable::Cluster(cluster) => {
                (works[cluster].span, format!("{} has no quorum", works[cluster].label))
            }
            Variable::Instance(service, place) => {
                let place = self.place(service, place as usize);
                let (label, at) = (&works[service].label, self.holder_label(place));
                (works[service].span, format!("{label} does not work on {at}"))
            }
            // A view is no thing that has a name.
            Variable::Unseen(..) => return,
        };
        self.name(node, span, name);
    }

    fn holder_label(&self, holder: Holder) -> &'a str {
        match holder {
            Holder::Unit(unit) => &self.works[unit].label,
            Holder::Machine(machine) => &self.works[machine].label,
            Holder::Internet => "the Internet",
        }
    }

    /// Gives a node a name that people read in exports.
    pub(super) fn name(&mut self, node: NodeId, span: Option<Span>, name: String) {
        if node > NodeId::ALWAYS {
            self.circuit.name(Named { name, label: None, node, span });
        }
    }

    /// Less than `needed` of things are left when that many of them have failed.
    pub(super) fn too_few(&mut self, failed: &[NodeId], needed: usize) -> NodeId {
        let k = (failed.len() + 1).saturating_sub(needed);
        self.circuit.at_least(k, failed.iter().copied())
    }

    /// The circuit with its variables, and the definition of each leaf.
    pub(super) fn finish(self) -> (crate::circuit::Circuit, Vec<(NodeId, NodeId)>) {
        (self.circuit.finish(), self.definitions)
    }
}
