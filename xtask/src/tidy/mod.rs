//! The rules of the house that no compiler knows. One file a topic; each returns faults in words.
//!
//! Runs as a test of this crate, so that `cargo test` is enough to hold them.

mod documents;
mod drivers;
mod layers;
mod sources;

use std::path::Path;

/// Everything that is not as the house wants it, sorted by file.
pub(crate) fn faults(root: &Path) -> Vec<String> {
    let mut faults = layers::faults(root);
    faults.extend(drivers::faults(root));
    faults.extend(sources::faults(root));
    faults.extend(documents::faults(root));
    faults.sort();
    faults
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_house_is_tidy() {
        let faults = super::faults(&crate::workspace::root());
        assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
    }
}
