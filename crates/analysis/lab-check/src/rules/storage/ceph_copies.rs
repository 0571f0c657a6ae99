//! How many copies a Ceph pool keeps and how many must be there: settings that lose data or stop all I/O.

use crate::context::Context;
use crate::rule::rule;
use lab_model::lab::{Lab, PoolId};
use lab_model::written::PoolKind;
use lab_source::{Severity, Span};

rule!(
    "ceph-copies",
    Error,
    Storage,
    "the copies of a Ceph pool lose data, or stop it, with the first failure"
);

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (id, pool) in lab.pools.iter() {
        let Some((severity, span, headline, why, help)) = fault(lab, id) else { continue };
        let mut finding =
            context.finding(headline, span, "set here").about(lab.subject(id)).because(why).help(help);
        if let Some(kind) = &pool.kind {
            finding = finding.and(kind.span, format!("{}", kind.value));
        }
        if let Some(size) = pool.size.as_ref().filter(|size| size.span != span) {
            finding = finding.and(size.span, "copies");
        }
        finding.severity = severity;
        context.report_once(finding);
    }
}

type Fault = (Severity, Span, String, &'static str, String);

const NEVER: &str = "it never accepts a write";
const STOPS: &str = "each restart of a node stops everything that is stored in it";

fn fault(lab: &Lab, id: PoolId) -> Option<Fault> {
    match lab.pools[id].kind.as_ref()?.value {
        PoolKind::CephReplicated => replicated(lab, id),
        PoolKind::CephErasure => erasure(lab, id),
        _ => None,
    }
}

fn replicated(lab: &Lab, id: PoolId) -> Option<Fault> {
    let pool = &lab.pools[id];
    let (name, size) = (&pool.name, pool.size.as_ref()?);
    let all = size.value;
    let (severity, span, headline, why) = match pool.min_size.as_ref().map(|least| (least.value, least.span))
    {
        Some((least, span)) if least > all => {
            (Severity::Error, span, format!("`{name}` keeps {all} copies and asks for {least}"), NEVER)
        }
        _ if all < 2 => {
            let why = "the first failed drive takes a part of everything in it";
            (Severity::Error, size.span, format!("`{name}` keeps a single copy"), why)
        }
        Some((1, span)) => {
            let why = "a write that only one drive has is lost with that drive, and the copies that come back are older";
            (Severity::Error, span, format!("`{name}` goes on with 1 of {all} copies"), why)
        }
        Some((least, span)) if least == all => {
            let headline = format!("`{name}` stops with the first failure: all {all} copies must be there");
            (Severity::Warning, span, headline, STOPS)
        }
        _ if all == 2 => {
            let why = "while one is being restored there is only one: a second failure, or one unreadable sector, loses data";
            (Severity::Warning, size.span, format!("`{name}` keeps two copies"), why)
        }
        _ => return None,
    };
    let help = "three copies, of which two must be there: `size: 3`, `min-size: 2`";
    Some((severity, span, headline, why, help.to_owned()))
}

fn erasure(lab: &Lab, id: PoolId) -> Option<Fault> {
    let pool = &lab.pools[id];
    let (name, k, m) = (&pool.name, pool.k.as_ref()?.value, pool.m.as_ref()?);
    let all = k.saturating_add(m.value);
    let (severity, span, headline, why) = match pool.min_size.as_ref().map(|least| (least.value, least.span))
    {
        Some((least, span)) if least > all => {
            (Severity::Error, span, format!("`{name}` has {all} chunks and asks for {least}"), NEVER)
        }
        Some((least, span)) if least < k => {
            let why = "fewer chunks than data chunks hold nothing that can be read";
            (Severity::Error, span, format!("`{name}` needs {k} chunks to read and says {least}"), why)
        }
        Some((least, span)) if least == k && m.value > 0 => {
            let why = "what is written then is lost with the next drive";
            (Severity::Error, span, format!("`{name}` goes on without any chunk to spare"), why)
        }
        Some((least, span)) if least == all => {
            let headline = format!("`{name}` stops with the first failure: all {all} chunks must be there");
            (Severity::Warning, span, headline, STOPS)
        }
        _ if m.value == 1 => {
            let why = "with one chunk gone Ceph stops writing (by default), and a second failure loses data";
            (Severity::Warning, m.span, format!("`{name}` has a single coding chunk"), why)
        }
        _ => return None,
    };
    let help = format!("two coding chunks or more, and `min-size: {}`", k.saturating_add(1));
    Some((severity, span, headline, why, help))
}
