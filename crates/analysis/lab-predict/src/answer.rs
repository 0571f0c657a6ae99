//! What a question is answered with. That it is printed, and how, is for others.

use lab_show::Document;
use serde_json::Value;

/// An answer, ready to be printed.
#[derive(Clone, Debug)]
pub struct Answer {
    /// For people.
    pub document: Document,
    /// For programs; carries a `version`.
    pub json: Value,
}

/// The version of all JSON answers. A field that goes away or changes its meaning raises it; new fields do not.
pub const JSON_VERSION: u32 = 1;
