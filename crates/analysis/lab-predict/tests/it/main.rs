//! The engines against independent judges: brute force, a simulator and a plain reading over random labs, graph algorithms, SCRAM.

mod compile;
mod crowd;
mod cut_sets;
mod draft;
mod generate;
mod graph;
mod labs;
mod naive;
mod networks_of_clusters;
mod probabilities;
mod random;
mod reach;
mod referee;
mod scram;
mod seeds;
mod states;
mod survey;
mod topologies;
mod village;
mod written;
