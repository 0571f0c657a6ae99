//! For programs: everything, with a version.

use super::{Figures, Report};
use crate::expect::Within;
use crate::judge::{Difference, Verdict};
use crate::rehearsal::{Act, Row};
use serde_json::{Value, json};

/// The version of the document. A field that goes away or changes its meaning raises it; new fields do not.
pub const JSON_VERSION: u32 = 2;

/// The report as JSON.
pub fn json(report: &Report<'_>) -> Value {
    let choice = report.choice;
    let left_out = choice
        .left_out
        .iter()
        .map(|left| json!({ "goal": left.goal.words, "aim": left.goal.aim.word(), "why": left.why }));
    let stale = report.outcome.stale.iter();
    let stale = stale.map(|known| json!({ "name": known.name, "because": known.because }));
    json!({
        "version": JSON_VERSION,
        "lab": report.lab,
        "day": report.day,
        "cut_short": report.outcome.is_cut_short,
        "agreement": figures(report.figures()),
        "acts": report.outcome.acts.iter().map(|act| self::act(report, act)).collect::<Vec<_>>(),
        "goals": choice.n_goals,
        "left_out": left_out.collect::<Vec<_>>(),
        "refused": choice.refused,
        "unasked": report.vector.unasked.iter().map(|(what, why)| json!([what, why])).collect::<Vec<_>>(),
        "stale": stale.collect::<Vec<_>>(),
        "stand_ins": report.stand_ins,
        "missing": report.missing,
    })
}

fn figures(figures: Figures) -> Value {
    json!({
        "confirmed": figures.confirmed, "refuted": figures.refuted, "known": figures.known,
        "not_judged": figures.not_judged, "judged": figures.judged(), "shown": figures.agreement(),
    })
}

fn act(report: &Report<'_>, act: &Act) -> Value {
    let fault = act.fault.as_ref().map(|fault| {
        json!({
            "id": fault.id,
            "label": fault.label,
            "done": crate::choose::done_words(&fault.acts),
            "shows": fault.reaches.iter().map(|goal| json!([goal.aim.word(), goal.words])).collect::<Vec<_>>(),
        })
    });
    let change = |(seconds, probe, is_up): &(f64, usize, bool)| {
        json!([round(*seconds), report.vector.probes[*probe].id(), if *is_up { "up" } else { "down" }])
    };
    json!({
        "fault": fault,
        "agreement": figures(Figures::of(&act.rows)),
        "seconds": round(act.seconds),
        "healed_after": act.healed.map(round),
        "seen_with": act.seen_with,
        "rows": act.rows.iter().map(|row| self::row(report, row)).collect::<Vec<_>>(),
        "changes": act.changes.iter().map(change).collect::<Vec<_>>(),
    })
}

fn row(report: &Report<'_>, row: &Row) -> Value {
    let word = |up: Option<bool>| up.map(|up| if up { "up" } else { "down" });
    let (verdict, why) = match &row.verdict {
        Verdict::Confirmed => ("confirmed", None),
        Verdict::Refuted(difference) => ("refuted", Some(difference.shown())),
        Verdict::NotJudged(why) => ("not-judged", Some(why.clone())),
    };
    let difference = match &row.verdict {
        Verdict::Refuted(difference) => Some(Difference::word(difference)),
        _ => None,
    };
    let within = match &row.expected.within {
        Within::Seconds { most, waits } => json!({ "seconds": most, "waits": waits }),
        Within::NotJudged(why) => json!({ "not_judged": why }),
    };
    let gaps = row.seen.gaps.iter();
    let gaps = gaps
        .map(|gap| json!({ "from": round(gap.from), "to": gap.to.map(round), "least": round(gap.least) }));
    json!({
        "question": report.probe(row),
        "by": report.vector.probes[row.probe].by,
        "predicted": word(row.expected.up),
        "within": within,
        "seen": word(row.seen.up),
        "gaps": gaps.collect::<Vec<_>>(),
        "said": row.seen.said,
        "verdict": verdict,
        "difference": difference,
        "why": why,
        "known": row.known,
    })
}

/// To milliseconds.
fn round(seconds: f64) -> f64 {
    (seconds * 1000.0).round() / 1000.0
}
