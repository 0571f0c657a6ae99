//! A speed that works among the parts of one maker only, with a cable or a far end of another.

use super::ends::{called, group, joined, subject};
use crate::context::Context;
use crate::rule::rule;
use lab_model::Lab;
use lab_model::derived::{PortId, PortOrigin};
use std::collections::BTreeSet;
use std::sync::Arc;

rule!(
    "speed-needs-one-maker",
    Error,
    Cabling,
    "a speed needs cable and far end of one maker, and one is not"
);

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let set = context.set_speeds();
    let mut told = BTreeSet::new();
    for link in joined(lab) {
        for (port, peer) in [(link.a, link.b), (link.b, link.a)] {
            let Some((speed, span)) = set.get(&port) else { continue };
            let wanted = lab.derived.port(port).extra_speeds.iter().find(|(can, _)| can == speed);
            let Some((_, Some(maker))) = wanted else { continue };
            let cables = link.cables.iter().map(|cable| group(lab, *cable));
            let strange = cables.filter_map(|cable| cable.vendor.as_ref());
            let strange = strange.clone().find(|vendor| !same(&vendor.text, maker));
            let far = maker_of(lab, peer).filter(|far| !same(far, maker));
            let (place, what) = match (strange, far) {
                (Some(vendor), _) => (vendor.span, format!("this cable is of `{vendor}`")),
                (None, Some(far)) => (
                    if port == link.a { link.other() } else { link.at() },
                    format!("{} is of `{far}`", called(lab, peer)),
                ),
                (None, None) => continue,
            };
            if !told.insert(place) {
                continue;
            }
            let most = lab.derived.port(port).ty.speed;
            let finding = context
                .finding(
                    format!("{speed} at {} needs parts of `{maker}` only", called(lab, port)),
                    place,
                    what,
                )
                .and(*span, format!("set to {speed} here"))
                .about(subject(lab, port))
                .about(subject(lab, peer))
                .because("port, cable and far end must all be of that maker, else the link falls back or stays down");
            context.report(match most {
                Some(most) => finding.help(format!("take a cable of `{maker}`, or set both ends to {most}")),
                None => finding,
            });
        }
    }
}

/// The maker of the card or device that has a port.
fn maker_of(lab: &Lab, port: PortId) -> Option<Arc<str>> {
    let facts = lab.derived.port(port);
    let ty = match facts.origin {
        PortOrigin::Card(card) => lab.derived.card(card).ty.as_ref(),
        _ => lab.derived.device(facts.device).ty.as_ref(),
    };
    ty.and_then(|ty| ty.manufacturer.as_ref()).map(|maker| maker.text.clone())
}

/// Makers alike: letters and digits, without case.
fn same(one: &str, other: &str) -> bool {
    let plain = |text: &str| text.chars().filter(char::is_ascii_alphanumeric).collect::<String>();
    plain(one).eq_ignore_ascii_case(&plain(other))
}
