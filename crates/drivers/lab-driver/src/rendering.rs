//! What a driver makes of a lab: files as the system reads them.

use lab_model::{Lab, ThingId};
use std::collections::BTreeMap;

/// A kind of system that Labwright can configure.
pub struct Driver {
    /// Its name on the command line: `linux-router`.
    pub name: &'static str,
    /// What it makes, in a sentence.
    pub summary: &'static str,
    /// The things of a lab that it can configure, in the order of the text.
    pub subjects: fn(&Lab) -> Vec<ThingId>,
    /// Makes the files of one of them. The same lab gives the same bytes.
    pub render: fn(&Lab, ThingId) -> Rendering,
}

/// A program that reads rendered files.
#[derive(PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Unit {
    /// Its name: `nftables`.
    pub name: &'static str,
    /// The command by which it takes up a changed file. `{root}` stands for the folder that the files are in.
    pub reload: &'static [&'static str],
    /// The command by which it checks its files without taking them up; empty when it has none.
    pub check: &'static [&'static str],
}

/// One file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RenderedFile {
    /// Its text.
    pub text: String,
    /// True when it is run.
    pub executable: bool,
    /// Who reads it; nobody by itself when `None`.
    pub unit: Option<&'static Unit>,
}

/// The files of one system, by path from its root, without a leading slash.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Rendering {
    /// The files.
    pub files: BTreeMap<String, RenderedFile>,
    /// What could not be made, and why: each a sentence for the operator.
    pub notes: Vec<String>,
}

impl Rendering {
    /// Adds a file that `unit` reads.
    pub fn add(&mut self, path: &str, unit: Option<&'static Unit>, text: String) {
        self.files.insert(path.to_owned(), RenderedFile { text, executable: false, unit });
    }

    /// Adds a program.
    pub fn add_program(&mut self, path: &str, text: String) {
        self.files.insert(path.to_owned(), RenderedFile { text, executable: true, unit: None });
    }
}
