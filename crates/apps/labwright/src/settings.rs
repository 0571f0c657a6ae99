//! The two settings of `lab.yaml` that decide what is read at all: `lab: ignore:` and `lab: device-types:`.
//!
//! A first look only. What is wrong with them is told by the model, which reads the same text again.

use lab_source::{Budget, Files, Limits, Map, yaml};

/// The settings.
#[derive(Default, Debug, PartialEq, Eq)]
pub(crate) struct Settings {
    /// Paths below the root that are not part of the lab; `*` stands for any part of a name.
    pub(crate) ignore: Vec<String>,
    /// Folders with clones of the community device type library, from the lab's root.
    pub(crate) device_types: Vec<String>,
}

impl Settings {
    /// Paths that are not part of the lab: what it ignores, and libraries that happen to lie inside it.
    pub(crate) fn not_of_the_lab(&self) -> Vec<String> {
        self.ignore.iter().chain(&self.device_types).cloned().collect()
    }

    /// Reads what can be read; anything else is as if it were not there.
    pub(crate) fn read(lab_file: &[u8]) -> Self {
        let limits = Limits::default();
        if lab_file.len() > limits.file_bytes {
            return Self::default();
        }
        let mut files = Files::new();
        let text = String::from_utf8_lossy(lab_file);
        let file = files.add("lab.yaml", text.as_ref());
        let parsed = yaml::parse(file, &text, &limits, &mut Budget::new(&limits));
        let mut heads =
            parsed.documents.iter().filter_map(|document| document.as_map()?.get("lab")?.value.as_map());
        match heads.next() {
            Some(head) => Self { ignore: texts(head, "ignore"), device_types: texts(head, "device-types") },
            None => Self::default(),
        }
    }
}

/// The texts of a list, or of a single value that stands for a list of one.
fn texts(map: &Map, key: &str) -> Vec<String> {
    let Some(entry) = map.get(key) else { return Vec::new() };
    let items = entry.value.as_seq().map_or(std::slice::from_ref(&entry.value), |seq| &*seq.items);
    items
        .iter()
        .filter(|item| !item.is_null())
        .filter_map(|item| Some(item.as_scalar()?.text.to_string()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_read_and_nothing_stops_them() {
        for (text, ignore, device_types) in [
            ("", vec![], vec![]),
            (
                "lab:\n  ignore: [kubernetes, a/*]\n  device-types: ../library\n",
                vec!["kubernetes", "a/*"],
                vec!["../library"],
            ),
            ("devices: {}\n---\nlab: { ignore: }\n", vec![], vec![]),
            ("lab: [", vec![], vec![]),
            ("lab: 3\n", vec![], vec![]),
        ] {
            let settings = Settings::read(text.as_bytes());
            assert_eq!(
                (settings.ignore, settings.device_types),
                (own(&ignore), own(&device_types)),
                "{text}"
            );
        }
    }

    fn own(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }
}
