//! A change to be tried.

use super::edit::Edit;

/// What a change costs. In the order in which changes are proposed.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Cost {
    /// Nothing has to be bought.
    Free,
    /// A cable or a cord.
    Cable,
    /// Something else has to be bought; the lab gives this price for its like, as it is written.
    Priced(String),
    /// Something else has to be bought, and the lab gives no price.
    NotKnown,
    /// Something has to be paid for every month, and the lab gives no price.
    Monthly,
}

impl Cost {
    /// In words.
    pub fn words(&self) -> String {
        match self {
            Self::Free => "free".to_owned(),
            Self::Cable => "one cable".to_owned(),
            Self::Priced(price) => price.clone(),
            Self::NotKnown => "hardware, price not known".to_owned(),
            Self::Monthly => "a contract, price not known".to_owned(),
        }
    }
}

/// A change to be tried.
pub(super) struct Candidate {
    /// Candidates of one group are alternatives; the best is proposed.
    pub(super) group: String,
    /// Groups whose proposals it makes superfluous.
    pub(super) covers: Vec<String>,
    /// What to do.
    pub(super) what: String,
    /// What it takes and what only a person can know, each a phrase.
    pub(super) takes: Vec<String>,
    /// The change of the description.
    pub(super) edit: Edit,
    pub(super) cost: Cost,
}
