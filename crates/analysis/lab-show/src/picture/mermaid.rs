//! A graph as a Mermaid flowchart, for Markdown that draws it.

use super::graph::{Graph, Line};
use std::fmt::Write as _;

/// The graph as Mermaid text.
pub fn render_mermaid(graph: &Graph) -> String {
    let mut out = String::from("flowchart LR\n");
    for (index, node) in graph.nodes.iter().enumerate() {
        let lines = std::iter::once(&node.label).chain(&node.details).map(|line| escape(line));
        let text = lines.collect::<Vec<_>>().join("<br/>");
        writeln!(out, "  n{index}[\"{text}\"]").expect("a string grows");
    }
    for edge in &graph.edges {
        let (plain, labelled) = match edge.line {
            Line::Plain => ("---", ("--", "---")),
            Line::Thick => ("===", ("==", "===")),
            Line::Dashed => ("-.-", ("-.", ".-")),
        };
        let parts = [&edge.tail, &edge.label, &edge.head];
        let label =
            parts.into_iter().filter(|part| !part.is_empty()).map(|part| escape(part)).collect::<Vec<_>>();
        let line = if label.is_empty() {
            format!("  n{} {plain} n{}", edge.from, edge.to)
        } else {
            let (open, close) = labelled;
            format!("  n{} {open} \"{}\" {close} n{}", edge.from, label.join(" · "), edge.to)
        };
        writeln!(out, "{line}").expect("a string grows");
    }
    out
}

/// Quotes end a label, and `#` begins an entity.
fn escape(text: &str) -> String {
    text.replace('#', "#35;").replace('"', "#quot;").replace(['\n', '\r'], " ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::picture::graph::{Class, Edge};

    #[test]
    fn a_graph_becomes_a_flowchart() {
        let mut graph = Graph::default();
        let one = graph.node("switch \"1\"", vec!["24 ports".to_owned()], Class::Network);
        let other = graph.node("node-1", Vec::new(), Class::Machine);
        graph.edges.push(Edge { tail: "1".to_owned(), line: Line::Thick, ..Edge::new(one, other) });
        assert_eq!(
            render_mermaid(&graph),
            "flowchart LR\n  n0[\"switch #quot;1#quot;<br/>24 ports\"]\n  n1[\"node-1\"]\n  n0 == \"1\" === n1\n"
        );
    }
}
