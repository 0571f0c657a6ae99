//! A graph as SVG: boxes where the layout puts them, lines as curves, labels where they begin and end.

use super::graph::{Class, Edge, Graph, Line, Node};
use super::layout::{Layout, lay_out};
use super::ports::{self, Touch};
use super::svg::{Anchor, Svg, text_width};

const LABEL: f64 = 13.0;
const DETAIL: f64 = 10.5;
const ENDS: f64 = 9.5;
const PAD: f64 = 9.0;
const GAP: f64 = 16.0;
const MARGIN: f64 = 24.0;
const HEAD: f64 = 58.0;
/// Room between columns, when the labels at the ends of lines need no more.
const BETWEEN: f64 = 110.0;

/// Places of boxes and columns.
struct Places {
    layout: Layout,
    /// Where each line touches its boxes.
    touches: Vec<Touch>,
    /// Left edge and width of each column.
    columns: Vec<(f64, f64)>,
    width: f64,
}

/// The graph as SVG.
pub fn render_svg(graph: &Graph) -> String {
    let places = find_places(graph);
    let mut svg = Svg::new(places.width, places.layout.height + HEAD + MARGIN, &graph.title);
    svg.text((MARGIN, 26.0), 17.0, Anchor::Start, "title", &graph.title);
    for (head, (left, width)) in graph.columns.iter().zip(&places.columns) {
        svg.text((left + width / 2.0, 46.0), 11.0, Anchor::Middle, "soft", head);
    }
    for (index, edge) in graph.edges.iter().enumerate() {
        keyed(&mut svg, edge.key.as_deref(), |svg| draw_edge(svg, graph, edge, index, &places));
    }
    for (index, node) in graph.nodes.iter().enumerate() {
        keyed(&mut svg, node.key.as_deref(), |svg| draw_node(svg, node, index, &places));
    }
    // Labels last: they stay readable above lines and boxes.
    for (index, edge) in graph.edges.iter().enumerate() {
        label_edge(&mut svg, edge, index, &places);
    }
    svg.finish()
}

/// Draws something as a group of its own when it has a key.
fn keyed(svg: &mut Svg, key: Option<&str>, draw: impl FnOnce(&mut Svg)) {
    let Some(key) = key else { return draw(svg) };
    svg.begin_group(key);
    draw(svg);
    svg.end_group();
}

fn node_width(node: &Node) -> f64 {
    let details = node.details.iter().map(|line| text_width(line, DETAIL));
    // Names are set bold, which is wider.
    details.fold(text_width(&node.label, LABEL) * 1.08, f64::max) + 2.0 * PAD
}

fn node_height(node: &Node) -> f64 {
    LABEL + 2.0 * PAD + node.details.len() as f64 * (DETAIL + 3.0)
}

fn find_places(graph: &Graph) -> Places {
    let needed = ports::heights_needed(graph);
    let heights: Vec<f64> =
        graph.nodes.iter().zip(needed).map(|(node, needed)| node_height(node).max(needed)).collect();
    let layout = lay_out(graph, &heights, GAP);
    let touches = ports::find(graph, &layout);
    let mut widths = vec![60.0_f64; layout.n_columns];
    for slot in &layout.slots {
        if let Some(node) = slot.node {
            widths[slot.column] = widths[slot.column].max(node_width(&graph.nodes[node]));
        }
    }
    let mut columns = Vec::with_capacity(widths.len());
    let mut left = MARGIN;
    for (column, width) in widths.iter().enumerate() {
        columns.push((left, *width));
        left += width + between(graph, &layout, column);
    }
    let title = text_width(&graph.title, 17.0) + 2.0 * MARGIN;
    let last = columns.last().map_or(0.0, |(left, width)| left + width);
    Places { width: (last + MARGIN + 40.0).max(title), layout, touches, columns }
}

/// Room to the right of a column: what the labels of the lines that begin there need.
fn between(graph: &Graph, layout: &Layout, column: usize) -> f64 {
    let of_column =
        layout.paths.iter().zip(&graph.edges).filter(|(path, _)| layout.slots[path[0]].column == column);
    let needs = of_column.map(|(path, edge)| {
        let (tail, head) = ends(edge, path);
        text_width(tail, ENDS) + text_width(head, ENDS) + text_width(&edge.label, ENDS) + 44.0
    });
    needs.fold(BETWEEN, f64::max).min(300.0)
}

/// What is written at the left and at the right end.
fn ends<'e>(edge: &'e Edge, path: &[usize]) -> (&'e str, &'e str) {
    if path[0] == edge.from { (&edge.tail, &edge.head) } else { (&edge.head, &edge.tail) }
}

pub(super) fn class_of(class: Class) -> &'static str {
    match class {
        Class::Power => "box power",
        Class::Network => "box network",
        Class::Machine => "box machine",
        Class::Storage => "box storage",
        Class::Service => "box service",
        Class::External => "box external",
        Class::Other => "box other",
    }
}

fn draw_node(svg: &mut Svg, node: &Node, index: usize, places: &Places) {
    let slot = &places.layout.slots[index];
    let (left, width) = places.columns[slot.column];
    let top = slot.top + HEAD;
    let hint = std::iter::once(&node.label).chain(&node.details).cloned().collect::<Vec<_>>().join("\n");
    svg.rect((left, top), (width, slot.height), class_of(node.class), &hint);
    svg.text((left + PAD, top + PAD + LABEL - 2.0), LABEL, Anchor::Start, "title", &node.label);
    for (line, detail) in node.details.iter().enumerate() {
        let y = top + PAD + LABEL + (line as f64 + 1.0) * (DETAIL + 3.0) - 2.0;
        svg.text((left + PAD, y), DETAIL, Anchor::Start, "soft", detail);
    }
}

/// Points of a line: right edge of the first box, both edges of each lane, left edge of the last box.
fn points(index: usize, places: &Places) -> Vec<(f64, f64)> {
    let (path, touch) = (&places.layout.paths[index], places.touches[index]);
    let mut points = Vec::with_capacity(path.len() * 2);
    for (position, &slot) in path.iter().enumerate() {
        let slot = &places.layout.slots[slot];
        let (left, width) = places.columns[slot.column];
        let y = HEAD
            + match position {
                0 => touch.first,
                position if position + 1 == path.len() => touch.last,
                _ => slot.top + slot.height / 2.0,
            };
        if position > 0 {
            points.push((left, y));
        }
        if position + 1 < path.len() {
            points.push((left + width, y));
        }
    }
    points
}

/// True for a line between two boxes of one column, which goes around on their right.
fn is_upright(path: &[usize], places: &Places) -> bool {
    let column = |slot: usize| places.layout.slots[slot].column;
    column(path[0]) == column(path[path.len() - 1])
}

fn draw_edge(svg: &mut Svg, graph: &Graph, edge: &Edge, index: usize, places: &Places) {
    let path = &places.layout.paths[index];
    let class = match edge.line {
        Line::Plain => "line",
        Line::Thick => "line thick",
        Line::Dashed => "line dashed",
    };
    let (from, to) = (&graph.nodes[edge.from].label, &graph.nodes[edge.to].label);
    let parts = [from.as_str(), &edge.tail, &edge.label, &edge.head, to];
    let hint = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ");
    if is_upright(path, places) {
        let (left, width) = places.columns[places.layout.slots[path[0]].column];
        let (x, touch) = (left + width, places.touches[index]);
        let (y1, y2) = (touch.first + HEAD, touch.last + HEAD);
        let bow = 18.0 + (y1 - y2).abs().min(160.0) * 0.12;
        svg.path(
            &format!("M{x:.1} {y1:.1}C{:.1} {y1:.1} {:.1} {y2:.1} {x:.1} {y2:.1}", x + bow, x + bow),
            class,
            &hint,
        );
        return;
    }
    let points = points(index, places);
    let mut d = format!("M{:.1} {:.1}", points[0].0, points[0].1);
    for pair in points.windows(2) {
        let ((x1, y1), (x2, y2)) = (pair[0], pair[1]);
        let middle = (x1 + x2) / 2.0;
        d.push_str(&format!("C{middle:.1} {y1:.1} {middle:.1} {y2:.1} {x2:.1} {y2:.1}"));
    }
    svg.path(&d, class, &hint);
}

fn label_edge(svg: &mut Svg, edge: &Edge, index: usize, places: &Places) {
    let path = &places.layout.paths[index];
    let (tail, head) = ends(edge, path);
    let touch = places.touches[index];
    if is_upright(path, places) {
        let (left, width) = places.columns[places.layout.slots[path[0]].column];
        for (y, text) in [(touch.first, tail), (touch.last, head)] {
            if !text.is_empty() {
                svg.text((left + width + 5.0, y + HEAD + 3.0), ENDS, Anchor::Start, "soft halo", text);
            }
        }
        return;
    }
    let points = points(index, places);
    let (start, end) = (points[0], points[points.len() - 1]);
    if !tail.is_empty() {
        svg.text((start.0 + 5.0, start.1 + 3.0), ENDS, Anchor::Start, "soft halo", tail);
    }
    if !head.is_empty() {
        svg.text((end.0 - 5.0, end.1 + 3.0), ENDS, Anchor::End, "soft halo", head);
    }
    if !edge.label.is_empty() {
        let (one, other) = (points[0], points[1]);
        // Between the words at its ends.
        let left = one.0 + 10.0 + text_width(tail, ENDS);
        let right = if points.len() == 2 { other.0 - 10.0 - text_width(head, ENDS) } else { other.0 };
        let x = (left + right) / 2.0;
        let share = ((x - one.0) / (other.0 - one.0)).clamp(0.0, 1.0);
        let ease = share * share * (3.0 - 2.0 * share);
        let y = one.1 + (other.1 - one.1) * ease;
        svg.text((x, y + 3.0), ENDS, Anchor::Middle, "soft halo", &edge.label);
    }
}
