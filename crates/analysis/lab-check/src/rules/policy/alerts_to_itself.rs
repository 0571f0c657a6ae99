//! Alerts about something that go out through that very thing, and nowhere else.

use crate::context::Context;
use crate::rule::rule;

rule!("alerts-to-itself", Warning, Policy, "alerts about a service go to that service only");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (id, service) in lab.services.iter().filter(|(id, _)| lab.is_active(*id)) {
        let mut to = service.alerts_to.ids().peekable();
        if to.peek().is_none() || to.any(|other| other != id.into()) {
            continue;
        }
        let finding = context
            .finding(
                format!("alerts about `{}` go to `{}` itself", service.name, service.name),
                service.alerts_to.span.unwrap_or(service.name.span),
                "itself",
            )
            .about(lab.subject(id))
            .because("when it is down nobody hears that it is down")
            .help("name something that brings them to a person: a notification service under `externals:`");
        context.report_once(finding);
    }
}
