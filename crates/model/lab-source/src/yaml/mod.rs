//! YAML to spanned trees: anchors, aliases and merge keys resolved, every fault located, and as much read as can be.
//!
//! After a fault the smallest entry around it is left out and the rest is read again, so that one wrong line costs one
//! entry and not the file. Scalars are not interpreted: `yes`, `0x10` and `2026-01-01` stay the text they are.

mod build;
mod fault;
mod limits;
mod map;
mod recover;
#[cfg(test)]
pub(crate) mod tests;
mod word;
mod words;

pub use limits::{Budget, Limits};

use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::files::FileId;
use crate::span::Span;
use crate::tree::Node;
use build::Pass;

/// Bytes that may be read again and again, in all, because of faults.
const REREAD_BYTES: usize = 64 << 20;

/// What a text says.
#[derive(Clone, Debug, Default)]
pub struct Parsed {
    /// The documents in order. An empty document is an empty scalar.
    pub documents: Vec<Node>,
    /// What is wrong with the text.
    pub diagnostics: Vec<Diagnostic>,
    /// True when parts of the text could not be read and are missing from `documents`.
    pub incomplete: bool,
}

/// Reads a text. `file` is the name its spans carry; `budget` is shared by all files of a lab.
///
/// Never fails: what cannot be read is told in the diagnostics, each with its place, and left out.
pub fn parse(file: FileId, text: &str, limits: &Limits, budget: &mut Budget) -> Parsed {
    if text.len() > limits.file_bytes.min(u32::MAX as usize) {
        let diagnostics = vec![too_large(file, text.len(), limits)];
        return Parsed { documents: Vec::new(), diagnostics, incomplete: true };
    }
    let mut faults = Vec::new();
    let mut copy = blank_control_characters(file, text, &mut faults);
    let rereads = limits.faults.min(REREAD_BYTES / text.len().max(1));
    let mut incomplete = false;
    loop {
        let current = copy.as_deref().unwrap_or(text);
        let (pass, fault) = Pass::run(file, text, current, limits, *budget);
        let Some(fault) = fault else {
            *budget = pass.budget;
            return finish(file, pass, faults, incomplete, limits);
        };
        incomplete = true;
        faults.push(fault.diagnostic(file, text, current));
        let go_on = faults.len() <= rereads && !fault.is_final();
        let next = if go_on { recover::without_fault(current, &fault) } else { None };
        let Some(next) = next else {
            *budget = pass.budget;
            return finish(file, pass, faults, incomplete, limits);
        };
        copy = Some(next);
    }
}

/// The finding about a file of more bytes than are read. Its text need not be there.
pub(crate) fn too_large(file: FileId, bytes: usize, limits: &Limits) -> Diagnostic {
    let most = limits.file_bytes;
    Diagnostic::error(codes::YAML_LIMIT, format!("the file has {bytes} bytes, and at most {most} are read"))
        .at(Span::new(file, 0, 0), "not read at all")
        .help("split the file: any top-level key may stand in several files")
}

fn finish(
    file: FileId,
    pass: Pass<'_>,
    faults: Vec<Diagnostic>,
    incomplete: bool,
    limits: &Limits,
) -> Parsed {
    let mut diagnostics = faults;
    diagnostics.extend(pass.diagnostics);
    let hidden = diagnostics.len().saturating_sub(limits.findings);
    if hidden > 0 {
        let place =
            diagnostics[limits.findings].primary.as_ref().map_or(Span::new(file, 0, 0), |label| label.span);
        diagnostics.truncate(limits.findings);
        let message = format!("{hidden} more findings about this file are not shown");
        diagnostics.push(Diagnostic::error(codes::YAML_LIMIT, message).at(place, "the first of them"));
    }
    Parsed { documents: pass.documents, diagnostics, incomplete: incomplete || pass.dropped }
}

/// Tells of the first control character and replaces all by blanks. `None` when there are none, as is usual.
fn blank_control_characters(file: FileId, text: &str, faults: &mut Vec<Diagnostic>) -> Option<String> {
    let is_control = |byte: u8| (byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r')) || byte == 0x7f;
    let first = text.bytes().position(is_control)?;
    let count = text.bytes().filter(|&byte| is_control(byte)).count();
    let more = if count > 1 { format!(", the first of {count}") } else { String::new() };
    let byte = text.as_bytes()[first];
    let message = format!("the file has a control character, U+{byte:04X}{more}");
    faults.push(
        Diagnostic::error(codes::CONTROL_CHARACTER, message)
            .at(span(file, first, first + 1), "here")
            .help("remove it, or write it as an escape in double quotes, such as \"\\x1b\""),
    );
    Some(text.chars().map(|c| if c.is_ascii() && is_control(c as u8) { ' ' } else { c }).collect())
}

/// A span of a text that is known to be no longer than [`Limits::file_bytes`].
fn span(file: FileId, start: usize, end: usize) -> Span {
    let at = |offset: usize| u32::try_from(offset).expect("a file that is read is below 4 GiB");
    Span::new(file, at(start), at(end))
}
