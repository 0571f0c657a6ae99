//! What a view is made of: tables, trees and lists of facts, as values. Nothing here knows a terminal.

/// What a view shows.
#[derive(Clone, Default, PartialEq, Debug)]
pub struct Document {
    /// What it is, in a few words.
    pub title: String,
    /// Its parts in order.
    pub blocks: Vec<Block>,
}

/// A part of a document.
#[derive(Clone, PartialEq, Debug)]
pub enum Block {
    /// Rows and columns.
    Table(Table),
    /// Things inside things.
    Tree(Tree),
    /// Names and values of one thing.
    Facts {
        /// What they are about.
        title: String,
        /// Names and values.
        facts: Vec<(String, String)>,
    },
    /// A sentence.
    Text(String),
    /// Lines as they stand in a file, never cut.
    Lines {
        /// Where they stand.
        title: String,
        /// Number and text of each.
        lines: Vec<(usize, String)>,
    },
}

/// How a column is set.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Align {
    /// Words.
    #[default]
    Left,
    /// Numbers.
    Right,
}

/// A column of a table.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Column {
    /// What is in it; also its key in JSON and its head in CSV.
    pub name: String,
    /// How it is set.
    pub align: Align,
    /// What becomes of it when a terminal is narrow.
    pub give: Give,
    /// True when long cells go over several lines instead of being cut short.
    pub wraps: bool,
}

/// What a column does when a terminal is narrow.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub enum Give {
    /// Is kept to the last.
    #[default]
    Nothing,
    /// Is cut short.
    Letters,
    /// Is left out.
    All,
}

/// A value in a table.
pub type Cell = String;

/// Rows and columns.
#[derive(Clone, Default, PartialEq, Debug)]
pub struct Table {
    /// What it is; empty when the document's title says it.
    pub title: String,
    /// Its columns.
    pub columns: Vec<Column>,
    /// Its rows; each has as many cells as there are columns. An empty cell means: not known, or not so.
    pub rows: Vec<Vec<Cell>>,
}

impl Table {
    /// A table with these columns. Signs before a name say how it is set: `>` right, `~` cut short first, `-` left out
    /// first, `=` over several lines.
    pub fn new(columns: &[&str]) -> Self {
        let column = |written: &&str| {
            let name = written.trim_start_matches(['>', '~', '-', '=']);
            let signs = &written[..written.len() - name.len()];
            let give = match signs {
                signs if signs.contains('-') => Give::All,
                signs if signs.contains('~') => Give::Letters,
                _ => Give::Nothing,
            };
            let align = if signs.contains('>') { Align::Right } else { Align::Left };
            Column { name: name.to_owned(), align, give, wraps: signs.contains('=') }
        };
        Self { title: String::new(), columns: columns.iter().map(column).collect(), rows: Vec::new() }
    }

    /// The same table under a title.
    #[must_use]
    pub fn titled(mut self, title: impl Into<String>) -> Self {
        self.title = title.into();
        self
    }

    /// Adds a row.
    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        let cells: Vec<String> = cells.into_iter().collect();
        debug_assert_eq!(cells.len(), self.columns.len(), "a row has a cell for each column");
        self.rows.push(cells);
    }
}

/// Things inside things.
#[derive(Clone, Default, PartialEq, Debug)]
pub struct Tree {
    /// What it is.
    pub label: String,
    /// More about it, set apart in columns.
    pub details: Vec<String>,
    /// What is inside, in order.
    pub children: Vec<Tree>,
}

impl Tree {
    /// A node with nothing inside.
    pub fn new(label: impl Into<String>) -> Self {
        Self { label: label.into(), ..Self::default() }
    }

    /// The same node with a detail more.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.details.push(detail.into());
        self
    }
}
