//! Promises about copies that the plan of backups does not keep, whatever fails: how old they are, whether one elsewhere
//! is the owner's. What is left after a failure is for `labwright predict`.

use crate::context::Context;
use crate::rule::rule;
use lab_model::Lab;
use lab_model::derived::copies::{CopyOf, by_thing, controller, copies_of, home, is_elsewhere, is_made, lag};
use lab_model::grammar::Period;
use lab_model::lab::{BackupId, PromiseId, ThingId};
use lab_model::written::{Claim, Controller};
use std::collections::BTreeMap;

rule!("promise-copies-missed", Warning, Policy, "a promise about copies is not kept by the plan of backups");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let all = by_thing(lab);
    for (id, promise) in lab.promises.iter() {
        let Some(claim) = &promise.claim else { continue };
        for thing in claim.of.ids() {
            let copies = copies(lab, &all, thing);
            if !copies.is_empty() {
                too_old(context, id, claim, thing, &copies);
                not_ours(context, id, claim, thing, &copies);
            }
        }
    }
}

/// The copies of a thing, or those of a job when the promise names one.
fn copies<'a>(lab: &'a Lab, all: &BTreeMap<ThingId, Vec<CopyOf<'a>>>, thing: ThingId) -> Vec<CopyOf<'a>> {
    let Ok(job) = BackupId::try_from(thing) else { return copies_of(lab, all, thing) };
    let record = &lab.backups[job].record;
    let made = record.copies.iter().enumerate().filter(|(_, copy)| is_made(copy));
    made.map(|(index, copy)| CopyOf { job, index, copy }).collect()
}

fn too_old(context: &mut Context<'_>, id: PromiseId, claim: &Claim, thing: ThingId, copies: &[CopyOf<'_>]) {
    let lab = context.lab;
    let Some(rpo) = &claim.rpo else { return };
    let lags: Vec<(Period, &CopyOf<'_>)> =
        copies.iter().filter_map(|copy| Some((lag(&lab.backups[copy.job], copy.index)?, copy))).collect();
    let unknown = copies.iter().any(|copy| copy.copy.every.is_none());
    let Some((least, best)) = lags.into_iter().min_by_key(|(lag, _)| *lag).filter(|_| !unknown) else {
        return;
    };
    if least <= rpo.value {
        return;
    }
    let span = best.copy.every.as_ref().map_or(best.span(), |every| every.span);
    let finding = context
        .finding(
            format!(
                "`{}` promises to lose {} at most, and `{}` can lose {least}",
                lab.promises[id].name,
                rpo.value,
                lab.name(thing)
            ),
            rpo.span,
            "promised",
        )
        .and(span, format!("the newest copy is up to {least} behind"))
        .about(lab.subject(id))
        .about(lab.subject(thing))
        .help("copy more often, or promise less");
    context.report_once(finding);
}

fn not_ours(context: &mut Context<'_>, id: PromiseId, claim: &Claim, thing: ThingId, copies: &[CopyOf<'_>]) {
    let lab = context.lab;
    let Some(said) = claim.own_off_site.as_ref().filter(|said| said.value) else { return };
    let home = home(lab, thing);
    let away: Vec<&CopyOf<'_>> =
        copies.iter().filter(|copy| is_elsewhere(lab, copy, home.as_ref())).collect();
    if away.iter().any(|copy| controller(lab, copy.copy) != Controller::Vendor) {
        return;
    }
    let mut finding = context
        .finding(
            format!(
                "`{}` promises a copy of `{}` elsewhere that is ours, and there is none",
                lab.promises[id].name,
                lab.name(thing)
            ),
            said.span,
            "promised",
        )
        .about(lab.subject(id))
        .about(lab.subject(thing))
        .help("keep a copy at a site of your own, or promise less");
    for copy in away {
        finding = finding.and(copy.span(), "a vendor decides over it");
        if let Some(span) = lab_model::derived::copies::vendor_span(lab, copy.copy) {
            finding = finding.and(span, "as said here");
        }
    }
    context.report_once(finding);
}
