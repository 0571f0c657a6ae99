//! What holds for the whole lab, and the types of devices it has of its own.

use super::site::Site;

/// `lab.yaml`.
pub(super) fn lab(sites: &[Site]) -> String {
    let mut text = String::from(
        "# Made by lab-testkit.\n\
         lab:\n  name: generated\n  owner: nobody\n  domain: lab.example.net\n  timezone: Europe/Berlin\n  \
         energy-price: 0.31 EUR/kWh\n  voltage: 230 V\n\n\
         providers:\n  telco: Brings the Internet\n  vault: Keeps copies elsewhere\n\n\
         externals:\n  vault: { provider: vault, kind: storage, purpose: The third copy }\n\n\
         sites:\n",
    );
    for site in sites {
        text += &format!("  {}: Hall {}\n", site.name, site.number);
    }
    text
}

/// `types.yaml`.
pub(super) fn types() -> &'static str {
    r#"# Products that nobody sells, in the words of the community's library.
device-types:
  example/leaf-48:
    manufacturer: Example
    model: Leaf 48
    slug: example-leaf-48
    u_height: 1
    is_full_depth: true
    role: switch
    power-ports: [{ names: psu-1..2, type: iec-60320-c14, maximum_draw: 250, rating: 500 W }]
    interfaces:
      - { names: 1..48, type: 25gbase-x-sfp28 }
      - { names: 49..56, type: 100gbase-x-qsfp28 }
      - { names: 57..58, type: 10gbase-x-sfpp }
      - { name: mgmt, type: 1000base-t, mgmt_only: true }
    watts: { typical: 120 W, peak: 200 W }
  example/spine-36:
    manufacturer: Example
    model: Spine 36
    slug: example-spine-36
    u_height: 1
    is_full_depth: true
    role: switch
    power-ports: [{ names: psu-1..2, type: iec-60320-c14, maximum_draw: 350, rating: 600 W }]
    interfaces:
      - { names: 1..36, type: 100gbase-x-qsfp28 }
      - { name: mgmt, type: 1000base-t, mgmt_only: true }
    watts: { typical: 180 W, peak: 300 W }
  example/router-1u:
    manufacturer: Example
    model: Router 1U
    slug: example-router-1u
    u_height: 1
    is_full_depth: false
    role: router
    architecture: x86-64
    power-ports: [{ names: psu-1..2, type: iec-60320-c14, maximum_draw: 150, rating: 300 W }]
    interfaces:
      - { names: eth0..1, type: 100gbase-x-qsfp28 }
      - { names: eth2..3, type: 1000base-t }
      - { name: ipmi, type: 1000base-t, mgmt_only: true }
    drive-bays: [{ names: m2-1..2, form-factor: m.2 2280, interfaces: nvme }]
    watts: { typical: 80 W, peak: 150 W }
  example/node-1u:
    manufacturer: Example
    model: Node 1U
    slug: example-node-1u
    u_height: 1
    is_full_depth: true
    role: server
    architecture: x86-64
    power-ports: [{ names: psu-1..2, type: iec-60320-c14, maximum_draw: 300, rating: 500 W }]
    interfaces:
      - { names: eth0..1, type: 25gbase-x-sfp28 }
      - { names: eth2..3, type: 1000base-t }
      - { name: ipmi, type: 1000base-t, mgmt_only: true }
    drive-bays:
      - { names: bay-1..4, form-factor: 2.5 in, interfaces: sata }
      - { names: m2-1..2, form-factor: m.2 2280, interfaces: nvme }
    memory-max: 512 GB
    watts: { typical: 90 W, peak: 180 W }
  example/store-2u:
    manufacturer: Example
    model: Store 2U
    slug: example-store-2u
    u_height: 2
    is_full_depth: true
    role: nas
    architecture: x86-64
    power-ports: [{ names: psu-1..2, type: iec-60320-c14, maximum_draw: 450, rating: 800 W }]
    interfaces:
      - { names: eth0..1, type: 25gbase-x-sfp28 }
      - { names: eth2..3, type: 1000base-t }
      - { name: ipmi, type: 1000base-t, mgmt_only: true }
    drive-bays:
      - { names: bay-1..12, form-factor: 3.5 in, interfaces: [sas, sata] }
      - { names: m2-1..2, form-factor: m.2 22110, interfaces: nvme }
      - { names: ssd-1..2, form-factor: 2.5 in, interfaces: sata }
    memory-max: 256 GB
    watts: { typical: 180 W, peak: 320 W }
  example/strip-36:
    manufacturer: Example
    model: Strip 36
    slug: example-strip-36
    u_height: 0
    is_full_depth: false
    role: pdu
    power-ports: [{ name: in, type: iec-60309-p-n-e-6h, maximum_draw: 7360, current: 32 A }]
    power-outlets:
      - { names: 1..36, type: iec-60320-c13, power_port: in, current: 10 A }
    interfaces: [{ name: net, type: 1000base-t, mgmt_only: true }]
    watts: 5 W
    rating: { apparent: 7360 VA, real: 7360 W, input: 32 A, voltage: 230 V }
  example/ups-8k:
    manufacturer: Example
    model: UPS 8K
    slug: example-ups-8k
    u_height: 4
    is_full_depth: true
    role: ups
    power-ports: [{ name: in, type: iec-60309-p-n-e-6h, maximum_draw: 7360, current: 32 A }]
    power-outlets: [{ names: 1..2, type: iec-60309-p-n-e-6h, power_port: in, current: 32 A }]
    interfaces: [{ name: net, type: 1000base-t, mgmt_only: true }]
    watts: { typical: 100 W, peak: 300 W }
    rating: { apparent: 8000 VA, real: 7200 W, input: 32 A, voltage: 230 V }
    battery: { capacity: 2500 Wh, life: 5 y }
"#
}
