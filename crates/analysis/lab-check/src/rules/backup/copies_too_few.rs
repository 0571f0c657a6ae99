//! Three copies, two media, one elsewhere: for what can never be had again.

use crate::context::Context;
use crate::rule::rule;
use lab_model::Lab;
use lab_model::derived::copies::{
    by_thing, controller, copies_of, holders, home, is_elsewhere, is_made, is_offline, medium, valued,
    vendor_span,
};
use lab_model::lab::ThingId;
use lab_model::written::{Controller, Importance, Medium};
use lab_source::Span;
use std::collections::BTreeSet;

rule!(
    "copies-too-few",
    Warning,
    Backup,
    "irreplaceable data is short of three copies, two media, one elsewhere"
);

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let all = by_thing(lab);
    for (thing, importance) in valued(lab) {
        let copies = copies_of(lab, &all, thing);
        if importance.value != Importance::Irreplaceable || copies.is_empty() {
            continue;
        }
        let home = home(lab, thing);
        let away: Vec<_> = copies.iter().filter(|copy| is_elsewhere(lab, copy, home.as_ref())).collect();
        let media: BTreeSet<Medium> =
            copies.iter().map(|copy| medium(lab, copy.copy)).chain([Medium::Disk]).collect();
        // What a vendor takes away, a drive in a drawer still has.
        let kept = away.iter().any(|copy| controller(lab, copy.copy) != Controller::Vendor)
            || copies
                .iter()
                .any(|copy| is_offline(lab, copy.copy) && controller(lab, copy.copy) != Controller::Vendor);
        let mut missing: Vec<String> = Vec::new();
        if copies.len() < 2 {
            missing.push(format!("{} copies with the original, not 3", copies.len() + 1));
        }
        if media.len() < 2 {
            missing.push("all on one kind of medium, disks that are running".to_owned());
        }
        if away.is_empty() {
            missing.push("none is known to be at another site".to_owned());
        } else if !kept {
            missing.push(
                "the only copies elsewhere are a vendor's, who can lose, lock or delete them, and none is put away".to_owned(),
            );
        }
        if missing.is_empty() {
            continue;
        }
        let name = lab.name(thing);
        let mut finding = context
            .finding(format!("`{name}` is irreplaceable and its copies are too few"), name.span, missing.join("; "))
            .about(lab.subject(thing))
            .because("the rule is three copies, on two kinds of medium, one of them elsewhere; and not all in the hands of vendors and intruders")
            .help("add a drive that is put away, or a box at somebody's whom you trust");
        for copy in &copies {
            finding = finding.and(copy.span(), format!("copy on {}", medium(lab, copy.copy)));
            if let Some(said) = &copy.copy.medium {
                finding = finding.and(said.span, "its medium");
            }
            if let Some(span) = vendor_span(lab, copy.copy) {
                finding = finding.and(span, "a vendor decides over it");
            }
        }
        for copy in not_made(lab, thing) {
            finding = finding.and(copy, "not in use");
        }
        context.report_once(finding);
    }
}

/// Where copies of a thing stand that are planned or given up.
fn not_made(lab: &Lab, thing: ThingId) -> Vec<Span> {
    let holders = holders(lab, thing);
    let jobs = lab.backups.iter().filter(|(_, job)| job.of.ids().any(|of| holders.contains(&of)));
    let copies = jobs.flat_map(|(_, job)| job.record.copies.iter()).filter(|copy| !is_made(copy));
    copies.map(|copy| copy.status.as_ref().map_or(copy.span, |status| status.span)).collect()
}
