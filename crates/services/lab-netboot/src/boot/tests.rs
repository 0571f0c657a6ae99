//! Who is given what, as tables; and the scripts as they are sent.

use super::choice::{self, Choice, Part, Why, choose};
use super::client::{Client, Firmware};
use super::pi;
use super::script::{self, Place};
use crate::config::{Artefact, Boot, Config, Image, Install, Machine, Processor, Segment};
use crate::dhcp::options::{Options, code};
use crate::mac::Mac;
use crate::permit::Permit;
use std::net::Ipv4Addr;
use std::sync::Arc;

const MAC: Mac = Mac([0x52, 0x54, 0, 0, 0, 1]);

fn client(mac: Mac, options: &[(u8, &[u8])]) -> Client {
    let mut set = Options::default();
    options.iter().for_each(|(code, value)| set.set(*code, *value));
    Client::read(Some(mac), &set)
}

#[test]
fn clients_by_what_they_say() {
    let pi = Mac([0xdc, 0xa6, 0x32, 1, 2, 3]);
    let pxe: (u8, &[u8]) = (code::VENDOR_CLASS, b"PXEClient:Arch:xxxxx");
    let http: (u8, &[u8]) = (code::VENDOR_CLASS, b"HTTPClient:Arch:xxxxx");
    for (mac, options, firmware, ipxe, words) in [
        (MAC, &[][..], Firmware::None, false, "running system"),
        (MAC, &[(code::ARCHITECTURE, &[0, 7][..])], Firmware::None, false, "running system"),
        (MAC, &[pxe], Firmware::Bios, false, "x86 BIOS firmware"),
        (MAC, &[pxe, (code::ARCHITECTURE, &[0, 0])], Firmware::Bios, false, "x86 BIOS firmware"),
        (
            MAC,
            &[pxe, (code::ARCHITECTURE, &[0, 9])],
            Firmware::Efi(Processor::X86_64),
            false,
            "x86-64 UEFI firmware",
        ),
        (
            MAC,
            &[pxe, (code::ARCHITECTURE, &[0, 11])],
            Firmware::Efi(Processor::Arm64),
            false,
            "arm64 UEFI firmware",
        ),
        (
            MAC,
            &[http, (code::ARCHITECTURE, &[0, 16])],
            Firmware::EfiHttp(Processor::X86_64),
            false,
            "x86-64 UEFI HTTP boot firmware",
        ),
        (
            MAC,
            &[http, (code::ARCHITECTURE, &[0, 19])],
            Firmware::EfiHttp(Processor::Arm64),
            false,
            "arm64 UEFI HTTP boot firmware",
        ),
        (
            MAC,
            &[pxe, (code::ARCHITECTURE, &[0, 6])],
            Firmware::Other(6),
            false,
            "unknown architecture 6 firmware",
        ),
        (
            MAC,
            &[pxe, (code::ARCHITECTURE, &[0, 7]), (code::USER_CLASS, b"iPXE")],
            Firmware::Efi(Processor::X86_64),
            true,
            "iPXE on x86-64 UEFI",
        ),
        (MAC, &[(code::USER_CLASS, b"\x04iPXE")], Firmware::Bios, true, "iPXE on x86 BIOS"),
        (pi, &[pxe, (code::ARCHITECTURE, &[0, 0])], Firmware::RaspberryPi, false, "Raspberry Pi firmware"),
        (pi, &[], Firmware::None, false, "running system"),
    ] {
        let client = client(mac, options);
        assert_eq!((client.firmware, client.ipxe, client.to_string().as_str()), (firmware, ipxe, words));
    }
}

fn lab(boot: Boot, arch: Option<Processor>) -> Config {
    let network = "10.0.0.0/24".parse().expect("a network");
    let mut config = Config::new("/state", Segment::new("lan", "br0", Ipv4Addr::new(10, 0, 0, 1), network));
    config.machines =
        vec![Machine { name: "a".into(), macs: vec![MAC], answer: None, serial: None, arch, boot }];
    for name in ["vmlinuz", "initrd.img", "image.zst", "undionly.kpxe", "snponly.efi"] {
        config.artefacts.insert(name.into(), Artefact::Bytes(Arc::from(*b"x")));
    }
    config
}

fn install() -> Install {
    Install {
        kernel: "vmlinuz".into(),
        initrds: vec!["initrd.img".into(), "extra.img".into()],
        cmdline: "quiet host={name} mac={mac} ip={address} url={image} sum={sha256} report={report}\nreboot"
            .into(),
        image: Some(Image { artefact: "image.zst".into(), sha256: "abc".into() }),
        efi_program: None,
    }
}

#[test]
fn choices() {
    let bios = Client { firmware: Firmware::Bios, ipxe: false, guid: None };
    let http = Client { firmware: Firmware::EfiHttp(Processor::X86_64), ..bios.clone() };
    let arm = Client { firmware: Firmware::Efi(Processor::Arm64), ..bios.clone() };
    let ipxe = Client { ipxe: true, ..bios.clone() };
    let system = Client { firmware: Firmware::None, ..bios.clone() };
    let open = Permit::Open { handed: 4 };
    let refused = |text: &str| Choice::Nothing(Why::Refused(text.into()));
    let url = "http://10.0.0.1/boot/52:54:00:00:00:01.ipxe";
    let x86 = Some(Processor::X86_64);
    for (client, boot, permit, expect) in [
        (&bios, Boot::Install(install()), open, Choice::File("undionly.kpxe".into())),
        (&ipxe, Boot::Install(install()), open, Choice::Url(url.into())),
        (&bios, Boot::Install(install()), Permit::Never, Choice::Nothing(Why::OwnDisk)),
        (&ipxe, Boot::Install(install()), Permit::Closed, Choice::Nothing(Why::OwnDisk)),
        (&bios, Boot::Disk, open, Choice::Nothing(Why::OwnDisk)),
        (&system, Boot::Install(install()), open, Choice::Nothing(Why::NotBooting)),
        (&bios, Boot::Refuse("broken".into()), open, refused("broken")),
        (
            &arm,
            Boot::Install(install()),
            open,
            refused("it is arm64 UEFI firmware, but the machine is x86-64"),
        ),
        (
            &http,
            Boot::Install(install()),
            open,
            refused("UEFI HTTP boot needs one EFI program, and the machine has none; use PXE"),
        ),
        (
            &bios,
            Boot::Install(install()),
            Permit::Open { handed: 5 },
            refused("the installation was handed out 5 times and never finished"),
        ),
    ] {
        let config = lab(boot, x86);
        let machine = config.machines.first();
        assert_eq!(choose(&config, &config.segments[0], machine, permit, Some(MAC), client), expect);
        assert!(matches!(
            choose(&config, &config.segments[0], None, permit, Some(MAC), client),
            Choice::Nothing(_)
        ));
    }
    let config = lab(Boot::Install(install()), None);
    let machine = config.machines.first();
    let missing = choose(&config, &config.segments[0], machine, open, Some(MAC), &arm);
    assert_eq!(
        missing,
        refused("the boot program `snponly-arm64.efi` for arm64 UEFI firmware is not served")
    );
}

#[test]
fn parts_of_an_installation() {
    let config = lab(Boot::Install(install()), None);
    for (name, expect) in [
        ("snponly.efi", Part::Loader),
        ("vmlinuz", Part::Kernel),
        ("extra.img", Part::Initrd),
        ("image.zst", Part::Image),
        ("image.zst.sha256", Part::Other),
    ] {
        assert_eq!(choice::part(&config, &config.machines[0], name), expect);
    }
}

#[test]
fn the_script_that_installs() {
    let config = lab(Boot::Install(install()), None);
    let place = Place { http: "http://10.0.0.1", mac: MAC, address: Some(Ipv4Addr::new(10, 0, 0, 50)) };
    assert_eq!(
        script::install(&config.machines[0], &install(), &place),
        "#!ipxe\n\
         echo Labwright: installing a\n\
         imgfree\n\
         kernel http://10.0.0.1/vmlinuz initrd=initrd0 initrd=initrd1 quiet host=a mac=52:54:00:00:00:01 ip=10.0.0.50 \
         url=http://10.0.0.1/image.zst sum=abc report=http://10.0.0.1/report/52:54:00:00:00:01/ reboot || goto failed\n\
         initrd --name initrd0 http://10.0.0.1/initrd.img || goto failed\n\
         initrd --name initrd1 http://10.0.0.1/extra.img || goto failed\n\
         boot || goto failed\n\
         \n\
         :failed\n\
         echo Labwright: loading failed, trying again in 5 s\n\
         sleep 5\n\
         reboot\n"
    );
}

#[test]
fn the_script_that_does_not() {
    let config = lab(Boot::Disk, None);
    let text = script::no_install(config.machines.first(), &Why::OwnDisk);
    assert!(text.starts_with("#!ipxe\necho Labwright: a: booting from the disk\niseq"), "{text}");
    assert!(
        script::no_install(None, &Why::Unknown).contains("unknown machine: this machine is not in the lab")
    );
}

#[test]
fn a_raspberry_pi_finds_its_folder() {
    let card = Mac([0xdc, 0xa6, 0x32, 1, 0x36, 0xc2]);
    let mut config = lab(Boot::Folder("pi".into()), None);
    config.artefacts.insert("pi".into(), Artefact::Folder("/srv/pi".into()));
    assert_eq!(config.faults(), []);
    config.machines[0].macs = vec![card];
    config.machines[0].serial = Some("100000009ffefdef".into());
    let machine = &config.machines[0];
    for (name, expect) in [
        ("bootcode.bin", "pi/bootcode.bin"),
        ("9ffefdef/start4.elf", "pi/start4.elf"),
        ("9FFEFDEF/overlays/x.dtbo", "pi/overlays/x.dtbo"),
        ("dc-a6-32-01-36-c2/config.txt", "pi/config.txt"),
        ("overlays/x.dtbo", "pi/overlays/x.dtbo"),
        ("00000000/start4.elf", "pi/00000000/start4.elf"),
    ] {
        assert_eq!(pi::artefact(machine, name).as_deref(), Some(expect));
    }
    assert_eq!(choice::part(&config, machine, "pi/start4.elf"), Part::Loader);
    assert_eq!(choice::part(&config, machine, "pi/kernel8.img"), Part::Kernel);
    let segment = &config.segments[0];
    let of = |firmware| Client { firmware, ipxe: false, guid: None };
    let choice =
        choose(&config, segment, Some(machine), Permit::Never, Some(card), &of(Firmware::RaspberryPi));
    assert_eq!(choice, Choice::Folder("pi".into()));
    let other = choose(&config, segment, Some(machine), Permit::Never, Some(card), &of(Firmware::Bios));
    assert!(matches!(other, Choice::Nothing(Why::Refused(_))));
}

#[test]
fn the_words_a_raspberry_pi_waits_for() {
    let late = pi::vendor_option(Mac([0xdc, 0xa6, 0x32, 0, 0, 1]));
    assert_eq!(late, b"\x06\x01\x03\x0a\x04\x00PXE\x09\x14\x00\x00\x11Raspberry Pi Boot\xff");
    let early = pi::vendor_option(Mac([0xb8, 0x27, 0xeb, 0, 0, 1]));
    assert_eq!(early, b"\x06\x01\x03\x0a\x04\x00PXE\x09\x17\x00\x00\x14Raspberry Pi Boot   \xff");
}
