//! One VLAN number for two VLANs, secondary VLANs of private ones included.

use crate::context::Context;
use crate::rule::rule;
use lab_model::grammar::VlanId;
use lab_model::lab::{SiteId, VlanIdOf};
use lab_source::{Span, Spanned};
use std::collections::BTreeMap;

rule!("vlan-id-twice", Error, Switching, "two VLANs have one number");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let mut taken: BTreeMap<(Option<SiteId>, u16), (VlanIdOf, Span, String)> = BTreeMap::new();
    for (id, vlan) in lab.vlans.iter() {
        let site = vlan.site.as_ref().and_then(|site| site.id);
        for (number, what) in numbers(&vlan.record, &vlan.name.text) {
            let key = (site, number.value.get());
            let Some((first, span, first_what)) = taken.get(&key) else {
                taken.insert(key, (id, number.span, what));
                continue;
            };
            let finding = context
                .finding(format!("{} is the number of two VLANs", number.value), number.span, what)
                .and(*span, first_what.clone())
                .about(lab.subject(id))
                .about(lab.subject(*first))
                .because("on the wire there is only the number: both are one network")
                .help(match free(&taken, site, number.value) {
                    Some(free) => format!("{free} is free"),
                    None => "take a free number".to_owned(),
                });
            context.report(finding);
        }
    }
}

/// All numbers that a VLAN takes, with what each is.
fn numbers<'v>(vlan: &'v lab_model::written::Vlan, name: &str) -> Vec<(&'v Spanned<VlanId>, String)> {
    let mut all: Vec<(&Spanned<VlanId>, String)> =
        vlan.id.iter().map(|id| (id, format!("VLAN `{name}`"))).collect();
    if let Some(private) = &vlan.private {
        all.extend(private.isolated.iter().map(|id| (id, format!("isolated VLAN of `{name}`"))));
        for (community, said) in private.communities.iter() {
            all.extend(said.id.iter().map(|id| (id, format!("community `{community}` of `{name}`"))));
        }
    }
    all
}

fn free(
    taken: &BTreeMap<(Option<SiteId>, u16), (VlanIdOf, Span, String)>,
    site: Option<SiteId>,
    above: VlanId,
) -> Option<u16> {
    (above.get()..=VlanId::MAX.get()).find(|number| !taken.contains_key(&(site, *number)))
}
