//! Small labs with one promise, judged: what the tests of every family share.

use super::{Judged, judge};
use crate::forecast::Forecast;

/// Judges the promises of a lab of one file, as of 2026-06-01, with cut sets up to two failures. A head is there already.
fn judged(text: &str) -> Vec<Judged> {
    let file =
        |name: &str, text: &str| lab_source::Input { name: name.to_owned(), bytes: text.as_bytes().to_vec() };
    let files = vec![file("head.yaml", "lab: { name: test, voltage: 230 V }"), file("lab.yaml", text)];
    let reading = lab_model::read(lab_model::Input { files, overlays: Vec::new(), types: &() });
    assert!(!reading.has_errors(), "{:?}", reading.diagnostics);
    let forecast = Forecast::new(&reading.lab, jiff::civil::date(2026, 6, 1), 2).expect("it is small");
    judge(&forecast)
}

/// The verdict on each promise.
pub(super) fn verdicts(text: &str) -> Vec<&'static str> {
    judged(text).iter().map(|judged| judged.verdict().word()).collect()
}

/// Why, of the first promise.
pub(super) fn because(text: &str) -> String {
    let judged = judged(text);
    let first = judged.first().expect("there is a promise");
    first.aspects.iter().map(|aspect| aspect.because.as_str()).collect::<Vec<_>>().join(" ")
}

#[test]
fn a_claim_that_says_too_little_has_an_aspect_that_says_so() {
    let text = "promises: { it: { says: it, claim: { keeps: data } } }";
    assert_eq!(verdicts(text), ["not judged"]);
    assert!(because(text).contains("is missing"));
}
