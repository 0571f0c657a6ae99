//! Tests of the format: what is read, what is refused and where, and that what is written reads back the same.

use super::*;
use crate::circuit::Circuit;
use crate::{Limits, minimal_cut_sets};

fn read_one(text: &str) -> Result<Circuit, String> {
    read(&[Source { name: "tree.xml", text }], Options::default()).map_err(|error| error.to_string())
}

fn tree(inside: &str) -> String {
    format!("<opsa-mef>\n<define-fault-tree name=\"ft\">\n{inside}\n</define-fault-tree>\n</opsa-mef>")
}

fn sets(circuit: &Circuit) -> Vec<Vec<&str>> {
    let answer = minimal_cut_sets(circuit, Limits::of_order(4)).unwrap();
    let top = &answer.tops[0];
    let name = |event: crate::EventId| circuit.event(event).name.as_str();
    let mut sets: Vec<Vec<&str>> =
        (1..=4).flat_map(|order| top.sets(order)).map(|set| set.into_iter().map(name).collect()).collect();
    sets.sort();
    sets
}

const EVENTS: &str =
    "<define-basic-event name=\"a\"/><define-basic-event name=\"b\"/><define-basic-event name=\"c\"/>";

#[test]
fn formulas_nest_and_house_events_decide() {
    let text = tree(&format!(
        "<define-gate name=\"top\"><or><and><event name=\"a\"/><house-event name=\"on\"/></and>
           <atleast min=\"2\"><gate name=\"g\"/><basic-event name=\"c\"/><constant value=\"false\"/></atleast></or></define-gate>
         <define-gate name=\"g\"><label>x &gt; y</label><event name=\"b\" type=\"basic-event\"/></define-gate>
         <define-house-event name=\"on\"><constant value=\"true\"/></define-house-event>{EVENTS}"
    ));
    let circuit = read_one(&text).unwrap();
    assert_eq!(sets(&circuit), [vec!["a"], vec!["b", "c"]]);
    assert_eq!(circuit.tops().len(), 1);
    assert_eq!(circuit.named_gates()[0].label.as_deref(), Some("x > y"));
}

#[test]
fn private_names_are_found_from_the_inside_out() {
    let text = tree(
        "<define-gate name=\"top\"><and><gate name=\"t.g\"/><event name=\"e\"/></and></define-gate>
         <define-basic-event name=\"e\"/>
         <define-component name=\"t\" role=\"private\">
           <define-gate name=\"g\"><or><event name=\"e\"/><event name=\"f\"/></or></define-gate>
           <define-basic-event name=\"e\"/><define-basic-event name=\"f\"/>
         </define-component>",
    );
    assert_eq!(sets(&read_one(&text).unwrap()), [vec!["e", "ft.t.e"], vec!["e", "ft.t.f"]]);
}

#[test]
fn expressions_have_values() {
    let value = |expression: &str| {
        let text = tree(&format!(
            "<define-gate name=\"top\"><event name=\"a\"/></define-gate>
             <define-basic-event name=\"a\">{expression}</define-basic-event>
             <define-parameter name=\"rate\"><lognormal-deviate><float value=\"1e-4\"/><float value=\"3\"/><float value=\"0.95\"/>
             </lognormal-deviate></define-parameter>"
        ));
        read_one(&text).unwrap().events()[0].probability.unwrap()
    };
    let check = |expression: &str, expect: f64| {
        let found = value(expression);
        assert!((found - expect).abs() < 1e-12, "{expression}: {found}, not {expect}");
    };
    let rate = "<parameter name=\"rate\"/>";
    check("<float value=\"3e-2\"/>", 0.03);
    check("<div><int value=\"1\"/><int value=\"4\"/></div>", 0.25);
    check(&format!("<exponential>{rate}<system-mission-time/></exponential>"), 1.0 - (-0.876_f64).exp());
    check(&format!("<mul>{rate}<float value=\"10\"/><float value=\"2\"/></mul>"), 2e-3);
    let glm =
        "<GLM><float value=\"0\"/><float value=\"1\"/><float value=\"3\"/><float value=\"1000\"/></GLM>";
    check(glm, 0.25);
    let weibull = "<Weibull><float value=\"10\"/><float value=\"2\"/><float value=\"5\"/><float value=\"15\"/></Weibull>";
    check(weibull, 1.0 - (-1.0_f64).exp());
}

#[test]
fn what_cannot_be_read_is_told_with_its_place() {
    let gate = |inside: &str| tree(&format!("<define-gate name=\"top\">{inside}</define-gate>{EVENTS}"));
    let check = |text: &str, expect: &str| {
        let told = read_one(text).unwrap_err();
        assert!(told.starts_with("tree.xml:") && told.contains(expect), "{told}\n  does not tell: {expect}");
    };
    check(&gate("<not><event name=\"a\"/></not>"), ":3:25: <not> is not coherent");
    check(
        &gate("<or>\n  <xor><event name=\"a\"/><event name=\"b\"/></xor></or>"),
        ":4:3: <xor> is not coherent",
    );
    check(
        &gate("<or><event name=\"a\"/><event name=\"aa\"/></or>"),
        "nothing defines the event or gate `aa`; did you mean",
    );
    check(&gate("<or/>"), "<or> has no inputs");
    check(&gate(""), "<define-gate> has no formula");
    check(&gate("<gate name=\"a\"/>"), "`a` is a basic event, not a gate");
    check(&gate("<and><event name=\"a\"/><gate name=\"top\"/></and>"), "a gate needs itself in a circle");
    check(&gate("<atleast min=\"x\"><event name=\"a\"/></atleast>"), "takes a whole number");
    check(&gate("<event/>"), "<event> has no name");
    check(&tree("<define-basic-event name=\"a\"/><define-basic-event name=\"a\"/>"), "`a` is defined twice");
    check(&tree("<define-CCF-group name=\"x\" model=\"MGL\"/>"), "<define-CCF-group> is not supported");
    check(&tree("<gate name=\"x\"/>"), "<gate> does not belong in <define-fault-tree>");
    let event = |value: &str| {
        gate("<event name=\"p\"/>")
            .replace(EVENTS, &format!("<define-basic-event name=\"p\">{value}</define-basic-event>"))
    };
    check(&event("<float value=\"1.5\"/>"), "`p` has the probability 1.5");
    check(&event("<float value=\"NaN\"/>"), "no finite value");
    check(&event("<frobnicate/>"), "<frobnicate> is not supported");
    check(&event("<exponential><float value=\"1\"/></exponential>"), "<exponential> with 1 arguments");
    check("<opsa-mef><x></opsa-mef>", "not well-formed XML");
    check("<opsa-mef>", "<opsa-mef> is not closed");
    check("", "there is no element");
    check("<a/>", "the root is <a>");
    check("<!DOCTYPE x [<!ENTITY a \"b\">]><opsa-mef/>", "<!DOCTYPE> is not supported");
    check(&format!("<opsa-mef>{}", "<a>".repeat(300)), "the depth of elements");
}

#[test]
fn parameters_in_a_circle_end() {
    let text = tree(
        "<define-gate name=\"top\"><event name=\"a\"/></define-gate>
         <define-basic-event name=\"a\"><parameter name=\"x\"/></define-basic-event>
         <define-parameter name=\"x\"><parameter name=\"y\"/></define-parameter>
         <define-parameter name=\"y\"><parameter name=\"x\"/></define-parameter>",
    );
    assert!(read_one(&text).unwrap_err().contains("in a circle"));
}

#[test]
fn what_is_written_reads_back_the_same() {
    use crate::circuit::{BasicEvent, CircuitBuilder, NodeId};
    let mut builder = CircuitBuilder::new();
    let disks: Vec<NodeId> = (0..4)
        .map(|disk| {
            builder.event(BasicEvent::new(format!("bulk/disk{disk}")).probability(0.01 * f64::from(disk)))
        })
        .collect();
    let odd = builder.event(BasicEvent::new("1st <plug> & cord"));
    let vdev = builder.at_least(2, disks);
    let pool = builder.or([vdev, odd]);
    builder.top("pool", pool);
    builder.top("vdev", vdev);
    builder.top("odd", odd);
    builder.top("never", NodeId::NEVER);
    let circuit = builder.finish();
    let text = write(&circuit);
    let back = read_one(&text).unwrap();
    assert_eq!(
        back.tops().iter().map(|top| top.name.as_str()).collect::<Vec<_>>(),
        ["pool", "vdev", "odd", "never"]
    );
    assert_eq!(
        back.events().iter().map(|event| event.shown()).collect::<Vec<_>>(),
        circuit.events().iter().map(|event| event.shown()).collect::<Vec<_>>()
    );
    assert_eq!(sets(&back).len(), 7);
    assert_eq!(back.events()[3].probability, circuit.events()[3].probability);
    assert_eq!(write(&back), text, "written again it is the same");
}
