//! The texts a run works on, each with its name. Holds them for as long as a diagnostic may want to show a line.

use crate::secret;
use crate::span::Span;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

/// Names one file of a [`Files`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct FileId(pub u32);

/// One text with its name, such as `network/vlans.yaml`.
#[derive(Clone, Debug)]
pub struct File {
    /// The name as the user would type it, with `/` between folders.
    pub name: String,
    /// The text. Bytes that were not UTF-8 have been replaced, with a diagnostic.
    pub text: Arc<str>,
    /// Places that must not be shown.
    secrets: Vec<Range<usize>>,
    /// Where each line begins, worked out when first asked for.
    lines: OnceLock<Vec<u32>>,
}

impl File {
    /// The bytes of the text that must not be shown, in order, none within another: what was marked, and whatever looks
    /// like an encrypted value or a private key.
    pub fn secret_ranges(&self) -> Vec<Range<usize>> {
        let mut ranges = secret::secret_ranges(&self.text);
        ranges.extend(self.secrets.iter().cloned());
        secret::merge_ranges(ranges)
    }

    fn lines(&self) -> &[u32] {
        self.lines.get_or_init(|| {
            let newlines = (1u32..).zip(self.text.bytes()).filter(|&(_, byte)| byte == b'\n');
            std::iter::once(0).chain(newlines.map(|(after, _)| after)).collect()
        })
    }
}

/// All texts of a run.
#[derive(Clone, Default, Debug)]
pub struct Files {
    files: Vec<File>,
}

impl Files {
    /// No files yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a text and names it.
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<Arc<str>>) -> FileId {
        let id = FileId(u32::try_from(self.files.len()).expect("fewer than four billion files"));
        let (secrets, lines) = (Vec::new(), OnceLock::new());
        self.files.push(File { name: name.into(), text: text.into(), secrets, lines });
        id
    }

    /// Gives files other names, where `name` has one: a lab is read under names from its root, and shown under names from
    /// where the user stands.
    pub fn rename(&mut self, name: impl Fn(&str) -> Option<String>) {
        for file in &mut self.files {
            if let Some(name) = name(&file.name) {
                file.name = name;
            }
        }
    }

    /// The file `id`. Ids come from [`Files::add`] of the same value only.
    pub fn get(&self, id: FileId) -> &File {
        &self.files[id.0 as usize]
    }

    /// All files, in the order they were added.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &File)> {
        (0u32..).map(FileId).zip(&self.files)
    }

    /// The file `id`, or `None` if it is of another value.
    pub fn find(&self, id: FileId) -> Option<&File> {
        self.files.get(id.0 as usize)
    }

    /// Says that the text at `span` must never be shown.
    pub fn mark_secret(&mut self, span: Span) {
        if let Some(file) = self.files.get_mut(span.file.0 as usize) {
            file.secrets.push(span.start as usize..span.end as usize);
        }
    }

    /// Line and column, both from 1, of a byte offset; the column counts characters. An offset past the end is taken
    /// for the end, one inside a character for its beginning.
    pub fn line_column(&self, id: FileId, offset: u32) -> (usize, usize) {
        let file = self.get(id);
        let end = self.boundary(id, offset);
        let line = file.lines().partition_point(|&start| start as usize <= end);
        let line_start = self.line_start(id, line);
        (line, file.text[line_start..end].chars().count() + 1)
    }

    /// The offset where a line begins, counted from 1; past the last line, the end of the text.
    pub fn line_start(&self, id: FileId, line: usize) -> usize {
        let file = self.get(id);
        file.lines().get(line.saturating_sub(1)).map_or(file.text.len(), |&start| start as usize)
    }

    /// The offset, moved back to the beginning of a character and into the text.
    pub fn boundary(&self, id: FileId, offset: u32) -> usize {
        let text = &self.get(id).text;
        let mut end = (offset as usize).min(text.len());
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        end
    }
}
