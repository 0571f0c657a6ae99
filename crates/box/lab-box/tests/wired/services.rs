//! Real programs at the places of services: each is asked in its own protocol, from another machine, also behind an address that moves and
//! after its machine was without power.

use crate::set_up::{Stand, planned};
use lab_box::faults::Act;
use lab_box::observe::{Language, Probe, Question, ask};
use lab_box::status;
use std::collections::BTreeSet;
use std::time::Duration;

pub(crate) const LAB: &str = "
lab: { name: services }
prefixes: { 10.0.10.0/24: {} }
devices:
  switch: { role: switch, interfaces: { p1..3: 1000base-t } }
  box-1..3: { role: server, interfaces: { eth0: 1000base-t } }
cables: { lan: { kind: cat6, between: { 'switch:p1': 'box-1:eth0', 'switch:p2': 'box-2:eth0', 'switch:p3': 'box-3:eth0' } } }
hosts:
  node-1..3: { on: 'box-1..3', addresses: { eth0: 10.0.10.11..13/24 } }
vips: { shop: { address: 10.0.10.100, protocol: vrrp, members: [node-1, node-2] } }
pools: { tank: { kind: zfs, on: node-3, vdevs: [] } }
datasets: { photos: { pool: tank, importance: important, shares: [nfs] } }
services:
  shop: { on: [node-1, node-2], software: nginx, ports: [http, https] }
  orders: { on: node-1, software: PostgreSQL 15 }
  names: { on: node-2, software: unbound, ports: dns }
  kv: { on: [node-1, node-2, node-3], software: etcd, replicas: 3, quorum: 2 }
  mail: { on: node-1, software: exim, ports: 25 }
";

fn spoken(from: &str, to: &str, language: Language) -> Probe {
    Probe { from: from.into(), question: Question::Spoken { to: to.parse().unwrap(), language } }
}

#[test]
fn services_are_real_where_the_lab_names_a_program_that_is_installed() {
    let (_, plan) = planned(LAB);
    let Some(stand) = Stand::up("services", plan) else { return };
    let asked: Vec<&str> = stand
        .report
        .rows
        .iter()
        .filter(|row| row.fact.starts_with("service ") && row.machine == "node-1")
        .map(|row| row.asked.as_str())
        .collect();
    assert_eq!(
        asked,
        [
            "25/tcp",
            "80/tcp, nginx, HTTP: GET /",
            "443/tcp, nginx, TLS: hello",
            "5432/tcp, postgresql, SQL: select 1",
            "2379/tcp, etcd, put and get"
        ]
    );
    let everywhere = [
        spoken("node-3", "10.0.10.100:80", Language::Http),
        spoken("node-3", "10.0.10.100:443", Language::Tls),
        spoken("node-2", "10.0.10.11:5432", Language::Sql),
        spoken("node-1", "10.0.10.12:53", Language::Names),
        spoken("node-1", "10.0.10.13:2379", Language::KeyValue),
        spoken("node-2", "10.0.10.13:2049", Language::Nfs),
    ];
    for probe in &everywhere {
        assert!(stand.becomes(probe, true), "{probe:?}");
    }
    let said = ask(&stand.id, &everywhere[..1], Duration::from_secs(2)).unwrap().remove(0).said;
    assert_eq!(said.as_deref(), Some("shop"), "a page says whose it is");
    // A stand-in is told from the real thing by asking.
    assert!(!stand.now(&spoken("node-2", "10.0.10.11:25", Language::Http)));

    let status = status(stand.dirs(), &stand.id).unwrap();
    let of = |service: &str| -> BTreeSet<Option<String>> {
        let own = status.services.iter().filter(|(_, own)| own.service == service);
        own.map(|(_, own)| own.software.clone()).collect()
    };
    assert_eq!(of("orders"), BTreeSet::from([Some("postgresql".to_owned())]));
    assert_eq!(of("share of photos"), BTreeSet::from([Some("nfs-ganesha".to_owned())]));
    assert_eq!(of("mail"), BTreeSet::from([None]));

    // A program, and then its whole machine: the shop goes on at the address that moves, what is on one machine does not.
    let (shop, orders) = (&everywhere[0], &everywhere[2]);
    let killed = Act::ProcessKilled { node: "node-1".into(), program: "postgresql".into() };
    for (act, keeps) in [(killed, true), (Act::NodeOff { node: "node-1".into() }, false)] {
        stand.inject(std::slice::from_ref(&act));
        assert!(!stand.now(orders), "{act}");
        assert!(!keeps || stand.now(shop), "{act}");
        assert!(stand.becomes(shop, true) && stand.now(&everywhere[5]), "{act}");
        stand.heal(std::slice::from_ref(&act));
        assert!(stand.becomes(orders, true), "{act}: it does not come back");
    }
    for probe in &everywhere {
        assert!(stand.becomes(probe, true), "{probe:?} after everything is mended");
    }
    let removed = stand.down();
    assert!(removed.processes > 20, "{removed:?}");
}
