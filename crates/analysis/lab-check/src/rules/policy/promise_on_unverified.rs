//! Promises about things of which facts are only assumed: proved, they hold as far as the assumptions do.

use crate::amount::{count, names};
use crate::context::Context;
use crate::rule::rule;
use lab_model::record::Provenance;
use std::collections::BTreeMap;

rule!("promise-on-unverified", Note, Policy, "a promise rests on facts that nobody has looked at");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let mut doubtful: BTreeMap<&str, Vec<&Provenance>> = BTreeMap::new();
    for fact in lab.provenance.iter().filter(|fact| fact.unverified || fact.assumed.is_some()) {
        doubtful.entry(&fact.subject).or_default().push(fact);
    }
    if doubtful.is_empty() {
        return;
    }
    let mut resting = Vec::new();
    let mut facts: BTreeMap<&str, &Provenance> = BTreeMap::new();
    for (id, promise) in lab.promises.iter() {
        let Some(claim) = &promise.claim else { continue };
        let mut rests = false;
        for thing in claim.of.ids().chain(claim.losing.ids()) {
            let written = format!("{}/{}", thing.kind.key(), lab.name(thing));
            if let Some((subject, all)) = doubtful.get_key_value(&*written) {
                rests = true;
                facts.insert(subject, all[0]);
            }
        }
        if rests {
            resting.push((id, &promise.name));
        }
    }
    let Some((_, first)) = resting.first() else { return };
    let called: Vec<&str> = resting.iter().map(|(_, name)| &*name.text).collect();
    let mut finding = context
        .finding(
            format!("{} on facts that nobody has looked at: {}", rest(resting.len()), names(&called)),
            first.span,
            "about such things",
        )
        .because(format!("{} of them with assumed or unverified facts", count(facts.len(), "thing")))
        .help("look at them (`labwright show facts` lists them) and take `unverified` away");
    for (id, _) in &resting {
        finding = finding.about(lab.subject(*id));
    }
    for (subject, fact) in facts.iter().take(3) {
        finding = finding.and(fact.span, format!("`{subject}`"));
    }
    context.report(finding);
}

fn rest(n: usize) -> String {
    if n == 1 { "1 promise rests".to_owned() } else { format!("{n} promises rest") }
}
