//! The engines against independent judges: brute force over random circuits, and SCRAM over fault trees.

mod compile;
mod cut_sets;
mod draft;
mod generate;
mod naive;
mod probabilities;
mod random;
mod referee;
mod scram;
mod states;
mod survey;
