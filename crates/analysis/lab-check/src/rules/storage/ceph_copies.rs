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
        finding.severity = severity;
        context.report_once(finding);
    }
}

type Fault = (Severity, Span, String, &'static str, String);

fn fault(lab: &Lab, id: PoolId) -> Option<Fault> {
    let pool = &lab.pools[id];
    let name = &pool.name;
    let least = pool.min_size.as_ref();
    match pool.kind.as_ref()?.value {
        PoolKind::CephReplicated => {
            let size = pool.size.as_ref()?;
            let help = "three copies, of which two must be there: `size: 3`, `min-size: 2`".to_owned();
            match (size.value, least) {
                (all, Some(least)) if least.value > all => Some((
                    Severity::Error,
                    least.span,
                    format!("`{name}` keeps {all} copies and asks for {}", least.value),
                    "it never accepts a write",
                    help,
                )),
                (0 | 1, _) => Some((
                    Severity::Error,
                    size.span,
                    format!("`{name}` keeps a single copy"),
                    "the first failed drive takes a part of everything in it",
                    help,
                )),
                (all, Some(least)) if least.value == 1 => Some((
                    Severity::Error,
                    least.span,
                    format!("`{name}` goes on with 1 of {all} copies"),
                    "a write that only one drive has is lost with that drive, and the copies that come back are older",
                    help,
                )),
                (all, Some(least)) if least.value == all => Some((
                    Severity::Warning,
                    least.span,
                    format!("`{name}` stops with the first failure: all {all} copies must be there"),
                    "each restart of a node stops everything that is stored in it",
                    help,
                )),
                (2, _) => Some((
                    Severity::Warning,
                    size.span,
                    format!("`{name}` keeps two copies"),
                    "while one is being restored there is only one: a second failure, or one unreadable sector, loses data",
                    help,
                )),
                _ => None,
            }
        }
        PoolKind::CephErasure => {
            let (k, m) = (pool.k.as_ref()?, pool.m.as_ref()?);
            let all = k.value.saturating_add(m.value);
            let help = format!("two coding chunks or more, and `min-size: {}`", k.value.saturating_add(1));
            match least {
                Some(least) if least.value > all => Some((
                    Severity::Error,
                    least.span,
                    format!("`{name}` has {all} chunks and asks for {}", least.value),
                    "it never accepts a write",
                    help,
                )),
                Some(least) if least.value < k.value => Some((
                    Severity::Error,
                    least.span,
                    format!("`{name}` needs {} chunks to read and says {}", k.value, least.value),
                    "fewer chunks than data chunks hold nothing that can be read",
                    help,
                )),
                Some(least) if least.value == k.value && m.value > 0 => Some((
                    Severity::Error,
                    least.span,
                    format!("`{name}` goes on without any chunk to spare"),
                    "what is written then is lost with the next drive",
                    help,
                )),
                Some(least) if least.value == all => Some((
                    Severity::Warning,
                    least.span,
                    format!("`{name}` stops with the first failure: all {all} chunks must be there"),
                    "each restart of a node stops everything that is stored in it",
                    help,
                )),
                _ if m.value == 1 => Some((
                    Severity::Warning,
                    m.span,
                    format!("`{name}` has a single coding chunk"),
                    "with one chunk gone Ceph stops writing (by default), and a second failure loses data",
                    help,
                )),
                _ => None,
            }
        }
        _ => None,
    }
}
