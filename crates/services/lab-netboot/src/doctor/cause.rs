//! Explanations: for each place where machines stop, what it usually means and what to do, likeliest first.
//!
//! What holds for everybody is in the table; what depends on the lab is added here. Nothing looks at packets.

mod table;

use super::{Patient, Stop};
use crate::config::{Boot, Role};
use crate::permit::Permit;
use std::net::Ipv4Addr;

/// One explanation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    /// What may be the matter.
    pub meaning: String,
    /// What to do about it.
    pub todo: String,
}

/// Where it stopped, in a sentence.
pub(super) fn sentence(stop: &Stop) -> String {
    match stop {
        Stop::NeverSeen => "Nothing was ever heard from it.".into(),
        Stop::NearlyKnown { machine, mac } => {
            format!("The card was not found: {machine} has nearly the same, {mac}.")
        }
        Stop::Unknown => "It asked for an address, and the lab knows no machine with this card.".into(),
        Stop::Refused(reason) => format!("It asked and was refused: {reason}."),
        Stop::WrongKind(reason) => format!("It asked for something to boot, and nothing fits: {reason}."),
        Stop::RunsAlready => {
            "Only its running system was heard; its firmware has not asked for anything to boot.".into()
        }
        Stop::OwnDisk => "It got its address and nothing to boot: it is to start from its own disk.".into(),
        Stop::NoRequest => "It asked, was offered an address, and did not take it.".into(),
        Stop::OtherServer(server) => format!("It took the offer of another DHCP server, {server}."),
        Stop::Denied(reason) => format!("It asked for an address that it may not have: {reason}."),
        Stop::NoFetch => {
            "It has its address and the name of its boot program, and never asked for the program.".into()
        }
        Stop::FileMissing(file) => format!("It asked for `{file}`, which is not served."),
        Stop::TftpSilent(file) => format!("The transfer of `{file}` by TFTP stopped before its end."),
        Stop::LoaderDead(file) | Stop::LoaderDeadUefi(file) => {
            format!("It fetched `{file}` whole, and the program was not heard from.")
        }
        Stop::NoScript => "iPXE runs and has an address, and never fetched its script by HTTP.".into(),
        Stop::ScriptDisk => "It was told to start from its own disk.".into(),
        Stop::NoKernel => "It has its script and did not fetch the kernel whole.".into(),
        Stop::NoInitrd => {
            "It fetched the kernel, and not everything that is loaded beside it (initial file systems)."
                .into()
        }
        Stop::NoInstaller => {
            "It has kernel and initial file systems; the installer fetched nothing after that.".into()
        }
        Stop::Broken(file) => format!("The transfer of `{file}` by HTTP broke off."),
        Stop::NoReport => "It fetched its image whole and has not reported that it is installed.".into(),
        Stop::Failed(detail) => format!("Its installer reported a failure: {detail}."),
        Stop::Stage(stage) => format!("Its last report was `{stage}`."),
        Stop::Installed => "It was installed and said so.".into(),
        Stop::PiNoFiles => "The Raspberry Pi was offered its boot folder and fetched nothing.".into(),
        Stop::PiLoading(file) => format!("The Raspberry Pi has fetched files, `{file}` last."),
    }
}

/// What it usually means.
pub(super) fn causes(stop: &Stop, patient: &Patient<'_>) -> Vec<Cause> {
    let mut causes = match stop {
        Stop::OwnDisk | Stop::ScriptDisk => own_disk(patient),
        Stop::NearlyKnown { machine, mac } => vec![cause(
            format!(
                "One digit is wrong, either in the lab or in what was asked for: the lab has {mac} for {machine}."
            ),
            "Read the card's address off its label or its firmware's screen and correct `mac` in the lab.",
        )],
        Stop::OtherServer(server) => other_server(*server, patient),
        Stop::Refused(reason) if reason.contains("handed out") => vec![cause(
            "Its installation began several times and never reported its end, so it is not begun again."
                .into(),
            "Look at the machine's screen; when the cause is mended, `labwright netboot permit` lets it try again.",
        )],
        Stop::Failed(detail) if detail.contains("checksum") || detail.contains("sha256") => pairs(&[(
            "The image that arrived is not the one that was made: it was changed or cut short on the disk here, or on the way.",
            "Make or fetch the image anew; when it happens again with a good image, test the machine's memory and cable.",
        )]),
        Stop::Failed(detail) if detail.contains("disk") => pairs(&[(
            "The disk that the lab names is not in the machine, or there are several that fit.",
            "Compare the serial number in the lab with `ls -l /dev/disk/by-id` on the machine.",
        )]),
        other => pairs(table(other)),
    };
    if matches!(stop, Stop::NoRequest | Stop::NeverSeen | Stop::NoFetch) {
        for rival in patient.rivals {
            causes.insert(
                0,
                cause(
                    format!(
                        "Another DHCP server, {rival}, was seen on this network and may have answered first."
                    ),
                    "Stop it, or start `labwright netboot` with `--proxy` to stand beside it.",
                ),
            );
        }
    }
    causes
}

fn table(stop: &Stop) -> table::Pairs {
    match stop {
        Stop::NeverSeen => table::NEVER_SEEN,
        Stop::Unknown => table::UNKNOWN,
        Stop::Refused(_) => table::REFUSED,
        Stop::WrongKind(_) => table::WRONG_KIND,
        Stop::RunsAlready => table::RUNS_ALREADY,
        Stop::NoRequest => table::NO_REQUEST,
        Stop::Denied(_) => table::DENIED,
        Stop::NoFetch => table::NO_FETCH,
        Stop::FileMissing(_) => table::FILE_MISSING,
        Stop::TftpSilent(_) => table::TFTP_SILENT,
        Stop::LoaderDead(_) => table::LOADER_DEAD,
        Stop::LoaderDeadUefi(_) => table::LOADER_DEAD_UEFI,
        Stop::NoScript => table::NO_SCRIPT,
        Stop::NoKernel => table::NO_KERNEL,
        Stop::NoInitrd => table::NO_INITRD,
        Stop::NoInstaller => table::NO_INSTALLER,
        Stop::Broken(_) => table::BROKEN,
        Stop::NoReport => table::NO_REPORT,
        Stop::Failed(_) => table::FAILED,
        Stop::Installed => table::INSTALLED,
        Stop::PiNoFiles => table::PI_NO_FILES,
        Stop::PiLoading(_) => table::PI_LOADING,
        Stop::Stage(_) => table::STAGE,
        Stop::OwnDisk | Stop::ScriptDisk | Stop::OtherServer(_) | Stop::NearlyKnown { .. } => &[],
    }
}

fn own_disk(patient: &Patient<'_>) -> Vec<Cause> {
    let installs = matches!(patient.machine.map(|machine| &machine.boot), Some(Boot::Install(_)));
    match (installs, patient.permit) {
        (true, Permit::Closed) => pairs(&[(
            "Its permit was used or revoked: it starts from its disk.",
            "When it is to be installed once more, `labwright netboot permit HOST --wipe` allows that.",
        )]),
        (true, Permit::Never) => pairs(&[(
            "It has no permit to install itself.",
            "`labwright netboot permit HOST --wipe` allows it once; that wipes its disk.",
        )]),
        (true, Permit::Open { .. }) => {
            pairs(&[("Its permit was opened after it asked.", "Start it once more over the network.")])
        }
        (false, _) => pairs(&[(
            "There is nothing to install it with, or it is not to be installed.",
            "`labwright netboot permits` says why for each host.",
        )]),
    }
}

fn other_server(server: Ipv4Addr, patient: &Patient<'_>) -> Vec<Cause> {
    let role = patient.config.segments.first().map(|segment| segment.role);
    let todo = match role {
        Some(Role::Proxy) => "Nothing need be done when that is the server we stand beside.",
        _ => "Stop that server, or start `labwright netboot` with `--proxy` to stand beside it.",
    };
    vec![cause(format!("{server} gives out addresses on this network as well, and was faster."), todo)]
}

fn cause(meaning: String, todo: &str) -> Cause {
    Cause { meaning, todo: todo.to_owned() }
}

fn pairs(table: &[(&str, &str)]) -> Vec<Cause> {
    table.iter().map(|(meaning, todo)| cause((*meaning).to_owned(), todo)).collect()
}
