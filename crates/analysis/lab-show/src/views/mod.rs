//! The views, one file each, and the list of them.

mod devices;

use crate::document::Document;
use lab_model::Lab;

/// A view: its name and how it is made.
pub struct View {
    /// Its name on the command line.
    pub name: &'static str,
    /// What it shows, in a sentence.
    pub summary: &'static str,
    /// Makes it. The arguments are what the user wrote after the name, such as the name of a thing.
    pub document: fn(&Lab, &[String]) -> Result<Document, ShowError>,
}

/// Why a view could not be made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ShowError {
    /// What is wrong with what was asked.
    pub message: String,
    /// The names that were probably meant.
    pub near: Vec<String>,
}

/// Every view, in the order of the manual.
pub const VIEWS: &[View] = &[devices::VIEW];

/// The view called `name`.
pub fn find(name: &str) -> Option<&'static View> {
    VIEWS.iter().find(|view| view.name == name)
}
