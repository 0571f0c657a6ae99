//! Names and what they stand for. A name is known everywhere unless it is private; then by its path, such as `pump.valve`, from where
//! the first part of the path is known.

use super::error::{Fault, Located};
use super::xml::Element;
use std::collections::HashMap;

/// Where an element stands: its file, and the path of the containers around it.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) file: usize,
    pub(super) path: String,
    /// True if names are private here unless they say otherwise.
    pub(super) is_private: bool,
}

impl Place {
    pub(super) fn fail(&self, element: &Element, fault: Fault) -> Located {
        Located { file: self.file, offset: element.offset, fault }
    }

    /// The name that an element must have.
    pub(super) fn name<'a>(&self, element: &'a Element) -> Result<&'a str, Located> {
        let name = element.attribute("name").map(str::trim).filter(|name| !name.is_empty());
        name.ok_or_else(|| self.fail(element, Fault::Missing { element: element.name.clone(), what: "name" }))
    }

    /// The place inside a container.
    pub(super) fn inside(&self, element: &Element) -> Result<Self, Located> {
        let path = self.path_of(self.name(element)?);
        Ok(Self { file: self.file, path, is_private: self.makes_private(element)? })
    }

    fn makes_private(&self, element: &Element) -> Result<bool, Located> {
        match element.attribute("role") {
            None => Ok(self.is_private),
            Some("private") => Ok(true),
            Some("public") => Ok(false),
            Some(other) => {
                Err(self.fail(element, Fault::Value(format!("a role is public or private, not `{other}`"))))
            }
        }
    }

    fn path_of(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }
}

/// What names stand for.
#[derive(Debug)]
pub(super) struct Names<T> {
    /// What is looked for, as messages call it.
    what: &'static str,
    known: HashMap<String, T>,
}

impl<T: Copy> Names<T> {
    pub(super) fn new(what: &'static str) -> Self {
        Self { what, known: HashMap::new() }
    }

    /// Makes a definition known; the answer is the name by which it is told from all others.
    pub(super) fn define(&mut self, place: &Place, element: &Element, value: T) -> Result<String, Located> {
        let name = place.name(element)?;
        let twice = || place.fail(element, Fault::Twice(name.to_owned()));
        let path = place.path_of(name);
        let is_private = place.makes_private(element)?;
        if self.known.insert(path.clone(), value).is_some() {
            return Err(twice());
        }
        if is_private || path == name {
            return Ok(path);
        }
        match self.known.insert(name.to_owned(), value) {
            Some(_) => Err(twice()),
            None => Ok(name.to_owned()),
        }
    }

    /// What a reference means: the nearest definition, from the inside out.
    pub(super) fn find(&self, place: &Place, element: &Element) -> Result<T, Located> {
        let name = place.name(element)?;
        let mut path = place.path.as_str();
        loop {
            let candidate = if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
            if let Some(value) = self.known.get(&candidate) {
                return Ok(*value);
            }
            if path.is_empty() {
                break;
            }
            path = path.rfind('.').map_or("", |dot| &path[..dot]);
        }
        // Sorted, so that of several near names always the same one is told.
        let mut known: Vec<&str> = self.known.keys().map(String::as_str).collect();
        known.sort_unstable();
        let near = lab_source::suggest::nearest(name, known).map(str::to_owned);
        Err(place.fail(element, Fault::Undefined { what: self.what, name: name.to_owned(), near }))
    }
}
