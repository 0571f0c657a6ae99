//! Documents as JSON: `{"format":"labwright-show","version":1,...}`. Keys of rows are the names of columns; an empty
//! cell is left out.

use crate::document::{Block, Document, Tree};
use serde_json::{Map, Value, json};

/// The whole document.
pub fn render_json(document: &Document) -> String {
    let blocks: Vec<Value> = document.blocks.iter().map(block).collect();
    let whole =
        json!({ "format": "labwright-show", "version": 1, "title": document.title, "blocks": blocks });
    format!("{whole:#}\n")
}

fn block(block: &Block) -> Value {
    match block {
        Block::Table(table) => {
            let row = |cells: &Vec<String>| -> Value {
                let known = table.columns.iter().zip(cells).filter(|(_, cell)| !cell.is_empty());
                Value::Object(
                    known.map(|(column, cell)| (column.name.clone(), Value::from(cell.clone()))).collect(),
                )
            };
            let rows: Vec<Value> = table.rows.iter().map(row).collect();
            json!({ "kind": "table", "title": table.title, "rows": rows })
        }
        Block::Tree(root) => json!({ "kind": "tree", "root": tree(root) }),
        Block::Facts { title, facts } => {
            let facts: Map<String, Value> =
                facts.iter().map(|(name, value)| (name.clone(), Value::from(value.clone()))).collect();
            json!({ "kind": "facts", "title": title, "facts": facts })
        }
        Block::Text(text) => json!({ "kind": "text", "text": text }),
        Block::Lines { title, lines } => {
            let lines: Vec<Value> =
                lines.iter().map(|(number, text)| json!({ "line": number, "text": text })).collect();
            json!({ "kind": "lines", "title": title, "lines": lines })
        }
    }
}

fn tree(node: &Tree) -> Value {
    let children: Vec<Value> = node.children.iter().map(tree).collect();
    json!({ "label": node.label, "details": node.details, "children": children })
}
