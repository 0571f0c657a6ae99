//! A DNS record, or the address of a page, that leads to an address of the lab which nobody holds.

use crate::context::Context;
use crate::rule::rule;
use crate::rules::addressing::plan::{holder_of, is_local};
use lab_model::ThingId;
use lab_model::grammar::UrlHost;
use lab_source::Span;
use std::net::IpAddr;

rule!("named-address-unheld", Warning, Names, "a DNS record or URL leads to an address that nobody holds");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let plan = context.plan();
    let mut named: Vec<(IpAddr, Span, ThingId, String)> = Vec::new();
    for (id, record) in lab.names.iter() {
        named.extend(
            record
                .addresses
                .iter()
                .map(|address| (address.value.0, address.span, id.into(), format!("`{}`", record.name))),
        );
    }
    for (id, service) in lab.services.iter() {
        for url in &service.url {
            if let UrlHost::Address(address) = url.value.host() {
                named.push((*address, url.span, id.into(), format!("the page of `{}`", service.name)));
            }
        }
    }
    for (address, span, owner, what) in named {
        let Some(prefix) = plan.link_of(address).filter(|_| !is_local(address)) else { continue };
        let given = lab.derived.prefix_of(address) != Some(prefix);
        if given || holder_of(lab, address).is_some() {
            continue;
        }
        let finding = context
            .finding(format!("{what} leads to {address}, which nobody holds"), span, "no interface, VIP or service has this address")
            .and(lab.prefixes[prefix].name.span, "in this network of the lab")
            .about(lab.subject(owner))
            .because("whoever follows the name waits for a machine that is not there, or meets the next one that gets the address")
            .help("mend the address, or write `to:` with the name of what is meant");
        context.report_once(finding);
    }
}
