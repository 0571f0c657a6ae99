//! A public DNS record that shows an address nobody outside can reach.

use crate::context::Context;
use crate::rule::rule;
use crate::rules::addressing::plan::{is_local, is_private};
use lab_model::written::View;

rule!("public-name-private-address", Warning, Names, "a public DNS record shows a private address");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (id, record) in lab.names.iter() {
        let Some(view) = record.view.as_ref().filter(|view| view.value == View::Public) else { continue };
        let Some(address) =
            record.addresses.iter().find(|address| is_private(address.value.0) || is_local(address.value.0))
        else {
            continue;
        };
        let finding = context
            .finding(format!("everybody is told that `{}` is {}, which only the lab can reach", record.name, address.value), address.span, "a private address")
            .and(view.span, "seen by everybody")
            .about(lab.subject(id))
            .because("visitors get no answer, the plan of the lab is public, and resolvers that guard against rebinding drop the record")
            .help("show the address of the line, or write `view: internal`");
        context.report_once(finding);
    }
}
