//! One of a numbered group that differs from all others in a fact in which these agree: a DHCP client less, no controller,
//! another system. Groups of three and more, and facts that a group has in common by nature.

use crate::context::Context;
use crate::rule::rule;
use lab_model::grammar::Date;
use lab_model::lab::{DeviceId, HostId, ThingId, VmId};
use lab_model::{Lab, Text};
use lab_source::Span;
use std::collections::BTreeMap;

rule!("unlike-siblings", Note, Policy, "one of a numbered group differs from all others");

/// What one thing says of one fact, and where; `None` when it says nothing.
type Said = Option<(String, Span)>;

/// A fact as findings call it, and how to ask for it.
type Fact<I> = (&'static str, fn(&Lab, I) -> Said);

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let hosts = lab.hosts.iter().map(|(id, _)| ThingId::from(id));
    for group in groups(lab, hosts) {
        for (fact, of) in HOST_FACTS {
            compare(context, &group, fact, &|thing| of(lab, HostId(thing.index)));
        }
    }
    let vms = lab.vms.iter().map(|(id, _)| ThingId::from(id));
    for group in groups(lab, vms) {
        for (fact, of) in VM_FACTS {
            compare(context, &group, fact, &|thing| of(lab, VmId(thing.index)));
        }
    }
    let devices = lab.devices.iter().map(|(id, _)| ThingId::from(id));
    for group in groups(lab, devices) {
        for (fact, of) in DEVICE_FACTS {
            compare(context, &group, fact, &|thing| of(lab, DeviceId(thing.index)));
        }
    }
}

const HOST_FACTS: [Fact<HostId>; 5] = [
    ("system", |lab, id| lab.hosts[id].os.as_ref().map(|os| (os.text.to_string(), os.span))),
    ("name servers", |lab, id| joined(&lab.hosts[id].dns)),
    ("time servers", |lab, id| joined(&lab.hosts[id].ntp)),
    ("firmware", |lab, id| lab.hosts[id].firmware.map(|said| (said.value.to_string(), said.span))),
    ("way to shut down on battery", |lab, id| {
        lab.hosts[id].shuts_down_on_battery.map(|said| (said.value.to_string(), said.span))
    }),
];

const VM_FACTS: [Fact<VmId>; 2] = [
    ("system", |lab, id| lab.vms[id].os.as_ref().map(|os| (os.text.to_string(), os.span))),
    ("name servers", |lab, id| joined(&lab.vms[id].dns)),
];

const DEVICE_FACTS: [Fact<DeviceId>; 6] = [
    ("out-of-band controller", |lab, id| {
        let said = lab.devices[id].out_of_band.as_ref()?;
        let kind = said.kind.as_ref()?;
        Some((kind.value.to_string(), kind.span))
    }),
    ("answer to the return of power", |lab, id| {
        lab.devices[id].power_restore.map(|said| (said.value.to_string(), said.span))
    }),
    ("spanning tree", |lab, id| {
        lab.devices[id].spanning_tree.map(|said| (said.value.to_string(), said.span))
    }),
    ("firmware", |lab, id| lab.devices[id].firmware.as_ref().map(|said| (said.text.to_string(), said.span))),
    ("MTU", |lab, id| lab.devices[id].mtu.map(|said| (said.value.to_string(), said.span))),
    ("end of life", |lab, id| {
        lab.devices[id].end_of_life.as_ref().map(|said| (Date::to_string(&said.value), said.span))
    }),
];

fn joined(texts: &[Text]) -> Said {
    let first = texts.first()?;
    let all: Vec<&str> = texts.iter().map(|text| &*text.text).collect();
    Some((all.join(", "), first.span))
}

/// Things in use whose names differ by a number at the end only; devices of one type only.
fn groups(lab: &Lab, things: impl Iterator<Item = ThingId>) -> Vec<Vec<ThingId>> {
    let mut all: BTreeMap<(String, String), Vec<ThingId>> = BTreeMap::new();
    for thing in things.filter(|thing| lab.is_active(*thing)) {
        let name = &lab.name(thing).text;
        let stem = name.trim_end_matches(|letter: char| letter.is_ascii_digit());
        if stem.len() == name.len() || stem.is_empty() {
            continue;
        }
        let ty = DeviceId::try_from(thing).ok().and_then(|id| lab.devices[id].r#type.as_ref());
        let ty = ty.map_or(String::new(), |ty| ty.text.to_string());
        all.entry((stem.to_owned(), ty)).or_default().push(thing);
    }
    all.into_values().filter(|group| group.len() > 2).collect()
}

fn compare(context: &mut Context<'_>, group: &[ThingId], fact: &str, of: &dyn Fn(ThingId) -> Said) {
    let said: Vec<(ThingId, Said)> = group.iter().map(|thing| (*thing, of(*thing))).collect();
    let value = |said: &Said| said.as_ref().map(|(value, _)| value.clone());
    let odd = said.iter().find(|(thing, own)| {
        let mut others = said.iter().filter(|(other, _)| other != thing).map(|(_, other)| value(other));
        let first = others.next().flatten();
        first.is_some() && value(own) != first && others.all(|other| other == first)
    });
    let Some((thing, own)) = odd else { return };
    let Some((_, Some((common, place)))) = said.iter().find(|(other, _)| other != thing) else { return };
    let lab = context.lab;
    let name = lab.name(*thing);
    let (span, label) = match own {
        Some((value, span)) => (*span, format!("`{value}`")),
        None => (name.span, format!("says nothing of its {fact}")),
    };
    let finding = context
        .finding(format!("`{name}` differs from its {} siblings in its {fact}", group.len() - 1), span, label)
        .and(*place, format!("`{common}` at all others"))
        .about(lab.subject(*thing))
        .because("machines of one number are taken for alike: whoever mends one of them expects the others to be the same")
        .help("make it like the others, or give it a name of its own");
    context.report_once(finding);
}
