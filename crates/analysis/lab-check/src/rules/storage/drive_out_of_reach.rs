//! A pool, or an OSD, whose machine cannot get at its drives: they are in another device, or the card they hang on is
//! handed to somebody else, or was never handed to the virtual machine that has the pool.

use super::reach::{Route, given_to, routes, works};
use crate::context::Context;
use crate::rule::rule;
use lab_model::derived::{CardId, DriveId, DriveRole};
use lab_model::lab::{ClusterId, DeviceId, Kind, Lab, PoolId, ThingId, VmId};
use lab_source::Span;
use std::collections::BTreeSet;

rule!("drive-out-of-reach", Error, Storage, "a machine cannot get at the drives of its pool");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let mut told: BTreeSet<(ThingId, String)> = BTreeSet::new();
    for owner in &lab.derived.drive_owners {
        let (machines, at) = match owner.owner.kind {
            Kind::Pool => {
                let Some(on) = &lab.pools[PoolId(owner.owner.index)].on else { continue };
                (on.id.into_iter().collect(), on.span)
            }
            Kind::Cluster if owner.role == DriveRole::Osd => {
                let cluster = ClusterId(owner.owner.index);
                (of_cluster(lab, cluster), lab.clusters[cluster].name.span)
            }
            _ => continue,
        };
        let Some(fault) = fault(lab, &machines, owner.drive) else { continue };
        if told.insert((owner.owner, fault.why.clone())) {
            let name = lab.name(owner.owner);
            let headline =
                format!("`{name}` does not reach `{}`: {}", lab.drive_name(owner.drive), fault.why);
            let mut finding = context
                .finding(headline, owner.span, "the drives")
                .and(at, "must reach them")
                .about(lab.subject(owner.owner))
                .help(fault.help);
            for machine in machines.iter().take(1) {
                finding = finding.about(lab.subject(*machine));
            }
            context.report(match fault.span {
                Some(span) => finding.and(span, "because of this"),
                None => finding,
            });
        }
    }
}

struct Fault {
    why: String,
    help: String,
    span: Option<Span>,
}

/// The machines that serve the OSDs of a cluster: its own, and those of the cluster it runs in.
fn of_cluster(lab: &Lab, id: ClusterId) -> Vec<ThingId> {
    let cluster = &lab.clusters[id];
    let inside = cluster.inside.as_ref().and_then(|inside| inside.id).map(|id| &lab.clusters[id]);
    let all = [Some(&cluster.record), inside.map(|inside| &inside.record)].into_iter().flatten();
    all.flat_map(|cluster| cluster.members.ids().chain(cluster.workers.ids()).collect::<Vec<_>>()).collect()
}

/// Why none of the machines reaches the drive; `None` when one does or it is not known.
fn fault(lab: &Lab, machines: &[ThingId], drive: DriveId) -> Option<Fault> {
    let routes = routes(lab, drive);
    if routes.is_empty() || machines.is_empty() || machines.iter().any(|id| lab.devices_under(*id).is_empty())
    {
        return None;
    }
    let near: Vec<(ThingId, Route)> = machines
        .iter()
        .flat_map(|id| routes.iter().map(move |route| (*id, *route)))
        .filter(|(id, route)| lab.devices_under(*id).contains(&route.device))
        .collect();
    if near.is_empty() {
        return Some(elsewhere(lab, machines, &routes));
    }
    let faults: Option<Vec<Fault>> = near
        .iter()
        .map(|(machine, route)| match VmId::try_from(*machine) {
            Ok(vm) => not_handed(lab, vm, drive, *route),
            Err(()) => handed_away(lab, *route),
        })
        .collect();
    faults?.into_iter().next()
}

fn elsewhere(lab: &Lab, machines: &[ThingId], routes: &[Route]) -> Fault {
    let device = |id: DeviceId| format!("`{}`", lab.devices[id].name);
    let machine = machines[0];
    let own: Vec<String> = lab.devices_under(machine).into_iter().map(device).collect();
    Fault {
        why: match machines.len() {
            1 => format!(
                "the drive hangs on {}, `{}` is on {}",
                device(routes[0].device),
                lab.name(machine),
                own.join(" or ")
            ),
            _ => format!("no machine of it is on {}", device(routes[0].device)),
        },
        help: "name drives of the machine's own device, or cable the shelf to it".to_owned(),
        span: None,
    }
}

/// The card of a host's own device was handed to a virtual machine, or is not in use.
fn handed_away(lab: &Lab, route: Route) -> Option<Fault> {
    let card = route.card?;
    let slot = &lab.derived.card(card).slot;
    if let Some((vm, span)) = given_to(lab, card) {
        return Some(Fault {
            why: format!("the card in `{slot}` is handed to `{}`", lab.vms[vm].name),
            help: format!("put the pool on `{}`, or keep the card for the host", lab.vms[vm].name),
            span: Some(span),
        });
    }
    (!works(lab, card)).then(|| Fault {
        why: format!("the card in `{slot}` is not in use"),
        help: "put the drives on another card".to_owned(),
        span: Some(lab.derived.card(card).span),
    })
}

/// True unless a card is known to be for something else than drives: graphics, or network alone.
fn may_carry(lab: &Lab, card: CardId) -> bool {
    let Some(ty) = &lab.derived.card(card).ty else { return true };
    let is_graphics = ty.gpu_memory.is_some() || ty.provides.iter().any(|word| &*word.text == "gpu");
    let is_network = !ty.interfaces.is_empty() && ty.drive_bays.is_empty();
    !is_graphics && !is_network
}

/// A virtual machine sees a drive only when it, or the card it hangs on, is handed to it.
fn not_handed(lab: &Lab, vm: VmId, drive: DriveId, route: Route) -> Option<Fault> {
    let given: Vec<_> = lab.derived.passed_through.iter().filter(|given| given.vm == vm).collect();
    let is_given = given
        .iter()
        .any(|given| given.drive == Some(drive) || (given.card.is_some() && given.card == route.card));
    let could_be = route.card.is_none()
        && given
            .iter()
            .any(|given| given.card.is_some_and(|card| may_carry(lab, card)) && given.device == route.device);
    if is_given || could_be {
        return None;
    }
    let device = &lab.devices[route.device].name;
    let part = match route.card {
        Some(card) => format!("{device}/{}", lab.derived.card(card).slot),
        None => lab.drive_name(drive),
    };
    Some(Fault {
        why: format!("neither it nor its card is handed to `{}`", lab.vms[vm].name),
        help: format!("write `passthrough: [{part}]` at `{}`, or put the pool on the host", lab.vms[vm].name),
        span: None,
    })
}
