//! Drawings: a graph as Mermaid and SVG, racks and flows as SVG.
