//! Which box a verb is about: the one that is named, or the only one there is.

use crate::error::CommandError;
use clap::Args;
use lab_box::BoxDirs;

/// Which box.
#[derive(Args, Debug, Clone)]
pub(crate) struct BoxArgs {
    /// The box; needed only when there are several. A lab's box has the lab's name
    #[arg(long = "box", value_name = "NAME")]
    pub(crate) name: Option<String>,
}

impl BoxArgs {
    /// The box, or none when there is none at all.
    pub(crate) fn find_or_none(&self, dirs: &BoxDirs) -> Result<Option<String>, CommandError> {
        if let Some(name) = &self.name {
            return Ok(Some(name.clone()));
        }
        match &dirs.boxes()[..] {
            [] => Ok(None),
            [only] => Ok(Some(only.clone())),
            several => Err(CommandError::usage(format!("there are several boxes: {}", several.join(", ")))
                .hint("say which with --box")),
        }
    }

    /// The box.
    pub(crate) fn find(&self, dirs: &BoxDirs) -> Result<String, CommandError> {
        self.find_or_none(dirs)?
            .ok_or_else(|| CommandError::usage("there is no box").hint("`labwright up` brings a lab up"))
    }
}
