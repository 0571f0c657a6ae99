//! The engines against independent judges: brute force over random circuits, and SCRAM over fault trees.

mod cut_sets;
mod generate;
mod probabilities;
mod referee;
mod scram;
