//! Getting into a machine of a box: by SSH through the box's namespace, or on its serial line.

use crate::net::Namespace;
use crate::state::{BoxDirs, StateError};
use crate::verify::SshFiles;
use crate::{light, tool, vm};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::Command;

/// A machine cannot be entered.
#[derive(Debug, thiserror::Error)]
pub enum LoginError {
    /// There is no such box or machine.
    #[error(transparent)]
    State(#[from] StateError),
    /// Its serial line cannot be reached.
    #[error("cannot reach the serial line at {}; is the machine running?", path.display())]
    Console {
        /// The socket.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
}

/// The command that logs in to `machine` as `user` with the box's key, or runs `command` there. A machine that is a
/// namespace is entered directly, as root. The caller runs it,
/// with the terminal as it likes.
///
/// # Errors
/// There is no such box or machine.
pub fn login(
    dirs: &BoxDirs,
    id: &str,
    machine: &str,
    user: &str,
    command: &[String],
) -> Result<Command, LoginError> {
    let state = dirs.load(id)?;
    let machine = state.machine(machine)?;
    if let Some(inside) = light::command(id, machine) {
        let mut shell = tool::command(tool::find("nsenter").unwrap_or_else(|| "nsenter".into()));
        shell.args(inside).arg("sh").args(if command.is_empty() { [].as_slice() } else { &["-c"] });
        shell.args((!command.is_empty()).then(|| command.join(" ")));
        return Ok(shell);
    }
    let mut ssh = tool::command(tool::find("nsenter").unwrap_or_else(|| "nsenter".into()));
    ssh.arg(format!("--net={}", Namespace::of_box(id).path().display())).arg("ssh");
    ssh.args(SshFiles::in_folder(&dirs.folder(id)).arguments());
    ssh.args(["-l", user]).arg(machine.address.to_string()).args(command);
    Ok(ssh)
}

/// The serial line of `machine`, both ways. One connection at a time; what was said before is in the log.
///
/// # Errors
/// There is no such box or machine, or it does not run.
pub fn console(dirs: &BoxDirs, id: &str, machine: &str) -> Result<UnixStream, LoginError> {
    let state = dirs.load(id)?;
    let path = vm::console_socket(&dirs.machine(id, &state.machine(machine)?.name));
    UnixStream::connect(&path).map_err(|source| LoginError::Console { path, source })
}
