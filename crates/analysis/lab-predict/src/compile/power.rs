//! Power: what feeds points, supplies and units, for any outage and for long ones.

use super::equations::{Equations, Outage, Variable};
use crate::circuit::NodeId;
use crate::works::{PointId, Source, Supply, Unit, UnitId};

impl Equations<'_> {
    /// The definition of [`Variable::Point`].
    pub(super) fn point(&mut self, point: PointId, outage: Outage) -> NodeId {
        let row = &self.works[point];
        let fails = self.any_part_in(&row.fails, outage);
        if row.from.is_empty() {
            return fails;
        }
        let from = row.from.iter().map(|&from| self.variable(Variable::Point(from, outage)));
        let from: Vec<NodeId> = from.collect();
        let unfed = self.circuit.and(from);
        self.circuit.or([fails, unfed])
    }

    /// The definition of [`Variable::Unit`].
    pub(super) fn unit(&mut self, unit: UnitId, outage: Outage) -> NodeId {
        let row = &self.works[unit];
        let broken = self.broken(row, outage);
        // A battery of its own bridges what is short.
        let felt = if row.battery.is_some() { Outage::Long } else { outage };
        let unfed = self.unfed(row, felt);
        self.circuit.or([broken, unfed])
    }

    /// A unit is up while this has not failed.
    pub(super) fn unit_off(&mut self, unit: UnitId) -> NodeId {
        self.variable(Variable::Unit(unit, Outage::Any))
    }

    fn broken(&mut self, unit: &Unit, outage: Outage) -> NodeId {
        let fails = self.any_part_in(&unit.fails, outage);
        match unit.inside {
            Some(chassis) => {
                let chassis = self.variable(Variable::Unit(chassis, outage));
                self.circuit.or([fails, chassis])
            }
            None => fails,
        }
    }

    fn unfed(&mut self, unit: &Unit, outage: Outage) -> NodeId {
        if unit.supplies.is_empty() {
            return NodeId::NEVER;
        }
        let mut off = Vec::new();
        for supply in &unit.supplies {
            let node = self.supply(supply, outage);
            if outage == Outage::Any {
                self.name(node, supply.span, format!("{} {} is off", unit.label, supply.label));
            }
            off.push(node);
        }
        self.too_few(&off, unit.supplies_needed as usize)
    }

    fn supply(&mut self, supply: &Supply, outage: Outage) -> NodeId {
        let fails = self.any_part_in(&supply.fails, outage);
        let source = match supply.source {
            Source::Unknown => NodeId::NEVER,
            Source::Point(point) => self.variable(Variable::Point(point, outage)),
            Source::Poe(unit) => self.variable(Variable::Unit(unit, outage)),
            Source::Outlet { unit, supply, on_battery } => self.outlet(unit, supply, on_battery, outage),
        };
        self.circuit.or([fails, source])
    }

    fn outlet(&mut self, unit: UnitId, supply: Option<u32>, on_battery: bool, outage: Outage) -> NodeId {
        let row = &self.works[unit];
        let broken = self.broken(row, outage);
        let felt = if on_battery && row.battery.is_some() { Outage::Long } else { outage };
        let unfed = self.unfed(row, felt);
        let own = supply.and_then(|supply| row.supplies.get(supply as usize));
        let own = own.map_or(NodeId::NEVER, |own| self.supply(own, felt));
        self.circuit.or([broken, unfed, own])
    }
}
