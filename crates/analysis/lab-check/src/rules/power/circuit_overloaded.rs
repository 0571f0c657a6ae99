//! A circuit, panel or other part of the supply that feeds more than its breaker lets through without end.

use super::feeds::Feeder;
use super::overload;
use crate::context::Context;
use crate::rule::rule;

rule!("circuit-overloaded", Warning, Power, "a circuit feeds more than its breaker lets through");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    overload::check(context, lab.power.iter().map(|(id, _)| Feeder::Node(id)));
}
