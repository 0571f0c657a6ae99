//! Stand-ins whose configuration nothing keeps equal, as their owner says.

use crate::context::Context;
use crate::rule::rule;

rule!("configuration-not-shared", Warning, Switching, "stand-ins do not share their configuration");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (id, group) in lab.ha.iter().filter(|(_, group)| group.members.items.len() > 1) {
        let Some(said) = group.config_sync.as_ref().filter(|said| !said.value) else { continue };
        let finding = context
            .finding(format!("nothing keeps the members of `{}` alike", group.name), said.span, "not shared")
            .and(group.members.span.unwrap_or(group.name.span), "stand in for each other")
            .about(lab.subject(id))
            .because("a rule that was changed on one is missing on the other, and that shows on the day it takes over")
            .help("let a program write both (XMLRPC sync, Ansible), and say `config-sync: true`");
        context.report_once(finding);
    }
}
