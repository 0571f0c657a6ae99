//! Documents for a terminal: columns as wide as what is in them, cut short where the terminal ends, the columns that
//! matter least first.

use crate::document::{Align, Block, Document, Table, Tree};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Columns between two columns.
const GAP: usize = 2;
/// Narrower than this no column is cut.
const NARROWEST: usize = 8;

/// The document for a terminal of `width` columns. Lines carry no blanks at their ends.
pub fn render_text(document: &Document, width: usize) -> String {
    let mut parts: Vec<String> = Vec::new();
    if !document.title.is_empty() {
        parts.push(format!("{}\n", document.title));
    }
    for block in &document.blocks {
        parts.push(match block {
            Block::Table(table) => table_text(table, width),
            Block::Tree(tree) => tree_text(tree, width),
            Block::Facts { title, facts } => facts_text(title, facts),
            Block::Text(text) => format!("{text}\n"),
        });
    }
    parts.join("\n")
}

fn table_text(table: &Table, width: usize) -> String {
    let widths = fit(table, width);
    let head: Vec<String> = table.columns.iter().map(|column| column.name.to_uppercase()).collect();
    let mut out = String::new();
    if !table.title.is_empty() {
        out.push_str(&table.title);
        out.push('\n');
    }
    for row in std::iter::once(&head).chain(&table.rows) {
        out.push_str(line(table, row, &widths).trim_end());
        out.push('\n');
    }
    out
}

fn line(table: &Table, row: &[String], widths: &[usize]) -> String {
    let cells = row.iter().zip(widths).zip(&table.columns).map(|((cell, width), column)| {
        let shown = shorten(cell, *width);
        let pad = " ".repeat(width.saturating_sub(shown.width()));
        match column.align {
            Align::Left => format!("{shown}{pad}"),
            Align::Right => format!("{pad}{shown}"),
        }
    });
    cells.collect::<Vec<_>>().join(&" ".repeat(GAP))
}

/// Widths of the columns: what is in them, less what the terminal lacks.
fn fit(table: &Table, width: usize) -> Vec<usize> {
    let mut widths: Vec<usize> = (0..table.columns.len())
        .map(|index| {
            let cells = table.rows.iter().map(|row| row[index].width());
            cells.chain([table.columns[index].name.width()]).max().unwrap_or(0)
        })
        .collect();
    let gaps = GAP * widths.len().saturating_sub(1);
    loop {
        let total: usize = widths.iter().sum::<usize>() + gaps;
        if total <= width {
            return widths;
        }
        let can_give = (0..widths.len()).filter(|&index| widths[index] > NARROWEST);
        let Some(index) = can_give.max_by_key(|&index| (table.columns[index].give, widths[index])) else {
            return widths;
        };
        widths[index] -= (total - width).min(widths[index] - NARROWEST).min(widths[index].div_ceil(4));
    }
}

/// At most `width` columns of `text`, with `…` where it was cut.
fn shorten(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut out = String::new();
    let mut used = 0;
    for letter in text.chars() {
        let wide = letter.width().unwrap_or(0);
        if used + wide + 1 > width {
            break;
        }
        used += wide;
        out.push(letter);
    }
    out.push('…');
    out
}

fn tree_text(root: &Tree, width: usize) -> String {
    let mut lines: Vec<(String, Vec<String>)> = vec![(root.label.clone(), root.details.clone())];
    branch(root, "", &mut lines);
    let label = lines.iter().map(|(label, _)| label.width()).max().unwrap_or(0);
    let columns = lines.iter().map(|(_, details)| details.len()).max().unwrap_or(0);
    let wide = |index: usize| {
        lines.iter().filter_map(|(_, details)| details.get(index)).map(|text| text.width()).max()
    };
    let widths: Vec<usize> = (0..columns).map(|index| wide(index).unwrap_or(0)).collect();
    let mut out = String::new();
    for (text, details) in &lines {
        let mut line = format!("{text}{}", " ".repeat(label - text.width()));
        for (detail, width) in details.iter().zip(&widths) {
            line.push_str(&format!("{}{detail}{}", " ".repeat(GAP), " ".repeat(width - detail.width())));
        }
        out.push_str(shorten(line.trim_end(), width.max(40)).as_str());
        out.push('\n');
    }
    out
}

fn branch(node: &Tree, indent: &str, lines: &mut Vec<(String, Vec<String>)>) {
    for (index, child) in node.children.iter().enumerate() {
        let last = index + 1 == node.children.len();
        let (here, below) = if last { ("└─ ", "   ") } else { ("├─ ", "│  ") };
        lines.push((format!("{indent}{here}{}", child.label), child.details.clone()));
        branch(child, &format!("{indent}{below}"), lines);
    }
}

fn facts_text(title: &str, facts: &[(String, String)]) -> String {
    let width = facts.iter().map(|(name, _)| name.width()).max().unwrap_or(0);
    let mut out = if title.is_empty() { String::new() } else { format!("{title}\n") };
    for (name, value) in facts {
        let pad = " ".repeat(width - name.width());
        for (index, line) in value.lines().enumerate() {
            let head = if index == 0 { format!("{name}{pad}") } else { " ".repeat(width) };
            out.push_str(format!("  {head}  {line}").trim_end());
            out.push('\n');
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_fits_its_terminal() {
        let mut table = Table::new(&["name", ">watts", "~what"]);
        table.row([
            "node-1".to_owned(),
            "90 W".to_owned(),
            "a small computer that runs everything".to_owned(),
        ]);
        let document = Document { title: "devices".to_owned(), blocks: vec![Block::Table(table)] };
        assert_eq!(
            render_text(&document, 40),
            "devices\n\nNAME    WATTS  WHAT\nnode-1   90 W  a small computer that ru…\n"
        );
        let wide = render_text(&document, 200);
        assert!(wide.contains("runs everything") && !wide.contains('…'));
    }

    #[test]
    fn a_tree_shows_its_branches() {
        let mut root = Tree::new("grid");
        let mut circuit = Tree::new("circuit-9").detail("16 A");
        circuit.children.push(Tree::new("ups-1").detail("1440 VA"));
        root.children.extend([circuit, Tree::new("circuit-10")]);
        let document = Document { title: String::new(), blocks: vec![Block::Tree(root)] };
        assert_eq!(
            render_text(&document, 80),
            "grid\n├─ circuit-9   16 A\n│  └─ ups-1    1440 VA\n└─ circuit-10\n"
        );
    }
}
