//! VLANs, what each port carries, prefixes and the gateways of each.

use super::site::{Rack, Site};

/// `network.yaml` of a site.
pub(super) fn network(site: &Site) -> String {
    let (s, net, id) = (&site.name, site.net(), site.number * 4 + 90);
    let mut ports = format!(
        "  {s}-spine-1..2:\n    1..{racks}: &trunk {{ untagged: {s}-mgmt, tagged: [{s}-servers, {s}-storage] }}\n    \
         17..{last}: *trunk\n    33..36: *trunk\n",
        racks = site.racks.len(),
        last = 16 + site.racks.len()
    );
    for Rack { name: r, nodes, .. } in &site.racks {
        ports += &format!("  {r}-leaf-1..2:\n");
        if *nodes > 0 {
            ports += &format!("    1..{nodes}: {{ untagged: {s}-servers, tagged: [{s}-storage] }}\n");
        }
        ports += &format!(
            "    17..18: {{ untagged: {s}-servers, tagged: [{s}-storage] }}\n    49..52: *trunk\n    57: *trunk\n  \
             {r}-mgmt:\n    1..24: {s}-mgmt\n    sfp-1..2: *trunk\n"
        );
    }
    format!(
        "vlans:
  {s}-mgmt: {{ id: {id}, roles: management, description: Controllers and switches }}
  {s}-servers: {{ id: {}, roles: workloads }}
  {s}-storage: {{ id: {}, roles: storage }}

ports:
{ports}
prefixes:
  {net}.0.0/16: {{ kind: container, description: Everything of {s} }}
  {net}.0.0/22: {{ vlan: {s}-mgmt, gateway: {net}.3.254 }}
  {net}.4.0/22: {{ vlan: {s}-servers, gateway: {net}.7.254, ranges: {{ {net}.7.20-{net}.7.99: load balancer addresses }} }}
  {net}.8.0/22: {{ vlan: {s}-storage, gateway: {net}.11.254 }}
  {net}.255.0/29: {{ kind: transit, unnumbered-vlan: true, gateway: {net}.255.1 }}
  {net}.255.8/30: {{ kind: point-to-point, unnumbered-vlan: true }}
  {net}.128.0/18: {{ kind: pods, cluster: {s}-k8s }}
  {net}.192.0/20: {{ kind: services, cluster: {s}-k8s }}

vips:
  {s}-gateway-mgmt: {{ address: {net}.3.254, protocol: vrrp, id: 10, members: {s}-router-1..2 }}
  {s}-gateway-servers: {{ address: {net}.7.254, protocol: vrrp, id: 20, members: {s}-router-1..2 }}
  {s}-gateway-storage: {{ address: {net}.11.254, protocol: vrrp, id: 30, members: {s}-router-1..2 }}
  {s}-k8s-api: {{ address: {net}.7.9, protocol: kube-vip, cluster: {s}-k8s }}
  {s}-ingress: {{ address: {net}.7.20, protocol: metallb-l2, cluster: {s}-k8s }}

ha:
  {s}-routers: {{ members: {s}-router-1..2, state-sync: true, config-sync: true }}

zones:
  {s}-management: {{ of: {s}-mgmt, management: true, may-reach: [internet, gateway, {s}-servers] }}
  {s}-servers: {{ of: {s}-servers, may-reach: [internet, gateway, {s}-storage] }}
  {s}-storage: {{ of: {s}-storage, may-reach: [gateway] }}

circuits:
  {s}-internet: {{ provider: telco, site: {s}, kind: dsl, ends-at: \"{s}-modem:line\", down: 250 Mb/s, up: 40 Mb/s, outages: 4 /y, typical-outage: 2 h }}
",
        id + 1,
        id + 2,
    )
}
