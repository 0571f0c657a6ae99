//! Shares that more machines may use than can be meant: strangers, everybody, and root from anywhere.

use crate::context::Context;
use crate::rule::rule;
use lab_model::grammar::Prefix;
use lab_model::lab::{Kind, Lab, ThingId, VlanIdOf, ZoneId};
use lab_model::written::{Share, ShareMode};
use lab_source::{Severity, Span};

rule!(
    "share-too-open",
    Warning,
    Storage,
    "a share is open to strangers, to everybody, or to root from anywhere"
);

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (id, dataset) in lab.datasets.iter() {
        for share in &dataset.record.shares {
            let Some((severity, span, headline, why)) = fault(lab, &dataset.name.text, share) else {
                continue;
            };
            let mut finding = context
                .finding(headline, span, "may use it")
                .and(dataset.name.span, "the data")
                .about(lab.subject(id))
                .because(why)
                .help("name the zone or the hosts that need it, with `mode: ro` where they only read");
            finding.severity = severity;
            context.report_once(finding);
        }
    }
}

type Fault = (Severity, Span, String, &'static str);

fn fault(lab: &Lab, name: &str, share: &Share) -> Option<Fault> {
    let writes = share.mode.as_ref().is_none_or(|mode| mode.value == ShareMode::ReadWrite);
    let protocol = share.protocol.as_ref().map_or_else(String::new, |protocol| protocol.value.to_string());
    for to in &share.to.items {
        let Some(zone) = to.id.and_then(|to| ZoneId::try_from(to).ok()) else { continue };
        if lab.zones[zone].untrusted.as_ref().is_some_and(|untrusted| untrusted.value) {
            let severity = if writes { Severity::Error } else { Severity::Warning };
            let can = if writes { "change" } else { "read" };
            return Some((
                severity,
                to.span,
                format!("the untrusted zone `{to}` can {can} `{name}`"),
                "whatever gets into that zone gets the data",
            ));
        }
    }
    for network in &share.networks {
        if network.value.length() == 0 {
            return Some((
                Severity::Error,
                network.span,
                format!("everybody can use `{name}` by {protocol}"),
                "any machine that reaches the server gets the data, from every zone and from outside",
            ));
        }
        if let Some(inside) = strangers_in(lab, network.value) {
            return Some((
                Severity::Warning,
                network.span,
                format!("{} may use `{name}`, and `{inside}` is in it", network.value),
                "machines that nobody trusts are among the clients",
            ));
        }
    }
    let root = share.root_is_root.as_ref().filter(|root| root.value)?;
    let wide = share.networks.iter().find(|network| networks_in(lab, network.value) > 1);
    let people = share.to.items.iter().find(|to| to.id.is_some_and(|to| has_people(lab, to)));
    let nobody = share.networks.is_empty() && share.to.is_empty();
    let wide = wide.map(|network| network.value.to_string()).or_else(|| people.map(|to| to.text.to_string()));
    let whom = wide.or_else(|| nobody.then(|| "every client".to_owned()))?;
    Some((
        Severity::Warning,
        root.span,
        format!("root of {whom} is root in `{name}`"),
        "whoever is root on one laptop there can read, change and own every file",
    ))
}

/// The VLAN or zone of strangers in a network that holds several.
fn strangers_in(lab: &Lab, network: Prefix) -> Option<String> {
    lab.zones.iter().find_map(|(_, zone)| {
        let untrusted = zone.untrusted.as_ref().is_some_and(|untrusted| untrusted.value);
        let inside = zone
            .of
            .ids()
            .any(|member| prefixes_of(lab, member).into_iter().any(|prefix| contains(network, prefix)));
        (untrusted && inside).then(|| zone.name.to_string())
    })
}

fn prefixes_of(lab: &Lab, member: ThingId) -> Vec<ipnet::IpNet> {
    let of_vlan = VlanIdOf::try_from(member).ok();
    let mut found = Vec::new();
    for (id, _) in lab.prefixes.iter() {
        let facts = lab.derived.prefix(id);
        if (of_vlan.is_some() && facts.vlan == of_vlan) || member == id.into() {
            found.extend(facts.network);
        }
    }
    found
}

fn contains(outer: Prefix, inner: ipnet::IpNet) -> bool {
    outer.network().contains(&inner)
}

/// How many networks of VLANs lie in a prefix.
fn networks_in(lab: &Lab, network: Prefix) -> usize {
    let inside = |facts: &&lab_model::derived::PrefixFacts| {
        facts.vlan.is_some() && facts.network.is_some_and(|inner| contains(network, inner))
    };
    lab.derived.prefixes.iter().filter(inside).count()
}

/// True for zones of a VLAN that people or strangers are in, as its roles say.
fn has_people(lab: &Lab, thing: ThingId) -> bool {
    if thing.kind != Kind::Zone {
        return false;
    }
    let zone = &lab.zones[ZoneId(thing.index)];
    zone.of.ids().filter_map(|member| VlanIdOf::try_from(member).ok()).any(|vlan| {
        lab.vlans[vlan].roles.iter().any(|role| matches!(&*role.text, "users" | "guests" | "iot"))
    })
}
