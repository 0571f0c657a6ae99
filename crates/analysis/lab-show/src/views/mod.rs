//! The views, one file each, and the list of them. A new view is a file and a line in [`VIEWS`].

mod addresses;
mod cables;
mod cell;
mod copies;
mod copies_picture;
mod devices;
mod facts;
mod find;
mod hosts;
mod interfaces;
mod overview;
mod overview_picture;
mod power;
mod power_picture;
mod promises;
mod racks;
mod reach;
mod services;
mod services_picture;
mod storage;
mod storage_picture;
mod thing;
mod thing_facts;
mod thing_lines;
mod vlans;
mod vlans_picture;
mod zones;

use crate::document::Document;
use crate::picture::Graph;
use lab_model::Lab;
use lab_source::Files;

/// What a view is asked.
#[derive(Clone, Copy)]
pub struct Asked<'a> {
    /// The lab.
    pub lab: &'a Lab,
    /// The texts it was read from, for showing lines.
    pub files: &'a Files,
    /// What the user wrote after the view's name.
    pub names: &'a [String],
}

/// A view: its name and how it is made.
pub struct View {
    /// Its name on the command line.
    pub name: &'static str,
    /// What it shows, in a sentence.
    pub summary: &'static str,
    /// Makes it as a document.
    pub document: fn(&Asked<'_>) -> Result<Document, ShowError>,
    /// Makes it as a drawing, when a drawing says more.
    pub drawing: Option<Drawing>,
}

/// How a view is drawn.
#[derive(Clone, Copy)]
pub enum Drawing {
    /// As boxes and lines: Mermaid and SVG.
    Graph(fn(&Asked<'_>) -> Result<Graph, ShowError>),
    /// As SVG only.
    Svg(fn(&Asked<'_>) -> Result<String, ShowError>),
}

/// Why a view could not be made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ShowError {
    /// What is wrong with what was asked.
    pub message: String,
    /// The names that were probably meant.
    pub near: Vec<String>,
}

impl ShowError {
    /// `what` called `name` is not there; the nearest of `known` was probably meant.
    fn unknown<'k>(what: &str, name: &str, known: impl Iterator<Item = &'k str>) -> Self {
        let near = lab_source::suggest::nearest(name, known).map(str::to_owned);
        Self { message: format!("there is no {what} `{name}`"), near: near.into_iter().collect() }
    }
}

/// Every view, in the order of the manual.
pub const VIEWS: &[View] = &[
    overview::VIEW,
    devices::VIEW,
    racks::VIEW,
    power::VIEW,
    cables::VIEW,
    interfaces::VIEW,
    vlans::VIEW,
    addresses::VIEW,
    zones::VIEW,
    reach::VIEW,
    hosts::VIEW,
    storage::VIEW,
    services::VIEW,
    copies::VIEW,
    promises::VIEW,
    facts::VIEW,
    thing::VIEW,
    find::VIEW,
];

/// The view called `name`.
pub fn find(name: &str) -> Option<&'static View> {
    VIEWS.iter().find(|view| view.name == name)
}
