//! Documents in each format, one file each.

mod csv;
mod json;
mod text;

pub use csv::render_csv;
pub use json::render_json;
pub use text::render_text;
