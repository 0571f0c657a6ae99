//! The two settings of `lab.yaml` that decide what is read at all: `lab: ignore:` and `lab: device-types:`.
//!
//! A first look only. What is wrong with them is told by the model, which reads the same text again.

/// The settings.
#[derive(Default, Debug, PartialEq, Eq)]
pub(crate) struct Settings {
    /// Paths below the root that are not part of the lab; `*` stands for any part of a name.
    pub(crate) ignore: Vec<String>,
    /// Folders with clones of the community device type library, from the lab's root.
    pub(crate) device_types: Vec<String>,
}

impl Settings {
    /// Reads what can be read; anything else is as if it were not there.
    pub(crate) fn read(_lab_file: &[u8]) -> Self {
        Self::default()
    }
}
