//! Documents for a terminal: columns as wide as what is in them. Where the terminal ends, columns that matter less are cut
//! short or left out, and it is said which; prose goes over several lines. Columns with nothing in them are not shown.

use crate::document::{Align, Block, Column, Document, Give, Table, Tree};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Columns between two columns.
const GAP: usize = 2;
/// Narrower than this no column is cut that gives letters.
const NARROWEST: usize = 10;
/// Narrower than this no other column is cut.
const NARROWEST_DEAR: usize = 14;
/// Narrower than this the first column, which names the row, is not cut.
const NARROWEST_NAME: usize = 26;
/// Narrower than this no prose is set.
const NARROWEST_PROSE: usize = 24;

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
            Block::Facts { title, facts } => facts_text(title, facts, width),
            Block::Text(text) => prose(text, width),
            Block::Lines { title, lines } => lines_text(title, lines),
        });
    }
    parts.join("\n")
}

/// What of a table is shown, and how wide.
struct Fit<'a> {
    /// Position in the table, the column, its width.
    columns: Vec<(usize, &'a Column, usize)>,
    /// Names of columns that had to be left out.
    left_out: Vec<&'a str>,
}

fn table_text(table: &Table, width: usize) -> String {
    let fit = fit(table, width);
    let mut out = String::new();
    if !table.title.is_empty() {
        out.push_str(&table.title);
        out.push('\n');
    }
    let head: Vec<String> = table.columns.iter().map(|column| column.name.to_uppercase()).collect();
    for row in std::iter::once(&head).chain(&table.rows) {
        for line in row_lines(row, &fit) {
            out.push_str(line.trim_end());
            out.push('\n');
        }
    }
    if !fit.left_out.is_empty() {
        out.push_str(&prose(&format!("(left out at this width: {})", fit.left_out.join(", ")), width));
    }
    out
}

/// The lines of a row: one, or more when a cell wraps.
fn row_lines(row: &[String], fit: &Fit<'_>) -> Vec<String> {
    let cells: Vec<Vec<String>> = fit
        .columns
        .iter()
        .map(|&(index, column, width)| {
            let cell = row[index].replace(['\n', '\r', '\t'], " ");
            if column.wraps { wrap(&cell, width) } else { vec![shorten(&cell, width)] }
        })
        .collect();
    let n_lines = cells.iter().map(Vec::len).max().unwrap_or(1);
    (0..n_lines)
        .map(|line| {
            let set = cells.iter().zip(&fit.columns).map(|(cell, &(_, column, width))| {
                let shown = cell.get(line).map_or("", String::as_str);
                let pad = " ".repeat(width.saturating_sub(shown.width()));
                match column.align {
                    Align::Left => format!("{shown}{pad}"),
                    Align::Right => format!("{pad}{shown}"),
                }
            });
            set.collect::<Vec<_>>().join(&" ".repeat(GAP))
        })
        .collect()
}

/// Columns with something in them, as wide as that is, less what the terminal lacks.
fn fit(table: &Table, width: usize) -> Fit<'_> {
    let natural = |index: usize| {
        let cells = table.rows.iter().map(|row| row[index].width());
        cells.chain([table.columns[index].name.width()]).max().unwrap_or(0)
    };
    let is_shown = |index: usize| {
        index == 0 || table.rows.is_empty() || table.rows.iter().any(|row| !row[index].is_empty())
    };
    let columns = table.columns.iter().enumerate().filter(|(index, _)| is_shown(*index));
    let mut fit = Fit {
        columns: columns.map(|(index, column)| (index, column, natural(index))).collect(),
        left_out: Vec::new(),
    };
    loop {
        if squeeze(&mut fit, width, Give::Letters) {
            break;
        }
        let dear = |give: Give| move |(_, column, _): &(usize, &Column, usize)| column.give == give;
        if let Some(at) = fit.columns.iter().rposition(dear(Give::All)) {
            fit.left_out.push(&fit.columns.remove(at).1.name);
        } else if squeeze(&mut fit, width, Give::Nothing) || fit.columns.len() <= 2 {
            break;
        } else {
            let at = fit.columns.iter().rposition(dear(Give::Letters)).unwrap_or(fit.columns.len() - 1);
            fit.left_out.push(&fit.columns.remove(at.max(1)).1.name);
        }
    }
    fit.left_out.reverse();
    fit
}

/// Cuts columns that give at least `least`; true when the table then fits. Nothing is cut when that would not be enough.
fn squeeze(fit: &mut Fit<'_>, width: usize, least: Give) -> bool {
    let mut widths: Vec<usize> = fit.columns.iter().map(|(_, _, width)| *width).collect();
    let gaps = GAP * widths.len().saturating_sub(1);
    loop {
        let total: usize = widths.iter().sum::<usize>() + gaps;
        if total <= width {
            for (column, width) in fit.columns.iter_mut().zip(widths) {
                column.2 = width;
            }
            return true;
        }
        let narrowest = |index: usize| match fit.columns[index] {
            (0, ..) => NARROWEST_NAME,
            (_, column, _) if column.wraps => NARROWEST_PROSE,
            (_, column, _) if column.give == Give::Nothing => NARROWEST_DEAR,
            _ => NARROWEST,
        };
        let can_give = (0..widths.len())
            .filter(|&index| fit.columns[index].1.give >= least && widths[index] > narrowest(index));
        let Some(index) = can_give.max_by_key(|&index| (fit.columns[index].1.give, widths[index])) else {
            return false;
        };
        let most = widths[index] - narrowest(index);
        widths[index] -= (total - width).min(most).min(widths[index].div_ceil(4));
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

/// Words in lines of at most `width` columns; a longer word has a line of its own.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let last = lines.last_mut().expect("there is a line");
        if last.is_empty() {
            last.push_str(word);
        } else if last.width() + 1 + word.width() <= width {
            last.push(' ');
            last.push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}

fn prose(text: &str, width: usize) -> String {
    let lines = text.lines().flat_map(|line| wrap(line, width.max(NARROWEST_PROSE)));
    lines.map(|line| format!("{line}\n")).collect()
}

fn lines_text(title: &str, lines: &[(usize, String)]) -> String {
    let width = lines.last().map_or(1, |(number, _)| number.to_string().len());
    let mut out = if title.is_empty() { String::new() } else { format!("{title}\n") };
    for (number, text) in lines {
        out.push_str(format!("{number:>width$} | {text}").trim_end());
        out.push('\n');
    }
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
        for (detail, width) in details.iter().zip(&widths).filter(|(_, width)| **width > 0) {
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

fn facts_text(title: &str, facts: &[(String, String)], width: usize) -> String {
    let names = facts.iter().map(|(name, _)| name.width()).max().unwrap_or(0);
    let room = width.saturating_sub(names + 4).max(NARROWEST_PROSE);
    let mut out = if title.is_empty() { String::new() } else { format!("{title}\n") };
    for (name, value) in facts {
        let pad = " ".repeat(names - name.width());
        for (index, line) in value.lines().flat_map(|line| wrap(line, room)).enumerate() {
            let head = if index == 0 { format!("{name}{pad}") } else { " ".repeat(names) };
            out.push_str(format!("  {head}  {line}").trim_end());
            out.push('\n');
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(columns: &[&str], row: &[&str]) -> Document {
        let mut table = Table::new(columns);
        table.row(row.iter().map(|cell| (*cell).to_owned()));
        Document { title: String::new(), blocks: vec![Block::Table(table)] }
    }

    #[test]
    fn a_table_fits_its_terminal() {
        let small = "a small computer that runs everything";
        let document = table(&["name", ">watts", "~what"], &["node-1", "90 W", small]);
        assert_eq!(
            render_text(&document, 40),
            "NAME    WATTS  WHAT\nnode-1   90 W  a small computer that ru…\n"
        );
        let wide = render_text(&document, 200);
        assert!(wide.contains("runs everything") && !wide.contains('…'));
    }

    #[test]
    fn columns_go_when_cutting_is_not_enough_and_empty_ones_always() {
        let document = table(
            &["name", "-serial", "status", "~what"],
            &["node-1", "ABCDEFGH1234", "", "a small computer"],
        );
        assert_eq!(
            render_text(&document, 20),
            "NAME    WHAT\nnode-1  a small com…\n(left out at this width:\nserial)\n"
        );
        assert!(
            render_text(&document, 80).contains("SERIAL") && !render_text(&document, 80).contains("STATUS")
        );
    }

    #[test]
    fn prose_goes_over_several_lines() {
        let document =
            table(&["name", "=says"], &["one", "all data survives any two drives, and that is tested"]);
        assert_eq!(
            render_text(&document, 32),
            "NAME  SAYS\none   all data survives any two\n      drives, and that is tested\n"
        );
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
