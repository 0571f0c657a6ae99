//! Storage classes that cannot give what is asked of them: volumes for several pods from block devices, databases on
//! file shares, local volumes where there is no local pool, two defaults.

use crate::context::Context;
use crate::rule::rule;
use lab_model::lab::{ClusterId, Lab, ServiceId, StorageClassId, VolumeId};
use lab_model::written::VolumeMode;
use lab_source::{Severity, Span, Spanned};
use std::collections::BTreeMap;

rule!("storage-class-unfit", Error, Storage, "a storage class cannot give what is asked of it");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (id, volume) in lab.volumes.iter() {
        let (Some(class), Some(on)) = (lab.class_of(id), volume.on.as_ref()) else { continue };
        let Some((severity, headline, why, span)) = unfit(lab, id, class) else { continue };
        let record = &lab.storage_classes[class];
        let mut finding = context
            .finding(headline, on.span, "this class")
            .and(span, "asked for here")
            .about(lab.subject(id))
            .about(lab.subject(class))
            .because(why)
            .help("name another class");
        if let Some(mode) = &record.mode {
            finding = finding.and(mode.span, format!("mode {}", mode.value));
        }
        finding.severity = severity;
        context.report_once(finding);
    }
    two_defaults(context);
    local_elsewhere(context);
}

fn unfit(lab: &Lab, id: VolumeId, class: StorageClassId) -> Option<(Severity, String, &'static str, Span)> {
    let (volume, record) = (&lab.volumes[id], &lab.storage_classes[class]);
    let mode = record.mode.as_ref()?.value;
    let shared = volume.shared.as_ref().filter(|shared| shared.value);
    if let (Some(shared), VolumeMode::Block | VolumeMode::Local) = (shared, mode) {
        return Some((
            Severity::Error,
            format!(
                "`{}` is for several pods at once, and `{}` hands out volumes for one node",
                volume.name, record.name
            ),
            "the second pod waits for ever, or both write to one file system and destroy it",
            shared.span,
        ));
    }
    let database = volume.database.as_ref().filter(|database| database.value);
    if let (None, None, VolumeMode::Block) = (database, &volume.shared, mode)
        && let Some(replicas) = sharing(lab, id)
    {
        return Some((
            Severity::Warning,
            format!(
                "`{}` runs {} times on `{}`, and `{}` hands out volumes for one node",
                lab.services[replicas.0].name, replicas.1.value, volume.name, record.name
            ),
            "the second pod waits until the first has let the volume go",
            replicas.1.span,
        ));
    }
    let database = database?;
    (mode == VolumeMode::Shared || mode == VolumeMode::Object).then(|| {
        (
            Severity::Warning,
            format!("the database `{}` is on the {mode} class `{}`", volume.name, record.name),
            "locks and flushes of a shared file system are slow and not always honest: databases break there",
            database.span,
        )
    })
}

/// The service that has a volume in more replicas than the volume has copies.
fn sharing(lab: &Lab, id: VolumeId) -> Option<(ServiceId, &Spanned<u32>)> {
    let volume = &lab.volumes[id];
    let service = volume.service.as_ref().and_then(|service| service.id)?;
    let replicas = lab.services[service].replicas.as_ref()?;
    let copies = volume.copies.as_ref().map_or(1, |copies| copies.value);
    (lab.is_active(service) && replicas.value > copies).then_some((service, replicas))
}

fn two_defaults(context: &mut Context<'_>) {
    let lab = context.lab;
    let mut defaults: BTreeMap<ClusterId, (String, Span)> = BTreeMap::new();
    for (id, class) in lab.storage_classes.iter() {
        let Some(default) = class.default.as_ref().filter(|default| default.value) else { continue };
        let Some(cluster) = class.cluster.as_ref().and_then(|cluster| cluster.id) else { continue };
        let Some((first, span)) = defaults.get(&cluster) else {
            defaults.insert(cluster, (class.name.to_string(), default.span));
            continue;
        };
        let mut finding = context
            .finding(
                format!(
                    "`{}` has two default classes: `{first}` and `{}`",
                    lab.clusters[cluster].name, class.name
                ),
                default.span,
                "default",
            )
            .and(*span, "default as well")
            .about(lab.subject(id))
            .about(lab.subject(cluster))
            .because("which one a volume gets depends on which was made last")
            .help("keep one");
        finding.severity = Severity::Warning;
        context.report_once(finding);
    }
}

/// A local class with a pool on a machine that is not of the cluster.
fn local_elsewhere(context: &mut Context<'_>) {
    let lab = context.lab;
    for (id, class) in lab.storage_classes.iter() {
        let Some(cluster) = class.cluster.as_ref().and_then(|cluster| cluster.id) else { continue };
        let record = &lab.clusters[cluster];
        for pool in &class.pools.items {
            let on = pool.id.and_then(|pool| lab.pools[pool].on.as_ref()?.id);
            let Some(machine) =
                on.filter(|on| !record.members.ids().chain(record.workers.ids()).any(|member| member == *on))
            else {
                continue;
            };
            let finding = context
                .finding(
                    format!(
                        "`{}` names the pool `{pool}` of `{}`, which is not in `{}`",
                        class.name,
                        lab.name(machine),
                        record.name
                    ),
                    pool.span,
                    "local to another machine",
                )
                .and(record.name.span, "its machines are others")
                .about(lab.subject(id))
                .help("name pools of the cluster's own machines");
            context.report_once(finding);
        }
    }
}
