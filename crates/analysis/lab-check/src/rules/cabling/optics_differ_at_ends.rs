//! Two transceivers on one fibre that do not understand each other: short and long waves, other speeds, or two
//! single-fibre ones of the same direction.

use super::ends::{called, joined, light, optic_speed, subject, transceiver};
use crate::context::Context;
use crate::rule::rule;
use lab_model::Text;
use std::collections::BTreeSet;

rule!(
    "optics-differ-at-ends",
    Error,
    Cabling,
    "the transceivers at the two ends do not understand each other"
);

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let mut told = BTreeSet::new();
    for link in joined(lab) {
        let standard = |port| transceiver(lab, port).and_then(|optic| optic.standard.as_ref());
        let (Some(one), Some(other)) = (standard(link.a), standard(link.b)) else { continue };
        let Some(why) = clash(one, other) else { continue };
        if !told.insert((one.span, other.span)) {
            continue;
        }
        let finding = context
            .finding(
                format!(
                    "the transceivers of {} and {} do not match",
                    called(lab, link.a),
                    called(lab, link.b)
                ),
                one.span,
                format!("`{}` at {}", one.text, called(lab, link.a)),
            )
            .and(other.span, format!("`{}` at {}", other.text, called(lab, link.b)))
            .and(link.at(), "joined by this cable")
            .about(subject(lab, link.a))
            .about(subject(lab, link.b))
            .because(why);
        context.report(finding);
    }
}

fn clash(one: &Text, other: &Text) -> Option<&'static str> {
    if let (Some(one), Some(other)) = (light(one), light(other))
        && one != other
    {
        return Some("one sends short waves, or none, and the other long ones: neither sees the other");
    }
    if let (Some(one), Some(other)) = (optic_speed(one), optic_speed(other))
        && one != other
    {
        return Some("transceivers have one speed: these two have not the same");
    }
    let is_single = |text: &str| text.contains("-bx");
    let (one, other) = (one.text.to_ascii_lowercase(), other.text.to_ascii_lowercase());
    let direction = |text: &str| text.rsplit_once('-').map(|(_, last)| last.to_owned());
    let ends_alike = direction(&one) == direction(&other);
    let has_direction = one.ends_with("-u") || one.ends_with("-d");
    (is_single(&one) && is_single(&other) && has_direction && ends_alike)
        .then_some("on one fibre one end is `-u` and the other `-d`; these two send on the same wavelength")
}

#[cfg(test)]
mod tests {
    use super::clash;
    use lab_model::Text;
    use lab_source::{FileId, Span};

    fn text(word: &str) -> Text {
        let file = FileId(0);
        Text { text: word.into(), span: Span::new(file, 0, 0) }
    }

    #[test]
    fn pairs() {
        let cases = [
            ("10gbase-sr", "10gbase-sr", false),
            ("10gbase-sr", "10gbase-lr", true),
            ("1000base-sx", "10gbase-sr", true),
            ("1000base-bx10-u", "1000base-bx10-u", true),
            ("1000base-bx10-u", "1000base-bx10-d", false),
            ("8gfc-sw", "8gfc-sw", false),
            ("something", "10gbase-lr", false),
        ];
        for (one, other, expected) in cases {
            assert_eq!(clash(&text(one), &text(other)).is_some(), expected, "{one} and {other}");
        }
    }
}
