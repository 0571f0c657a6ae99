//! Files to a resolved lab.

use crate::derived;
use crate::device_type::TypeSource as Types;
use crate::lab::{Lab, Written};
use crate::record::{Read, Reader};
use crate::resolve;
use lab_source::{Diagnostic, Files, Node, Severity};
use std::sync::Arc;

pub use crate::device_type::TypeSource;

/// What a lab is read from.
pub struct Input<'a> {
    /// Its files.
    pub files: Vec<lab_source::Input>,
    /// The overlays to lay over it, in order.
    pub overlays: Vec<String>,
    /// Where types of devices and cards come from beside the lab itself.
    pub types: &'a dyn Types,
}

/// A lab and what is wrong with its text.
#[derive(Debug)]
pub struct Reading {
    /// The texts, for showing lines.
    pub files: Files,
    /// The lab, as far as it could be read.
    pub lab: Lab,
    /// What is wrong with the text: syntax, types, names. What is wrong with the lab is for `lab-check`.
    pub diagnostics: Vec<Diagnostic>,
    /// The overlays that exist.
    pub overlays: Vec<String>,
    /// Files left aside since they are Kubernetes manifests.
    pub left_aside: Vec<String>,
}

impl Reading {
    /// True when something could not be read, so that what was derived may lack parts.
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(|finding| finding.severity == Severity::Error)
    }
}

/// Reads a lab. Never fails: what cannot be read is told and left out.
pub fn read(input: Input<'_>) -> Reading {
    let mut files = Files::new();
    let (manifests, ours): (Vec<_>, Vec<_>) = input.files.into_iter().partition(is_manifest);
    let left_aside = manifests.iter().map(|file| file.name.clone()).collect();
    let tree = lab_source::read_tree(&mut files, ours, &input.overlays);
    let mut diagnostics = tree.diagnostics;
    let mut provenance = Vec::new();
    let span = tree.root.span;
    let mut reader = Reader::new(&mut diagnostics, &mut provenance);
    let written =
        Written::read(&Node::Map(tree.root.clone()), &mut reader).unwrap_or_else(|| Written::empty(span));
    let mut lab = Lab::from_written(written, span);
    lab.provenance = provenance;
    lab.tree = tree.root;
    lab.secret_files = tree.secret_files;
    let secrets = manifests.into_iter().filter(|file| is_secret(&lab, file)).collect();
    lab.secret_files.extend(lab_source::read_secret_files(&mut files, secrets));
    lab.paths = files.iter().map(|(id, file)| (Arc::from(&*file.name), first_line(id, &file.text))).collect();
    resolve::resolve(&mut lab, tree.incomplete, &mut diagnostics);
    derived::derive(&mut lab, input.types, &mut files, &mut diagnostics);
    lab_source::diagnostic::sort(&mut diagnostics, &files);
    Reading { files, lab, diagnostics, overlays: tree.overlays, left_aside }
}

/// Reads a lab once more with one more overlay, given as text, laid over it: what a change would make of it.
///
/// `files` are those of the lab's own [`Reading`]. Nothing of the lab's files is parsed again.
pub fn read_over(lab: &Lab, files: &Files, overlay: &str, types: &dyn Types) -> Reading {
    let mut files = files.clone();
    let tree = lab_source::lay_text_over(&mut files, &lab.tree, "overlay", overlay);
    let mut diagnostics = tree.diagnostics;
    let mut provenance = Vec::new();
    let span = tree.root.span;
    let mut reader = Reader::new(&mut diagnostics, &mut provenance);
    let written =
        Written::read(&Node::Map(tree.root.clone()), &mut reader).unwrap_or_else(|| Written::empty(span));
    let mut changed = Lab::from_written(written, span);
    changed.provenance = provenance;
    changed.tree = tree.root;
    changed.secret_files = lab.secret_files.clone();
    changed.paths = lab.paths.clone();
    changed.types = lab.types.clone();
    resolve::resolve(&mut changed, tree.incomplete, &mut diagnostics);
    derived::derive(&mut changed, types, &mut files, &mut diagnostics);
    Reading { files, lab: changed, diagnostics, overlays: Vec::new(), left_aside: Vec::new() }
}

/// The first line that is neither empty nor a comment; the beginning of the file when there is none.
fn first_line(file: lab_source::FileId, text: &str) -> lab_source::Span {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let content = line.trim_end();
        if !content.trim_start().is_empty() && !content.starts_with('#') && content != "---" {
            return offsets(file, start, start + content.len());
        }
        start += line.len();
    }
    offsets(file, 0, 0)
}

fn offsets(file: lab_source::FileId, start: usize, end: usize) -> lab_source::Span {
    let offset = |at: usize| u32::try_from(at).expect("a file that is read is below 4 GiB");
    lab_source::Span::new(file, offset(start), offset(end))
}

/// A manifest that is encrypted, or is a Kubernetes secret which a rule of the lab covers.
fn is_secret(lab: &Lab, file: &lab_source::Input) -> bool {
    let has = |line: &[u8]| file.bytes.split(|byte| *byte == b'\n').any(|of| of.starts_with(line));
    let ruled = || lab.secrets.as_ref().is_some_and(|secrets| secrets.rule_for(&file.name).is_some());
    has(b"sops:") || has(b"kind: Secret") && ruled()
}

/// A Kubernetes manifest has both keys at the beginning of a line; a lab has neither.
fn is_manifest(file: &lab_source::Input) -> bool {
    let has = |key: &[u8]| {
        file.bytes.starts_with(key)
            || file.bytes.windows(key.len() + 1).any(|part| part[0] == b'\n' && &part[1..] == key)
    };
    has(b"apiVersion:") && has(b"kind:")
}
