//! Kinds of changes, one a file: where each is physically possible, and how it is written.

mod cable;
mod copy;
mod holder;
mod line;
mod members;
mod mirror;
mod names;
mod other_switch;
mod plug;
mod second_card;
mod spread;
mod third_vote;
mod transfer;
mod volume;

use super::candidate::Candidate;
use crate::forecast::Forecast;

/// A kind of change: says where it can be made.
type Kind = fn(&Forecast<'_>) -> Vec<Candidate>;

/// Every kind. A new one is a file and a line.
const KINDS: &[Kind] = &[
    plug::candidates,
    names::candidates,
    volume::candidates,
    members::candidates,
    third_vote::candidates,
    spread::candidates,
    holder::candidates,
    copy::candidates,
    other_switch::candidates,
    cable::candidates,
    mirror::candidates,
    second_card::candidates,
    transfer::candidates,
    line::candidates,
];

/// Everything that could be changed.
pub(super) fn all(forecast: &Forecast<'_>) -> Vec<Candidate> {
    KINDS.iter().flat_map(|kind| kind(forecast)).collect()
}

/// A name like `stem-1` that nothing of the kind has yet.
fn new_name(stem: &str, is_taken: impl Fn(&str) -> bool) -> String {
    let mut names = (1..).map(|number| format!("{stem}-{number}"));
    names.find(|name| !is_taken(name)).expect("numbers do not end")
}
