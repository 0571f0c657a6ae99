//! Which disk of a host an installation may wipe: one that is recognised by itself, or none.
//!
//! A place on a bus or a name such as `/dev/sda` is no identity: it moves when a disk is added.

use lab_model::Lab;
use lab_model::derived::Drive;
use lab_model::lab::HostId;
use lab_model::written::DriveUseKind;
use std::fmt;

/// The disk that an installation wipes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    /// How the installer recognises it.
    pub(crate) disk: Identity,
    /// The bay it is in.
    pub(crate) bay: String,
    /// Its model, when the lab says it.
    pub(crate) model: Option<String>,
}

/// How an installer recognises a disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Identity {
    /// By its serial number.
    Serial(String),
    /// It is the only one; the installer stops when it finds another.
    Only,
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.disk {
            Identity::Serial(serial) => {
                write!(f, "the disk with serial number {serial} in bay {}", self.bay)?
            }
            Identity::Only => write!(f, "its only disk, in bay {}", self.bay)?,
        }
        self.model.as_ref().map_or(Ok(()), |model| write!(f, " ({model})"))
    }
}

/// The disk of a host that an installation wipes, or why it is not certain.
pub(crate) fn target(lab: &Lab, id: HostId) -> Result<Target, String> {
    let host = &lab.hosts[id];
    if let Some(pool) = &host.system_pool {
        return Err(format!(
            "its system is on the pool `{pool}`, which is more than one disk to an installer"
        ));
    }
    let device = host.on.as_ref().and_then(|on| on.id).ok_or("the lab does not say which device it is on")?;
    let drives: Vec<&Drive> =
        lab.derived.device(device).drives.iter().map(|id| lab.derived.drive(*id)).collect();
    let chosen = match &host.system_drive {
        Some(bay) => drives.iter().find(|drive| *drive.bay == *bay.text).copied(),
        None => the_one(&drives),
    };
    let Some(drive) = chosen else {
        return Err(match (&host.system_drive, drives.len()) {
            (Some(bay), _) => format!("it has no drive in bay `{bay}`"),
            (None, 0) => "the lab knows no drive of it".to_owned(),
            (None, count) => {
                format!(
                    "it has {count} drives, and the lab does not say which is the system's (`system-drive`)"
                )
            }
        });
    };
    let serial =
        drive.said.serial.as_ref().map(|serial| serial.to_string()).filter(|serial| !serial.is_empty());
    let disk = match serial {
        Some(serial) if is_plain(&serial) => Identity::Serial(serial),
        Some(serial) => {
            return Err(format!("`{serial}` is not a serial number that an installer can compare"));
        }
        None if drives.len() == 1 => Identity::Only,
        None => {
            return Err(format!(
                "it has {} drives, and the one in bay `{}` has no `serial` to tell it from the others",
                drives.len(),
                drive.bay
            ));
        }
    };
    let model = drive.model.as_ref().map(|model| model.text.to_string());
    Ok(Target { disk, bay: drive.bay.to_string(), model })
}

/// The only drive, or the only one that holds the system.
fn the_one<'a>(drives: &[&'a Drive]) -> Option<&'a Drive> {
    let is_system = |drive: &&&Drive| {
        let holds = drive.said.holds.as_ref().map(|holds| holds.value);
        matches!(holds, Some(DriveUseKind::Os | DriveUseKind::Boot))
    };
    let mut system = drives.iter().filter(is_system);
    match (system.next(), system.next(), drives) {
        (Some(drive), None, _) | (None, None, [drive]) => Some(drive),
        _ => None,
    }
}

/// It is compared in shell and in glob patterns: no character may mean anything there.
fn is_plain(serial: &str) -> bool {
    serial.len() >= 4 && serial.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
}
