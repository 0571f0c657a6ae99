//! `CiliumBGPClusterConfig`, `CiliumBGPPeerConfig`, `CiliumBGPAdvertisement` and `CiliumLoadBalancerIPPool`.

use super::projection::{Announced, announced};
use crate::bgp::{CONNECT_SECS, bfd_notes, kube_name, secret_name, seen_by, speakers_of};
use crate::head::head;
use crate::manifest::{render_documents, resource};
use lab_driver::Rendering;
use lab_model::lab::{BgpId, ClusterId};
use lab_model::{Lab, ThingId};
use lab_reach::Session;
use serde_json::{Value, json};
use std::collections::BTreeSet;

const API: &str = "cilium.io/v2";

/// The label by which peers find what is announced to them.
const LABEL: &str = "labwright/announced-by";

/// Makes `cilium/bgp.yaml` of a cluster.
pub(super) fn render(lab: &Lab, thing: ThingId) -> Rendering {
    let mut rendering = Rendering::default();
    let Ok(cluster) = ClusterId::try_from(thing) else { return rendering };
    let sessions = lab_reach::sessions(lab);
    let mut resources = Vec::new();
    for speaker in speakers_of(lab, cluster) {
        resources.push(cluster_config(lab, speaker, &sessions));
        resources.extend(peer_configs(lab, speaker, &sessions, &mut rendering));
        resources.extend(advertisement(lab, speaker));
    }
    resources.extend(pools(lab, cluster));
    rendering.notes.extend(bfd_notes(lab, &sessions));
    let head = head(lab, thing, "BGP of Cilium", "#");
    rendering.add("cilium/bgp.yaml", None, render_documents(&head, &resources));
    rendering
}

fn cluster_config(lab: &Lab, speaker: BgpId, sessions: &[Session]) -> Value {
    let record = &lab.bgp[speaker];
    let name = kube_name(&record.name.text);
    let seen = seen_by(sessions, speaker);
    let peers: Vec<Value> = seen
        .iter()
        .map(|(_, _, other)| {
            json!({
                "name": kube_name(&lab.name(other.machine).text),
                "peerASN": other.asn,
                "peerAddress": other.address.to_string(),
                "peerConfigRef": { "name": kube_name(&lab.bgp[other.speaker].name.text) },
            })
        })
        .collect();
    let asn = record.asn.as_ref().map_or(0, |asn| asn.value.get());
    let mut spec =
        json!({ "bgpInstances": [{ "name": format!("as-{asn}"), "localASN": asn, "peers": peers }] });
    if !record.on.is_empty() {
        let hosts: Vec<String> = record.on.ids().map(|on| lab.name(on).to_string()).collect();
        spec["nodeSelector"] = json!({
            "matchExpressions": [{ "key": "kubernetes.io/hostname", "operator": "In", "values": hosts }],
        });
    }
    resource(API, "CiliumBGPClusterConfig", &name, None, spec)
}

/// One for each speaker on the other side.
fn peer_configs(lab: &Lab, speaker: BgpId, sessions: &[Session], rendering: &mut Rendering) -> Vec<Value> {
    let mut done = BTreeSet::new();
    let mut configs = Vec::new();
    for (session, own, other) in seen_by(sessions, speaker) {
        if !done.insert(other.speaker) {
            continue;
        }
        let mut spec = json!({
            "timers": {
                "connectRetryTimeSeconds": CONNECT_SECS,
                "holdTimeSeconds": session.hold_secs,
                "keepAliveTimeSeconds": session.keepalive_secs,
            },
        });
        if let Some(seconds) = session.graceful_restart_secs {
            spec["gracefulRestart"] =
                json!({ "enabled": true, "restartTimeSeconds": seconds.clamp(1, 4095) });
        }
        if session.authenticated {
            let secret = secret_name(lab, other.speaker);
            rendering.notes.push(format!(
                "the password of the sessions is expected in the secret `{secret}`, key `password`"
            ));
            spec["authSecretRef"] = json!(secret);
        }
        let families: Vec<Value> = [(true, "ipv4"), (false, "ipv6")]
            .iter()
            .filter(|(v4, _)| {
                own.announces.iter().any(|net| net.addr().is_ipv4() == *v4)
                    || (*v4 && own.announces.is_empty())
            })
            .map(|(_, afi)| {
                let label = json!({ LABEL: kube_name(&lab.bgp[speaker].name.text) });
                json!({ "afi": afi, "safi": "unicast", "advertisements": { "matchLabels": label } })
            })
            .collect();
        spec["families"] = json!(families);
        let name = kube_name(&lab.bgp[other.speaker].name.text);
        configs.push(resource(API, "CiliumBGPPeerConfig", &name, None, spec));
    }
    configs
}

fn advertisement(lab: &Lab, speaker: BgpId) -> Option<Value> {
    let Announced { pods, services, load_balancers } = announced(lab, speaker);
    let mut list = Vec::new();
    if pods {
        list.push(json!({ "advertisementType": "PodCIDR" }));
    }
    let mut addresses = Vec::new();
    if services {
        addresses.push("ClusterIP");
    }
    if load_balancers {
        addresses.extend(["ExternalIP", "LoadBalancerIP"]);
    }
    if !addresses.is_empty() {
        // A selector that no service fails: an absent one would select none.
        let all =
            json!({ "matchExpressions": [{ "key": "labwright/not-announced", "operator": "DoesNotExist" }] });
        list.push(
            json!({ "advertisementType": "Service", "service": { "addresses": addresses }, "selector": all }),
        );
    }
    if list.is_empty() {
        return None;
    }
    let name = kube_name(&lab.bgp[speaker].name.text);
    let mut advertisement =
        resource(API, "CiliumBGPAdvertisement", &name, None, json!({ "advertisements": list }));
    advertisement["metadata"]["labels"] = json!({ LABEL: name });
    Some(advertisement)
}

fn pools(lab: &Lab, cluster: ClusterId) -> Vec<Value> {
    let record = &lab.clusters[cluster];
    let networks = record.load_balancers.ids().filter_map(|prefix| lab.derived.prefix(prefix).network);
    let blocks: Vec<Value> = networks.map(|network| json!({ "cidr": network.to_string() })).collect();
    if blocks.is_empty() {
        return Vec::new();
    }
    let name = kube_name(&record.name.text);
    vec![resource(API, "CiliumLoadBalancerIPPool", &name, None, json!({ "blocks": blocks }))]
}
