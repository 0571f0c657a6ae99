//! The last time a machine tried to boot, cut out of its timeline.

use crate::dhcp::options::Kind;
use crate::timeline::{By, Entry, Fact};
use std::net::Ipv4Addr;
use std::time::Duration;

/// iPXE that asks so long after the firmware is not of the same attempt.
const ONE_BOOT: Duration = Duration::from_secs(300);

/// The last attempt and what it holds.
pub(super) struct Attempt<'a> {
    entries: &'a [Entry],
    /// Whether anything but a running system was heard.
    pub(super) booted: bool,
    /// Whether iPXE was heard.
    pub(super) ipxe: bool,
    /// Whether the firmware is UEFI.
    pub(super) uefi: bool,
    /// Whether an answer went out.
    pub(super) answered: bool,
    /// Whether an answer named something to boot.
    pub(super) offered_boot: bool,
    /// Whether the address was granted.
    pub(super) acked: bool,
    /// Whose offer it took, when not ours.
    pub(super) other: Option<Ipv4Addr>,
    /// Its script, and whether that installs.
    pub(super) script: Option<bool>,
}

/// What a client is, when this is a booting client's DISCOVER.
fn boots(entry: &Entry) -> Option<&str> {
    match &entry.fact {
        Fact::Heard { message: Kind::Discover, client, .. } if client != "running system" => Some(client),
        _ => None,
    }
}

/// Where the last attempt begins: at the first of the firmware's DISCOVERs that nothing but repetitions follow.
fn begin(entries: &[Entry]) -> Option<usize> {
    let is_start = |at: &usize| {
        let Some(client) = boots(&entries[*at]) else { return false };
        let is_ipxe = client.starts_with("iPXE");
        // iPXE from a card's ROM is itself the start; iPXE that was just loaded is not.
        let loaded = || {
            let recent = entries[..*at].iter().rev().take_while(|earlier| {
                entries[*at].at.duration_since(earlier.at).is_ok_and(|passed| passed < ONE_BOOT)
            });
            recent.filter_map(boots).next().is_some_and(|earlier| !earlier.starts_with("iPXE"))
        };
        !is_ipxe || !loaded()
    };
    let mut start = (0..entries.len()).rev().find(is_start)?;
    // A firmware that repeats itself is still in its first attempt.
    while let Some(before) = (0..start).rev().find(|at| boots(&entries[*at]).is_some()) {
        let only_answers = entries[before + 1..start].iter().all(|between| {
            matches!(
                between.fact,
                Fact::Answered { message: Kind::Offer, .. } | Fact::Heard { .. } | Fact::Refused { .. }
            )
        });
        if !only_answers || !is_start(&before) {
            break;
        }
        start = before;
    }
    Some(start)
}

impl<'a> Attempt<'a> {
    /// Finds the last attempt; all of the timeline when nothing in it boots.
    pub(super) fn last(entries: &'a [Entry]) -> Attempt<'a> {
        let start = begin(entries);
        let entries = &entries[start.unwrap_or(0)..];
        let clients = || entries.iter().filter_map(boots);
        let mut attempt = Attempt {
            entries,
            booted: start.is_some(),
            ipxe: clients().any(|client| client.starts_with("iPXE")),
            uefi: clients().any(|client| client.contains("UEFI")),
            answered: false,
            offered_boot: false,
            acked: false,
            other: None,
            script: None,
        };
        for entry in entries {
            match &entry.fact {
                Fact::Answered { message, boot, proxy, .. } => {
                    attempt.answered = true;
                    attempt.offered_boot |= boot.is_some();
                    attempt.acked |= *message == Kind::Ack || *proxy;
                }
                Fact::ChoseOther { server } => attempt.other = Some(*server),
                Fact::Script { install } => attempt.script = Some(*install),
                _ => {}
            }
        }
        attempt
    }

    pub(super) fn facts(&self) -> impl DoubleEndedIterator<Item = &'a Fact> + use<'a> {
        self.entries.iter().map(|entry| &entry.fact)
    }

    /// The last file that was asked for and not there. Names that boot ROMs only try are no loss.
    pub(super) fn missing(&self) -> Option<String> {
        self.facts().rev().find_map(|fact| match fact {
            Fact::NotServed { file, .. } if !file.ends_with("bootsig.bin") => Some(file.clone()),
            _ => None,
        })
    }

    /// The file whose transfer was the last thing and went silent. A transfer that the client ends at once is how
    /// firmware asks for a file's length.
    pub(super) fn silent(&self) -> Option<String> {
        let last =
            self.facts().rev().find(|fact| !matches!(fact, Fact::Heard { .. } | Fact::Answered { .. }))?;
        match last {
            Fact::Silent { file, .. } | Fact::Begun { by: By::Tftp, file, .. } => Some(file.clone()),
            Fact::Aborted { by: By::Tftp, file } => Some(file.clone()),
            _ => None,
        }
    }

    /// Why it was refused, when that was the last answer.
    pub(super) fn refused(&self) -> Option<String> {
        self.facts().rev().find_map(|fact| match fact {
            Fact::Refused { reason } => Some(reason.clone()),
            _ => None,
        })
    }

    /// Why it was denied its address, when no other followed.
    pub(super) fn denied(&self) -> Option<String> {
        let last = self.facts().rev().find(|fact| !matches!(fact, Fact::Heard { .. }))?;
        match last {
            Fact::Denied { reason } => Some(reason.clone()),
            _ => None,
        }
    }
}
