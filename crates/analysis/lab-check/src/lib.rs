//! Placeholder until its first working use.
