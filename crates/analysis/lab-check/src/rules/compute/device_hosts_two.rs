//! Two operating systems in use on one device.

use crate::context::Context;
use crate::rule::rule;
use lab_model::lab::{DeviceId, HostId};
use lab_source::Span;
use std::collections::BTreeMap;

rule!("device-hosts-two", Error, Compute, "two hosts in use are on one device");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    let mut on: BTreeMap<DeviceId, Vec<(HostId, Span)>> = BTreeMap::new();
    for (id, host) in lab.hosts.iter().filter(|(id, _)| lab.is_active(*id)) {
        if let Some(device) = &host.on
            && let Some(device_id) = device.id
        {
            on.entry(device_id).or_default().push((id, device.span));
        }
    }
    for (device, hosts) in on {
        let [(first, first_span), others @ ..] = &hosts[..] else { continue };
        for (other, span) in others {
            let (one, two) = (&lab.hosts[*first].name, &lab.hosts[*other].name);
            let finding = context
                .finding(
                    format!("`{}` runs both `{one}` and `{two}`", lab.devices[device].name),
                    *span,
                    format!("`{two}` is on it"),
                )
                .and(*first_span, format!("`{one}` is on it"))
                .about(lab.subject(*other))
                .about(lab.subject(device))
                .about(lab.subject(*first))
                .because("a device runs one operating system at a time")
                .help("name the other device, make one a virtual machine under `vms`, or give it a `status`");
            context.report_once(finding);
        }
    }
}
