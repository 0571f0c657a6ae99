//! The texts a run works on, each with its name. Holds them for as long as a diagnostic may want to show a line.

use std::sync::Arc;

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
        self.files.push(File { name: name.into(), text: text.into() });
        id
    }

    /// The file `id`. Ids come from [`Files::add`] of the same value only.
    pub fn get(&self, id: FileId) -> &File {
        &self.files[id.0 as usize]
    }

    /// All files, in the order they were added.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &File)> {
        (0u32..).map(FileId).zip(&self.files)
    }

    /// Line and column, both from 1, of a byte offset; the column counts characters.
    pub fn line_column(&self, id: FileId, offset: u32) -> (usize, usize) {
        let text = &self.get(id).text;
        let mut end = (offset as usize).min(text.len());
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let before = &text[..end];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        (before.bytes().filter(|&byte| byte == b'\n').count() + 1, before[line_start..].chars().count() + 1)
    }
}
