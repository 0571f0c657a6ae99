//! Copies that leave the house and are said not to be encrypted.

use crate::context::Context;
use crate::rule::rule;
use lab_model::derived::copies::{CopyOf, controller, home, is_elsewhere, is_made, medium};
use lab_model::written::{Controller, Medium};

rule!("copy-in-clear", Warning, Backup, "a copy that leaves the house is not encrypted");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for (job, backup) in lab.backups.iter() {
        let Some(thing) = backup.of.ids().next() else { continue };
        let home = home(lab, thing);
        for (index, copy) in backup.record.copies.iter().enumerate().filter(|(_, copy)| is_made(copy)) {
            let Some(clear) = copy.encrypted.as_ref().filter(|encrypted| !encrypted.value) else { continue };
            let away = is_elsewhere(lab, &CopyOf { job, index, copy }, home.as_ref());
            let portable = matches!(medium(lab, copy), Medium::Tape | Medium::OfflineDisk | Medium::Optical);
            if !away && !portable {
                continue;
            }
            let why = match controller(lab, copy) {
                Controller::Vendor => {
                    "the vendor, and whoever gets into the vendor's systems, can read all of it"
                }
                _ => "whoever finds or steals the medium can read all of it",
            };
            let to = copy.to.as_ref().map_or("", |to| &to.text);
            let finding = context
                .finding(
                    format!("the copy of `{}` in `{to}` is in clear", backup.name),
                    clear.span,
                    "not encrypted",
                )
                .and(
                    copy.to.as_ref().map_or(copy.span, |to| to.span),
                    if away { "leaves the house" } else { "can be carried away" },
                )
                .about(lab.subject(job))
                .because(why)
                .help("encrypt it, and keep the key in a place that does not burn with the lab");
            context.report_once(finding);
        }
    }
}
