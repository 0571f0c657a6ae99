//! A graph to be drawn: boxes and lines, as values.

/// What a box stands for; decides its colour. Colour never says anything that the text does not.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Class {
    /// Grid, circuits, UPS, PDU.
    Power,
    /// Switches, routers, access points, VLANs, prefixes.
    Network,
    /// Servers, hosts, virtual machines, clusters.
    Machine,
    /// Pools, datasets, volumes, NAS, shelves.
    Storage,
    /// Services.
    Service,
    /// What is outside.
    External,
    /// Anything else.
    Other,
}

/// A box.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Node {
    /// What it is called.
    pub label: String,
    /// Smaller lines below.
    pub details: Vec<String>,
    /// What it stands for.
    pub class: Class,
    /// The column it must be in, counted from 0; found from the lines when not said.
    pub column: Option<usize>,
    /// What a page that holds the drawing calls it (`data-key` in SVG); nothing when no page asks.
    pub key: Option<String>,
}

/// How a line is drawn.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Line {
    /// Thin.
    #[default]
    Plain,
    /// Thick: several links as one.
    Thick,
    /// Dashed: an agreement rather than a thing, or one of several alternatives.
    Dashed,
}

/// A line from one box to another.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Edge {
    /// Where it begins.
    pub from: usize,
    /// Where it ends.
    pub to: usize,
    /// What is written at its beginning.
    pub tail: String,
    /// What is written at its end.
    pub head: String,
    /// What is written in its middle.
    pub label: String,
    /// How it is drawn.
    pub line: Line,
    /// As for boxes.
    pub key: Option<String>,
}

impl Edge {
    /// A plain line.
    pub fn new(from: usize, to: usize) -> Self {
        Self {
            from,
            to,
            tail: String::new(),
            head: String::new(),
            label: String::new(),
            line: Line::Plain,
            key: None,
        }
    }
}

/// A graph.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Graph {
    /// What it shows.
    pub title: String,
    /// Boxes, in the order in which they shall stand where nothing else decides.
    pub nodes: Vec<Node>,
    /// Lines.
    pub edges: Vec<Edge>,
    /// Heads of the columns; none when empty.
    pub columns: Vec<String>,
    /// Boxes from which the others are reached; where lines have no direction of their own, columns are distances from
    /// these. When empty, lines are taken to run from left to right.
    pub roots: Vec<usize>,
}

impl Graph {
    /// Adds a box.
    pub fn node(&mut self, label: impl Into<String>, details: Vec<String>, class: Class) -> usize {
        self.nodes.push(Node { label: label.into(), details, class, column: None, key: None });
        self.nodes.len() - 1
    }

    /// Adds a box that stands in a certain column.
    pub fn node_in(
        &mut self,
        column: usize,
        label: impl Into<String>,
        details: Vec<String>,
        class: Class,
    ) -> usize {
        let index = self.node(label, details, class);
        self.nodes[index].column = Some(column);
        index
    }

    /// Takes out columns that no box is in, with their heads. For graphs whose boxes all say their column.
    pub fn close_columns(&mut self) {
        let used: Vec<usize> = (0..self.columns.len())
            .filter(|column| self.nodes.iter().any(|node| node.column == Some(*column)))
            .collect();
        for node in &mut self.nodes {
            node.column = node.column.and_then(|column| used.iter().position(|used| *used == column));
        }
        self.columns = used.iter().map(|column| self.columns[*column].clone()).collect();
    }

    /// Adds a line, unless there is one between the two boxes already; further words are put to those it has.
    pub fn join(&mut self, edge: Edge) {
        let same = |known: &&mut Edge| known.from == edge.from && known.to == edge.to;
        let Some(known) = self.edges.iter_mut().find(same) else {
            self.edges.push(edge);
            return;
        };
        for (words, more) in
            [(&mut known.tail, &edge.tail), (&mut known.head, &edge.head), (&mut known.label, &edge.label)]
        {
            if !more.is_empty() && !words.split(", ").any(|word| word == more) {
                words.push_str(if words.is_empty() { "" } else { ", " });
                words.push_str(more);
            }
        }
    }
}

/// Words as lines of a box: as many words on each as fit into `width` letters, and at most `lines` lines.
pub fn fold(words: &[String], width: usize, lines: usize) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for (index, word) in words.iter().enumerate() {
        let comma = if index + 1 < words.len() { "," } else { "" };
        let is_full = out.len() == lines;
        match out.last_mut() {
            Some(last) if last.chars().count() + 1 + word.chars().count() <= width => {
                last.push_str(&format!(" {word}{comma}"));
            }
            _ if is_full => {
                let more = words.len() - index;
                out.push(format!("and {more} more"));
                break;
            }
            _ => out.push(format!("{word}{comma}")),
        }
    }
    out
}
