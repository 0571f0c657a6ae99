//! What a rehearsal needs of a box. The wired box is the one there is; tests have another.

use crate::acts::{Act, Means};
use crate::vector::From;
use std::error::Error;

/// A lab that is up and in which things can fail.
pub trait Stage: Means {
    /// The places in the box from which somebody asks: several when people may sit in several. Empty: nobody sits there.
    fn seats(&self, from: From) -> Vec<String>;

    /// Words in front of a command that make it run at a place: `nsenter --net=...`.
    fn enter(&self, seat: &str) -> Vec<String>;

    /// Lets things fail, all at once.
    ///
    /// # Errors
    /// When the box cannot be changed.
    fn inject(&mut self, acts: &[Act]) -> Result<(), StageError>;

    /// Takes back everything that was injected.
    ///
    /// # Errors
    /// When the box cannot be changed.
    fn heal(&mut self) -> Result<(), StageError>;
}

/// The box did not do what it was told.
#[derive(Debug, thiserror::Error)]
#[error("{what}")]
pub struct StageError {
    /// What did not succeed.
    pub what: String,
    /// Why.
    #[source]
    pub source: Box<dyn Error + Send + Sync>,
}

impl StageError {
    /// With what did not succeed.
    pub fn new(what: impl Into<String>, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { what: what.into(), source: source.into() }
    }
}
