//! Connections known to both routers of a pair, so that they outlive a change.

use super::super::projection::Router;
use crate::head::head;
use lab_driver::{Rendering, Unit};

static UNIT: Unit = Unit {
    name: "conntrackd",
    reload: &["systemctl", "restart", "conntrackd"],
    // It has no way to check a file without running on it.
    check: &[],
};

/// Adds `etc/conntrackd/conntrackd.conf`, when the pair shares connections.
pub(super) fn add(router: &Router<'_>, rendering: &mut Rendering) {
    let Some(partner) = router.partner.as_ref().filter(|partner| partner.syncs_state) else { return };
    let family = if partner.own.is_ipv4() { "IPv4" } else { "IPv6" };
    let own = router.interfaces.iter().flat_map(|interface| &interface.addresses).map(|net| net.addr());
    let moving = router.shared.iter().flat_map(|shared| &shared.addresses).map(|net| net.addr());
    let mut ignored: Vec<String> = own
        .chain(moving)
        .chain(partner.addresses.iter().copied())
        .map(|address| {
            format!("      {} {address}\n", if address.is_ipv4() { "IPv4_address" } else { "IPv6_address" })
        })
        .collect();
    ignored.insert(0, "      IPv4_address 127.0.0.1\n".to_owned());
    ignored.dedup();
    let text = format!(
        "{head}\nSync {{\n  Mode FTFW {{\n    DisableExternalCache Off\n  }}\n  UDP {{\n    {family}_address {own}\n    \
         {family}_Destination_Address {other}\n    Port 3780\n    Interface {interface}\n    Checksum on\n  }}\n}}\n\
         General {{\n  HashSize 32768\n  HashLimit 131072\n  Syslog on\n  LockFile /var/lock/conntrackd.lock\n  UNIX {{\n    \
         Path /var/run/conntrackd.ctl\n  }}\n  Filter From Userspace {{\n    Protocol Accept {{\n      TCP\n      UDP\n    }}\n    \
         # The routers' own connections do not move.\n    Address Ignore {{\n{ignored}    }}\n  }}\n}}\n",
        head = head(router.lab, router.thing, "connections shared with its partner", "#"),
        own = partner.own,
        other = partner.other,
        interface = partner.interface,
        ignored = ignored.concat()
    );
    rendering.add("etc/conntrackd/conntrackd.conf", Some(&UNIT), text);
}
