//! Documents as CSV (RFC 4180): tables as they are, trees with the depth of each row, facts as names and values. A document
//! of several parts gives them one after the other, an empty line between. Prose is left out.

use crate::document::{Block, Document, Table, Tree};

/// Every part of a document that has rows.
pub fn render_csv(document: &Document) -> String {
    let parts = document.blocks.iter().filter_map(|block| match block {
        Block::Table(table) => Some(csv(table)),
        Block::Tree(root) => Some(tree(root)),
        Block::Facts { facts, .. } => {
            let rows = facts.iter().map(|(name, value)| line([name.as_str(), value.as_str()].into_iter()));
            Some(std::iter::once(line(["name", "value"].into_iter())).chain(rows).collect())
        }
        Block::Text(_) | Block::Lines { .. } => None,
    });
    parts.collect::<Vec<String>>().join("\r\n")
}

/// The root's details are the heads of the columns.
fn tree(root: &Tree) -> String {
    let heads = ["depth", root.label.as_str()].into_iter().chain(root.details.iter().map(String::as_str));
    let mut out = line(heads);
    for child in &root.children {
        branch(child, 1, root.details.len(), &mut out);
    }
    out
}

fn branch(node: &Tree, depth: usize, columns: usize, out: &mut String) {
    let number = depth.to_string();
    let details = (0..columns).map(|index| node.details.get(index).map_or("", String::as_str));
    out.push_str(&line([number.as_str(), node.label.as_str()].into_iter().chain(details)));
    for child in &node.children {
        branch(child, depth + 1, columns, out);
    }
}

fn csv(table: &Table) -> String {
    let head = line(table.columns.iter().map(|column| column.name.as_str()));
    let rows = table.rows.iter().map(|row| line(row.iter().map(String::as_str)));
    std::iter::once(head).chain(rows).collect()
}

fn line<'a>(cells: impl Iterator<Item = &'a str>) -> String {
    let cells: Vec<String> = cells.map(cell).collect();
    format!("{}\r\n", cells.join(","))
}

/// Quoted when it must be. What a spreadsheet would take for a formula gets an apostrophe.
fn cell(text: &str) -> String {
    let text = if text.starts_with(['=', '+', '@']) { format!("'{text}") } else { text.to_owned() };
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_when_they_must_be() {
        let mut table = Table::new(&["name", ">watts"]);
        table.row(["a,b".to_owned(), "1".to_owned()]);
        table.row(["say \"x\"".to_owned(), "=1".to_owned()]);
        let document = Document { title: String::new(), blocks: vec![Block::Table(table)] };
        assert_eq!(render_csv(&document), "name,watts\r\n\"a,b\",1\r\n\"say \"\"x\"\"\",'=1\r\n");
    }
}
