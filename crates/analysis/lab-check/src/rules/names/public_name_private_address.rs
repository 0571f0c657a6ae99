//! A public DNS record that shows an address nobody outside can reach.

use crate::context::Context;
use crate::rule::rule;
use crate::rules::addressing::plan::{is_local, is_private};
use lab_model::Lab;
use lab_model::derived::AddressRole;
use lab_model::lab::{DnsRecordId, Kind, ThingId};
use lab_model::written::View;
use lab_source::Span;
use std::net::IpAddr;

rule!("public-name-private-address", Warning, Names, "a public DNS record shows a private address");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (id, record) in lab.names.iter() {
        let Some(view) = record.view.as_ref().filter(|view| view.value == View::Public) else { continue };
        let inside = |address: IpAddr| is_private(address) || is_local(address);
        let said = record.addresses.iter().map(|address| (address.value.0, address.span));
        let Some((address, span)) = said.chain(led_to(lab, id)).find(|(address, _)| inside(*address)) else {
            continue;
        };
        let finding = context
            .finding(format!("everybody is told that `{}` is {}, which only the lab can reach", record.name, address), span, "a private address")
            .and(view.span, "seen by everybody")
            .about(lab.subject(id))
            .because("visitors get no answer, the plan of the lab is public, and resolvers that guard against rebinding drop the record")
            .help("show the address of the line, or write `view: internal`");
        context.report_once(finding);
    }
}

/// The addresses of the VIPs and machines that a record leads to, each with where the record says so. A service may be
/// reached by a tunnel, whose address is the provider's.
fn led_to(lab: &Lab, id: DnsRecordId) -> Vec<(IpAddr, Span)> {
    let to = lab.names[id].to.items.iter();
    let found = to.filter_map(|to| Some((to.id.filter(|id| id.kind != Kind::Service)?, to.span)));
    let holds = |id: ThingId| {
        let all = lab.derived.assignments.iter().filter(move |one| one.owner == id);
        all.filter(|one| matches!(one.role, AddressRole::Interface | AddressRole::Vip)).map(|one| one.address)
    };
    let is_outside = |address: &IpAddr| !is_private(*address) && !is_local(*address);
    found
        .filter(|(id, _)| !holds(*id).any(|address| is_outside(&address)))
        .filter_map(|(id, span)| Some((holds(id).next()?, span)))
        .collect()
}
