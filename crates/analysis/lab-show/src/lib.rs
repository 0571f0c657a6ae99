//! What a lab holds, as tables, trees and pictures. Pure: a lab goes in, a document or a drawing comes out; where it
//! goes and how wide a terminal is, the caller says.
//!
//! - `views/`: one file a view; each makes a [`Document`], and a drawing where one says more than a table.
//! - `document.rs`: what views are made of. `render/`: documents as text, JSON and CSV, one file a format.
//! - `picture/`: drawings: graphs as Mermaid and SVG, racks and flows as SVG.
//!
//! It judges nothing: whether what is shown is sound is for `lab-check`.

pub mod document;
pub mod picture;
mod render;
mod views;

pub use document::{Align, Block, Cell, Column, Document, Give, Table, Tree};
pub use render::{render_csv, render_json, render_text};
pub use views::{Asked, Drawing, ShowError, VIEWS, View, find};
