//! Aliases that lead nowhere, to themselves, or that stand beside other records.

use super::catalogue::{dns_name, is_ours, machines, pages};
use crate::context::Context;
use crate::rule::rule;
use lab_model::grammar::DnsName;
use lab_model::lab::DnsRecordId;
use lab_source::Severity;
use std::collections::{BTreeMap, BTreeSet};

rule!("alias-broken", Error, Names, "an alias leads nowhere, to itself, or stands beside other records");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let records: BTreeMap<DnsName, DnsRecordId> =
        lab.names.iter().filter_map(|(id, record)| Some((dns_name(&record.name.text)?, id))).collect();
    let others: BTreeSet<String> = machines(lab).into_keys().chain(pages(lab)).collect();
    for (id, record) in lab.names.iter() {
        let Some(alias) = &record.alias_of else { continue };
        if !record.addresses.is_empty() || !record.to.is_empty() {
            let place = record.addresses.first().map(|address| address.span).or(record.to.span);
            let mut finding = context
                .finding(
                    format!("`{}` is an alias and has addresses as well", record.name),
                    alias.span,
                    "an alias",
                )
                .about(lab.subject(id));
            if let Some(place) = place {
                finding = finding.and(place, "and more");
            }
            context.report(
                finding
                    .because("an alias stands alone: servers refuse the zone (RFC 1034 section 3.6.2)")
                    .help("keep one of the two"),
            );
        }
        if let Some(names) = circle(lab, &records, id) {
            let finding = context
                .finding(
                    format!("the alias `{}` leads back to itself", record.name),
                    alias.span,
                    names.join(" -> "),
                )
                .about(lab.subject(id))
                .because("resolvers give up, and no address is found")
                .help("let the last of them lead to a name with an address");
            context.report(finding);
        } else if let Some(near) = meant(&alias.value, &records, &others) {
            let mut finding = context
                .finding(
                    format!(
                        "the alias `{}` leads to `{}`, which only a wildcard answers",
                        record.name, alias.value
                    ),
                    alias.span,
                    "no record of its own",
                )
                .about(lab.subject(id))
                .help(format!("did you mean `{near}`?"));
            finding.severity = Severity::Warning;
            context.report(finding);
        } else if is_ours(lab, &alias.value) && !exists(&alias.value, &records, &others) {
            let known: Vec<&str> =
                records.keys().map(DnsName::as_str).chain(others.iter().map(String::as_str)).collect();
            let finding = context
                .finding(
                    format!("the alias `{}` leads to `{}`, which does not exist", record.name, alias.value),
                    alias.span,
                    "no machine, page or record has this name",
                )
                .about(lab.subject(id));
            context.report(match lab_source::suggest::nearest(alias.value.as_str(), known) {
                Some(near) => finding.help(format!("did you mean `{near}`?")),
                None => finding.help("mend it, or add the name under `names:`"),
            });
        }
    }
}

fn exists(name: &DnsName, records: &BTreeMap<DnsName, DnsRecordId>, others: &BTreeSet<String>) -> bool {
    let wildcard = |record: &DnsName| {
        record
            .as_str()
            .strip_prefix("*.")
            .and_then(dns_name)
            .is_some_and(|zone| name.is_within(&zone) && *name != zone)
    };
    records.contains_key(name) || others.contains(name.as_str()) || records.keys().any(wildcard)
}

/// The record that was probably meant by a name that has none and that a wildcard answers.
fn meant(
    name: &DnsName,
    records: &BTreeMap<DnsName, DnsRecordId>,
    others: &BTreeSet<String>,
) -> Option<String> {
    if records.contains_key(name) || others.contains(name.as_str()) || !exists(name, records, others) {
        return None;
    }
    let known = records.keys().map(DnsName::as_str).chain(others.iter().map(String::as_str));
    let mut close = known.filter(|known| !known.starts_with("*.") && is_one_slip_away(name.as_str(), known));
    close.next().map(str::to_owned)
}

/// True for names of one length that differ in one letter: `bond1` and `bond0`.
fn is_one_slip_away(one: &str, other: &str) -> bool {
    let differ = one.bytes().zip(other.bytes()).filter(|(one, other)| one != other);
    one.len() == other.len() && differ.count() == 1
}

/// The names passed when an alias leads back to itself.
fn circle(
    lab: &lab_model::Lab,
    records: &BTreeMap<DnsName, DnsRecordId>,
    start: DnsRecordId,
) -> Option<Vec<String>> {
    let mut names = vec![lab.names[start].name.to_string()];
    let mut at = start;
    while let Some(next) =
        lab.names[at].alias_of.as_ref().and_then(|alias| records.get(&alias.value).copied())
    {
        names.push(lab.names[next].name.to_string());
        if next == start {
            return Some(names);
        }
        if names.len() > records.len() + 1 {
            return None;
        }
        at = next;
    }
    None
}
