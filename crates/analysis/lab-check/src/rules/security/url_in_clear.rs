//! Services with sign-on, or that keep passwords, opened by `http:`.

use crate::context::Context;
use crate::rule::rule;
use lab_model::written::SignOn;

rule!("url-in-clear", Warning, Security, "people sign on over a connection that everybody can read");

/// Roles whose pages see passwords.
const KEEPERS: [&str; 3] = ["identity", "passwords", "secrets"];

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (id, service) in lab.services.iter() {
        let signs_on = service.sign_on.as_ref().is_some_and(|sign_on| sign_on.value != SignOn::None);
        let keeps = service.roles.iter().any(|role| KEEPERS.contains(&&*role.text));
        for url in service.url.iter().filter(|url| (signs_on || keeps) && url.value.scheme() == "http") {
            let finding = context
                .finding(format!("passwords go to `{}` in clear", service.name), url.span, "not encrypted")
                .about(lab.subject(id))
                .because("anybody on the way can read and change what is sent, the password included")
                .help("open it by `https:`, with a certificate for that name");
            context.report_once(finding);
        }
    }
}
