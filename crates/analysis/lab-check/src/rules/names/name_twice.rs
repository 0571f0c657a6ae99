//! Two machines, or two DNS records, whose names DNS does not tell apart.

use super::catalogue::dns_name;
use crate::context::Context;
use crate::rule::rule;
use lab_model::{Name, ThingId};
use std::collections::BTreeMap;

rule!("name-twice", Error, Names, "two machines or records have one name for DNS");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let hosts = lab.hosts.iter().map(|(id, host)| (ThingId::from(id), &host.name));
    let machines: Vec<(ThingId, &Name)> =
        hosts.chain(lab.vms.iter().map(|(id, vm)| (id.into(), &vm.name))).collect();
    judge(context, machines, |name| name.to_ascii_lowercase());
    let records = lab.names.iter().map(|(id, record)| (ThingId::from(id), &record.name)).collect();
    judge(context, records, |name| dns_name(name).map_or_else(|| name.to_owned(), |name| name.to_string()));
}

fn judge(context: &mut Context<'_>, all: Vec<(ThingId, &Name)>, key: fn(&str) -> String) {
    let lab = context.lab;
    let mut taken: BTreeMap<String, (ThingId, &Name)> = BTreeMap::new();
    for (thing, name) in all {
        let Some((first, first_name)) = taken.get(&key(&name.text)) else {
            taken.insert(key(&name.text), (thing, name));
            continue;
        };
        let finding = context
            .finding(
                format!("`{name}` is the name of two things"),
                name.span,
                format!("{} `{name}`", thing.kind.word()),
            )
            .and(first_name.span, format!("{} `{first_name}`", first.kind.word()))
            .about(lab.subject(thing))
            .about(lab.subject(*first))
            .because(
                "DNS does not tell upper case from lower (RFC 4343): whoever asks for one may get the other",
            )
            .help("rename one of them");
        context.report_once(finding);
    }
}
