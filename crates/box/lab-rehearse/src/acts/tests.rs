//! What is done to a box, and what is chosen, on a small lab: two routers with one address, a switch, a server with two supplies, a client.

use super::*;
use crate::choose::{Aim, Choice, Wanted, choose};
use crate::expect::{Within, expect};
use crate::places::Places;
use crate::programs::Programs;
use crate::roles::{roles, worst_first};
use crate::stand_in::Need;
use crate::vector::{From, vector};
use lab_model::lab::Lab;
use lab_predict::answers::Forecast;
use lab_predict::works::Holder;

const LAB: &str = "
lab: { name: small, domain: home.test }
device-types:
  own/switch: { manufacturer: own, model: switch, role: switch, power-ports: [{ name: in, type: iec-60320-c14 }], interfaces: [{ names: 1..8, type: 1000base-t }] }
  own/router: { manufacturer: own, model: router, role: router, power-ports: [{ name: in, type: iec-60320-c14 }], interfaces: [{ names: eth0..1, type: 1000base-t }] }
  own/server:
    manufacturer: own
    model: server
    power-ports: [{ names: psu-1..2, type: iec-60320-c14 }]
    interfaces: [{ name: eth0, type: 1000base-t }]
    drive-bays: [{ names: bay-1..2 }]
drive-types: { own/disk: { kind: hdd, interface: sata, capacity: 1 TB } }
power: { wall: { kind: utility } }
devices:
  switch-1: { type: own/switch, inlets: { in: wall } }
  router-1..2: { type: own/router, inlets: { in: wall } }
  server-1: { type: own/server, inlets: { psu-1: wall, psu-2: wall }, drives: { bay-1..2: own/disk } }
hosts:
  router-1..2: { on: router-1..2, routes: true, addresses: { eth0: 10.0.10.2..3/24 } }
  server-1: { on: server-1, addresses: { eth0: 10.0.10.10/24 } }
cables: { copper: { kind: cat6, between: { 'switch-1:1..2': 'router-1..2:eth0', 'switch-1:3': 'server-1:eth0' } } }
vlans: { people: { id: 10, roles: users } }
ports: { switch-1: { 1..8: people } }
prefixes: { 10.0.10.0/24: { vlan: people, gateway: 10.0.10.1, dns: [10.0.10.2, 10.0.10.3] } }
vips: { gateway: { address: 10.0.10.1, protocol: vrrp, id: 10, members: router-1..2 } }
zones: { people: { of: people, may-reach: [internet, gateway] } }
pools: { tank: { kind: zfs, on: server-1, vdevs: [{ mirror: bay-1..2 }] } }
datasets: { photos: { pool: tank } }
services:
  dns: { on: router-1..2, roles: [dns], ports: [dns], for: everyone, replicas: 2 }
  database: { on: server-1, ports: [5432/tcp], needs: [dns] }
  photos: { on: server-1, ports: [8080], needs: [database, dataset/photos], for: household, url: 'http://photos.home.test:8080' }
names: { photos: { to: server-1 } }
";

fn lab() -> Lab {
    let files = vec![lab_source::Input { name: "lab.yaml".to_owned(), bytes: LAB.as_bytes().to_vec() }];
    let reading = lab_model::read(lab_model::Input { files, overlays: Vec::new(), types: &() });
    assert!(!reading.has_errors(), "{:?}", reading.diagnostics);
    reading.lab
}

fn forecast(lab: &Lab) -> Forecast<'_> {
    Forecast::new(lab, jiff::civil::date(2026, 6, 1), 2).unwrap()
}

/// A box of everything but what it is told.
struct Without(&'static str);

impl Means for Without {
    fn can(&self, act: &Act) -> Result<(), String> {
        if !self.0.is_empty() && act.shown().contains(self.0) {
            Err("it is not in the box".into())
        } else {
            Ok(())
        }
    }
}

fn done(forecast: &Forecast<'_>, names: &[&str], means: &Without) -> Result<Vec<String>, String> {
    let works = &forecast.works;
    let part = |name: &&str| {
        let at = works.parts.iter().position(|part| part.label == *name || part.name == *name);
        PartId(at.unwrap_or_else(|| panic!("no part {name}")) as u32)
    };
    let parts: Vec<PartId> = names.iter().map(part).collect();
    let found = acts(forecast.lab, &Simulator::new(works), works, &parts, means)?;
    Ok(found.iter().map(Act::shown).collect())
}

#[test]
fn failures_are_done_or_refused_with_a_reason() {
    let lab = lab();
    let forecast = forecast(&lab);
    let all = Without("");
    assert_eq!(done(&forecast, &["cable/copper switch-1:1"], &all).unwrap(), ["cable at switch-1:1 cut"]);
    assert_eq!(done(&forecast, &["device/switch-1"], &all).unwrap(), ["switch-1 off"]);
    // The device goes, and with it what runs on it.
    assert_eq!(done(&forecast, &["device/router-1"], &all).unwrap(), ["router-1 off", "router-1 off"]);
    assert_eq!(done(&forecast, &["host/router-1"], &all).unwrap(), ["router-1 off"]);
    let refused = |names: &[&str], means: &Without| done(&forecast, names, means).unwrap_err();
    assert!(refused(&["device/server-1 psu-1"], &all).contains("nothing goes dark"));
    assert_eq!(
        done(&forecast, &["device/server-1 psu-1", "device/server-1 psu-2"], &all).unwrap(),
        ["server-1 off", "server-1 off"]
    );
    assert_eq!(
        done(&forecast, &["device/server-1 bay-1"], &all).unwrap(),
        ["disk in bay-1 of server-1 gone"]
    );
    assert_eq!(
        refused(&["device/server-1 bay-1"], &Without("disk")),
        "disk in bay-1 of server-1 gone: it is not in the box"
    );
    // Nobody sees what becomes of the disks of a machine that is off.
    assert_eq!(done(&forecast, &["device/server-1", "device/server-1 bay-1"], &all).unwrap().len(), 2);
    let without = Without("switch-1:1");
    assert_eq!(
        refused(&["cable/copper switch-1:1"], &without),
        "cable at switch-1:1 cut: it is not in the box"
    );
}

fn chosen(wanted: &Wanted, means: &Without) -> Choice {
    let lab = lab();
    choose(&forecast(&lab), wanted, means)
}

#[test]
fn every_redundancy_is_survived_and_exhausted() {
    let all = Wanted::Cover { at_most: None };
    let choice = chosen(&all, &Without(""));
    let reached: Vec<&crate::choose::Goal> = choice.faults.iter().flat_map(|fault| &fault.reaches).collect();
    assert_eq!(reached.len() + choice.left_out.len(), choice.n_goals);
    for aim in [Aim::Alone, Aim::Survived, Aim::Exhausted] {
        assert!(reached.iter().any(|goal| goal.aim == aim), "{aim:?}: {choice:#?}");
    }
    // One failure takes the switch and no more is needed for what hangs on it alone; the routers fail one by one and together.
    let ids: Vec<&str> = choice.faults.iter().map(|fault| fault.id.as_str()).collect();
    assert!(ids.iter().any(|id| id.contains("router-1") && id.contains("router-2")), "{ids:?}");
    assert!(choice.left_out.iter().all(|left| !left.why.is_empty()));
    assert_eq!(chosen(&all, &Without("")), choice);
    let few = chosen(&Wanted::Cover { at_most: Some(2) }, &Without(""));
    assert_eq!(few.faults[..], choice.faults[..2]);
    assert!(few.left_out.iter().any(|left| left.why == "only 2 failures were asked for"));
}

#[test]
fn what_the_box_has_not_is_left_out_with_its_reason() {
    let choice = chosen(&Wanted::Cover { at_most: None }, &Without("router"));
    let done = |fault: &crate::choose::Fault| fault.acts.iter().any(|act| act.shown().contains("router"));
    assert!(!choice.faults.iter().any(done), "{choice:#?}");
    let singles = chosen(&Wanted::EverySingle, &Without("router"));
    assert!(
        singles.refused["it is not in the box"].contains(&"router-1".to_owned()),
        "{:?}",
        singles.refused
    );
    assert!(singles.refused.values().flatten().all(|label| !label.is_empty()));
}

#[test]
fn everything_is_asked_and_the_prediction_has_a_word_on_it() {
    let lab = lab();
    let forecast = forecast(&lab);
    let outside = Some(([198, 51, 100, 1], 443).into());
    let policy = lab_reach::compile(&lab);
    let works = &forecast.works;
    let places = Places {
        lab: &lab,
        works,
        given: &|_| Vec::new(),
        outside,
        spare: Vec::new(),
        policy: &policy,
        programs: &Programs::default(),
    };
    let vector = vector(&places, &policy, &|_| true, &|_| Vec::new());
    let ids: Vec<String> = vector.probes.iter().map(crate::vector::Probe::id).collect();
    assert_eq!(
        ids,
        [
            "people: database",
            "people: photos by name",
            "people: names at 10.0.10.2",
            "people: names at 10.0.10.3",
            "people: gateway 10.0.10.1",
            "people: the Internet",
        ]
    );
    let simulator = Simulator::new(&forecast.works);
    let before = simulator.play(&[]);
    let words = |name: &str| -> Vec<Option<bool>> {
        let part = forecast.works.parts.iter().position(|part| part.name == name).unwrap();
        let after = simulator.play(&[PartId(part as u32)]);
        expect(&forecast.works, &before, &after, &vector.probes).iter().map(|expected| expected.up).collect()
    };
    let up = Some(true);
    let down = Some(false);
    assert_eq!(words("device/router-1")[..5], [up, up, down, up, up]);
    assert_eq!(words("device/server-1")[..5], [down, down, up, up, up]);
    let after = simulator.play(&[PartId(
        forecast.works.parts.iter().position(|p| p.name == "device/router-1").unwrap() as u32,
    )]);
    let gateway = &expect(&forecast.works, &before, &after, &vector.probes)[4];
    // VRRP every second: four at the most.
    assert!(matches!(&gateway.within, Within::Seconds { most, .. } if *most == 4.0), "{gateway:?}");
    assert!(vector.probes.iter().all(|probe| matches!(probe.from, From::Vantage(_))));
    assert!(worst_first(&places, &after).is_empty(), "nothing moves in this lab");
}

#[test]
fn stand_ins_ask_for_what_is_needed() {
    let lab = lab();
    let forecast = forecast(&lab);
    let places = Places {
        lab: &lab,
        works: &forecast.works,
        given: &|_| Vec::new(),
        outside: None,
        spare: Vec::new(),
        policy: &lab_reach::compile(&lab),
        programs: &Programs::default(),
    };
    let roles = roles(&places, &|_| true, &|_| false);
    let of = |name: &str| {
        let (_, duties) = roles
            .iter()
            .find(|(holder, _)| places.name(**holder) == name && matches!(holder, Holder::Machine(_)))
            .unwrap();
        duties
    };
    let server = of("server-1");
    let needs =
        |service: &str| &server.instances.iter().find(|instance| instance.service == service).unwrap().needs;
    let at = |n: u8, port: u16| std::net::SocketAddr::from(([10, 0, 10, n], port));
    let servers = vec![at(2, 53).ip(), at(3, 53).ip()];
    assert_eq!(*needs("database"), [vec![Need::Names { name: "photos.home.test".into(), at: servers }]]);
    // Its data is on its own disks, so only the database is asked over the network.
    assert_eq!(
        *needs("photos"),
        [vec![Need::Service { service: "database".into(), at: vec![at(10, 5432)] }]]
    );
    assert!(of("router-1").names.iter().any(|(name, _)| name == "photos.home.test"));
}
