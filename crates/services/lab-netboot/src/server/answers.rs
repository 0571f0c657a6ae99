//! Hands out the answers for installers: to the machine they are for, while its permit is open.

use super::shared::Shared;
use crate::answer::posted;
use crate::boot::script::{self, Place};
use crate::config::{Answer, AnswerKind, Boot, Machine};
use crate::event::EventKind;
use crate::mac::Mac;
use crate::permit::{Change, Permit};
use crate::timeline::{By, Fact};
use std::net::Ipv4Addr;

impl Shared {
    /// The answers that the machine with this card fetches; none when it may not have them. Only the machine itself,
    /// by the address that it has, is given them: they say who may log in.
    pub(super) fn fetched_answer(&self, mac: Mac, http: &str, peer: Ipv4Addr) -> Option<String> {
        let machine = self.config.machine_with(mac)?;
        let asking = self.mac_at(peer).and_then(|mac| self.config.machine_with(mac));
        let answer = machine.answer.as_ref().filter(|answer| answer.kind != AnswerKind::Proxmox)?;
        if asking.map(|asking| &asking.name) != Some(&machine.name) {
            self.refuse_answer(
                mac,
                format!("its answers were asked for from {peer}, which is not its address"),
            );
            return None;
        }
        if !matches!(self.permit(&machine.name), Permit::Open { .. }) {
            self.refuse_answer(mac, "its answers are handed out only while it has a permit".into());
            return None;
        }
        // Talos reports nothing: handing out its configuration is the end of what we see. Written down first.
        if answer.kind == AnswerKind::Talos && !self.close(machine, mac) {
            return None;
        }
        Some(self.hand_out(machine, answer, &Place { http, mac, address: Some(peer) }))
    }

    /// The answers for the machine that a Proxmox installer describes; none when it is not one machine of the lab with
    /// an open permit. Handing them out is written down first and counts, as a script does.
    pub(super) fn posted_answer(&self, body: &[u8], http: &str, peer: Ipv4Addr) -> Option<String> {
        let posted = posted::read(body)?;
        let Some(machine) = posted::machine(&posted, &self.config.machines) else {
            let cards: Vec<String> = posted.macs.iter().map(Mac::to_string).collect();
            let reason = format!(
                "an installer at {peer} with the cards {} is no one machine of the lab",
                cards.join(", ")
            );
            self.tell(self.mac_at(peer), EventKind::Refused { reason });
            return None;
        };
        let mac = *machine.macs.first()?;
        let answer = machine.answer.as_ref().filter(|answer| answer.kind == AnswerKind::Proxmox)?;
        let Permit::Open { handed } = self.permit(&machine.name) else {
            self.refuse_answer(mac, "its answers are handed out only while it has a permit".into());
            return None;
        };
        // One that was started over the network was counted when it got its script.
        if !matches!(machine.boot, Boot::Install(_)) {
            if handed >= self.config.limits.install_attempts {
                self.refuse_answer(
                    mac,
                    format!("its answers were handed out {handed} times and it never finished"),
                );
                return None;
            }
            if let Err(error) = self.change_permit(&Change::Handed(machine.name.clone())) {
                self.fault(format!("the permit of `{}` could not be written down: {error}", machine.name));
                return None;
            }
        }
        Some(self.hand_out(machine, answer, &Place { http, mac, address: Some(peer) }))
    }

    fn hand_out(&self, machine: &Machine, answer: &Answer, place: &Place<'_>) -> String {
        let text = match answer.kind {
            AnswerKind::Talos => answer.text.clone(),
            AnswerKind::Debian | AnswerKind::Proxmox => script::fill(&answer.text, machine, None, place),
        };
        let whole = text.len() as u64;
        let file = script::answer_path(place.mac);
        self.note(place.mac, Fact::Fetched { by: By::Http, file, from: 0, to: whole, whole });
        text
    }

    fn close(&self, machine: &Machine, mac: Mac) -> bool {
        match self.change_permit(&Change::Close(machine.name.clone())) {
            Ok(()) => {
                self.tell(Some(mac), EventKind::PermitClosed);
                true
            }
            Err(error) => {
                self.fault(format!("the permit of `{}` could not be closed: {error}", machine.name));
                false
            }
        }
    }

    fn refuse_answer(&self, mac: Mac, reason: String) {
        self.note(mac, Fact::Refused { reason: reason.clone() });
        self.tell(Some(mac), EventKind::Refused { reason });
    }
}
