//! Names of machines, or of DNS records, that DNS does not take.

use crate::context::Context;
use crate::rule::rule;
use lab_model::grammar::{DnsName, Grammar, GrammarError, Hostname};
use lab_model::{Name, ThingId};

rule!("name-invalid", Error, Names, "a machine or record has a name that DNS does not take");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (id, host) in lab.hosts.iter() {
        if let Err(error) = Hostname::parse(&host.name.text) {
            tell(context, id.into(), &host.name, "a host", &error);
        }
    }
    for (id, vm) in lab.vms.iter() {
        if let Err(error) = Hostname::parse(&vm.name.text) {
            tell(context, id.into(), &vm.name, "a host", &error);
        }
    }
    for (id, record) in lab.names.iter() {
        if let Err(error) = DnsName::parse(&record.name.text) {
            tell(context, id.into(), &record.name, "DNS", &error);
        }
    }
}

fn tell(context: &mut Context<'_>, thing: ThingId, name: &Name, of: &str, error: &GrammarError) {
    let lab = context.lab;
    let mut finding = context
        .finding(
            format!("`{name}` cannot be the name of {of}").replace("of DNS", "in DNS"),
            name.span,
            error.message.clone(),
        )
        .about(lab.subject(thing))
        .because("resolvers, certificates and many programs refuse it (RFC 1123 section 2.1)");
    if let Some(help) = &error.help {
        finding = finding.help(help.clone());
    }
    context.report_once(finding);
}
