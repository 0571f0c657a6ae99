//! What stands at the top of every file: who wrote it, from what, for whom. No date and no version, so that a file changes only
//! when what it says does.

use lab_model::{Lab, ThingId};

/// The first lines of a file, each behind `comment`.
pub(crate) fn head(lab: &Lab, subject: ThingId, what: &str, comment: &str) -> String {
    let name = lab.head.name.as_ref().map_or("", |name| &name.text);
    format!(
        "{comment} {} of the lab `{name}`: {what}.\n\
         {comment} Written by Labwright. Changes made here are lost; change the lab instead.\n",
        lab.name(subject)
    )
}
