//! An inlet whose plug does not go into the outlet or socket it is said to be in. Inlets for a cord of their own (C14)
//! fit any socket by the cord.

use super::feeds::source_span;
use crate::context::Context;
use crate::rule::rule;
use lab_model::derived::{InletId, PowerSource};
use lab_source::Severity;
use std::collections::BTreeSet;

rule!("plug-does-not-fit", Error, Power, "a plug does not fit the outlet it is in");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let mut told = BTreeSet::new();
    for (id, inlet) in (0u32..).map(InletId).zip(&lab.derived.inlets) {
        let (Some(plug), Some(source)) = (&inlet.connector, inlet.source) else { continue };
        let (socket, place) = match source {
            PowerSource::Outlet(outlet) => (lab.derived.outlet(outlet).connector.clone(), None),
            PowerSource::Device(device) => {
                let mut all = lab.derived.outlets_of(device).map(|(_, outlet)| outlet.connector.clone());
                let first = all.next().flatten();
                // Which outlet is not said: only when all are alike.
                if all.all(|other| other == first) { (first, None) } else { (None, None) }
            }
            PowerSource::Node(node) => {
                let socket = lab.power[node].socket.as_ref();
                (socket.map(|socket| socket.text.clone()), socket.map(|socket| socket.span))
            }
        };
        let Some(socket) = socket else { continue };
        let Some((severity, why)) = clash(&plain(plug), &plain(&socket)) else { continue };
        let span = source_span(lab, id);
        if !told.insert(span) {
            continue;
        }
        let device = &lab.devices[inlet.device].name;
        let mut finding = context
            .finding(
                format!("inlet {} of {device} does not fit its outlet", inlet.name),
                span,
                format!("a `{plug}` in a `{socket}`"),
            )
            .about(lab.subject(inlet.device))
            .because(why);
        if let Some(place) = place {
            finding = finding.and(place, "the socket");
        }
        finding.severity = severity;
        context.report(finding);
    }
}

/// `nema-5-15p` of `NEMA 5-15P`, `c14` of `iec-60320-c14`.
fn plain(word: &str) -> String {
    let word = word.trim().to_ascii_lowercase().replace([' ', '_'], "-");
    let word = word.strip_prefix("iec-60320-").unwrap_or(&word);
    word.strip_prefix("iec-c").map_or_else(|| word.to_owned(), |number| format!("c{number}"))
}

/// Why a plug does not go into a socket; `None` when it does or the words are not known.
fn clash(plug: &str, socket: &str) -> Option<(Severity, &'static str)> {
    let is_iec = |word: &str| word.strip_prefix('c').is_some_and(|number| number.parse::<u8>().is_ok());
    let nema = |word: &str, end: char| Some(word.strip_prefix("nema-")?.strip_suffix(end)?.to_owned());
    let is_european =
        |word: &str| ["cee-7", "ita-", "bs-1363", "schuko"].iter().any(|start| word.starts_with(start));
    let has_fixed_plug = nema(plug, 'p').is_some() || is_european(plug);
    match (nema(plug, 'p'), nema(socket, 'r')) {
        (Some(plug), Some(socket)) => {
            let fits = plug == socket || matches!((&*plug, &*socket), ("5-15", "5-20") | ("6-15", "6-20"));
            return (!fits).then_some((
                Severity::Error,
                "the blades are of another shape, so that a circuit is not overloaded",
            ));
        }
        (Some(_), None) if is_iec(socket) || is_european(socket) => {
            return Some((Severity::Error, "its cord ends in a plug of another kind"));
        }
        _ => {}
    }
    if has_fixed_plug && is_european(plug) && (is_iec(socket) || nema(socket, 'r').is_some()) {
        return Some((Severity::Error, "its cord ends in a plug of another kind"));
    }
    if plug == "c20" && socket == "c13" {
        return Some((
            Severity::Warning,
            "an inlet for 16 A on an outlet for 10 A; the cord for it is not a usual one",
        ));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{clash, plain};

    #[test]
    fn plugs_and_sockets() {
        let cases = [
            ("iec-60320-c14", "iec-60320-c13", false),
            ("iec-60320-c20", "iec-60320-c13", true),
            ("iec-60320-c14", "iec-60320-c19", false),
            ("iec-60320-c14", "CEE 7/3", false),
            ("nema-5-15p", "NEMA 5-20R", false),
            ("nema-5-20p", "nema-5-15r", true),
            ("nema-5-15p", "CEE 7/3", true),
            ("nema-5-15p", "iec-60320-c13", true),
            ("C14", "nema-5-15r", false),
            ("dc-terminal", "iec-60320-c13", false),
            ("strange", "CEE 7/3", false),
        ];
        for (plug, socket, expected) in cases {
            assert_eq!(clash(&plain(plug), &plain(socket)).is_some(), expected, "{plug} in {socket}");
        }
    }
}
