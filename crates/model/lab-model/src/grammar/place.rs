//! Where a device stands (`rack-1/U4`) and where a cable ends (`switch-1:sfp-3`).
//!
//! Only the form is read: each name comes with its place in the text, and whoever resolves names points there.

use super::hint::{nearest, unknown};
use super::scan::{quoted, whole};
use super::words::words;
use super::{Grammar, GrammarError};
use std::fmt;
use std::ops::Range;

/// A name inside a value, not looked up.
///
/// Equality and order are those of the name; where it stood does not matter.
#[derive(Clone, Debug)]
pub struct Part {
    /// The name as written.
    pub name: String,
    /// Its bytes in the text that was parsed.
    pub at: Range<usize>,
}

impl Part {
    /// A name that stands at `at`.
    pub fn new(name: impl Into<String>, at: Range<usize>) -> Self {
        Self { name: name.into(), at }
    }
}

impl PartialEq for Part {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Part {}

impl PartialOrd for Part {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Part {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.name.cmp(&other.name)
    }
}

impl std::hash::Hash for Part {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

/// Where a device stands: in a room, in a rack, at a rack unit, or on a shelf.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Place {
    /// The rack or the room.
    pub container: Part,
    /// The side of the rack, when said.
    pub face: Option<Face>,
    /// Where in it.
    pub position: Position,
}

words! {
    /// The side of a rack that a device is mounted on.
    pub enum Face {
        /// The side that air is drawn in from.
        Front = "front",
        /// The side that air is blown out to.
        Back = "back",
    }
}

/// Where in a rack or room.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Position {
    /// Not said: somewhere in the room, or in the rack without taking units, as an upright power strip.
    Anywhere,
    /// The lowest rack unit the device takes, counted from 1 at the bottom, in half units: `U4` is 8, `U4.5` is 9.
    Unit {
        /// In half units.
        half_units: u16,
        /// `U4` as written.
        unit: Part,
    },
    /// On another device or shelf of the rack.
    On {
        /// The shelf.
        shelf: Part,
        /// The place on it, when said.
        slot: Option<Part>,
    },
}

impl Place {
    /// The parts of a text between slashes, each with its bytes; an empty one is an error.
    fn parts(text: &str) -> Result<Vec<Part>, GrammarError> {
        let mut start = 0;
        let mut parts = Vec::new();
        for piece in text.split('/') {
            let at = start..start + piece.len();
            start = at.end + 1;
            check_name(piece, at.clone(), "a place has no empty part")?;
            parts.push(Part::new(piece, at));
        }
        Ok(parts)
    }
}

/// Demands a name that is neither empty nor has blanks at its ends.
fn check_name(name: &str, at: Range<usize>, if_empty: &str) -> Result<(), GrammarError> {
    if name.is_empty() {
        return Err(GrammarError::new(at, if_empty));
    }
    if name.trim() != name {
        let help = format!("write {}", quoted(name.trim()));
        return Err(GrammarError::new(at, "blank around a name").with_help(help));
    }
    Ok(())
}

/// Whether a part means a rack unit: `U` and a digit. Names of shelves never look like that.
fn is_unit(name: &str) -> bool {
    let mut chars = name.chars();
    matches!(chars.next(), Some('U' | 'u')) && chars.next().is_some_and(|c| c.is_ascii_digit())
}

fn parse_unit(part: &Part) -> Result<Position, GrammarError> {
    if let Some((first, _)) = part.name.split_once('-') {
        let error =
            GrammarError::new(part.at.clone(), "the lowest unit is enough; the device's type has its height");
        return Err(error.with_help(format!("write {}", quoted(&first.replacen('u', "U", 1)))));
    }
    if part.name.starts_with('u') {
        let help = format!("write {}", quoted(&part.name.replacen('u', "U", 1)));
        return Err(GrammarError::new(part.at.clone(), "rack units have a capital U").with_help(help));
    }
    let number = &part.name[1..];
    let (units, half) = match number.strip_suffix(".5") {
        Some(units) => (units, 1),
        None => (number, 0),
    };
    let units = whole(units, part.at.start + 1..part.at.end, "a rack unit", 1..=100)?;
    let half_units = u16::try_from(units * 2 + half).expect("at most 201");
    Ok(Position::Unit { half_units, unit: part.clone() })
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.container)?;
        if let Some(face) = self.face {
            write!(f, "/{face}")?;
        }
        match &self.position {
            Position::Anywhere => Ok(()),
            Position::Unit { half_units, .. } => {
                write!(f, "/U{}{}", half_units / 2, if half_units % 2 == 1 { ".5" } else { "" })
            }
            Position::On { shelf, slot: None } => write!(f, "/{shelf}"),
            Position::On { shelf, slot: Some(slot) } => write!(f, "/{shelf}/{slot}"),
        }
    }
}

impl Grammar for Place {
    const WHAT: &'static str = "a place, such as `rack-1/U4`";
    const PATTERN: Option<&'static str> = Some(r"^[^/]+(/(front|back))?(/[^/]+){0,2}$");
    const EXAMPLES: &'static [&'static str] =
        &["rack-1/U4", "rack-1/back/U3", "rack-1/shelf-1/2", "rack-1/shelf-1", "rack-1", "living-room"];

    fn parse(text: &str) -> Result<Self, GrammarError> {
        let parts = Self::parts(text)?;
        let (container, rest) = parts.split_first().expect("splitting gives at least one part");
        let (face, rest) = match rest.split_first() {
            Some((part, rest)) if part.name == "front" => (Some(Face::Front), rest),
            Some((part, rest)) if part.name == "back" => (Some(Face::Back), rest),
            _ => (None, rest),
        };
        let position = match rest {
            [] => Position::Anywhere,
            [unit] if is_unit(&unit.name) => parse_unit(unit)?,
            [shelf] if is_unlikely_shelf(shelf) => return Err(bad_face(shelf)),
            [shelf] => Position::On { shelf: shelf.clone(), slot: None },
            [unit, extra, ..] if is_unit(&unit.name) => return Err(left_over(extra, text)),
            [face, unit] if is_unit(&unit.name) => return Err(bad_face(face)),
            [shelf, slot] => Position::On { shelf: shelf.clone(), slot: Some(slot.clone()) },
            [_, _, extra, ..] => return Err(left_over(extra, text)),
        };
        Ok(Self { container: container.clone(), face, position })
    }
}

/// A bare number or a second face is no shelf.
fn is_unlikely_shelf(part: &Part) -> bool {
    part.name.bytes().all(|b| b.is_ascii_digit()) || matches!(part.name.as_str(), "front" | "back" | "rear")
}

fn bad_face(part: &Part) -> GrammarError {
    if part.name.bytes().all(|b| b.is_ascii_digit()) {
        let error = GrammarError::new(part.at.clone(), "a bare number is no place in a rack");
        return error.with_help(format!("write {}", quoted(&format!("U{}", part.name))));
    }
    let help = match (part.name.as_str(), nearest(&part.name, &["front", "back"])) {
        ("rear", _) => "write `back`".to_string(),
        (_, Some(face)) if face != part.name => format!("write `{face}`"),
        _ => "a rack has the sides `front` and `back`, said once".to_string(),
    };
    GrammarError::new(part.at.clone(), unknown("side of a rack", &part.name)).with_help(help)
}

fn left_over(extra: &Part, text: &str) -> GrammarError {
    let message = format!("{} is left over", quoted(&text[extra.at.start..]));
    GrammarError::new(extra.at.start..text.len(), message).with_help("end it before the last `/`")
}

/// One end of a cable: a device and one of its interfaces, outlets or inlets.
///
/// The device ends at the first colon, so the interface may hold anything: `switch-1:1/2/1`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Endpoint {
    /// The device.
    pub device: Part,
    /// What of it.
    pub interface: Part,
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.device, self.interface)
    }
}

impl Grammar for Endpoint {
    const WHAT: &'static str = "an end of a cable, such as `switch-1:sfp-3`";
    const PATTERN: Option<&'static str> = Some(r"^[^:]+:.+$");
    const EXAMPLES: &'static [&'static str] = &["switch-1:sfp-3", "switch-1:1/2/1", "router-1:igb 0"];

    fn parse(text: &str) -> Result<Self, GrammarError> {
        let Some((device, interface)) = text.split_once(':') else {
            let error = GrammarError::new(text.len()..text.len(), "the interface is missing");
            let meant = match text.split_once('/') {
                Some((device, interface)) => format!("{device}:{interface}"),
                None => format!("{text}:INTERFACE"),
            };
            return Err(error.with_help(format!("write {}", quoted(&meant))));
        };
        let device_at = 0..device.len();
        let interface_at = device.len() + 1..text.len();
        check_name(device, device_at.clone(), "the device is missing before the colon")?;
        check_name(interface, interface_at.clone(), "the interface is missing after the colon")?;
        Ok(Self { device: Part::new(device, device_at), interface: Part::new(interface, interface_at) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grammar::tests::check;

    #[test]
    fn places() {
        check::<Place>(&[
            ("rack-1/U4", Ok("rack-1/U4")),
            ("rack-1/U4.5", Ok("rack-1/U4.5")),
            ("rack-1/back/U3", Ok("rack-1/back/U3")),
            ("rack-1/front/shelf-1/2", Ok("rack-1/front/shelf-1/2")),
            ("Wohnzimmer", Ok("Wohnzimmer")),
            ("rack-1/U4-5", Err(("U4-5", "write `U4`"))),
            ("rack-1/u4", Err(("u4", "write `U4`"))),
            ("rack-1/4", Err(("4", "write `U4`"))),
            ("rack-1/U0", Err(("0", "between 1 and 100"))),
            ("rack-1/U04", Err(("04", "write `4`"))),
            ("rack-1/U4x", Err(("4x", "a number from 1"))),
            ("rack-1/rear/U4", Err(("rear", "write `back`"))),
            ("rack-1/bakc/U4", Err(("bakc", "write `back`"))),
            ("rack-1/back/front", Err(("front", "said once"))),
            ("rack-1//U4", Err(("", "no empty part"))),
            ("rack-1/", Err(("", "no empty part"))),
            ("rack-1/ U4", Err((" U4", "write `U4`"))),
            ("rack-1/U4/2", Err(("2", "left over"))),
            ("rack-1/a/b/c", Err(("c", "left over"))),
            ("", Err(("", "no empty part"))),
        ]);
    }

    #[test]
    fn parts_know_where_they_stand() {
        let text = "räck/back/shelf-1/2";
        let place = Place::parse(text).unwrap();
        assert_eq!((&text[place.container.at.clone()], place.face), ("räck", Some(Face::Back)));
        let Position::On { shelf, slot: Some(slot) } = place.position else { panic!("on a shelf") };
        assert_eq!((&text[shelf.at], &text[slot.at]), ("shelf-1", "2"));
        let unit = |text| Place::parse(text).unwrap().position;
        assert_eq!(unit("rack-1/U4"), unit("rack-10/U4"), "where it stands in the text does not matter");
    }

    #[test]
    fn endpoints() {
        check::<Endpoint>(&[
            ("switch-1:1/2/1", Ok("switch-1:1/2/1")),
            ("router-1:igb 0.20:x", Ok("router-1:igb 0.20:x")),
            ("switch-1", Err(("", "`switch-1:INTERFACE`"))),
            ("switch-1/3", Err(("", "`switch-1:3`"))),
            (":1", Err(("", "device is missing"))),
            ("switch-1:", Err(("", "interface is missing"))),
            ("switch-1: 1", Err((" 1", "write `1`"))),
            ("switch-1 :1", Err(("switch-1 ", "write `switch-1`"))),
        ]);
        let end = Endpoint::parse("switch-1:1/2/1").unwrap();
        assert_eq!((end.device.at, end.interface.at), (0..8, 9..14));
    }
}
