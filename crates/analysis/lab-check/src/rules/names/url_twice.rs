//! One URL for two services that are not the same thing.

use crate::context::Context;
use crate::rule::rule;
use lab_model::lab::ServiceId;
use lab_source::Span;
use std::collections::BTreeMap;

rule!("url-twice", Error, Names, "two services are opened by one URL");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let mut known: BTreeMap<String, (ServiceId, Span)> = BTreeMap::new();
    for (id, service) in lab.services.iter().filter(|(id, _)| lab.is_active(*id)) {
        for url in &service.url {
            let text = url.value.to_string();
            let Some((first, span)) = known.insert(text.trim_end_matches('/').to_lowercase(), (id, url.span))
            else {
                continue;
            };
            // A range gives one URL to all that it makes: parts of one thing.
            if first == id || span == url.span {
                continue;
            }
            let finding = context
                .finding(
                    format!("`{}` and `{}` are both at {text}", lab.services[first].name, service.name),
                    url.span,
                    format!("of `{}`", service.name),
                )
                .and(span, format!("of `{}`", lab.services[first].name))
                .about(lab.subject(id))
                .about(lab.subject(first))
                .because("the proxy in front sends everybody to one of them")
                .help("give one of them another name or path");
            context.report_once(finding);
        }
    }
}
