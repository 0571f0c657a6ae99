//! Three machines from empty disks to verified, from a plan written by hand: `three [up|down|status] [ID]`.

use lab_box::{
    BoxDirs, BoxPlan, Disk, Firmware, Interface, Machine, Network, Options, Report, User, down, status, up,
};

fn machine(n: u8, firmware: Firmware) -> Machine {
    Machine {
        name: format!("node{n}"),
        hostname: format!("node{n}"),
        memory_mib: 8 * 1024,
        firmware,
        disks: vec![Disk {
            name: "system".into(),
            serial: format!("S4EWNX0R{n:05}"),
            size_mib: 256 * 1024,
            install: true,
        }],
        interfaces: vec![Interface {
            name: "enp1s0".into(),
            mac: format!("52:54:00:77:00:{n:02x}").parse().expect("an address"),
            network: "lan".into(),
            addresses: vec![format!("10.77.0.{}/24", 10 + n).parse().expect("an address")],
        }],
        gateway: Some([10, 77, 0, 1].into()),
        dns: vec![[10, 77, 0, 1].into()],
        users: vec![User { name: "ada".into(), keys: Vec::new() }],
        root_keys: Vec::new(),
    }
}

fn plan(id: &str) -> BoxPlan {
    let firmware = if std::env::var_os("UEFI").is_some() { Firmware::Uefi } else { Firmware::Bios };
    let count = std::env::var("MACHINES").ok().and_then(|text| text.parse().ok()).unwrap_or(3);
    BoxPlan {
        id: id.to_owned(),
        networks: vec![Network {
            name: "lan".into(),
            service: Some("10.77.0.254/24".parse().expect("a network")),
        }],
        machines: (1..=count).map(|n| machine(n, firmware)).collect(),
        stand_ins: Vec::new(),
    }
}

fn print(report: &Report) {
    for text in &report.footprint.stand_ins {
        println!("stands in: {text}");
    }
    println!("{:8}{:22}{:18}{:18}", "machine", "fact", "asked", "observed");
    for row in &report.rows {
        let mark = if row.ok { "" } else { "  <- differs" };
        println!("{:8}{:22}{:18}{:18}{mark}", row.machine, row.fact, row.asked, row.observed);
    }
    println!(
        "{} after {:.1} s ({:.1} s before power on), {:?}",
        if report.is_as_described() { "as described" } else { "NOT as described" },
        report.elapsed.as_secs_f64(),
        report.prepared.as_secs_f64(),
        report.accelerator,
    );
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let id = arguments.get(1).map_or("three", String::as_str);
    match arguments.first().map(String::as_str) {
        Some("down") => println!("{:?}", down(&BoxDirs::of_user(), id)?),
        Some("status") => println!("{:#?}", status(&BoxDirs::of_user(), id)?),
        _ => {
            let report = up(&plan(id), &Options::of_user(), &mut |step| {
                let machine = step.machine.as_deref().unwrap_or("box");
                println!("{:6.1} {machine:8} {}", step.elapsed.as_secs_f64(), step.stage);
            })?;
            print(&report);
        }
    }
    Ok(())
}
