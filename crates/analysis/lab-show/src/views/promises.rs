//! `show promises`: what the owner claims, in their words and in terms that can be proved; and the risks they take.

use super::cables::lab_name;
use super::cell::{self, refs, shown, texts, value, values};
use super::{Asked, ShowError, View};
use crate::document::{Block, Document, Table};
use lab_model::Lab;
use lab_model::written::Claim;

pub(super) const VIEW: View = View {
    name: "promises",
    summary: "what the owner claims and where it is said, what can be proved of it, accepted risks, known differences",
    document,
    drawing: None,
};

fn document(asked: &Asked<'_>) -> Result<Document, ShowError> {
    let lab = asked.lab;
    let mut table = Table::new(&["promise", "=says", "~from", "=claim"]);
    for (_, promise) in lab.promises.iter() {
        table.row([
            promise.name.to_string(),
            shown(promise.says.as_ref()),
            shown(promise.from.as_ref()),
            promise.claim.as_ref().map(claim).unwrap_or_default(),
        ]);
    }
    let mut blocks = vec![Block::Table(table)];
    if !lab.accept.is_empty() {
        blocks.push(Block::Table(risks(lab)));
    }
    if !lab.known_differences.is_empty() {
        blocks.push(Block::Table(known_differences(lab)));
    }
    let title =
        format!("{}: {} promises, {} accepted risks", lab_name(lab), lab.promises.len(), lab.accept.len());
    Ok(Document { title, blocks })
}

fn risks(lab: &Lab) -> Table {
    let mut table = Table::new(&["risk", "code", "~where", "until", "=because"]).titled("Accepted risks");
    for (name, risk) in &lab.accept {
        table.row([
            name.to_string(),
            shown(risk.code.as_ref()),
            texts(&risk.r#where),
            value(&risk.until),
            shown(risk.because.as_ref()),
        ]);
    }
    table
}

fn known_differences(lab: &Lab) -> Table {
    let columns = ["known", "=when this fails", "=question", "=because"];
    let mut table = Table::new(&columns).titled("Known differences between prediction and box");
    for (name, known) in &lab.known_differences {
        table.row([
            name.to_string(),
            shown(known.fault.as_ref()),
            shown(known.probe.as_ref()),
            shown(known.because.as_ref()),
        ]);
    }
    table
}

/// A claim in words: what may happen, what holds then, and for what.
pub(super) fn claim(claim: &Claim) -> String {
    let mut parts: Vec<String> = Vec::new();
    let say = |parts: &mut Vec<String>, words: &str, text: String| {
        if !text.is_empty() {
            parts.push(if words.is_empty() { text } else { format!("{words} {text}") });
        }
    };
    let of_any = value(&claim.of_any);
    if let Some(count) = &claim.survives {
        let what = if of_any.is_empty() { "parts" } else { &of_any };
        parts.push(format!("any {} {what} may fail", count.value));
    } else {
        say(&mut parts, "any of", of_any);
    }
    say(&mut parts, "without", refs(&claim.losing));
    say(&mut parts, "keeps", value(&claim.keeps));
    say(&mut parts, "of", refs(&claim.of));
    say(&mut parts, "within", value(&claim.within));
    if let Some(zone) = &claim.zone {
        parts.push(format!("zone {zone}"));
    }
    say(&mut parts, "reaches only", refs(&claim.reaches_only));
    say(&mut parts, "reaches", refs(&claim.reaches));
    say(&mut parts, "never reaches", refs(&claim.never_reaches));
    say(&mut parts, "on", values(&claim.on));
    for (fact, word) in [
        (&claim.isolated, "members do not reach each other"),
        (&claim.three_two_one, "three copies, two media, one elsewhere"),
        (&claim.own_off_site, "a copy elsewhere under the owner's control"),
        (&claim.only_single_points, "and nothing else is a single point of failure"),
        (&claim.fits_without_one, "the rest carries everything without one machine"),
        (&claim.starts_alone, "starts by itself after all power was gone"),
        (&claim.restorable, "everything can be restored"),
        (&claim.publicly_signed, "certificates are signed by a public authority"),
    ] {
        say(&mut parts, "", cell::when(fact, word).to_owned());
    }
    say(&mut parts, "loses at most", value(&claim.rpo));
    say(&mut parts, "needs nothing of", refs(&claim.without));
    if let Some(count) = &claim.is {
        parts
            .push(format!("there are {} {}", count.value, shown(claim.count.as_ref())).trim_end().to_owned());
    }
    say(&mut parts, "battery lasts", value(&claim.battery));
    say(&mut parts, "offers", texts(&claim.offers));
    say(&mut parts, "at least", value(&claim.speed));
    parts.join(", ")
}
