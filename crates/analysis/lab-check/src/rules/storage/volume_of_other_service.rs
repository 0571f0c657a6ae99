//! A service that needs another's volume while its own stands beside it.

use crate::context::Context;
use crate::rule::rule;
use lab_model::lab::VolumeId;

rule!("volume-of-other-service", Warning, Storage, "a service needs a volume that belongs to another");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (id, service) in lab.services.iter() {
        for need in &service.needs.items {
            let Some(volume) = need.id.and_then(|need| VolumeId::try_from(need).ok()) else { continue };
            let record = &lab.volumes[volume];
            let shared = record.shared.as_ref().is_some_and(|shared| shared.value);
            let Some(owner) =
                record.service.as_ref().filter(|owner| owner.id.is_some_and(|owner| owner != id) && !shared)
            else {
                continue;
            };
            let finding = context
                .finding(format!("`{}` needs the volume of `{owner}`", service.name), need.span, format!("belongs to `{owner}`"))
                .and(owner.span, format!("`{}` is its volume", record.name))
                .about(lab.subject(id))
                .about(lab.subject(volume))
                .because("two services that write to one volume destroy each other's data, or the second never starts")
                .help("name its own volume; one that both use is `shared: true`");
            context.report_once(finding);
        }
    }
}
