//! Who takes an address over when machines fail, and in how many seconds: what stands behind "the network goes on".
//!
//! It explains and decides nothing. Who would hold an address is read from the settled states before and after; a holder that leads nowhere,
//! and one that cannot be changed for want of quorum, take nothing over.

use crate::forecast::{Forecast, words};
use crate::simulate::Simulator;
use crate::simulate::clock::{Seconds, seconds_to_move};
use crate::simulate::preference::holdings;
use crate::works::{PartId, Vip};
use lab_model::written::VipProtocol;
use std::collections::BTreeMap;

/// Moves that are told before the rest is counted.
const MOVES_MAX: usize = 3;

/// Addresses that move after one of these failures: `router-02 takes over gateway-lan from router-01 in 2 to 4 s (CARP).`
pub(super) fn told(forecast: &Forecast<'_>, failures: &[Vec<PartId>]) -> Option<String> {
    let works = &forecast.works;
    let simulator = Simulator::new(works);
    let before = simulator.play(&[]);
    let mut moves: BTreeMap<String, BTreeMap<String, Vec<&str>>> = BTreeMap::new();
    for failed in failures {
        for holding in holdings(&before, &simulator.play(failed)) {
            let (Some(from), [to]) = (holding.before, &holding.now[..]) else { continue };
            if from == *to || !holding.blackholes.is_empty() || holding.stuck {
                continue;
            }
            let vip = &works[holding.vip];
            let who = format!("{} takes over", works.holder_label(*to));
            let how = format!("from {} {}", works.holder_label(from), course(vip));
            let vips = moves.entry(who).or_default().entry(how).or_default();
            if !vips.contains(&vip.label.as_str()) {
                vips.push(&vip.label);
            }
        }
    }
    let all = moves.into_iter().flat_map(|(who, ways)| {
        ways.into_iter().map(move |(how, vips)| format!("{who} {} {how}", words::names(vips)))
    });
    let all: Vec<String> = all.collect();
    let rest = all.len().saturating_sub(MOVES_MAX);
    let mut text = all.into_iter().take(MOVES_MAX).collect::<Vec<_>>().join("; ");
    if rest > 0 {
        text.push_str(&format!("; and {rest} more such moves"));
    }
    (!text.is_empty()).then(|| format!("{text}."))
}

/// How fast, and by what: `in 2 to 4 s (CARP)`.
fn course(vip: &Vip) -> String {
    let Seconds { least, most } = seconds_to_move(vip);
    let by = match vip.protocol {
        VipProtocol::Carp => "CARP",
        VipProtocol::Vrrp => "VRRP",
        VipProtocol::Talos => "Talos, by an election in etcd",
        VipProtocol::KubeVip => "kube-vip, by a lease",
        VipProtocol::MetallbL2 => "MetalLB",
        VipProtocol::CiliumL2 => "Cilium, by a lease",
        VipProtocol::Bgp => "BGP, by its hold time",
        VipProtocol::Manual => "by hand",
    };
    match least > 0.0 {
        true => format!("in {least:.0} to {most:.0} s ({by})"),
        false => format!("within {most:.0} s ({by})"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{because, verdicts};

    #[test]
    fn the_other_router_and_its_seconds_are_told() {
        let text = "
devices:
  sw: { role: switch, interfaces: { 'p1..4': 1000base-t } }
  r1..2: { role: router, interfaces: { lan: 1000base-t } }
  pc: { role: server, interfaces: { eth0: 1000base-t } }
cables: { all: { kind: cat6, between: { 'sw:p1..2': 'r1..2:lan', 'sw:p3': 'pc:eth0' } } }
hosts: { pc: { on: pc } }
vlans: { lan: { id: 1 } }
prefixes: { 10.0.0.0/24: { vlan: lan, gateway: 10.0.0.1 } }
vips: { gateway: { address: 10.0.0.1, protocol: vrrp, members: [r1, r2] } }
services: { web: { on: host/pc } }
promises: { it: { says: it, claim: { losing: r1, keeps: service, of: web } } }
";
        assert_eq!(verdicts(text), ["proved"]);
        let why = because(text);
        assert!(why.contains("r2 takes over gateway from r1 in 2 to 4 s (VRRP)."), "{why}");
    }
}
