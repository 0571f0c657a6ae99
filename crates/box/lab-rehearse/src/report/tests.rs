//! Figures, and a small report in all its forms.

use super::*;
use crate::expect::{Expected, Within};
use crate::judge::{Difference, Gap, Seen};
use crate::stand_in::Question;
use crate::vector::{From, Meaning, Probe};
use lab_predict::works::ServiceId;

/// Two questions, all well, then one failure after which the first question fails though it should not.
pub(crate) fn small() -> (Vector, Choice, Outcome) {
    let probe = |what: &str| Probe {
        from: From::Vantage(0),
        who: "users".into(),
        what: what.into(),
        question: Question::Open(([10, 0, 0, 1], 80).into()),
        meaning: Meaning::Service { service: ServiceId(0), by_name: true },
        by: Some(if what == "files" { "nginx 1.22.1" } else { "stand-in" }.into()),
    };
    let vector = Vector { probes: vec![probe("photos <by name>"), probe("files")], unasked: vec![] };
    let row = |probe, up: bool, verdict, gap: Option<f64>| Row {
        probe,
        expected: Expected {
            up: Some(true),
            unsaid: None,
            within: Within::Seconds { most: 4.0, waits: vec![] },
        },
        seen: Seen {
            up: Some(up),
            gaps: gap.map(|least| Gap { from: 0.5, to: None, least }).into_iter().collect(),
            said: "nobody".into(),
        },
        verdict,
        known: None,
    };
    let well = Act {
        fault: None,
        rows: vec![row(0, true, Verdict::Confirmed, None), row(1, true, Verdict::Confirmed, None)],
        changes: vec![],
        seconds: 2.0,
        healed: None,
        seen_with: None,
    };
    let fault = crate::choose::Fault {
        id: "device/switch-1".into(),
        label: "switch-1".into(),
        parts: vec![],
        acts: vec![],
        reaches: vec![],
    };
    let dark = Act {
        fault: Some(fault),
        rows: vec![
            row(0, false, Verdict::Refuted(Difference::WentDark), Some(7.0)),
            row(1, true, Verdict::Confirmed, Some(2.0)),
        ],
        changes: vec![(0.6, 0, false), (0.9, 1, false), (2.9, 1, true)],
        seconds: 9.0,
        healed: Some(1.5),
        seen_with: None,
    };
    (vector, Choice::default(), Outcome { acts: vec![well, dark], is_cut_short: false, stale: vec![] })
}

#[test]
fn a_hundred_per_cent_is_never_rounded_up_to() {
    let of = |confirmed, refuted| Figures { confirmed, refuted, ..Figures::default() }.agreement();
    assert_eq!(of(0, 0), "nothing judged");
    assert_eq!(of(12, 0), "100 %");
    assert_eq!(of(9999, 1), "99.9 %");
    assert_eq!(of(1, 2), "33.3 %");
}

#[test]
fn what_went_dark_together_is_one_line() {
    let (.., outcome) = small();
    assert_eq!(timeline(&outcome.acts[1]), [(0.6, false, vec![0, 1]), (2.9, true, vec![1])]);
}

#[test]
fn all_forms_say_the_same() {
    let (vector, choice, outcome) = small();
    let report = Report {
        lab: "home",
        day: "2026-11-21",
        vector: &vector,
        choice: &choice,
        outcome: &outcome,
        stand_ins: &[],
        missing: &[],
    };
    assert!(!report.is_agreed());
    let text = lab_show::render_text(&document(&report, false), 120);
    assert!(text.contains("75.0 % agreement: 3 of 4 predictions came about, 1 refuted"), "{text}");
    assert!(text.contains("users: photos <by name>"), "{text}");
    assert!(text.contains("nginx 1.22.1"), "{text}");
    let json = json(&report);
    assert_eq!(json["acts"][0]["rows"][1]["by"], "nginx 1.22.1");
    assert_eq!((&json["version"], &json["agreement"]["refuted"]), (&2.into(), &1.into()));
    assert_eq!(json["acts"][1]["rows"][0]["difference"], "went-dark");
    let page = crate::page::render(&report);
    assert!(
        page.contains("75.0 %")
            && page.contains("nginx 1.22.1")
            && page.contains("photos &lt;by name&gt;")
            && !page.contains("<by name>"),
        "{page}"
    );
    assert!(!page.contains("http://") && !page.contains("https://"), "the page needs nothing else");
}
