//! Expressions to numbers. A deviate counts with its mean: what is computed here is a point, not a distribution.

use super::error::{Fault, Located};
use super::scope::{Names, Place};
use super::xml::Element;

/// Parameters that are defined by parameters, one after another. Beyond this it is a circle, or as good as one.
const DEPTH_MAX: usize = 128;

/// What expressions may refer to.
pub(super) struct Context<'a> {
    /// Hours.
    pub(super) mission_time: f64,
    pub(super) parameters: Vec<(Place, &'a Element)>,
    pub(super) names: Names<usize>,
}

impl Context<'_> {
    /// The value of an expression.
    pub(super) fn value(&self, place: &Place, element: &Element) -> Result<f64, Located> {
        let value = self.at_depth(place, element, 0)?;
        match value.is_finite() {
            true => Ok(value),
            false => {
                Err(place.fail(element, Fault::Value(format!("<{}> has no finite value", element.name))))
            }
        }
    }

    fn at_depth(&self, place: &Place, element: &Element, depth: usize) -> Result<f64, Located> {
        match element.name.as_str() {
            "float" | "int" => number(place, element),
            "bool" => boolean(place, element).map(f64::from),
            "pi" => Ok(std::f64::consts::PI),
            "system-mission-time" => Ok(self.mission_time),
            "parameter" => self.parameter(place, element, depth),
            "histogram" | "extern-function" | "test-initiating-event" | "test-functional-event" => {
                Err(place.fail(element, Fault::Unsupported(element.name.clone())))
            }
            _ => {
                let values: Result<Vec<f64>, Located> =
                    element.children.iter().map(|child| self.at_depth(place, child, depth)).collect();
                operation(&element.name, &values?).map_err(|fault| place.fail(element, fault))
            }
        }
    }

    fn parameter(&self, place: &Place, element: &Element, depth: usize) -> Result<f64, Located> {
        if depth == DEPTH_MAX {
            let text = "parameters define one another in a circle, or in a chain without end".to_owned();
            return Err(place.fail(element, Fault::Value(text)));
        }
        let (home, definition) = &self.parameters[self.names.find(place, element)?];
        let expression = content(home, definition)?.ok_or_else(|| {
            home.fail(definition, Fault::Missing { element: definition.name.clone(), what: "expression" })
        })?;
        self.at_depth(home, expression, depth + 1)
    }
}

/// The one child of a definition that is neither its label nor its attributes.
pub(super) fn content<'a>(place: &Place, definition: &'a Element) -> Result<Option<&'a Element>, Located> {
    let is_content = |child: &&Element| !matches!(child.name.as_str(), "label" | "attributes");
    let mut children = definition.children.iter().filter(is_content);
    let first = children.next();
    match children.next() {
        Some(second) => {
            let (found, parent) = (second.name.clone(), definition.name.clone());
            Err(place.fail(second, Fault::Misplaced { found, parent }))
        }
        None => Ok(first),
    }
}

/// The `value` of `true` or `false`.
pub(super) fn boolean(place: &Place, element: &Element) -> Result<bool, Located> {
    match element.attribute("value") {
        Some("true" | "1") => Ok(true),
        Some("false" | "0") => Ok(false),
        _ => Err(place.fail(element, Fault::Value(format!("<{}> takes true or false", element.name)))),
    }
}

fn number(place: &Place, element: &Element) -> Result<f64, Located> {
    let value = element.attribute("value").and_then(|value| value.trim().parse().ok());
    let told = || Fault::Value(format!("<{}> takes a number as its value", element.name));
    value.ok_or_else(|| place.fail(element, told()))
}

/// One minus e to the power of minus the rate times the time.
fn exponential(rate: f64, time: f64) -> f64 {
    -(-rate * time).exp_m1()
}

fn operation(name: &str, values: &[f64]) -> Result<f64, Fault> {
    let fold = |operation: fn(f64, f64) -> f64| values.iter().copied().reduce(operation);
    let value = match (name, values) {
        ("neg", [value]) => -value,
        ("add", [_, _, ..]) => values.iter().sum(),
        ("sub", [first, rest @ ..]) if !rest.is_empty() => first - rest.iter().sum::<f64>(),
        ("mul", [_, _, ..]) => values.iter().product(),
        ("div", [first, rest @ ..]) if !rest.is_empty() => first / rest.iter().product::<f64>(),
        ("pow", [base, exponent]) => base.powf(*exponent),
        ("mod", [value, by]) => value % by,
        ("abs", [value]) => value.abs(),
        ("exp", [value]) => value.exp(),
        ("log", [value]) => value.ln(),
        ("log10", [value]) => value.log10(),
        ("sqrt", [value]) => value.sqrt(),
        ("ceil", [value]) => value.ceil(),
        ("floor", [value]) => value.floor(),
        ("min", [_, ..]) => fold(f64::min).unwrap_or_default(),
        ("max", [_, ..]) => fold(f64::max).unwrap_or_default(),
        ("mean", [_, ..]) => values.iter().sum::<f64>() / values.len() as f64,
        ("exponential", [rate, time]) => exponential(*rate, *time),
        ("GLM", [on_demand, failure, repair, time]) => {
            let both = failure + repair;
            (failure - (failure - on_demand * both) * (-both * time).exp()) / both
        }
        ("Weibull", [scale, shape, shift, time]) => {
            if time <= shift {
                0.0
            } else {
                -(-((time - shift) / scale).powf(*shape)).exp_m1()
            }
        }
        ("periodic-test", [rate, interval, first, time]) => periodic(*rate, *interval, *first, *time),
        ("uniform-deviate", [low, high]) => f64::midpoint(*low, *high),
        ("normal-deviate", [mean, _]) | ("lognormal-deviate", [mean, _, _]) => *mean,
        ("lognormal-deviate", [mu, sigma]) => (mu + sigma * sigma / 2.0).exp(),
        ("gamma-deviate", [shape, scale]) => shape * scale,
        ("beta-deviate", [alpha, beta]) => alpha / (alpha + beta),
        _ if is_operation(name) => {
            let n = values.len();
            return Err(Fault::Value(format!("<{name}> with {n} arguments is not supported")));
        }
        _ => return Err(Fault::Unsupported(name.to_owned())),
    };
    Ok(value)
}

/// Tests that find and repair at once, the first after `first` hours, then in intervals.
fn periodic(rate: f64, interval: f64, first: f64, time: f64) -> f64 {
    if time <= first {
        return exponential(rate, time);
    }
    let since = (time - first) % interval;
    exponential(rate, if since > 0.0 { since } else { interval })
}

fn is_operation(name: &str) -> bool {
    const NAMES: [&str; 26] = [
        "neg",
        "add",
        "sub",
        "mul",
        "div",
        "pow",
        "mod",
        "abs",
        "exp",
        "log",
        "log10",
        "sqrt",
        "ceil",
        "floor",
        "min",
        "max",
        "mean",
        "exponential",
        "GLM",
        "Weibull",
        "periodic-test",
        "uniform-deviate",
        "normal-deviate",
        "lognormal-deviate",
        "gamma-deviate",
        "beta-deviate",
    ];
    NAMES.contains(&name)
}
