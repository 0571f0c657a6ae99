//! A host on which somebody may log in and nobody may administer.

use crate::context::Context;
use crate::rule::rule;

rule!("no-administrator", Warning, Compute, "nobody who logs in may administer a host");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (id, host) in lab.hosts.iter().filter(|(id, _)| lab.is_active(*id)) {
        let mut users = host.users.iter();
        let Some((first, _)) = users.next() else { continue };
        if host.users.iter().any(|(_, user)| user.admin.as_ref().is_some_and(|admin| admin.value)) {
            continue;
        }
        let mut finding = context
            .finding(format!("nobody may administer `{}`", host.name), first.span, "logs in, and no more")
            .about(lab.subject(id))
            .because("after an installation from this description nobody can mend the machine");
        for (other, _) in users {
            finding = finding.and(other.span, "neither");
        }
        context.report_once(finding.help("write `admin: true` at one of them"));
    }
}
