//! The views, one file each, and the list of them. A new view is a file and a line in [`VIEWS`].

mod cables;
mod devices;
mod power;
mod racks;

use crate::document::Document;
use crate::picture::Graph;
use lab_model::Lab;

/// A view: its name and how it is made. The functions get the lab and what the user wrote after the view's name.
pub struct View {
    /// Its name on the command line.
    pub name: &'static str,
    /// What it shows, in a sentence.
    pub summary: &'static str,
    /// Makes it as a document.
    pub document: fn(&Lab, &[String]) -> Result<Document, ShowError>,
    /// Makes it as a drawing, when a drawing says more.
    pub drawing: Option<Drawing>,
}

/// How a view is drawn.
#[derive(Clone, Copy)]
pub enum Drawing {
    /// As boxes and lines: Mermaid and SVG.
    Graph(fn(&Lab, &[String]) -> Result<Graph, ShowError>),
    /// As SVG only.
    Svg(fn(&Lab, &[String]) -> Result<String, ShowError>),
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
pub const VIEWS: &[View] = &[devices::VIEW, racks::VIEW, cables::VIEW, power::VIEW];

/// The view called `name`.
pub fn find(name: &str) -> Option<&'static View> {
    VIEWS.iter().find(|view| view.name == name)
}
