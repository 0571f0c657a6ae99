//! Many files to one tree: reads every file, unites the top-level keys, and lays the overlays that were asked for over
//! the result. Takes names and bytes; which files belong to a lab is the caller's to say.

use crate::codes;
use crate::diagnostic::{Diagnostic, sort};
use crate::files::{FileId, Files};
use crate::join::Joined;
use crate::overlay;
use crate::sops::{self, SecretFile};
use crate::span::Span;
use crate::suggest;
use crate::tree::{Map, Node};
use crate::yaml::{self, Budget, Limits};
use std::collections::BTreeMap;

/// One file as it was found.
#[derive(Clone, Debug)]
pub struct Input {
    /// The name as the user would type it, with `/` between folders.
    pub name: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// What all files together say.
#[derive(Clone, Debug)]
pub struct Tree {
    /// The top-level keys of all files, overlays laid over them.
    pub root: Map,
    /// What is wrong with the files, in the order of [`sort`].
    pub diagnostics: Vec<Diagnostic>,
    /// The files with a `sops:` entry.
    pub secret_files: Vec<SecretFile>,
    /// The overlays that exist, asked for or not, sorted.
    pub overlays: Vec<String>,
    /// True when something that is written is missing from `root`. A name that is not known may then be known after all.
    pub incomplete: bool,
}

/// Reads all files within the default [`Limits`]. See [`read_tree_within`].
pub fn read_tree(files: &mut Files, inputs: Vec<Input>, overlays: &[String]) -> Tree {
    read_tree_within(files, inputs, overlays, &Limits::default())
}

/// Reads all files and unites them, in the order of their names.
///
/// A file under a folder `overlays/NAME/` belongs to that overlay, every other to the base. Base files are joined one
/// level deep: the entries of one top-level key may stand in several files, one entry may not. The overlays named in
/// `overlays` are laid over the base in that order: mappings entry by entry, everything else replaces, `~` removes.
/// Overlays that are not named are read, so that their faults are told, and left aside.
pub fn read_tree_within(
    files: &mut Files,
    mut inputs: Vec<Input>,
    overlays: &[String],
    limits: &Limits,
) -> Tree {
    inputs.sort_by(|a, b| a.name.cmp(&b.name));
    let mut reading = Reading {
        limits,
        budget: Budget::new(limits),
        diagnostics: Vec::new(),
        secret_files: Vec::new(),
        incomplete: false,
    };
    let mut base = Joined::default();
    let mut layers: BTreeMap<String, Joined> = BTreeMap::new();
    for input in inputs {
        let overlay = overlay_of(&input.name).map(str::to_owned);
        let maps = reading.read(files, input);
        let into = match overlay {
            Some(name) => layers.entry(name).or_default(),
            None => &mut base,
        };
        for map in maps {
            into.add(&map, &mut reading.diagnostics);
        }
    }
    let nowhere = nowhere(files);
    let mut root = base.finish(nowhere);
    let known: Vec<String> = layers.keys().cloned().collect();
    for name in overlays {
        match layers.remove(name) {
            Some(layer) => {
                let layer = layer.finish(nowhere);
                root = overlay::lay_over(&root, &layer, name, &mut reading.diagnostics);
            }
            None if known.contains(name) => {}
            None => reading.diagnostics.push(unknown_overlay(name, &known)),
        }
    }
    let Reading { mut diagnostics, secret_files, incomplete, .. } = reading;
    sort(&mut diagnostics, files);
    Tree { root, diagnostics, secret_files, overlays: known, incomplete }
}

/// Lays one more overlay, given as text, over a tree that was read already. `files` gets the text under `name`; it holds the texts
/// of `base` already, so that all places keep their meaning.
pub fn lay_text_over(files: &mut Files, base: &Map, name: &str, text: &str) -> Tree {
    let limits = &Limits::default();
    let mut reading = Reading {
        limits,
        budget: Budget::new(limits),
        diagnostics: Vec::new(),
        secret_files: Vec::new(),
        incomplete: false,
    };
    let input = Input { name: name.to_owned(), bytes: text.as_bytes().to_vec() };
    let mut root = base.clone();
    for layer in reading.read(files, input) {
        root = overlay::lay_over(&root, &layer, name, &mut reading.diagnostics);
    }
    let Reading { mut diagnostics, secret_files, incomplete, .. } = reading;
    sort(&mut diagnostics, files);
    Tree { root, diagnostics, secret_files, overlays: Vec::new(), incomplete }
}

/// Reads files that are no part of the lab and may be encrypted: only who can read them is kept. Faults in them are not
/// told, since whatever they belong to tells them.
pub fn read_secret_files(files: &mut Files, inputs: Vec<Input>) -> Vec<SecretFile> {
    let limits = &Limits::default();
    let mut reading = Reading {
        limits,
        budget: Budget::new(limits),
        diagnostics: Vec::new(),
        secret_files: Vec::new(),
        incomplete: false,
    };
    for input in inputs {
        reading.read(files, input);
    }
    reading.secret_files
}

/// What is carried from file to file.
struct Reading<'a> {
    limits: &'a Limits,
    budget: Budget,
    diagnostics: Vec<Diagnostic>,
    secret_files: Vec<SecretFile>,
    incomplete: bool,
}

impl Reading<'_> {
    /// The mappings of one file.
    fn read(&mut self, files: &mut Files, input: Input) -> Vec<Map> {
        let Input { name, bytes } = input;
        let most = self.limits.file_bytes.min(u32::MAX as usize);
        if bytes.len() > most {
            let id = files.add(name, "");
            self.diagnostics.push(yaml::too_large(id, bytes.len(), self.limits));
            self.incomplete = true;
            return Vec::new();
        }
        let (id, text) = self.decode(files, name, bytes);
        let parsed = yaml::parse(id, &text, self.limits, &mut self.budget);
        self.diagnostics.extend(parsed.diagnostics);
        self.incomplete |= parsed.incomplete;
        let mut maps = Vec::new();
        for document in parsed.documents {
            sops::mark_secrets(files, &document);
            match document {
                Node::Map(map) => {
                    let (map, secret) = sops::take_sops(id, map);
                    self.secret_files.extend(secret);
                    maps.push(map);
                }
                nothing if nothing.is_null() => {}
                other => {
                    self.incomplete = true;
                    let message = format!("a file of a lab is a mapping, and this is {}", other.what());
                    let error =
                        Diagnostic::error(codes::NOT_A_MAPPING, message).at(other.span(), other.what());
                    self.diagnostics.push(error.help("begin with a key such as `devices:`"));
                }
            }
        }
        maps
    }

    /// Bytes to text. What is not UTF-8 is replaced, and told once.
    fn decode(&mut self, files: &mut Files, name: String, bytes: Vec<u8>) -> (FileId, std::sync::Arc<str>) {
        let bytes = match String::from_utf8(bytes) {
            Ok(text) => {
                let id = files.add(name, text);
                return (id, std::sync::Arc::clone(&files.get(id).text));
            }
            Err(error) => error.into_bytes(),
        };
        let wide = bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]);
        let id =
            files.add(name, if wide { String::new() } else { String::from_utf8_lossy(&bytes).into_owned() });
        let text = std::sync::Arc::clone(&files.get(id).text);
        let first =
            std::str::from_utf8(&bytes).map_or_else(|error| error.valid_up_to(), |_| 0).min(text.len());
        let end = first + text[first..].chars().next().map_or(0, char::len_utf8);
        let place = Span::new(id, u32_offset(first), u32_offset(end));
        let error = if wide {
            Diagnostic::error(codes::NOT_UTF8, "the file is UTF-16, not UTF-8").at(place, "not read")
        } else {
            let message = format!("the file is not UTF-8 from byte {} on", first + 1);
            Diagnostic::error(codes::NOT_UTF8, message).at(place, "this byte, shown as \u{fffd}")
        };
        self.incomplete |= wide;
        self.diagnostics.push(error.help("save the file as UTF-8"));
        (id, text)
    }
}

fn u32_offset(offset: usize) -> u32 {
    u32::try_from(offset).expect("a file that is read is below 4 GiB")
}

/// The overlay a file belongs to: the folder below the first folder that is named `overlays`.
pub fn overlay_of(name: &str) -> Option<&str> {
    let rest = match name.find("/overlays/") {
        _ if name.starts_with("overlays/") => &name["overlays/".len()..],
        Some(at) => &name[at + "/overlays/".len()..],
        None => return None,
    };
    rest.split_once('/').map(|(overlay, _)| overlay).filter(|overlay| !overlay.is_empty())
}

/// A place for a tree that stands nowhere: the beginning of the first file.
fn nowhere(files: &mut Files) -> Span {
    let first = files.iter().next().map(|(id, _)| id);
    Span::new(first.unwrap_or_else(|| files.add("(no files)", "")), 0, 0)
}

fn unknown_overlay(name: &str, known: &[String]) -> Diagnostic {
    let error = Diagnostic::error(codes::UNKNOWN_OVERLAY, format!("there is no overlay `{name}`"));
    let error = match suggest::nearest(name, known.iter().map(String::as_str)) {
        Some(near) => error.help(format!("did you mean `{near}`?")),
        None => error,
    };
    if known.is_empty() {
        error.because("there are no overlays: no file stands under `overlays/NAME/`")
    } else {
        error.because(format!("the overlays are {}", known.join(", ")))
    }
}
