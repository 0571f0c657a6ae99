//! Which files below a lab's root belong to it. Knows names only, so that a folder and a Git revision agree.

/// What the lab wants ignored, with what is always ignored.
pub(crate) struct Selection {
    ignore: Vec<String>,
}

impl Selection {
    /// With the patterns of `lab: ignore:`: paths from the lab's root, `*` standing for any part of one name.
    pub(crate) fn new(ignore: &[String]) -> Self {
        let clean = |pattern: &String| pattern.trim_start_matches("./").trim_matches('/').to_owned();
        Self { ignore: ignore.iter().map(clean).filter(|pattern| !pattern.is_empty()).collect() }
    }

    /// True if the folder (path from the root) may hold files of the lab. A folder with a `lab.yaml` of its own is
    /// another lab; the caller sees to that, since it takes a look inside.
    pub(crate) fn enters(&self, folder: &str) -> bool {
        !is_hidden(folder) && !self.is_ignored(folder)
    }

    /// True if the file (path from the root) belongs to the lab, its folder being entered.
    pub(crate) fn takes(&self, file: &str) -> bool {
        let is_yaml = file.ends_with(".yaml") || file.ends_with(".yml");
        is_yaml && !is_hidden(file) && !self.is_ignored(file)
    }

    fn is_ignored(&self, path: &str) -> bool {
        self.ignore.iter().any(|pattern| {
            let mut names = path.split('/');
            pattern.split('/').all(|wanted| names.next().is_some_and(|name| matches(wanted, name)))
        })
    }
}

fn is_hidden(path: &str) -> bool {
    path.rsplit('/').next().is_some_and(|name| name.starts_with('.'))
}

/// `*` stands for any number of characters.
fn matches(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == name,
        Some((before, after)) => name.strip_prefix(before).is_some_and(|rest| {
            rest.char_indices().map(|(at, _)| at).chain([rest.len()]).any(|at| matches(after, &rest[at..]))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_belongs_to_a_lab() {
        let selection = Selection::new(&[
            "kubernetes/".to_owned(),
            "apps/*/manifests".to_owned(),
            "notes-*.yaml".to_owned(),
        ]);
        for (file, expect) in [
            ("lab.yaml", true),
            ("network/vlans.yml", true),
            ("README.md", false),
            (".sops.yaml", false),
            ("kubernetes.yaml", true),
            ("notes-old.yaml", false),
            ("network/notes-old.yaml", true),
        ] {
            assert_eq!(selection.takes(file), expect, "{file}");
        }
        for (folder, expect) in [
            ("network", true),
            (".git", false),
            ("apps/.cache", false),
            ("kubernetes", false),
            ("kubernetes/apps", false),
            ("apps", true),
            ("apps/photos/manifests", false),
            ("apps/photos", true),
        ] {
            assert_eq!(selection.enters(folder), expect, "{folder}");
        }
    }
}
