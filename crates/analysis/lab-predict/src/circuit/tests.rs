//! Tests of circuits: what gates become, what they mean, and circles.

use super::*;

fn three() -> (CircuitBuilder, [NodeId; 3]) {
    let mut builder = CircuitBuilder::new();
    let nodes = ["a", "b", "c"].map(|name| builder.event(BasicEvent::new(name)));
    (builder, nodes)
}

#[test]
fn equal_nodes_are_one_node() {
    let (mut builder, [a, b, c]) = three();
    assert_eq!(builder.or([a, b]), builder.or([b, a, b]));
    assert_eq!(builder.at_least(2, [a, b, c]), builder.at_least(2, [c, a, b]));
    assert_eq!(builder.event(BasicEvent::new("a")), a);
}

#[test]
fn gates_that_are_none_never_come_to_be() {
    let (mut builder, [a, b, c]) = three();
    let (never, always) = (NodeId::NEVER, NodeId::ALWAYS);
    assert_eq!(builder.or([a]), a);
    assert_eq!(builder.or([]), never);
    assert_eq!(builder.and([]), always);
    assert_eq!(builder.or([a, always]), always);
    assert_eq!(builder.and([a, never]), never);
    assert_eq!(builder.and([a, always]), a);
    assert_eq!(builder.at_least(0, [a]), always);
    assert_eq!(builder.at_least(4, [a, b, c]), never);
    assert_eq!(builder.at_least(1, [a, b]), builder.or([a, b]));
    assert_eq!(builder.at_least(3, [a, b, c]), builder.and([a, b, c]));
    assert_eq!(builder.at_least(2, [a, b, always]), builder.or([a, b]));
    assert_eq!(builder.at_least(2, [a, b, never]), builder.and([a, b]));
    assert_eq!(builder.finish().n_gates(), 2 + 1, "an OR, two ANDs and nothing else");
}

#[test]
fn an_input_that_stands_twice_counts_twice() {
    let (mut builder, [a, b, c]) = three();
    let gate = builder.at_least(2, [a, a, b, c]);
    let circuit = builder.finish();
    let failed = |names: &[&str]| {
        circuit.evaluate(|event| names.contains(&circuit.event(event).name.as_str()))[gate.index()]
    };
    assert!(failed(&["a"]));
    assert!(!failed(&["b"]));
    assert!(failed(&["b", "c"]));
}

#[test]
fn gates_may_be_defined_in_any_order() {
    let gate = |name: &str, formula, is_top| Definition {
        name: name.into(),
        label: None,
        span: None,
        formula,
        is_top,
    };
    let build = |gates: Vec<Definition>| {
        let (builder, events) = three();
        Definitions { gates }.build(builder, &events)
    };
    let top = gate("top", Formula::And(vec![Formula::Gate(1), Formula::Event(2)]), true);
    let under = gate("under", Formula::Or(vec![Formula::Event(0), Formula::Event(1)]), false);
    let circuit = build(vec![top.clone(), under]).unwrap();
    assert_eq!(circuit.tops()[0].name, "top");
    assert_eq!(circuit.named_gates()[0].name, "under");

    let back = gate("under", Formula::Or(vec![Formula::Event(0), Formula::Gate(0)]), false);
    let error = build(vec![top, back]).unwrap_err();
    let told = "gates need one another in a circle, so that nothing says when it fails: top -> under -> top";
    assert_eq!(error.to_string(), told);
    let alone = gate("x", Formula::Gate(0), true);
    assert!(build(vec![alone]).unwrap_err().to_string().starts_with("a gate needs itself"));
}

#[test]
fn a_long_chain_of_definitions_is_no_deep_recursion() {
    let n_gates = 100_000;
    let gates = (0..n_gates).map(|place| Definition {
        name: format!("g{place}"),
        label: None,
        span: None,
        formula: match place + 1 == n_gates {
            true => Formula::Event(0),
            false => Formula::Or(vec![Formula::Gate(place + 1), Formula::Event(1)]),
        },
        is_top: place == 0,
    });
    let definitions = Definitions { gates: gates.collect() };
    let (builder, events) = three();
    let circuit = definitions.build(builder, &events).unwrap();
    let reduced = Reduced::new(&circuit);
    assert_eq!(reduced.tops, [Input::Class(0)], "two events that are alike in effect");
}

#[test]
fn events_that_break_the_same_things_are_one_class() {
    let mut builder = CircuitBuilder::new();
    let mut event = |name: &str| builder.event(BasicEvent::new(name));
    let [breaker, cable, plug, left, right, disk] =
        ["breaker", "cable", "plug", "left", "right", "disk"].map(&mut event);
    let feed = builder.or([breaker, cable, plug]);
    let first = builder.or([feed, left]);
    let second = builder.or([feed, right]);
    let pair = builder.and([first, second]);
    let service = builder.or([pair, disk]);
    builder.top("service", service);
    builder.top("first", first);
    let circuit = builder.finish();
    let reduced = Reduced::new(&circuit);
    let names: Vec<Vec<&str>> = reduced
        .classes
        .iter()
        .map(|class| class.iter().map(|event| circuit.event(*event).name.as_str()).collect())
        .collect();
    assert_eq!(names, [vec!["breaker", "cable", "plug"], vec!["left"], vec!["right"], vec!["disk"]]);
}
