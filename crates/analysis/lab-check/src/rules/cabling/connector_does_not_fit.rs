//! A plug of one form in a socket of another, and fibre ends polished straight in sockets for those polished at an angle.

use super::ends::{called, ends, is_breakout, is_direct, is_fibre, is_twisted, kind, subject, transceiver};
use crate::context::Context;
use crate::rule::rule;
use lab_model::derived::{Cage, Connector, PortClass, PortId};
use lab_model::lab::Entry;
use lab_model::written::{CableGroup, CableKind};
use lab_model::{Lab, Text};
use lab_source::Span;
use std::collections::BTreeSet;

rule!("connector-does-not-fit", Error, Cabling, "a plug does not fit its socket");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let mut told: BTreeSet<(Span, String)> = BTreeSet::new();
    for cable in &lab.derived.cables {
        let group = &lab.cables[cable.group];
        for (index, (port, span)) in ends(cable).enumerate() {
            let Some((why, said)) = misfit(lab, group, port, index > 0) else { continue };
            if !told.insert((span, why.clone())) {
                continue;
            }
            let finding = context
                .finding(
                    format!("the plug of `{}` does not fit {}", group.name, called(lab, port)),
                    span,
                    why,
                )
                .about(subject(lab, port))
                .about(lab.subject(cable.group));
            context.report(match said {
                Some(said) => finding.and(said, "the end of the cable"),
                None => finding,
            });
        }
        if let [far] = &cable.far[..]
            && let Some(CableKind::Dac | CableKind::Aoc) = kind(group)
            && group.connector.is_none()
            && let (Some(one), Some(other)) = (is_quad(lab, cable.near), is_quad(lab, *far))
            && one != other
            && told.insert((cable.near_span, String::new()))
        {
            let finding = context
                .finding(
                    format!(
                        "one cable cannot fit both {} and {}",
                        called(lab, cable.near),
                        called(lab, *far)
                    ),
                    cable.near_span,
                    if one { "a QSFP cage" } else { "an SFP cage" },
                )
                .and(cable.far_spans[0], if other { "a QSFP cage" } else { "an SFP cage" })
                .about(subject(lab, cable.near))
                .about(subject(lab, *far))
                .about(lab.subject(cable.group))
                .because("a plain direct-attach cable has the same plug at both ends")
                .help(
                    "say `dac-breakout`, or `connector:` and `far-connector:` when an adapter is in between",
                );
            context.report(finding);
        }
    }
}

/// Whether a port is a cage of the QSFP family; `None` when it is no cage.
fn is_quad(lab: &Lab, port: PortId) -> Option<bool> {
    match lab.derived.port(port).ty.connector {
        Connector::Cage(cage) if cage != Cage::Old => Some(cage.is_quad()),
        _ => None,
    }
}

/// Why an end does not go into a socket, and where the end's form is written.
fn misfit(
    lab: &Lab,
    group: &Entry<CableGroup>,
    port: PortId,
    is_far: bool,
) -> Option<(String, Option<Span>)> {
    let breaks_out = kind(group).is_some_and(is_breakout);
    let plug = match (is_far, &group.far_connector) {
        (true, Some(far)) => Some(far),
        (true, None) if breaks_out => None,
        _ => group.connector.as_ref(),
    };
    let polish =
        if is_far { group.far_polish.as_ref().or(group.polish.as_ref()) } else { group.polish.as_ref() };
    if let Some(plug) = plug
        && let Some(why) = kind(group).and_then(|kind| strange_plug(kind, &plug.text))
    {
        return Some((why, Some(plug.span)));
    }
    let socket = socket(lab, port)?;
    if let Some(plug) = plug
        && let Some(why) = forms_clash(&plug.text, &socket)
    {
        return Some((why, Some(plug.span)));
    }
    let own = plug.and_then(|plug| polish_of(&plug.text)).map(|own| (own, plug));
    let own =
        own.or_else(|| polish.and_then(|polish| polish_of(&polish.text).map(|own| (own, Some(polish)))));
    let (own, said) = own?;
    let there = polish_of(&socket)?;
    (own != there).then(|| {
        let why = format!(
            "an end polished `{own}` in a socket for `{there}`: the gap reflects, and the ends scratch"
        );
        (why, said.map(|said: &Text| said.span))
    })
}

/// A plug that no cable of the kind has.
fn strange_plug(kind: CableKind, plug: &str) -> Option<String> {
    let plug = form(plug)?;
    let is_cage = matches!(plug, "sfp" | "qsfp");
    let is_optical = matches!(plug, "lc" | "sc" | "st" | "mpo");
    let is_strange = (is_fibre(kind) && !is_optical)
        || (is_twisted(kind) && plug != "rj45")
        || (is_direct(kind) && !is_cage && !plug.starts_with("sff"));
    is_strange.then(|| format!("a `{kind}` cable has no `{plug}` plug"))
}

/// The form of a socket: that of the transceiver in it, of a panel's coupler, or of the port.
fn socket(lab: &Lab, port: PortId) -> Option<String> {
    if let Some(optic) = transceiver(lab, port) {
        return optic.connector.as_ref().map(|form| form.text.to_ascii_lowercase());
    }
    let facts = lab.derived.port(port);
    if facts.class != PortClass::Network {
        return (!facts.type_word.is_empty()).then(|| facts.type_word.to_ascii_lowercase());
    }
    match facts.ty.connector {
        Connector::Rj45 => Some("rj45".to_owned()),
        Connector::Cage(Cage::Old) => None,
        Connector::Cage(cage) => Some(if cage.is_quad() { "qsfp" } else { "sfp" }.to_owned()),
        Connector::Sas => Some(facts.type_word.to_ascii_lowercase()),
        _ => None,
    }
}

/// Families of forms of which only those alike go together; a word that is not known says nothing.
fn form(word: &str) -> Option<&'static str> {
    let word = word.to_ascii_lowercase();
    let starts = |with: &str| {
        word.strip_prefix(with).is_some_and(|rest| !rest.starts_with(|next: char| next.is_ascii_alphabetic()))
    };
    Some(match () {
        () if starts("qsfp") || word.starts_with("osfp") => "qsfp",
        () if starts("sfp") => "sfp",
        () if word == "rj45" || word == "rj-45" || word == "8p8c" => "rj45",
        () if starts("lc") => "lc",
        () if starts("sc") => "sc",
        () if starts("st") => "st",
        () if starts("mpo") || starts("mtp") => "mpo",
        () if word == "sff-8088" => "sff-8088",
        () if word == "sff-8644" => "sff-8644",
        () if word == "sff-8436" => "sff-8436",
        () => return None,
    })
}

fn forms_clash(plug: &str, socket: &str) -> Option<String> {
    let (one, other) = (form(plug)?, form(socket)?);
    // Fibre and twisted pair reach a cage through a transceiver that nobody names.
    let through_optic = matches!(other, "sfp" | "qsfp") && matches!(one, "lc" | "sc" | "st" | "mpo" | "rj45");
    // The plug for QSFP+ and SFF-8436 is one and the same.
    let same_plug = matches!((one, other), ("qsfp", "sff-8436") | ("sff-8436", "qsfp"));
    (one != other && !through_optic && !same_plug).then(|| format!("a `{plug}` plug in a `{socket}` socket"))
}

/// `upc` or `apc`, when a word says so.
fn polish_of(word: &str) -> Option<&'static str> {
    let word = word.to_ascii_lowercase();
    match () {
        () if word.ends_with("apc") => Some("apc"),
        () if word.ends_with("upc") || word.ends_with("-pc") || word == "pc" => Some("upc"),
        () => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{forms_clash, polish_of};

    #[test]
    fn plugs_and_sockets() {
        let cases = [
            ("lc", "lc-upc", false),
            ("lc", "sc-apc", true),
            ("sfp+", "sfp", false),
            ("sfp28", "qsfp", true),
            ("lc", "sfp", false),
            ("mpo-8", "mpo", false),
            ("qsfp+", "sff-8436", false),
            ("sff-8088", "sff-8644", true),
            ("strange", "sfp", false),
        ];
        for (plug, socket, expected) in cases {
            assert_eq!(forms_clash(plug, socket).is_some(), expected, "{plug} in {socket}");
        }
        assert_eq!(polish_of("sc-apc"), Some("apc"));
        assert_eq!(polish_of("lc-upc"), Some("upc"));
        assert_eq!(polish_of("lc"), None);
    }
}
