//! A MAC address that no single interface can have.

use super::macs::macs;
use crate::context::Context;
use crate::rule::rule;

rule!("mac-of-a-group", Error, Addressing, "a MAC address names a group, or nobody");

fn check(context: &mut Context<'_>) {
    let lab = context.lab;
    for mac in macs(lab) {
        let why = if mac.mac.0 == [0; 6] {
            "names nobody"
        } else if mac.mac.is_multicast() {
            "names a group: its first byte is odd (IEEE 802, I/G bit)"
        } else {
            continue;
        };
        let mut finding = context
            .finding(format!("the MAC {} {why}", mac.mac), mac.span, format!("of `{}`", mac.interface))
            .because("no interface sends from it, so switches and DHCP servers never see it");
        if let Some(owner) = mac.owner {
            finding = finding.about(lab.subject(owner));
        }
        context.report_once(finding.help("put in the address that the machine itself shows; made-up ones begin with `52:54:00`, as those of virtual machines do"));
    }
}
