//! Things that wait for each other when everything starts: A needs B, B runs on C, C needs A.

use crate::context::Context;
use crate::rule::rule;
use lab_model::lab::{Kind, Lab, ServiceId, ThingId};
use lab_model::record::{Refs, Target};
use lab_source::Span;
use std::collections::{BTreeMap, BTreeSet};

rule!("startup-cycle", Warning, Compute, "things wait for each other to start");

/// What one thing cannot start without, where that is written, and how it is said.
struct Edge {
    to: ThingId,
    span: Span,
    how: &'static str,
}

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let graph = graph(lab);
    let mut done: BTreeSet<ThingId> = BTreeSet::new();
    for &start in graph.keys() {
        walk(context, &graph, start, &mut done);
    }
}

/// Depth first with a stack of its own; each thing is finished once. A way back into the stack is a cycle.
fn walk(
    context: &mut Context<'_>,
    graph: &BTreeMap<ThingId, Vec<Edge>>,
    start: ThingId,
    done: &mut BTreeSet<ThingId>,
) {
    let mut stack: Vec<(ThingId, usize)> = vec![(start, 0)];
    while let Some((thing, next)) = stack.last_mut() {
        let (here, at) = (*thing, *next);
        *next += 1;
        if done.contains(&here) {
            stack.pop();
            continue;
        }
        let Some(edge) = graph.get(&here).and_then(|edges| edges.get(at)) else {
            done.insert(here);
            stack.pop();
            continue;
        };
        if let Some(begin) = stack.iter().position(|(thing, _)| *thing == edge.to) {
            let path: Vec<(ThingId, usize)> = stack[begin..].to_vec();
            report(context, graph, &path);
        } else if !done.contains(&edge.to) {
            stack.push((edge.to, 0));
        }
    }
}

fn report(context: &mut Context<'_>, graph: &BTreeMap<ThingId, Vec<Edge>>, path: &[(ThingId, usize)]) {
    let lab = context.lab;
    let edges: Vec<(ThingId, &Edge)> =
        path.iter().map(|(thing, next)| (*thing, &graph[thing][next - 1])).collect();
    // The need that was written as such is the one to look at, not the place something runs on.
    let Some(main) = edges.iter().position(|(_, edge)| edge.how == "needs") else { return };
    let turned: Vec<&(ThingId, &Edge)> = edges[main..].iter().chain(&edges[..main]).collect();
    let way: Vec<String> = turned
        .iter()
        .map(|(thing, edge)| format!("`{}` {} `{}`", lab.name(*thing), edge.how, lab.name(edge.to)))
        .collect();
    let (first, edge) = turned[0];
    let headline = if turned.len() == 1 {
        format!("`{}` needs itself", lab.name(*first))
    } else {
        format!(
            "`{}` and `{}` wait for each other when everything starts",
            lab.name(*first),
            lab.name(edge.to)
        )
    };
    let mut finding = context.finding(headline, edge.span, way[0].clone()).about(lab.subject(*first));
    for ((thing, edge), way) in turned.iter().zip(&way).skip(1) {
        finding = finding.and(edge.span, way.clone()).about(lab.subject(*thing));
    }
    let finding = finding
        .because(way.join(", "))
        .because("after the power was gone none of them comes up without a hand")
        .help("let one of them start without the other, and write that as `wants`");
    context.report_once(finding);
}

fn graph(lab: &Lab) -> BTreeMap<ThingId, Vec<Edge>> {
    let mut graph: BTreeMap<ThingId, Vec<Edge>> = BTreeMap::new();
    let mut add = |from: ThingId, to: Option<ThingId>, span: Span, how: &'static str| {
        if let Some(to) = to.filter(|to| lab.is_active(*to)) {
            graph.entry(from).or_default().push(Edge { to, span, how });
        }
    };
    for (id, service) in lab.services.iter().filter(|(id, _)| lab.is_active(*id)) {
        needs(lab, &service.needs, &mut |to, span| add(id.into(), Some(to), span, "needs"));
        if let [place] = &service.on.items[..] {
            add(id.into(), place.id, place.span, "runs on");
        }
    }
    for (id, host) in lab.hosts.iter().filter(|(id, _)| lab.is_active(*id)) {
        needs(lab, &host.needs, &mut |to, span| add(id.into(), Some(to), span, "needs"));
        if let Some(server) = &host.boot_server {
            add(id.into(), server.id, server.span, "needs");
        }
    }
    for (id, vm) in lab.vms.iter().filter(|(id, _)| lab.is_active(*id)) {
        needs(lab, &vm.needs, &mut |to, span| add(id.into(), Some(to), span, "needs"));
        if let Some(on) = vm
            .on
            .as_ref()
            .filter(|on| on.id.is_some_and(|on| on.kind == Kind::Host) && vm.may_run_on.is_empty())
        {
            add(id.into(), on.id, on.span, "runs on");
        }
    }
    for (id, cluster) in lab.clusters.iter() {
        cluster.members.items.iter().for_each(|member| add(id.into(), member.id, member.span, "consists of"));
        if let Some(inside) = &cluster.inside {
            add(id.into(), inside.id.map(ThingId::from), inside.span, "runs in");
        }
    }
    for (id, pool) in lab.pools.iter() {
        if let Some(on) = &pool.on {
            add(id.into(), on.id, on.span, "is on");
        }
        if let Some(cluster) = &pool.cluster {
            add(id.into(), cluster.id.map(ThingId::from), cluster.span, "is in");
        }
    }
    let things = (lab.datasets.iter().map(|(id, entry)| (ThingId::from(id), entry.name.span)))
        .chain(lab.volumes.iter().map(|(id, entry)| (id.into(), entry.name.span)));
    for (id, span) in things {
        if let [pool] = lab.pools_of(id)[..] {
            add(id, Some(pool.into()), span, "is on");
        }
    }
    graph
}

/// What is needed, `dns` and its like standing for the one service that plays the role.
fn needs<T: Target<Id = ThingId>>(lab: &Lab, refs: &Refs<T>, add: &mut dyn FnMut(ThingId, Span)) {
    for need in &refs.items {
        if let Some(id) = need.id {
            add(id, need.span);
            continue;
        }
        let plays = |id: ServiceId| lab.services[id].roles.iter().any(|role| role.text == need.text);
        let mut players = lab.services.iter().map(|(id, _)| id).filter(|id| lab.is_active(*id) && plays(*id));
        if let (Some(one), None) = (players.next(), players.next()) {
            add(one.into(), need.span);
        }
    }
}
