//! Kernel settings of a router.

use super::super::projection::Router;
use crate::head::head;
use lab_driver::{Rendering, Unit};

static UNIT: Unit = Unit {
    name: "sysctl",
    reload: &["sysctl", "--quiet", "--ignore", "--load={root}/etc/sysctl.d/90-labwright.conf"],
    check: &[],
};

const SETTINGS: &str = "\
net.ipv4.ip_forward = 1
net.ipv6.conf.all.forwarding = 1
# A packet is answered where it came from, so a source that is reached elsewhere is forged. Loose, since a pair of routers
# may send and receive on two ways.
net.ipv4.conf.all.rp_filter = 2
net.ipv4.conf.all.accept_redirects = 0
net.ipv4.conf.all.send_redirects = 0
net.ipv6.conf.all.accept_redirects = 0
# An address is answered for on its own interface only.
net.ipv4.conf.all.arp_ignore = 1
net.ipv4.conf.all.arp_announce = 2
";

const STATE: &str = "\
# What belongs to no known connection is not guessed to: the partner's connections come from the partner.
net.netfilter.nf_conntrack_tcp_loose = 0
";

/// Adds `etc/sysctl.d/90-labwright.conf`.
pub(super) fn add(router: &Router<'_>, rendering: &mut Rendering) {
    let mut text = head(router.lab, router.thing, "settings of the kernel", "#");
    text.push('\n');
    text.push_str(SETTINGS);
    if router.partner.as_ref().is_some_and(|partner| partner.syncs_state) {
        text.push_str(STATE);
    }
    rendering.add("etc/sysctl.d/90-labwright.conf", Some(&UNIT), text);
}
