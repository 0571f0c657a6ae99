//! The stand-ins of a box as processes: one on each machine that has duties, started and ended together.

use crate::places::Places;
use crate::roles::roles;
use crate::stage::{Stage, StageError};
use crate::stand_in::{Duties, Transport};
use lab_model::lab::VipId;
use lab_predict::works::Holder;
use std::fs;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// All stand-ins. Ends them when it goes.
pub struct Troupe {
    playing: Vec<Player>,
    folder: PathBuf,
    program: PathBuf,
    /// Machines and devices that should have a stand-in and are not in the box.
    pub missing: Vec<String>,
}

/// One stand-in, with what starts it again: the power of its machine may go.
struct Player {
    child: Child,
    enter: Vec<String>,
    duties: PathBuf,
}

/// The port at which the Internet of a box answers.
pub const OUTSIDE: u16 = 443;

/// In the folder of the stand-ins: where instances and addresses begin.
const PLACEMENT: &str = "placement";

impl Troupe {
    /// Starts a stand-in on each machine of the box that has duties. `node` says under which name a holder is in the box;
    /// `moves_itself`, which addresses real programs of the box move. Files go to `folder`.
    ///
    /// # Errors
    /// When a file cannot be written or a program cannot be started.
    pub fn start(
        stage: &impl Stage,
        places: &Places<'_>,
        cast: &Cast<'_>,
        program: &Path,
        folder: &Path,
    ) -> Result<Self, StageError> {
        let program = program.to_owned();
        let mut troupe =
            Self { playing: Vec::new(), folder: folder.to_owned(), program, missing: Vec::new() };
        let failed = |source: std::io::Error| StageError::new("cannot start the stand-ins", source);
        fs::create_dir_all(folder).map_err(failed)?;
        troupe.place("").map_err(failed)?;
        let described = roles(places, cast.moves_itself, cast.is_held).into_iter();
        let described = described.map(|(holder, duties)| ((cast.node)(holder), duties));
        let others = cast.others.iter().map(|node| {
            let machine = node.clone();
            (
                Some(node.clone()),
                Duties { machine, ports: vec![(Transport::Tcp, OUTSIDE)], ..Duties::default() },
            )
        });
        for (node, duties) in described.chain(others) {
            let Some(node) = node else {
                troupe.missing.push(duties.machine.clone());
                continue;
            };
            let file = folder.join(format!("{node}.duties"));
            fs::write(&file, duties.to_text()).map_err(failed)?;
            let enter = stage.enter(&node);
            let child = begin(&enter, &troupe.program, &file, &folder.join(PLACEMENT)).map_err(failed)?;
            troupe.playing.push(Player { child, enter, duties: file });
        }
        Ok(troupe)
    }

    /// Starts those again whose machine was without power.
    ///
    /// # Errors
    /// When a program cannot be started.
    pub fn revive(&mut self) -> std::io::Result<()> {
        let placement = self.folder.join(PLACEMENT);
        for player in &mut self.playing {
            if player.child.try_wait()?.is_some() {
                player.child = begin(&player.enter, &self.program, &player.duties, &placement)?;
            }
        }
        Ok(())
    }

    /// Says where instances and addresses begin: lines of `NAME MACHINE,MACHINE`.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn place(&self, text: &str) -> std::io::Result<()> {
        // Whoever reads must not see half of it.
        let next = self.folder.join("placement.next");
        fs::write(&next, text)?;
        fs::rename(next, self.folder.join(PLACEMENT))
    }
}

/// Who plays in the box.
pub struct Cast<'a> {
    /// The name of a holder in the box.
    pub node: &'a dyn Fn(Holder) -> Option<String>,
    /// Whether a real program of the box moves an address.
    pub moves_itself: &'a dyn Fn(VipId) -> bool,
    /// Whether somebody in the box has an address for good.
    pub is_held: &'a dyn Fn(IpAddr) -> bool,
    /// Nodes that are nobody of the lab and answer as well: clients, the Internet.
    pub others: Vec<String>,
}

fn begin(enter: &[String], program: &Path, duties: &Path, placement: &Path) -> std::io::Result<Child> {
    let mut words = enter.iter();
    let first = words.next().ok_or_else(|| std::io::Error::other("no way in"))?;
    let mut command = Command::new(first);
    command
        .args(words)
        .arg(program)
        .arg("stand-in")
        .arg("--serve")
        .arg(duties)
        .arg("--placement")
        .arg(placement);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()
}

impl Drop for Troupe {
    fn drop(&mut self) {
        for player in &mut self.playing {
            // It may have ended by itself.
            drop(player.child.kill());
            drop(player.child.wait());
        }
        // What remains is of no use to anybody.
        drop(fs::remove_dir_all(&self.folder));
    }
}
