//! Which box a verb is about: the named one, that of a lab, that of the lab around the current folder, or the only one
//! there is. And where its lab is: what `up` was given is kept beside the box.

use crate::analysis;
use crate::cli::LabArgs;
use crate::error::CommandError;
use crate::input;
use clap::Args;
use lab_box::BoxDirs;
use serde_json::{Value, json};
use std::fs;
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

impl BoxArgs {
    /// The lab of the box, for verbs that ask what it says: the folder that is named, else what `up` was given.
    pub(crate) fn lab_of_box(&self, dirs: &BoxDirs) -> Result<LabArgs, CommandError> {
        if let Some(lab) = &self.lab {
            return Ok(LabArgs { lab: lab.clone(), at: None, overlays: Vec::new() });
        }
        let id = self.find(dirs)?;
        kept(dirs, &id).ok_or_else(|| {
            CommandError::usage(format!("where the lab of box `{id}` is was not written down"))
                .hint("give its folder")
        })
    }
}

/// Writes down what lab box `id` was made of. Without it, its folder must be named later.
pub(crate) fn keep_lab(dirs: &BoxDirs, id: &str, lab: &LabArgs) -> std::io::Result<()> {
    let folder = std::path::absolute(&lab.lab)?;
    let value = json!({"lab": folder.to_str(), "at": lab.at, "overlays": lab.overlays});
    fs::create_dir_all(dirs.guests(id))?;
    fs::write(kept_at(dirs, id), format!("{value:#}\n"))
}

fn kept(dirs: &BoxDirs, id: &str) -> Option<LabArgs> {
    let value: Value = serde_json::from_str(&fs::read_to_string(kept_at(dirs, id)).ok()?).ok()?;
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let overlays = value["overlays"].as_array()?.iter().map(text).collect::<Option<_>>()?;
    Some(LabArgs { lab: value["lab"].as_str()?.into(), at: text(&value["at"]), overlays })
}

fn kept_at(dirs: &BoxDirs, id: &str) -> PathBuf {
    dirs.guests(id).join("lab.json")
}

/// The name of the box of the lab in or around a folder. Faults of the lab do not matter.
fn name_of(folder: &Path) -> Result<String, CommandError> {
    let args = LabArgs { lab: folder.to_owned(), at: None, overlays: Vec::new() };
    let (reading, _) = analysis::read(input::load(&args)?);
    Ok(lab_box::box_name(&reading.lab))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lab_of_a_box_is_known_from_anywhere() {
        let root = tempfile::tempdir().unwrap();
        let dirs = BoxDirs { state: root.path().join("state"), cache: root.path().join("cache") };
        let given =
            LabArgs { lab: "/srv/lab".into(), at: Some("HEAD~1".into()), overlays: vec!["new".into()] };
        keep_lab(&dirs, "home", &given).unwrap();
        let by_name = BoxArgs { lab: None, name: Some("home".into()) };
        let found = by_name.lab_of_box(&dirs).unwrap();
        assert_eq!((found.lab, found.at, found.overlays), (given.lab, given.at, given.overlays));
        let by_folder = BoxArgs { lab: Some("labs/home".into()), name: None };
        assert_eq!(by_folder.lab_of_box(&dirs).unwrap().lab, PathBuf::from("labs/home"));
        fs::write(kept_at(&dirs, "home"), "{").unwrap();
        assert!(by_name.lab_of_box(&dirs).is_err());
    }
}
