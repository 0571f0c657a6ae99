//! A group of stand-ins with one member.

use crate::context::Context;
use crate::rule::rule;

rule!("group-of-one", Warning, Switching, "a group of stand-ins has one member");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (id, group) in lab.ha.iter() {
        let [member] = &group.members.items[..] else { continue };
        let mut finding = context
            .finding(
                format!("nobody stands in for `{member}` in `{}`", group.name),
                member.span,
                "the only member",
            )
            .about(lab.subject(id));
        if let Some(thing) = member.id {
            finding = finding.about(lab.subject(thing));
        }
        context.report(
            finding
                .because("a group under `ha:` says that another takes over")
                .help("name the others, the preferred one first"),
        );
    }
}
