//! Which box a verb is about: the named one, that of a lab, that of the lab around the current folder, or the only one
//! there is.

use crate::analysis;
use crate::cli::LabArgs;
use crate::error::CommandError;
use crate::input;
use clap::Args;
use lab_box::BoxDirs;
use std::path::{Path, PathBuf};

/// Which box.
#[derive(Args, Debug, Clone)]
pub(crate) struct BoxArgs {
    /// A folder of the lab that is up; without it the lab around the current folder, else the only box there is
    #[arg(value_name = "LAB")]
    pub(crate) lab: Option<PathBuf>,
    /// The box by its name, which is that of its lab, where no lab is at hand
    #[arg(long = "box", value_name = "NAME", conflicts_with = "lab")]
    pub(crate) name: Option<String>,
}

impl BoxArgs {
    /// The name of the box that is meant, whether it is there or not; none when nothing is named and nothing is there.
    pub(crate) fn find_or_none(&self, dirs: &BoxDirs) -> Result<Option<String>, CommandError> {
        if let Some(name) = &self.name {
            return Ok(Some(name.clone()));
        }
        if let Some(lab) = &self.lab {
            return name_of(lab).map(Some);
        }
        // No lab around is no fault here: a box can be looked at from anywhere.
        if let Ok(name) = name_of(Path::new(".")) {
            return Ok(Some(name));
        }
        match &dirs.boxes()[..] {
            [] => Ok(None),
            [only] => Ok(Some(only.clone())),
            several => Err(CommandError::usage(format!("there are several boxes: {}", several.join(", ")))
                .hint("say which by its lab's folder, or with --box")),
        }
    }

    /// The box, which is there.
    pub(crate) fn find(&self, dirs: &BoxDirs) -> Result<String, CommandError> {
        let boxes = dirs.boxes();
        let absent = match self.find_or_none(dirs)? {
            Some(name) if boxes.contains(&name) => return Ok(name),
            Some(name) => format!("there is no box `{name}`"),
            None => "there is no box".to_owned(),
        };
        let error = CommandError::usage(absent).hint("`labwright up LAB` brings a lab up");
        Err(match &boxes[..] {
            [] => error,
            boxes => error.hint(format!("what is up: {}", boxes.join(", "))),
        })
    }
}

/// The name of the box of the lab in or around a folder. Faults of the lab do not matter.
fn name_of(folder: &Path) -> Result<String, CommandError> {
    let args = LabArgs { lab: folder.to_owned(), at: None, overlays: Vec::new() };
    let (reading, _) = analysis::read(input::load(&args)?);
    Ok(lab_box::box_name(&reading.lab))
}
