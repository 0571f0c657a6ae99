//! Placeholder until its first working use.
pub mod grammar;
