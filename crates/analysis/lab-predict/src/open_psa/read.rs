//! Files of a model to one circuit. First every definition gets its name, then formulas are read: a file may use what another defines.

use super::error::{Fault, Located, ReadError};
use super::expression::{Context, boolean, content};
use super::scope::{Names, Place};
use super::xml::{self, Element};
use crate::circuit::{BasicEvent, Circuit, CircuitBuilder, Definition, Definitions, Formula, NodeId};
use lab_source::{FileId, Span};
use std::collections::BTreeSet;

/// One file of a model.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Source<'a> {
    /// The name that errors tell.
    pub name: &'a str,
    /// What is in it.
    pub text: &'a str,
}

/// What a model leaves open.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Options {
    /// `<system-mission-time/>`, in hours.
    pub mission_time: f64,
}

impl Default for Options {
    /// A year, as other tools have it.
    fn default() -> Self {
        Self { mission_time: 8760.0 }
    }
}

/// Reads a model. Its tops are the gates that no other gate of the same fault tree uses.
///
/// # Errors
/// The first fault: no XML, not coherent, not supported, names without meaning, circles, probabilities that are none. Spans in the
/// circuit count the sources from 0.
pub fn read(sources: &[Source<'_>], options: Options) -> Result<Circuit, ReadError> {
    let located = |error: Located| {
        let source = sources[error.file];
        error.within(source.name, source.text)
    };
    let roots: Result<Vec<Element>, Located> =
        sources.iter().enumerate().map(|(file, source)| xml::parse(file, source.text)).collect();
    let roots = roots.map_err(located)?;
    circuit(&roots, options).map_err(located)
}

/// What a name of the logic stands for, by its place in the [`Model`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Meaning {
    Gate(usize),
    Basic(usize),
    House(bool),
}

impl Meaning {
    fn shown(self) -> &'static str {
        match self {
            Self::Gate(_) => "a gate",
            Self::Basic(_) => "a basic event",
            Self::House(_) => "a house event",
        }
    }
}

/// A definition whose inside is read later.
struct Pending<'a> {
    name: String,
    place: Place,
    element: &'a Element,
    /// Which fault tree it is in.
    tree: usize,
}

/// Everything that the files define.
struct Model<'a> {
    names: Names<Meaning>,
    gates: Vec<Pending<'a>>,
    basics: Vec<Pending<'a>>,
    context: Context<'a>,
    n_trees: usize,
}

fn circuit(roots: &[Element], options: Options) -> Result<Circuit, Located> {
    let context = Context {
        mission_time: options.mission_time,
        parameters: Vec::new(),
        names: Names::new("the parameter"),
    };
    let names = Names::new("the event or gate");
    let mut model = Model { names, gates: Vec::new(), basics: Vec::new(), context, n_trees: 0 };
    for (file, root) in roots.iter().enumerate() {
        let place = Place { file, path: String::new(), is_private: false };
        if root.name != "opsa-mef" {
            return Err(
                place.fail(root, Fault::Value(format!("the root is <{}>, not <opsa-mef>", root.name)))
            );
        }
        model.collect(&place, root, 0)?;
    }
    model.build()
}

/// What is in a model beside definitions, and says nothing about failures.
const SILENT: [&str; 2] = ["label", "attributes"];

/// What the format knows and this reader does not.
const UNSUPPORTED: [&str; 10] = [
    "include",
    "define-event-tree",
    "define-initiating-event",
    "define-CCF-group",
    "define-substitution",
    "define-alignment",
    "define-rule",
    "define-functional-event",
    "define-sequence",
    "define-extern-library",
];

impl<'a> Model<'a> {
    /// Gives every definition in a container its name.
    fn collect(&mut self, place: &Place, container: &'a Element, tree: usize) -> Result<(), Located> {
        for element in &container.children {
            match element.name.as_str() {
                "define-fault-tree" => {
                    self.n_trees += 1;
                    let tree = self.n_trees;
                    self.collect(&place.inside(element)?, element, tree)?;
                }
                "define-component" => self.collect(&place.inside(element)?, element, tree)?,
                "model-data" => self.collect(place, element, tree)?,
                "define-gate" => {
                    let name = self.names.define(place, element, Meaning::Gate(self.gates.len()))?;
                    self.gates.push(Pending { name, place: place.clone(), element, tree });
                }
                "define-basic-event" => {
                    let name = self.names.define(place, element, Meaning::Basic(self.basics.len()))?;
                    self.basics.push(Pending { name, place: place.clone(), element, tree });
                }
                "define-house-event" => {
                    let value =
                        content(place, element)?.map(|constant| boolean(place, constant)).transpose()?;
                    self.names.define(place, element, Meaning::House(value.unwrap_or(false)))?;
                }
                "define-parameter" => {
                    self.context.names.define(place, element, self.context.parameters.len())?;
                    self.context.parameters.push((place.clone(), element));
                }
                name if SILENT.contains(&name) => {}
                name if UNSUPPORTED.contains(&name) || name.starts_with("define-extern") => {
                    return Err(place.fail(element, Fault::Unsupported(name.to_owned())));
                }
                name => {
                    let (found, parent) = (name.to_owned(), container.name.clone());
                    return Err(place.fail(element, Fault::Misplaced { found, parent }));
                }
            }
        }
        Ok(())
    }

    fn build(self) -> Result<Circuit, Located> {
        let mut formulas = Vec::with_capacity(self.gates.len());
        let mut used_gates = vec![false; self.gates.len()];
        let mut used_basics = BTreeSet::new();
        for gate in &self.gates {
            let Some(content) = content(&gate.place, gate.element)? else {
                let fault = Fault::Missing { element: gate.element.name.clone(), what: "formula" };
                return Err(gate.place.fail(gate.element, fault));
            };
            let formula = self.formula(&gate.place, content)?;
            self.mark(gate.tree, &formula, &mut used_gates, &mut used_basics);
            formulas.push(formula);
        }
        let mut builder = CircuitBuilder::new();
        let mut events = vec![NodeId::NEVER; self.basics.len()];
        for &basic in &used_basics {
            events[basic] = builder.event(self.basic_event(&self.basics[basic])?);
        }
        let definition = |((gate, formula), is_used): ((&Pending<'_>, Formula), bool)| Definition {
            name: gate.name.clone(),
            label: label(gate.element),
            span: Some(span(&gate.place, gate.element)),
            formula,
            is_top: !is_used,
        };
        let gates = self.gates.iter().zip(formulas).zip(used_gates).map(definition).collect();
        Definitions { gates }.build(builder, &events).map_err(|error| {
            let at = error.span.expect("every gate here has its place");
            Located { file: at.file.0 as usize, offset: at.start as usize, fault: Fault::Circle(error) }
        })
    }

    /// Notes what a formula of a fault tree uses.
    fn mark(&self, tree: usize, formula: &Formula, gates: &mut [bool], basics: &mut BTreeSet<usize>) {
        match formula {
            Formula::Constant(_) => {}
            Formula::Event(event) => {
                basics.insert(*event);
            }
            Formula::Gate(gate) => gates[*gate] |= self.gates[*gate].tree == tree,
            Formula::Or(inputs) | Formula::And(inputs) | Formula::AtLeast(_, inputs) => {
                inputs.iter().for_each(|input| self.mark(tree, input, gates, basics));
            }
        }
    }

    fn formula(&self, place: &Place, element: &Element) -> Result<Formula, Located> {
        let inputs = || -> Result<Vec<Formula>, Located> {
            if element.children.is_empty() {
                let fault = Fault::Missing { element: element.name.clone(), what: "inputs" };
                return Err(place.fail(element, fault));
            }
            element.children.iter().map(|child| self.formula(place, child)).collect()
        };
        match element.name.as_str() {
            "or" => Ok(Formula::Or(inputs()?)),
            "and" => Ok(Formula::And(inputs()?)),
            "atleast" => {
                let min = element.attribute("min").and_then(|min| min.trim().parse().ok());
                let fault = || Fault::Value("<atleast> takes a whole number as its min".to_owned());
                Ok(Formula::AtLeast(min.ok_or_else(|| place.fail(element, fault()))?, inputs()?))
            }
            "constant" => Ok(Formula::Constant(boolean(place, element)?)),
            "event" | "gate" | "basic-event" | "house-event" => self.reference(place, element),
            name @ ("not" | "xor" | "nand" | "nor" | "iff" | "imply" | "cardinality") => {
                Err(place.fail(element, Fault::NotCoherent(name.to_owned())))
            }
            name => Err(place.fail(element, Fault::Unsupported(name.to_owned()))),
        }
    }

    fn reference(&self, place: &Place, element: &Element) -> Result<Formula, Located> {
        let meaning = self.names.find(place, element)?;
        let kind = match element.name.as_str() {
            "event" => element.attribute("type").unwrap_or("event"),
            name => name,
        };
        let formula = match meaning {
            Meaning::Gate(gate) => Formula::Gate(gate),
            Meaning::Basic(event) => Formula::Event(event),
            Meaning::House(value) => Formula::Constant(value),
        };
        let what = match (kind, meaning) {
            ("event", _)
            | ("gate", Meaning::Gate(_))
            | ("basic-event", Meaning::Basic(_))
            | ("house-event", Meaning::House(_)) => return Ok(formula),
            ("gate", _) => "a gate",
            ("basic-event", _) => "a basic event",
            _ => "a house event",
        };
        let name = place.name(element)?.to_owned();
        Err(place.fail(element, Fault::Kind { name, found: meaning.shown(), what }))
    }

    fn basic_event(&self, basic: &Pending<'_>) -> Result<BasicEvent, Located> {
        let (place, element) = (&basic.place, basic.element);
        let expression = content(place, element)?;
        let probability = expression.map(|expression| self.context.value(place, expression)).transpose()?;
        if let Some(value) = probability.filter(|value| !(0.0..=1.0).contains(value)) {
            let text = format!("`{}` has the probability {value}, which is not between 0 and 1", basic.name);
            return Err(place.fail(element, Fault::Value(text)));
        }
        let span = Some(span(place, element));
        Ok(BasicEvent { name: basic.name.clone(), label: label(element), probability, span })
    }
}

fn label(element: &Element) -> Option<String> {
    let label = element.children.iter().find(|child| child.name == "label")?;
    let text = label.text.split_whitespace().collect::<Vec<_>>().join(" ");
    (!text.is_empty()).then_some(text)
}

fn span(place: &Place, element: &Element) -> Span {
    let end = element.offset + element.name.len() + 1;
    Span::new(FileId(place.file as u32), element.offset as u32, end as u32)
}
