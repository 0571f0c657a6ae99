//! Drawings: a graph as Mermaid and SVG, racks as SVG. Nothing here knows a lab but `rack.rs`; views make the graphs.

mod draw;
mod graph;
mod layout;
mod mermaid;
mod ports;

pub mod rack;
mod svg;

pub use draw::render_svg;
pub use graph::{Class, Edge, Graph, Line, Node, fold};
pub use mermaid::render_mermaid;
