//! Tables as CSV (RFC 4180). Trees and facts have no rows; a document of several tables gives them one after the other,
//! an empty line between.

use crate::document::{Block, Document, Table};

/// Every table of a document.
pub fn render_csv(document: &Document) -> String {
    let tables = document.blocks.iter().filter_map(|block| match block {
        Block::Table(table) => Some(csv(table)),
        _ => None,
    });
    tables.collect::<Vec<_>>().join("\r\n")
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
