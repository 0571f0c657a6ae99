//! Timelines of machines that stopped somewhere, and what is made of them.

use super::*;
use crate::config::{Image, Install, Segment};
use crate::dhcp::options::Kind;
use crate::timeline::By;

const CARD: Mac = Mac([0x52, 0x54, 0, 0, 0, 1]);

fn config() -> Config {
    let network = "10.0.0.0/24".parse().expect("a network");
    let mut config = Config::new("/s", Segment::new("lan", "e", Ipv4Addr::new(10, 0, 0, 1), network));
    let install = Install {
        kernel: "vmlinuz".into(),
        initrds: vec!["initrd".into()],
        cmdline: String::new(),
        image: Some(Image { artefact: "disk".into(), sha256: String::new() }),
        efi_program: None,
    };
    let machine = |name: &str, mac, boot| Machine {
        name: name.into(),
        macs: vec![mac],
        answer: None,
        serial: None,
        arch: None,
        boot,
    };
    config.machines = vec![
        machine("node", CARD, Boot::Install(install)),
        machine("pi", Mac([0xdc, 0xa6, 0x32, 0, 0, 1]), Boot::Folder("pi".into())),
    ];
    config
}

fn heard(message: Kind, client: &str) -> Fact {
    Fact::Heard { message, from: Ipv4Addr::UNSPECIFIED, client: client.into() }
}

fn answered(message: Kind, boot: Option<&str>) -> Fact {
    let boot = boot.map(str::to_owned);
    Fact::Answered {
        message,
        proxy: false,
        address: Some(Ipv4Addr::new(10, 0, 0, 5)),
        boot,
        why: String::new(),
    }
}

fn fetched(by: By, file: &str) -> Fact {
    Fact::Fetched { by, file: file.into(), from: 0, to: 9, whole: 9 }
}

/// A machine that gets as far as `steps` and is asked about a minute later.
fn after(machine: &str, facts: &[Fact], permit: Permit) -> Diagnosis {
    let config = config();
    let at = |i: usize| SystemTime::UNIX_EPOCH + Duration::from_secs(i as u64);
    let entries: Vec<Entry> =
        facts.iter().enumerate().map(|(i, fact)| Entry { at: at(i), fact: fact.clone() }).collect();
    let machine = config.machines.iter().find(|m| m.name == machine);
    let now = at(facts.len() + 60);
    let patient = Patient {
        config: &config,
        machine,
        mac: Some(CARD),
        permit,
        entries: &entries,
        strangers: &[],
        rivals: &[],
        now,
    };
    diagnose(&patient)
}

const UEFI: &str = "x86-64 UEFI firmware";
const IPXE: &str = "iPXE on x86-64 UEFI";

/// The whole way of an installation, fact by fact, with where a machine stands that stops after it.
fn way() -> Vec<(Fact, Stop)> {
    let loader = || "snponly.efi".to_owned();
    vec![
        (heard(Kind::Discover, UEFI), Stop::NoRequest),
        (answered(Kind::Offer, Some("snponly.efi")), Stop::NoRequest),
        (heard(Kind::Request, UEFI), Stop::NoRequest),
        (answered(Kind::Ack, Some("snponly.efi")), Stop::NoFetch),
        (Fact::Begun { by: By::Tftp, file: loader(), bytes: 9 }, Stop::TftpSilent(loader())),
        (fetched(By::Tftp, "snponly.efi"), Stop::LoaderDeadUefi(loader())),
        (heard(Kind::Discover, IPXE), Stop::NoScript),
        (answered(Kind::Offer, Some("http://x/boot")), Stop::NoScript),
        (heard(Kind::Request, IPXE), Stop::NoScript),
        (answered(Kind::Ack, Some("http://x/boot")), Stop::NoScript),
        (Fact::Script { install: true }, Stop::NoKernel),
        (fetched(By::Http, "vmlinuz"), Stop::NoInitrd),
        (fetched(By::Http, "initrd"), Stop::NoInstaller),
        (heard(Kind::Discover, "running system"), Stop::NoInstaller),
        (answered(Kind::Ack, None), Stop::NoInstaller),
        (fetched(By::Http, "disk"), Stop::NoReport),
        (Fact::Reported { stage: "writing".into(), detail: String::new() }, Stop::Stage("writing".into())),
        (Fact::Reported { stage: "installed".into(), detail: String::new() }, Stop::Installed),
    ]
}

#[test]
fn a_machine_that_stops_anywhere_on_its_way_is_found_there() {
    let way = way();
    for (at, (_, expect)) in way.iter().enumerate() {
        let facts: Vec<Fact> = way[..=at].iter().map(|(fact, _)| fact.clone()).collect();
        let found = after("node", &facts, Permit::Open { handed: 1 });
        assert_eq!(found.stop, *expect, "after {}", facts[at]);
        assert!(!found.causes.is_empty() && !found.is_fresh, "{found:?}");
    }
}

#[test]
fn an_earlier_attempt_is_not_mistaken_for_the_last() {
    let mut facts: Vec<Fact> = way().into_iter().map(|(fact, _)| fact).collect();
    facts.extend([heard(Kind::Discover, UEFI), answered(Kind::Offer, None), heard(Kind::Discover, UEFI)]);
    facts.push(answered(Kind::Offer, None));
    let found = after("node", &facts, Permit::Closed);
    assert_eq!(found.stop, Stop::OwnDisk);
    assert!(found.causes[0].meaning.contains("used or revoked"), "{found:?}");
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn every_other_place_has_its_explanation() {
    let discover = || heard(Kind::Discover, "x86 BIOS firmware");
    let offer = || answered(Kind::Offer, Some("undionly.kpxe"));
    let server = Ipv4Addr::new(10, 0, 0, 9);
    let file = || "undionly.kpxe".to_owned();
    let refused = |reason: &str| Fact::Refused { reason: reason.into() };
    let failed = |detail: &str| Fact::Reported { stage: "failed".into(), detail: detail.into() };
    let wrong = "it is arm64 UEFI firmware, but the machine is x86-64";
    for (machine, facts, expect, word) in [
        ("node", vec![], Stop::NeverSeen, "cable"),
        ("node", vec![heard(Kind::Discover, "running system")], Stop::RunsAlready, "disk"),
        ("node", vec![discover(), offer(), Fact::ChoseOther { server }], Stop::OtherServer(server), "faster"),
        (
            "node",
            vec![discover(), offer(), Fact::Denied { reason: "r".into() }],
            Stop::Denied("r".into()),
            "another",
        ),
        ("node", vec![discover(), refused(wrong)], Stop::WrongKind(wrong.into()), "processor"),
        (
            "node",
            vec![discover(), refused("no address is free")],
            Stop::Refused("no address is free".into()),
            "rule",
        ),
        (
            "node",
            vec![discover(), offer(), Fact::NotServed { by: By::Tftp, file: file(), reason: "r".into() }],
            Stop::FileMissing(file()),
            "not among",
        ),
        (
            "node",
            vec![discover(), offer(), Fact::Silent { by: By::Tftp, file: file() }],
            Stop::TftpSilent(file()),
            "firewall",
        ),
        (
            "node",
            vec![discover(), offer(), fetched(By::Tftp, "undionly.kpxe")],
            Stop::LoaderDead(file()),
            "BIOS",
        ),
        (
            "node",
            vec![discover(), failed("sha256 of the image is wrong")],
            Stop::Failed("sha256 of the image is wrong".into()),
            "image",
        ),
        (
            "node",
            vec![discover(), failed("no disk has serial number X")],
            Stop::Failed("no disk has serial number X".into()),
            "disk",
        ),
        (
            "node",
            vec![discover(), Fact::Aborted { by: By::Http, file: "disk".into() }],
            Stop::Broken("disk".into()),
            "switched off",
        ),
        (
            "pi",
            vec![heard(Kind::Discover, "Raspberry Pi firmware"), answered(Kind::Offer, Some("pi/"))],
            Stop::PiNoFiles,
            "UDP port 69",
        ),
        (
            "pi",
            vec![
                heard(Kind::Discover, "Raspberry Pi firmware"),
                answered(Kind::Offer, Some("pi/")),
                fetched(By::Tftp, "pi/start4.elf"),
            ],
            Stop::PiLoading("pi/start4.elf".into()),
            "folder",
        ),
    ] {
        let found = after(machine, &facts, Permit::Never);
        assert_eq!(found.stop, expect);
        assert!(found.causes.iter().any(|cause| cause.meaning.contains(word)), "{word}: {found:?}");
    }
}

#[test]
fn a_wrong_digit_is_seen_from_either_side() {
    let config = config();
    let typo = Mac([0x52, 0x54, 0, 0, 0, 0x10]);
    let entries = [Entry { at: SystemTime::UNIX_EPOCH, fact: heard(Kind::Discover, UEFI) }];
    let now = SystemTime::UNIX_EPOCH;
    let stranger = Patient {
        config: &config,
        machine: None,
        mac: Some(typo),
        permit: Permit::Never,
        entries: &entries,
        strangers: &[typo],
        rivals: &[],
        now,
    };
    let found = diagnose(&stranger);
    assert_eq!(found.stop, Stop::NearlyKnown { machine: "node".into(), mac: CARD });
    let silent = Patient { machine: Some(&config.machines[0]), mac: Some(CARD), entries: &[], ..stranger };
    assert_eq!(diagnose(&silent).stop, Stop::NearlyKnown { machine: "node".into(), mac: typo });
    let other = Patient { machine: None, mac: Some(Mac([2; 6])), entries: &entries, ..silent };
    assert_eq!(diagnose(&other).stop, Stop::Unknown);
}

#[test]
fn a_rival_that_was_seen_is_named_first() {
    let config = config();
    let patient = Patient {
        config: &config,
        machine: Some(&config.machines[0]),
        mac: Some(CARD),
        permit: Permit::Never,
        entries: &[],
        strangers: &[],
        rivals: &[Ipv4Addr::new(10, 0, 0, 9)],
        now: SystemTime::UNIX_EPOCH,
    };
    assert!(diagnose(&patient).causes[0].meaning.contains("10.0.0.9"));
}
