//! `IPAddressPool`, `L2Advertisement`, `BGPPeer`, `BFDProfile` and `BGPAdvertisement`.

use super::projection::{moved_on_link, pool};
use crate::bgp::{BFD_INTERVAL_MS, BFD_MULTIPLIER, bfd_notes, kube_name, secret_name, seen_by, speakers_of};
use crate::head::head;
use crate::manifest::{render_documents, resource};
use lab_driver::Rendering;
use lab_model::lab::{BgpId, ClusterId};
use lab_model::{Lab, ThingId};
use lab_reach::Session;
use serde_json::{Value, json};

const API: &str = "metallb.io/v1beta1";
/// `BGPPeer` alone has moved on.
const API_PEER: &str = "metallb.io/v1beta2";
const NAMESPACE: Option<&str> = Some("metallb-system");

/// Makes `metallb/metallb.yaml` of a cluster.
pub(super) fn render(lab: &Lab, thing: ThingId) -> Rendering {
    let mut rendering = Rendering::default();
    let Ok(cluster) = ClusterId::try_from(thing) else { return rendering };
    let sessions = lab_reach::sessions(lab);
    let name = kube_name(&lab.clusters[cluster].name.text);
    let mut resources = Vec::new();
    let addresses = pool(lab, cluster);
    if addresses.is_empty() {
        rendering
            .notes
            .push(format!("no prefix is for load balancers of `{name}`, so there is no pool of addresses"));
    } else {
        resources.push(resource(API, "IPAddressPool", &name, NAMESPACE, json!({ "addresses": addresses })));
    }
    if !moved_on_link(lab, cluster).is_empty() {
        resources.push(resource(
            API,
            "L2Advertisement",
            &name,
            NAMESPACE,
            json!({ "ipAddressPools": [name] }),
        ));
    }
    let speakers = speakers_of(lab, cluster);
    for speaker in &speakers {
        resources.extend(peers(lab, *speaker, &sessions, &mut rendering));
    }
    if sessions.iter().any(|session| {
        session.bfd && speakers.iter().any(|id| [session.near.speaker, session.far.speaker].contains(id))
    }) {
        let spec = json!({
            "receiveInterval": BFD_INTERVAL_MS,
            "transmitInterval": BFD_INTERVAL_MS,
            "detectMultiplier": BFD_MULTIPLIER,
        });
        resources.push(resource(API, "BFDProfile", "lab", NAMESPACE, spec));
    }
    if !speakers.is_empty() && !addresses.is_empty() {
        resources.push(resource(
            API,
            "BGPAdvertisement",
            &name,
            NAMESPACE,
            json!({ "ipAddressPools": [name] }),
        ));
    }
    rendering.notes.extend(bfd_notes(lab, &sessions));
    let head = head(lab, thing, "MetalLB", "#");
    rendering.add("metallb/metallb.yaml", None, render_documents(&head, &resources));
    rendering
}

fn peers(lab: &Lab, speaker: BgpId, sessions: &[Session], rendering: &mut Rendering) -> Vec<Value> {
    let mut peers = Vec::new();
    for (session, own, other) in seen_by(sessions, speaker) {
        let mut spec = json!({
            "myASN": own.asn,
            "peerASN": other.asn,
            "peerAddress": other.address.to_string(),
            "keepaliveTime": format!("{}s", session.keepalive_secs),
            "holdTime": format!("{}s", session.hold_secs),
        });
        if session.bfd {
            spec["bfdProfile"] = json!("lab");
        }
        if session.graceful_restart_secs.is_some() {
            spec["enableGracefulRestart"] = json!(true);
        }
        if session.authenticated {
            let secret = secret_name(lab, other.speaker);
            rendering
                .notes
                .push(format!("the password of the sessions is expected in the secret `{secret}`"));
            spec["passwordSecret"] = json!({ "name": secret });
        }
        if !lab.bgp[speaker].on.is_empty() {
            let hosts: Vec<String> = lab.bgp[speaker].on.ids().map(|on| lab.name(on).to_string()).collect();
            spec["nodeSelectors"] = json!([{ "matchExpressions": [{ "key": "kubernetes.io/hostname", "operator": "In", "values": hosts }] }]);
        }
        let name = kube_name(&lab.name(other.machine).text);
        peers.push(resource(API_PEER, "BGPPeer", &name, NAMESPACE, spec));
    }
    peers
}
