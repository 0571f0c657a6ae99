//! `labwright console`: the serial line of a machine of the box, both ways.

use super::box_name::BoxArgs;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::ui::Ui;
use clap::Args;
use lab_box::BoxDirs;
use std::io::{self, IsTerminal, Read, Write};
use std::os::unix::net::UnixStream;
use std::process::Command;

/// What ends the session: Ctrl-], as in telnet.
const LEAVE: u8 = 0x1d;

/// Sit at the serial line of a machine of the box; Ctrl-] leaves
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  labwright console node-1
  labwright console node-1 labs/starter
  echo uptime | labwright console node-1   types into it and leaves")]
pub(crate) struct ConsoleArgs {
    /// The host, by the name it has in the lab
    host: String,
    #[command(flatten)]
    which: BoxArgs,
}

/// Copies both ways until Ctrl-], or until one side ends.
pub(crate) fn run_console(args: &ConsoleArgs, ui: &mut Ui) -> Result<Exit, CommandError> {
    let dirs = BoxDirs::of_user();
    let id = args.which.find(&dirs)?;
    let line = lab_box::console(&dirs, &id, &args.host)
        .map_err(|error| CommandError::usage("there is no such serial line").caused_by(error))?;
    let _raw = RawTerminal::set();
    ui.say(&format!("{}: Ctrl-] leaves\r", args.host));
    let failed = |error: io::Error| CommandError::failed("the serial line was cut").caused_by(error);
    let from = line.try_clone().map_err(failed)?;
    // Ends with the process: it waits for the machine, which may never speak again.
    std::thread::spawn(move || copy_out(from));
    type_in(line).map_err(failed)?;
    Ok(Exit::Done)
}

fn copy_out(mut from: UnixStream) -> io::Result<()> {
    let mut buffer = [0; 4096];
    loop {
        let n = from.read(&mut buffer)?;
        if n == 0 {
            return Ok(());
        }
        let mut out = io::stdout().lock();
        out.write_all(&buffer[..n])?;
        out.flush()?;
    }
}

fn type_in(mut line: UnixStream) -> io::Result<()> {
    let mut buffer = [0; 256];
    loop {
        let n = io::stdin().lock().read(&mut buffer)?;
        let keys = &buffer[..n];
        let end = keys.iter().position(|&key| key == LEAVE);
        line.write_all(&keys[..end.unwrap_or(n)])?;
        if n == 0 || end.is_some() {
            return Ok(());
        }
    }
}

/// The terminal without echo and line editing, as it was again afterwards. stty does it, as everywhere.
struct RawTerminal {
    before: Option<String>,
}

impl RawTerminal {
    fn set() -> RawTerminal {
        if !io::stdin().is_terminal() {
            return RawTerminal { before: None };
        }
        let saved = Command::new("stty").arg("-g").stdin(std::process::Stdio::inherit()).output().ok();
        let before = saved.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
        // Without it the session still works, only with echo.
        drop(Command::new("stty").args(["raw", "-echo"]).status());
        RawTerminal { before }
    }
}

impl Drop for RawTerminal {
    fn drop(&mut self) {
        if let Some(before) = &self.before {
            drop(Command::new("stty").arg(before).status());
        }
    }
}
