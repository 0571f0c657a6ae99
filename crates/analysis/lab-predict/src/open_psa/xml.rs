//! One XML file as a tree of elements with their places. Text is kept for labels; comments are not. Entities are not expanded but for the
//! five of XML itself, and nothing outside the file is ever fetched.

use super::error::{Fault, Located};
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

/// Elements within elements.
const DEPTH_MAX: usize = 256;
/// Elements of one file.
const ELEMENTS_MAX: usize = 5_000_000;

/// One element.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub(super) struct Element {
    pub(super) name: String,
    pub(super) attributes: Vec<(String, String)>,
    pub(super) children: Vec<Element>,
    pub(super) text: String,
    /// Where it begins, in bytes.
    pub(super) offset: usize,
}

impl Element {
    /// The value of an attribute.
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// Reads a file to its one root element.
pub(super) fn parse(file: usize, text: &str) -> Result<Element, Located> {
    let mut reader = Reader::from_str(text);
    let mut open: Vec<Element> = Vec::new();
    let mut root: Option<Element> = None;
    let mut n_elements = 0;
    loop {
        let offset = reader.buffer_position() as usize;
        let fail = |fault| Located { file, offset, fault };
        let event = reader.read_event().map_err(|error| Located {
            file,
            offset: reader.error_position() as usize,
            fault: Fault::Xml(error.to_string()),
        })?;
        let closed = match event {
            Event::Start(start) => {
                open.push(element(&start, offset).map_err(fail)?);
                None
            }
            Event::Empty(start) => Some(element(&start, offset).map_err(fail)?),
            Event::End(_) => open.pop(),
            Event::Text(text) => {
                add_text(&mut open, &text.xml10_content());
                None
            }
            Event::CData(text) => {
                add_text(&mut open, &text.xml10_content());
                None
            }
            Event::GeneralRef(name) => {
                add_text(&mut open, &entity(&name.xml10_content()).map_err(fail)?);
                None
            }
            Event::DocType(_) => return Err(fail(Fault::Unsupported("!DOCTYPE".to_owned()))),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => None,
            Event::Eof => break,
        };
        if open.len() > DEPTH_MAX {
            return Err(fail(Fault::TooMuch { what: "the depth of elements", limit: DEPTH_MAX }));
        }
        if let Some(closed) = closed {
            n_elements += 1;
            if n_elements > ELEMENTS_MAX {
                return Err(fail(Fault::TooMuch { what: "the number of elements", limit: ELEMENTS_MAX }));
            }
            match open.last_mut() {
                Some(parent) => parent.children.push(closed),
                None if root.is_some() => {
                    return Err(fail(Fault::Xml("there is a second root element".into())));
                }
                None => root = Some(closed),
            }
        }
    }
    let end = |fault| Located { file, offset: text.len(), fault };
    match (open.last(), root) {
        (Some(unclosed), _) => Err(end(Fault::Xml(format!("<{}> is not closed", unclosed.name)))),
        (None, Some(root)) => Ok(root),
        (None, None) => Err(end(Fault::Xml("there is no element".into()))),
    }
}

fn element(start: &BytesStart<'_>, offset: usize) -> Result<Element, Fault> {
    let name = start.name().as_ref().to_owned();
    let mut attributes = Vec::new();
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|error| Fault::Xml(error.to_string()))?;
        let value = attribute
            .normalized_value(quick_xml::XmlVersion::Implicit1_0)
            .map_err(|error| Fault::Xml(error.to_string()))?;
        attributes.push((attribute.key.as_ref().to_owned(), value.into_owned()));
    }
    Ok(Element { name, attributes, offset, ..Element::default() })
}

fn add_text(open: &mut [Element], text: &str) {
    if let Some(element) = open.last_mut() {
        element.text.push_str(text);
    }
}

fn entity(name: &str) -> Result<String, Fault> {
    let number = name.strip_prefix('#').map(|number| match number.strip_prefix('x') {
        Some(hex) => u32::from_str_radix(hex, 16),
        None => number.parse(),
    });
    let letter = match (name, number) {
        ("lt", _) => Some('<'),
        ("gt", _) => Some('>'),
        ("amp", _) => Some('&'),
        ("quot", _) => Some('"'),
        ("apos", _) => Some('\''),
        (_, Some(Ok(number))) => char::from_u32(number),
        _ => None,
    };
    letter.map(String::from).ok_or_else(|| Fault::Xml(format!("the entity &{name}; is not known")))
}
